-- One row per conversion: a goal, an order (goal 0) or an open cart (goal -1); a cart becomes its order in place.
create table if not exists conversions (
    site UInt32,
    started DateTime64(3, 'UTC'), -- Of the visit: it never changes, so a row finds its older version.
    visit UInt64,
    id UInt64,
    version UInt64,
    at DateTime64(3, 'UTC'),
    visitor UInt64,
    goal Int32,
    order_id String,
    revenue Float64,
    subtotal Nullable(Float64),
    tax Nullable(Float64),
    shipping Nullable(Float64),
    discount Nullable(Float64),
    items UInt32, -- The sum of their quantities.
    hit UInt64, -- 0 if no action made it.
    page String,
    prefix UInt8 default 255,
    pageviews_before UInt32,
    referrer_type LowCardinality(String),
    referrer_name String,
    referrer_keyword String,
    dimensions Map(LowCardinality(String), String)
)
engine = ReplacingMergeTree(version)
partition by toYYYYMM(started)
order by (site, started, visit, id)
settings non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
-- One row per article of an order or open cart; one that left the cart is marked as deleted.
create table if not exists order_items (
    site UInt32,
    started DateTime64(3, 'UTC'),
    visit UInt64,
    id UInt64,
    version UInt64,
    conversion UInt64,
    order_id String,
    at DateTime64(3, 'UTC'),
    visitor UInt64,
    sku String,
    name String,
    categories Array(String),
    price Float64,
    quantity UInt32,
    deleted UInt8
)
engine = ReplacingMergeTree(version)
partition by toYYYYMM(started)
order by (site, started, visit, id)
settings non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;
