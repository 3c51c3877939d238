-- Which visits does a site have in a period, one by one, from a place in their order on? What their privacy policy hides is empty.
-- visit String, visitor_id String, user String, address String, started DateTime64(3, 'UTC'), last_at DateTime64(3, 'UTC'), duration UInt32, actions UInt32, interactions UInt32, pageviews UInt32, searches UInt32, events UInt32, converted UInt8, goals Array(UInt32), buyer UInt8, returning UInt8, visit_count UInt32, seconds_since_first Nullable(UInt32), seconds_since_last Nullable(UInt32), seconds_since_order Nullable(UInt32), local_time UInt32, entry_action String, entry_url String, entry_title String, exit_action String, exit_url String, exit_title String, referrer_type String, referrer_name String, referrer_keyword String, referrer_url String, ad_network String, browser String, browser_version String, browser_engine String, client_type String, plugins String, os String, os_version String, device_type String, device_brand String, device_model String, resolution String, language String, country String, region String, city String, latitude Nullable(Float64), longitude Nullable(Float64), dimensions Map(String, String), custom_variables Map(String, String), cursor String
select
    lower(leftPad(hex(id), 16, '0')) as visit,
    if({visitor_ids:UInt8} = 1, lower(leftPad(hex(visitor), 16, '0')), '') as visitor_id,
    if({user_ids:UInt8} = 1, user_id, '') as user,
    if({addresses:UInt8} = 1, ip, '') as address,
    started,
    last_at,
    duration,
    actions,
    interactions,
    pageviews,
    searches,
    events,
    converted,
    goals,
    buyer,
    returning,
    visit_count,
    seconds_since_first,
    seconds_since_last,
    seconds_since_order,
    local_time,
    entry_action,
    concat(transform(entry_prefix, [0, 1, 2, 3], ['http://', 'http://www.', 'https://', 'https://www.'], ''), entry_page) as entry_url,
    entry_title,
    exit_action,
    concat(transform(exit_prefix, [0, 1, 2, 3], ['http://', 'http://www.', 'https://', 'https://www.'], ''), exit_page) as exit_url,
    exit_title,
    referrer_type,
    referrer_name,
    referrer_keyword,
    referrer_url,
    ad_network,
    browser,
    browser_version,
    browser_engine,
    client_type,
    plugins,
    os,
    os_version,
    device_type,
    device_brand,
    device_model,
    resolution,
    language,
    country,
    region,
    city,
    latitude,
    longitude,
    dimensions,
    mapFromArrays(
        mapKeys(variables), arrayMap(pair -> concat(pair.1, '=', pair.2), mapValues(variables))
    ) as custom_variables,
    concat(toString(toUnixTimestamp64Milli(started)), '-0-', toString(id)) as cursor
from visits final
where site = {site:UInt32}
    and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
    and started < {until:DateTime64(3, 'UTC')}
    and last_at >= {since:DateTime64(3, 'UTC')}
    and last_at < {until:DateTime64(3, 'UTC')}
    -- This part of it: after a row, and before a moment.
    and started >= fromUnixTimestamp64Milli({after:Int64}, 'UTC')
    and started < fromUnixTimestamp64Milli({before:Int64}, 'UTC')
    and (started, id) > (fromUnixTimestamp64Milli({after:Int64}, 'UTC'), {after_id:UInt64})
    /* segment of visits */
order by started, id
limit {limit:UInt32}
