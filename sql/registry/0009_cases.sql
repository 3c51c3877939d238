-- What was done with the data of people on their behalf, and by whom. Whom it is about stands here until they are found,
-- and is overwritten then. Without a site: of every site.
create table if not exists cases (
    id integer primary key autoincrement,
    action text not null,
    site integer,
    what text not null,
    identity text not null,
    details text not null,
    author text not null,
    asked text not null,
    stage text not null,
    visits integer not null,
    hits integer not null,
    finished text not null
) strict;
