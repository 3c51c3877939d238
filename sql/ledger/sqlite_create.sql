-- The ledger: which migrations this file has had.
create table if not exists migrations (
    name text primary key,
    checksum text not null,
    applied text not null default (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) strict
