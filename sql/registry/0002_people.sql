-- People who look at reports.
create table if not exists users (
    id integer primary key autoincrement,
    email text not null unique collate nocase,
    password_hash text not null,
    role text not null check (role in ('view', 'write', 'admin', 'superuser')),
    created text not null
) strict;

-- The sites a person may see; somebody without a row here may see every site.
create table if not exists user_sites (
    user integer not null references users (id) on delete cascade,
    site integer not null references sites (id) on delete cascade,
    primary key (user, site)
) strict;

-- What programs say instead of a password; only the SHA-256 is kept.
create table if not exists tokens (
    id integer primary key autoincrement,
    hash text not null unique,
    name text not null,
    role text not null check (role in ('view', 'write', 'admin', 'superuser')),
    site integer references sites (id) on delete cascade,
    created text not null
) strict;

-- Who is logged in; only the SHA-256 of the cookie is kept.
create table if not exists sessions (
    hash text primary key,
    user integer not null references users (id) on delete cascade,
    expires integer not null
) strict;
