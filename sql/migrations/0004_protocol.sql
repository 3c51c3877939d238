-- What else a hit may carry: contents, products, custom dimensions and variables; variables by their slot.
alter table hits
    add column if not exists content_name String,
    add column if not exists content_piece String,
    add column if not exists content_target String,
    add column if not exists content_interaction String,
    add column if not exists product_sku String,
    add column if not exists product_name String,
    add column if not exists product_categories Array(String),
    add column if not exists product_price Nullable(Float64),
    add column if not exists dimensions Map(LowCardinality(String), String),
    add column if not exists variables Map(LowCardinality(String), Tuple(name String, value String));
-- buyer: 0 bought nothing, 1 ordered, 2 left a cart, 3 ordered and then left a cart.
alter table visits
    add column if not exists buyer UInt8,
    add column if not exists goals Array(UInt32),
    add column if not exists ad_network LowCardinality(String),
    add column if not exists dimensions Map(LowCardinality(String), String),
    add column if not exists variables Map(LowCardinality(String), Tuple(name String, value String)),
    add column if not exists latitude Nullable(Float64),
    add column if not exists longitude Nullable(Float64),
    add column if not exists plugins LowCardinality(String),
    add column if not exists client_type LowCardinality(String),
    add column if not exists profilable UInt8;
