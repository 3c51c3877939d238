-- How much was a site visited in a period, by up to three dimensions of its visits? daily: tell people of each day, too.
-- key1 String, key2 String, key3 String, nb_uniq_visitors UInt64, nb_visits UInt64, nb_actions UInt64, nb_users UInt64, max_actions UInt32, sum_visit_length UInt64, bounce_count UInt64, nb_visits_converted UInt64, sum_daily_nb_uniq_visitors UInt64, sum_daily_nb_users UInt64, example String
select
    toString({first:Identifier}) as key1,
    toString({second:Identifier}) as key2,
    toString({third:Identifier}) as key3,
    uniqExact(visitor) as nb_uniq_visitors,
    count() as nb_visits,
    sum(actions) as nb_actions,
    uniqExactIf(user_id, user_id != '') as nb_users,
    max(actions) as max_actions,
    sum(duration) as sum_visit_length,
    countIf(actions <= 1) as bounce_count,
    countIf(converted = 1) as nb_visits_converted,
    -- Switched off they cost nothing. A hash of 64 bits takes a third of the time that a pair of day and person does.
    uniqExactIf(cityHash64(day, visitor), {daily:UInt8} = 1) as sum_daily_nb_uniq_visitors,
    uniqExactIf(cityHash64(day, user_id), {daily:UInt8} = 1 and user_id != '') as sum_daily_nb_users,
    min(toString({example:Identifier})) as example
from (
    -- Only what is asked for is read and worked out.
    select
        *,
        '' as nothing,
        toDate(last_at, {timezone:String}) as day,
        toHour(started, {timezone:String}) as server_hour,
        intDiv(local_time, 3600) as local_hour,
        toDayOfWeek(last_at, 0, {timezone:String}) as weekday,
        returning > 0 as came_back,
        substringIndex(language, '-', 1) as main_language,
        -- Any column with other names for some of its values.
        transform(toString({column:Identifier}), {values:Array(String)}, {groups:Array(String)}, toString({column:Identifier})) as grouped,
        -- Where a region or city is unknown, its country is not looked at.
        if(region = '', 'xx', country) as region_country,
        if(city = '', 'xx', country) as city_country,
        if(city = '', '', region) as city_region,
        -- The address of a referrer without its protocol, and without its host, too.
        substring(referrer_url, if(position(referrer_url, '://') = 0, 1, position(referrer_url, '://') + 3)) as referrer_page,
        if(position(referrer_page, '/') = 0, '', substring(referrer_page, position(referrer_page, '/') + 1)) as referrer_path,
        if(referrer_type = 'search', referrer_keyword, referrer_name) as referrer_label,
        dimensions[{custom:String}] as custom_dimension,
        mapContains(dimensions, {custom:String}) as has_custom_dimension
    from visits final
    where site = {site:UInt32}
        and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
        and started < {until:DateTime64(3, 'UTC')}
        and last_at >= {since:DateTime64(3, 'UTC')}
        and last_at < {until:DateTime64(3, 'UTC')}
        and ({brought_by:String} = '' or referrer_type = {brought_by:String})
        /* segment of visits */
)
group by key1, key2, key3
