-- The visits that are to be erased, for as long as that takes; a run is one erasure. What is deleted here is gone at once.
create table if not exists chosen (
    run String,
    site UInt32,
    visit UInt64
)
engine = MergeTree
order by (run, site, visit)
settings old_parts_lifetime = 0, fsync_after_insert = 1, fsync_part_directory = 1;
-- The key under which visitor ids are replaced, for as long as that takes.
create table if not exists passing_key (
    run String,
    first UInt64,
    second UInt64
)
engine = MergeTree
order by run
settings old_parts_lifetime = 0, fsync_after_insert = 1, fsync_part_directory = 1;
