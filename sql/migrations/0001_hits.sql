-- One row per hit that was kept: page view, event, site search, outlink, download, content, goal, order, cart or ping.
create table if not exists hits (
    site UInt32,
    at DateTime64(3, 'UTC'),
    sequence UInt64 default 0, -- In which order hits came: it decides where times are the same.
    id UInt64,
    visit UInt64,
    visitor UInt64,
    action LowCardinality(String),
    page String,
    prefix UInt8 default 255,
    title String,
    keyword String,
    search_category String,
    search_count Nullable(UInt32),
    event_category String,
    event_action String,
    event_name String,
    event_value Nullable(Float64),
    previous_page String,
    previous_title String,
    seconds_since_previous UInt16,
    position UInt32,
    pageview LowCardinality(String)
)
engine = MergeTree
partition by toYYYYMM(at)
order by (site, at, sequence)
settings non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
