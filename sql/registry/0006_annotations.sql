-- What people note about days of a site. The token is that of whoever wrote it; its name stays when it is gone.
create table if not exists annotations (
    id integer primary key autoincrement,
    site integer not null references sites (id) on delete cascade,
    day text not null,
    note text not null,
    starred integer not null,
    author text not null,
    token integer not null
) strict;

create index if not exists annotations_by_day on annotations (site, day);
