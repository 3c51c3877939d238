-- When was the first hit of a site? No row: the site was never seen.
-- at DateTime64(3, 'UTC')
select at
from hits
where site = {site:UInt32}
order by site, at
limit 1
