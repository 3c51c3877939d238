-- What was converted in the visits that began with each page or title ({end_named})? Rates are of each day, and added.
-- name String, goal Int32, nb_conversions_entry UInt64, revenue_entry Float64, nb_conversions_entry_rate Float64, revenue_per_entry Float64
select
    name,
    goal,
    sum(conversions) as nb_conversions_entry,
    sum(worth) as revenue_entry,
    -- With 3 decimals, halves away from zero.
    sum(floor(1000 * conversions / greatest(entries, 1) + 0.5) / 1000) as nb_conversions_entry_rate,
    sum(sign(worth) * floor(round(1000 * abs(worth) / greatest(entries, 1), 4) + 0.5) / 1000) as revenue_per_entry
from (
    select name, day, goal, count() as conversions, sum(revenue) as worth
    from (
        select visit, toDate(at, {timezone:String}) as day, goal, revenue
        from conversions final
        where site = {site:UInt32}
            and goal >= 0
            and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
            and started < {until:DateTime64(3, 'UTC')}
            and at >= {since:DateTime64(3, 'UTC')}
            and at < {until:DateTime64(3, 'UTC')}
            /* segment of hits */
    ) as own
    inner join (
        select id, {end_named:Identifier} as name
        from visits final
        where site = {site:UInt32}
            and entry_action = 'pageview'
            and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
            and started < {until:DateTime64(3, 'UTC')}
            -- Few visits convert: the others need not be joined.
            and id in (
                select visit
                from conversions
                where site = {site:UInt32}
                    and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
                    and started < {until:DateTime64(3, 'UTC')}
            )
    ) as whose on whose.id = own.visit
    group by name, day, goal
) as converted
left join (
    select {end_named:Identifier} as name, toDate(last_at, {timezone:String}) as day, count() as entries
    from visits final
    where site = {site:UInt32}
        and entry_action = 'pageview'
        and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
        and started < {until:DateTime64(3, 'UTC')}
        and last_at >= {since:DateTime64(3, 'UTC')}
        and last_at < {until:DateTime64(3, 'UTC')}
        /* segment of visits */
    group by name, day
) as begun on begun.name = converted.name and begun.day = converted.day
group by name, goal
order by name, goal
