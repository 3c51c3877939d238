-- Which visits of a site have anything of some visitor ids?
select distinct id as visit from visits
where site = {site:UInt32} and visitor in {visitors:Array(UInt64)}
union distinct
select distinct visit from hits
where site = {site:UInt32} and visitor in {visitors:Array(UInt64)}
