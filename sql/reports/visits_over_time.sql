-- How many visits and page views did each day ('day') or month ('month') of a period have? Empty ones are left out.
-- bucket Date, nb_visits UInt64, nb_uniq_visitors UInt64, nb_pageviews UInt64
select
    bucket,
    sum(visits_here) as nb_visits,
    sum(visitors_here) as nb_uniq_visitors,
    sum(pageviews_here) as nb_pageviews
from (
    select
        if(
            {bucket:String} = 'month',
            toStartOfMonth(last_at, {timezone:String}),
            toDate(last_at, {timezone:String})
        ) as bucket,
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
    group by bucket
    union all
    select
        if(
            {bucket:String} = 'month',
            toStartOfMonth(at, {timezone:String}),
            toDate(at, {timezone:String})
        ) as bucket,
        0 as visits_here,
        0 as visitors_here,
        count() as pageviews_here
    from hits
    where site = {site:UInt32}
        and action = 'pageview'
        and at >= {since:DateTime64(3, 'UTC')}
        and at < {until:DateTime64(3, 'UTC')}
        /* segment of hits */
    group by bucket
)
group by bucket
order by bucket
