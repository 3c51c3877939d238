-- How long were visitors on each page, title or keyword ({credited}), by what they did next? Events and conversions tell nothing.
-- name String, sum_time_spent UInt64
select {credited:Identifier} as name, sum(seconds_since_previous) as sum_time_spent
from hits
where site = {site:UInt32}
    and action in ('pageview', 'search', 'outlink', 'download', 'content')
    -- A page is told by its address, a search by having none.
    and (previous_page = '') = {searching:UInt8}
    and at >= {since:DateTime64(3, 'UTC')}
    and at < {until:DateTime64(3, 'UTC')}
    /* segment of hits */
group by name
having sum_time_spent > 0
order by sum_time_spent desc, name
