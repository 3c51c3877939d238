-- Every goal, order and open cart of some visits of a site.
select * from conversions final
where site = {site:UInt32} and visit in {visits:Array(UInt64)}
order by at, id
