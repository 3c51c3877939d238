-- For which keywords did a site's own search find nothing in a period? The highest number of results that was told is 0.
-- keyword String
select keyword
from hits
where site = {site:UInt32}
    and action = 'search'
    and at >= {since:DateTime64(3, 'UTC')}
    and at < {until:DateTime64(3, 'UTC')}
    /* segment of hits */
group by keyword
having max(search_count) = 0
order by keyword
