-- What a site wants its visitors to do. Deleted goals stay, because no id is given twice.
create table if not exists goals (
    site integer not null references sites (id) on delete cascade,
    id integer not null,
    name text not null,
    description text not null,
    match_attribute text not null,
    pattern text not null,
    pattern_type text not null,
    case_sensitive integer not null,
    allow_multiple integer not null,
    revenue real not null,
    event_value_as_revenue integer not null,
    deleted integer not null default 0,
    primary key (site, id)
) strict;

-- Texts that a site keeps of each visit or action; extractions are a JSON array.
create table if not exists dimensions (
    site integer not null references sites (id) on delete cascade,
    id integer not null,
    "index" integer not null,
    name text not null,
    scope text not null,
    active integer not null,
    case_sensitive integer not null,
    extractions text not null,
    primary key (site, id)
) strict;

-- What holds for every site, as one JSON object.
create table if not exists global_settings (
    id integer primary key check (id = 1),
    content text not null
) strict;

alter table sites add column type text not null default 'website';
alter table sites add column keep_bots integer not null default 0;
alter table sites add column exact_places integer not null default 0;
-- A deleted site stays as a row: its id is not given again, and who might see only that site does not see all others.
alter table sites add column deleted integer not null default 0;
-- Until now each site had a copy of this list; an empty one means what holds for every site.
update sites set search_keywords = '[]'
where search_keywords = '["q", "query", "s", "search", "searchword", "k", "keyword"]';
