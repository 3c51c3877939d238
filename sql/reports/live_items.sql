-- Which articles do the orders and open carts of some visits consist of?
-- conversion UInt64, sku String, name String, categories Array(String), price Float64, quantity UInt32
select conversion, sku, name, categories, price, quantity
from order_items final
where site = {site:UInt32}
    and started >= {since:DateTime64(3, 'UTC')}
    and started < {until:DateTime64(3, 'UTC')}
    and visit in (select arrayJoin({visits:Array(UInt64)}))
    and deleted = 0
order by conversion, sku
limit {limit:UInt32}
