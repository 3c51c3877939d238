-- One row per page view whose speed is known, in milliseconds; the figures may come in parts, after the page view.
create table if not exists timings (
    site UInt32,
    at DateTime64(3, 'UTC'), -- Of the page view, as its id is.
    id UInt64,
    version UInt64,
    visit UInt64,
    page String,
    prefix UInt8 default 255,
    title String,
    network Nullable(UInt32),
    server Nullable(UInt32),
    transfer Nullable(UInt32),
    dom_processing Nullable(UInt32),
    dom_completion Nullable(UInt32),
    on_load Nullable(UInt32)
)
engine = ReplacingMergeTree(version)
partition by toYYYYMM(at)
order by (site, at, id)
settings non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
