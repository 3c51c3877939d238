-- How fast the pages of some visits of a site were.
select * from timings final
where site = {site:UInt32} and visit in {visits:Array(UInt64)}
order by at, id
