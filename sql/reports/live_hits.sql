-- What was done in some visits, in the order of time? Of each visit the first hits, up to a number.
-- visit UInt64, at DateTime64(3, 'UTC'), id UInt64, action String, page String, prefix UInt8, title String, keyword String, search_category String, search_count Nullable(UInt32), event_category String, event_action String, event_name String, event_value Nullable(Float64), content_name String, content_piece String, content_target String, content_interaction String, product_sku String, product_name String, product_categories Array(String), product_price Nullable(Float64), seconds_since_previous UInt16, position UInt32, pageview String, dimensions Map(String, String), variables Array(Array(String))
select
    visit, at, id, action, page, prefix, title, keyword, search_category, search_count,
    event_category, event_action, event_name, event_value,
    content_name, content_piece, content_target, content_interaction,
    product_sku, product_name, product_categories, product_price,
    seconds_since_previous, position, pageview, dimensions,
    arrayMap(
        (slot, pair) -> [slot::String, pair.name, pair.value], mapKeys(variables), mapValues(variables)
    ) as variables
from hits
where site = {site:UInt32}
    and at >= {since:DateTime64(3, 'UTC')}
    and at < {until:DateTime64(3, 'UTC')}
    and visit in (select arrayJoin({visits:Array(UInt64)}))
    and action in ('pageview', 'search', 'event', 'outlink', 'download', 'content')
order by visit, at, sequence
limit {most:UInt32} by visit
limit {limit:UInt32}
