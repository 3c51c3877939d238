-- How many visits have acted in some minutes, how often, by how many visitors, and how often were goals reached?
-- nb_visits UInt64, nb_visitors UInt64, nb_actions UInt64, nb_conversions UInt64
select
    count() as nb_visits,
    uniqExact(visitor) as nb_visitors,
    ifNull((
        select count()
        from hits
        where site = {site:UInt32}
            and at >= {since:DateTime64(3, 'UTC')}
            and at < {until:DateTime64(3, 'UTC')}
            and action in ('pageview', 'search', 'event', 'outlink', 'download')
            /* segment of hits */
    ), 0) as nb_actions,
    ifNull((
        select count()
        from conversions final
        where site = {site:UInt32}
            and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
            and started < {until:DateTime64(3, 'UTC')}
            and at >= {since:DateTime64(3, 'UTC')}
            and at < {until:DateTime64(3, 'UTC')}
            and has({goals:Array(Int32)}, goal)
            /* segment of hits */
    ), 0) as nb_conversions
from visits final
where site = {site:UInt32}
    and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
    and started < {until:DateTime64(3, 'UTC')}
    and last_at >= {since:DateTime64(3, 'UTC')}
    and last_at < {until:DateTime64(3, 'UTC')}
    /* segment of visits */
