-- When did each site have its first visit, of those that are kept?
select site, min(started) as first
from visits
group by site
