-- What bots fetched, of sites that want to know; class: search, ai-training, ai-assistant, monitoring or other.
create table if not exists bots (
    site UInt32,
    at DateTime64(3, 'UTC'),
    id UInt64,
    name LowCardinality(String),
    class LowCardinality(String),
    page String,
    prefix UInt8 default 255,
    status Nullable(UInt16),
    size Nullable(UInt64),
    milliseconds Nullable(UInt32),
    source String
)
engine = MergeTree
partition by toYYYYMM(at)
order by (site, at, id)
settings non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
