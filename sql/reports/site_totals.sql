-- How much happened on a site in a period, in all? Of conversions, those of {goals} count, among them orders as goal 0.
-- nb_visits UInt64, nb_actions UInt64, nb_pageviews UInt64, nb_conversions UInt64, revenue Float64, orders UInt64, ecommerce_revenue Float64
select nb_visits, nb_actions, nb_pageviews, nb_conversions, revenue, orders, ecommerce_revenue
from (
    select count() as nb_visits, sum(actions) as nb_actions
    from visits final
    where site = {site:UInt32}
        and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
        and started < {until:DateTime64(3, 'UTC')}
        and last_at >= {since:DateTime64(3, 'UTC')}
        and last_at < {until:DateTime64(3, 'UTC')}
        /* segment of visits */
) as visited
cross join (
    select count() as nb_pageviews
    from hits
    where site = {site:UInt32}
        and at >= {since:DateTime64(3, 'UTC')}
        and at < {until:DateTime64(3, 'UTC')}
        and action = 'pageview'
        /* segment of hits */
) as viewed
cross join (
    select
        count() as nb_conversions,
        sum(worth) as revenue,
        countIf(goal = 0) as orders,
        sumIf(worth, goal = 0) as ecommerce_revenue
    from (
        select goal, conversions.revenue as worth
        from conversions final
        where site = {site:UInt32}
            and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
            and started < {until:DateTime64(3, 'UTC')}
            and at >= {since:DateTime64(3, 'UTC')}
            and at < {until:DateTime64(3, 'UTC')}
            and has({goals:Array(Int32)}, goal)
            /* segment of hits */
    )
) as converted
