-- How many visits and page views did each hour since the start of a period have? Empty ones are left out.
-- hour Int64, nb_visits UInt64, nb_uniq_visitors UInt64, nb_pageviews UInt64
select
    hour,
    sum(visits_here) as nb_visits,
    sum(visitors_here) as nb_uniq_visitors,
    sum(pageviews_here) as nb_pageviews
from (
    select
        -- Counting from the start fits every time zone, and days of 23 and 25 hours.
        intDiv(dateDiff('second', {since:DateTime64(3, 'UTC')}, last_at), 3600) as hour,
        count() as visits_here,
        uniqExact(visitor) as visitors_here,
        0 as pageviews_here
    from visits final
    where site = {site:UInt32}
        and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
        and started < {until:DateTime64(3, 'UTC')}
        and last_at >= {since:DateTime64(3, 'UTC')}
        and last_at < {until:DateTime64(3, 'UTC')}
        /* segment of visits */
    group by hour
    union all
    select
        intDiv(dateDiff('second', {since:DateTime64(3, 'UTC')}, at), 3600) as hour,
        0 as visits_here,
        0 as visitors_here,
        count() as pageviews_here
    from hits
    where site = {site:UInt32}
        and action = 'pageview'
        and at >= {since:DateTime64(3, 'UTC')}
        and at < {until:DateTime64(3, 'UTC')}
        /* segment of hits */
    group by hour
)
group by hour
order by hour
