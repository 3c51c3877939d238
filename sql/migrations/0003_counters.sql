-- What became of every request: kept, or dropped and for which reason; anonymous, per site and minute.
create table if not exists counters (
    site UInt32,
    minute DateTime('UTC'),
    outcome LowCardinality(String),
    reason LowCardinality(String),
    hits UInt64
)
engine = SummingMergeTree(hits)
partition by toYYYYMM(minute)
order by (site, minute, outcome, reason)
settings non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
