-- Sums of whole days of a site, in its time zone: they stay when the rows that were counted are deleted. One row holds a
-- report of a day, its lines side by side in arrays, so that counting again replaces all of them at once. Nothing in it
-- tells visitors or visits apart. source: 'counted', or who was counted before being erased.
create table if not exists daily (
    site UInt32,
    report LowCardinality(String),
    day Date,
    source LowCardinality(String),
    version UInt64,
    lines Nested (
        kind String, -- What a label belongs to, such as the type of a referrer.
        label String,
        folded UInt8, -- 1: stands for several labels, which are not told.
        hits UInt64,
        once UInt64, -- Hits, those alike of one visit counted once.
        value Float64, -- Of events.
        visits UInt64,
        visitors UInt64,
        users UInt64,
        actions UInt64,
        most_actions UInt32,
        seconds UInt64,
        bounces UInt64,
        converted UInt64, -- Visits.
        revenue Float64,
        subtotal Float64,
        tax Float64,
        shipping Float64,
        discount Float64,
        items UInt64
    )
)
engine = ReplacingMergeTree(version)
partition by toYear(day)
order by (site, report, day, source)
settings fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 3600, min_age_to_force_merge_on_partition_only = 1;
