-- How many people viewed each page of a site in a period? Only asked where a site says how many a row must have.
-- page String, nb_uniq_visitors UInt64
select page, uniqExact(visitor) as nb_uniq_visitors
from hits
where site = {site:UInt32}
    and action = 'pageview'
    and at >= {since:DateTime64(3, 'UTC')}
    and at < {until:DateTime64(3, 'UTC')}
    /* segment of hits */
group by page
order by page
