-- What was set aside can be loaded again: as what (a record, a hit, or the row of a table), with which fields, and
-- whether that is asked for. The site and the minute of the hit, since 1970, are there for whoever looks.
alter table set_aside add column form text not null default 'hit';
alter table set_aside add column fields text not null default '';
alter table set_aside add column site integer not null default 0;
alter table set_aside add column minute integer not null default 0;
alter table set_aside add column again integer not null default 0;

create index if not exists set_aside_again on set_aside (again) where again;

-- Numbers of records that a batch loads again, instead of ranges.
alter table batch add column again text not null default '[]';

-- Parts in which the open batch goes in where the database refuses the whole: split, or done.
create table if not exists part (
    label text not null,
    low integer not null,
    high integer not null,
    state text not null,
    primary key (label, low, high)
) without rowid;
