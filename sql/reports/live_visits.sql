-- Which visits have acted last, of all or of one visitor? The newest first, or the oldest.
-- id UInt64, visitor UInt64, user_id String, ip String, started DateTime64(3, 'UTC'), last_at DateTime64(3, 'UTC'), duration UInt32, actions UInt32, interactions UInt32, searches UInt32, events UInt32, converted UInt8, buyer UInt8, returning UInt8, visit_count UInt32, seconds_since_first Nullable(UInt32), seconds_since_last Nullable(UInt32), seconds_since_order Nullable(UInt32), local_time UInt32, referrer_type String, referrer_name String, referrer_keyword String, referrer_url String, browser String, browser_version String, browser_engine String, os String, os_version String, device_type String, device_brand String, device_model String, resolution String, language String, country String, region String, city String, latitude Nullable(Float64), longitude Nullable(Float64), plugins String, dimensions Map(String, String), variables Array(Array(String))
select
    id, visitor, user_id, ip, started, last_at, duration, actions, interactions, searches, events, converted, buyer,
    returning, visit_count, seconds_since_first, seconds_since_last, seconds_since_order, local_time,
    referrer_type, referrer_name, referrer_keyword, referrer_url,
    browser, browser_version, browser_engine, os, os_version, device_type, device_brand, device_model, resolution,
    language, country, region, city, latitude, longitude, plugins, dimensions,
    arrayMap(
        (slot, pair) -> [slot::String, pair.name, pair.value], mapKeys(variables), mapValues(variables)
    ) as variables
from visits final
where site = {site:UInt32}
    and (started, id) in (
        -- Few columns are enough to find out which: the others are read of these visits only.
        select started, id
        from visits final
        where site = {site:UInt32}
            and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
            and started < {until:DateTime64(3, 'UTC')}
            and last_at >= {since:DateTime64(3, 'UTC')}
            and last_at < {until:DateTime64(3, 'UTC')}
            and ({visitor:UInt64} = 0 or visitor = {visitor:UInt64})
            /* segment of visits */
        order by {sign:Int8} * toUnixTimestamp64Milli(last_at), {sign:Int8} * toUnixTimestamp64Milli(started), id
        limit {limit:UInt32} offset {offset:UInt32}
    )
order by {sign:Int8} * toUnixTimestamp64Milli(last_at), {sign:Int8} * toUnixTimestamp64Milli(started), id
