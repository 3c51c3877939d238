-- Which goals, orders and open carts came of some visits?
-- visit UInt64, at DateTime64(3, 'UTC'), id UInt64, goal Int32, order_id String, revenue Float64, subtotal Nullable(Float64), tax Nullable(Float64), shipping Nullable(Float64), discount Nullable(Float64), items UInt32, hit UInt64, page String, prefix UInt8, referrer_type String, referrer_name String, referrer_keyword String
select
    visit, at, id, goal, order_id, revenue, subtotal, tax, shipping, discount, items, hit, page, prefix,
    referrer_type, referrer_name, referrer_keyword
from conversions final
where site = {site:UInt32}
    and started >= {since:DateTime64(3, 'UTC')}
    and started < {until:DateTime64(3, 'UTC')}
    and visit in (select arrayJoin({visits:Array(UInt64)}))
order by visit, at, goal, id
limit {limit:UInt32}
