-- Some visits of a site, the newest first, as people look at them.
select
    site, started, id, visitor, user_id, actions, entry_page, country, city, browser, os, device_type
from visits final
where site = {site:UInt32} and id in {visits:Array(UInt64)}
order by started desc, id
limit {limit:UInt32}
