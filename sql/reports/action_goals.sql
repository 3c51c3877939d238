-- What was converted after each page or title ({named}) was viewed? A conversion counts for every view before it in its visit.
-- name String, goal Int32, nb_conversions UInt64, revenue Float64, nb_conv_pages_before UInt64, nb_conversions_attrib Float64, revenue_attrib Float64
select
    name,
    goal,
    sum(views) as nb_conversions,
    sum(worth) as revenue,
    sum(most_before) as nb_conv_pages_before,
    sum(shares) as nb_conversions_attrib,
    sum(worth_shared) as revenue_attrib
from (
    -- A day by itself: the most pages of each day are added.
    select
        name,
        goal,
        sum(visit_views) as views,
        sum(visit_worth) as worth,
        max(visit_most_before) as most_before,
        sum(visit_shares) as shares,
        sum(visit_worth_shared) as worth_shared
    from (
        select
            view.name as name,
            own.goal as goal,
            own.day as day,
            count() as visit_views,
            sum(own.revenue) as visit_worth,
            max(own.pages) as visit_most_before,
            -- Each share has 4 decimals, what a visit's are worth together 2. Halves are rounded away from zero,
            -- also those of which binary fractions fall short.
            sum(floor(10000 / greatest(own.pages, 1) + 0.5) / 10000) as visit_shares,
            sum(own.revenue / greatest(own.pages, 1)) as exact,
            sign(exact) * floor(round(100 * abs(exact), 4) + 0.5) / 100 as visit_worth_shared
        from (
            select
                visit,
                toDate(at, {timezone:String}) as day,
                toUnixTimestamp(at) as second,
                goal,
                revenue,
                pageviews_before as pages
            from conversions final
            where site = {site:UInt32}
                and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
                and started < {until:DateTime64(3, 'UTC')}
                and at >= {since:DateTime64(3, 'UTC')}
                and at < {until:DateTime64(3, 'UTC')}
                /* segment of hits */
        ) as own
        inner join (
            select visit, toUnixTimestamp(at) as second, {named:Identifier} as name
            from hits
            where site = {site:UInt32}
                and action = 'pageview'
                and at >= {since:DateTime64(3, 'UTC')}
                and at < {until:DateTime64(3, 'UTC')}
                -- Few visits convert: the others need not be joined.
                and visit in (
                    select visit
                    from conversions
                    where site = {site:UInt32}
                        and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
                        and started < {until:DateTime64(3, 'UTC')}
                )
        ) as view on view.visit = own.visit
        where view.second <= own.second
        group by name, goal, own.day, own.visit
    )
    group by name, goal, day
)
group by name, goal
order by name, goal
