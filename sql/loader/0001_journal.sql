-- The loader's own memory: what it has loaded, the batch it is about to load, and the visits that hits may still change.
create table if not exists segment (
    name text primary key,
    loaded integer not null
) without rowid;

create table if not exists batch (
    number integer primary key,
    ranges text,
    done integer not null default 0
);

-- Numbered as they come: ids are hashes, and rows in their order would lie each on a page of its own.
create table if not exists visit (
    number integer primary key,
    id integer not null unique,
    site integer not null,
    visitor integer not null,
    fingerprint integer not null,
    last_at integer not null,
    touched integer not null,
    known integer not null,
    state blob not null
);

create index if not exists visit_by_visitor on visit (site, visitor, last_at, id);

create index if not exists visit_by_fingerprint on visit (site, fingerprint, last_at, id);

create index if not exists visit_by_touch on visit (touched);

create table if not exists set_aside (
    batch integer not null,
    reason text not null,
    record blob not null
);

create table if not exists identity (
    name text primary key
);

insert or ignore into identity (name)
select lower(hex(randomblob(8))) where not exists (select 1 from identity);
