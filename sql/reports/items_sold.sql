-- What was bought, or is left in carts, by {labels} of its articles: `skus`, `names` or `categories`? Each category of an article has all of it.
-- label String, revenue Float64, quantity UInt64, price Float64, orders UInt64, abandoned_carts UInt64
select
    arrayJoin({labels:Identifier}) as label,
    sum(cost * pieces) as revenue,
    sum(pieces) as quantity,
    sum(cost) as price,
    uniqExact(conversion) as orders,
    uniqExact(visit) as abandoned_carts
from (
    select
        visit,
        conversion,
        price as cost,
        quantity as pieces,
        [sku] as skus,
        [name] as names,
        if(empty(categories), [''], arrayDistinct(categories)) as categories
    from order_items final
    where site = {site:UInt32}
        and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
        and started < {until:DateTime64(3, 'UTC')}
        and at >= {since:DateTime64(3, 'UTC')}
        and at < {until:DateTime64(3, 'UTC')}
        and deleted = 0
        and (order_id = '') = ({left:UInt8} = 1)
        /* segment of hits */
)
group by label
order by label
