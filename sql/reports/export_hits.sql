-- Which hits does a site have in a period, one by one, from a place in their order on? What their privacy policy hides is empty.
-- hit String, of_visit String, visitor_id String, at DateTime64(3, 'UTC'), action String, url String, title String, position UInt32, pageview String, keyword String, search_category String, search_count Nullable(UInt32), event_category String, event_action String, event_name String, event_value Nullable(Float64), content_name String, content_piece String, content_target String, content_interaction String, product_sku String, product_name String, product_categories Array(String), product_price Nullable(Float64), previous_page String, previous_title String, seconds_since_previous UInt16, dimensions Map(String, String), custom_variables Map(String, String), cursor String
select
    lower(leftPad(hex(id), 16, '0')) as hit,
    lower(leftPad(hex(visit), 16, '0')) as of_visit,
    if({visitor_ids:UInt8} = 1, lower(leftPad(hex(visitor), 16, '0')), '') as visitor_id,
    at,
    action,
    concat(transform(prefix, [0, 1, 2, 3], ['http://', 'http://www.', 'https://', 'https://www.'], ''), page) as url,
    title,
    position,
    pageview,
    keyword,
    search_category,
    search_count,
    event_category,
    event_action,
    event_name,
    event_value,
    content_name,
    content_piece,
    content_target,
    content_interaction,
    product_sku,
    product_name,
    product_categories,
    product_price,
    previous_page,
    previous_title,
    seconds_since_previous,
    dimensions,
    mapFromArrays(
        mapKeys(variables), arrayMap(pair -> concat(pair.1, '=', pair.2), mapValues(variables))
    ) as custom_variables,
    concat(
        toString(toUnixTimestamp64Milli(at)), '-', toString(sequence), '-', toString(id)
    ) as cursor
from hits
where site = {site:UInt32}
    and at >= {since:DateTime64(3, 'UTC')}
    and at < {until:DateTime64(3, 'UTC')}
    -- This part of it: after a row, and before a moment.
    and at >= fromUnixTimestamp64Milli({after:Int64}, 'UTC')
    and at < fromUnixTimestamp64Milli({before:Int64}, 'UTC')
    and (at, sequence, id)
        > (fromUnixTimestamp64Milli({after:Int64}, 'UTC'), {after_sequence:UInt64}, {after_id:UInt64})
    /* segment of hits */
order by at, sequence, id
limit {limit:UInt32}
