-- Days of sites that got hits since they were counted, with the last batch that brought some.
create table if not exists day_to_count (
    site integer not null,
    day integer not null, -- Of the site's time zone, days since 1970.
    batch integer not null,
    primary key (site, day)
) without rowid;

-- When these were noted, in days since 1970: they are kept for some time only.
alter table taken_order add column day integer not null default 0;
update taken_order set day = unixepoch() / 86400;
alter table set_aside add column day integer not null default 0;
update set_aside set day = unixepoch() / 86400;
