-- Every article that lay in a cart of some visits of a site.
select * from order_items final
where site = {site:UInt32} and visit in {visits:Array(UInt64)}
order by at, id
