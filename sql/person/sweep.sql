-- Have ClickHouse delete the files that it does not need any more: dropping anything does that, here a month there is not.
alter table {table:Identifier} drop partition id '0'
