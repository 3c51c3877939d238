-- Every hit of some visits of a site.
select * from hits
where site = {site:UInt32} and visit in {visits:Array(UInt64)}
order by at, sequence
