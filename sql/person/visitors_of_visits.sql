-- Whose were some visits of a site?
select distinct visitor from visits
where site = {site:UInt32} and id in {visits:Array(UInt64)}
union distinct
select distinct visitor from hits
where site = {site:UInt32} and visit in {visits:Array(UInt64)}
