-- In which visits was an order made? Site 0: any.
select distinct site, visit from conversions
where order_id = {order:String} and ({site:UInt32} = 0 or site = {site:UInt32})
union distinct
select distinct site, visit from order_items
where order_id = {order:String} and ({site:UInt32} = 0 or site = {site:UInt32})
