-- How many visits and page views did each day ('day') or month ('month') of a period have? Empty ones are left out.
-- bucket Date, nb_visits UInt64, nb_uniq_visitors UInt64, nb_pageviews UInt64
select
    if(
        {bucket:String} = 'month',
        toStartOfMonth(last_at, {timezone:String}),
        toDate(last_at, {timezone:String})
    ) as bucket,
    count() as nb_visits,
    uniqExact(visitor) as nb_uniq_visitors,
    -- No visit outlives a midnight, so all of them were viewed on the day to which the visit belongs.
    sum(pageviews) as nb_pageviews
from visits final
where site = {site:UInt32}
    and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
    and started < {until:DateTime64(3, 'UTC')}
    and last_at >= {since:DateTime64(3, 'UTC')}
    and last_at < {until:DateTime64(3, 'UTC')}
    /* segment of visits */
group by bucket
order by bucket
