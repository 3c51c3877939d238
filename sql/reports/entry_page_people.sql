-- How many people began a visit on each page in a period? Only asked where a site says how many a row must have.
-- page String, nb_uniq_visitors UInt64
select entry_page as page, uniqExact(visitor) as nb_uniq_visitors
from visits final
where site = {site:UInt32}
    and entry_action = 'pageview'
    and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
    and started < {until:DateTime64(3, 'UTC')}
    and last_at >= {since:DateTime64(3, 'UTC')}
    and last_at < {until:DateTime64(3, 'UTC')}
    /* segment of visits */
group by page
order by page
