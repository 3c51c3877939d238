-- What have some visitors ever ordered, and left in carts?
-- visitor UInt64, orders UInt64, order_revenue Float64, order_items UInt64, carts UInt64, cart_revenue Float64, cart_items UInt64
select
    visitor,
    countIf(goal = 0) as orders,
    sumIf(revenue, goal = 0) as order_revenue,
    sumIf(items, goal = 0) as order_items,
    countIf(goal = -1) as carts,
    sumIf(revenue, goal = -1) as cart_revenue,
    sumIf(items, goal = -1) as cart_items
from conversions final
where site = {site:UInt32}
    and goal <= 0
    and visitor in (select arrayJoin({visitors:Array(UInt64)}))
group by visitor
order by visitor
