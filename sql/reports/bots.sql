-- Which bots fetched something of a site in a period, and how many different pages?
-- class String, name String, nb_requests UInt64, nb_pages UInt64, last DateTime64(3, 'UTC')
select class, name, count() as nb_requests, uniqExact(page) as nb_pages, max(at) as last
from bots
where site = {site:UInt32}
    and at >= {since:DateTime64(3, 'UTC')}
    and at < {until:DateTime64(3, 'UTC')}
group by class, name
order by nb_requests desc, class, name
limit {limit:UInt32} offset {offset:UInt32}
