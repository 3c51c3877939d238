-- The websites that are measured. Lists are JSON arrays; ids are never given twice, because hits outlive their site.
create table if not exists sites (
    id integer primary key autoincrement,
    name text not null,
    timezone text not null,
    currency text not null,
    urls text not null,
    preset text not null,
    created text not null,
    ecommerce integer not null,
    "group" text not null,
    search integer not null,
    search_keywords text not null,
    search_categories text not null,
    keep_fragment integer not null,
    exclude_unknown_urls integer not null,
    excluded_addresses text not null,
    excluded_user_agents text not null,
    excluded_parameters text not null,
    excluded_referrers text not null
) strict;

-- A random key for each site and site-local day; destroyed when the day is over.
create table if not exists salts (
    site integer not null references sites (id) on delete cascade,
    day text not null,
    salt blob not null,
    primary key (site, day)
) strict;

-- Counts changes, so that other processes notice them without reading everything again.
create table if not exists changes (
    id integer primary key check (id = 1),
    number integer not null
) strict;

insert or ignore into changes (id, number) values (1, 1);
