-- The ledger: which migrations this database has had. The window keeps a record that is sent twice from counting twice.
create table if not exists migrations (
    name String,
    checksum String,
    at DateTime64(3, 'UTC') default now64(3)
)
engine = MergeTree
order by name
settings non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1
