-- On which pages did actions have which values of a custom dimension, how long, and how did their visits end? Rows without page are about a value as a whole.
-- value String, page String, nb_hits UInt64, nb_visits UInt64, nb_uniq_visitors UInt64, sum_daily_nb_uniq_visitors UInt64, sum_time_spent UInt64, bounce_count UInt64, exit_nb_visits UInt64
select
    value,
    page,
    count() as nb_hits,
    uniqExact(visit) as nb_visits,
    uniqExact(visitor) as nb_uniq_visitors,
    uniqExactIf(cityHash64(visitor, day), {daily:UInt8} = 1) as sum_daily_nb_uniq_visitors,
    -- An action lasts until the next one, and the last one no time.
    sumIf(seconds_until_next, next_visit = visit) as sum_time_spent,
    countIf(bounced) as bounce_count,
    countIf(next_visit != visit) as exit_nb_visits
from (
    select
        visit,
        visitor,
        mapContains(dimensions, {custom:String}) as has_value,
        dimensions[{custom:String}] as value,
        if(has_value, replaceRegexpOne(hits.page, '^[a-zA-Z]+://(www\.)?', ''), '') as page,
        toDate(at, {timezone:String}) as day,
        -- One window for all visits: a window for each takes six times as long.
        leadInFrame(seconds_since_previous, 1, 0) over next as seconds_until_next,
        leadInFrame(visit, 1, 0) over next as next_visit,
        visit in (
            select id
            from visits final
            where site = {site:UInt32}
                and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
                and started < {until:DateTime64(3, 'UTC')}
                and actions <= 1
        ) as bounced
    from hits
    where site = {site:UInt32}
        and at >= {since:DateTime64(3, 'UTC')}
        and at < {until:DateTime64(3, 'UTC')}
        and action in ('pageview', 'search', 'event', 'outlink', 'download', 'content')
        and visit in (
            select visit
            from hits
            where site = {site:UInt32}
                and at >= {since:DateTime64(3, 'UTC')}
                and at < {until:DateTime64(3, 'UTC')}
                and mapContains(dimensions, {custom:String})
        )
        /* segment of hits */
    window next as (order by visit, at, sequence rows between current row and 1 following)
)
where has_value and page != ''
group by grouping sets ((value, page), (value))
order by nb_hits desc, value, page
