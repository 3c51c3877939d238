-- Which values of a column come most often among articles that were ordered or left in carts, told by their visits?
-- value of any type, visits UInt64
select {column:Identifier} as value, uniqExact(visit) as visits
from order_items final
where site = {site:UInt32}
    and deleted = 0
    and at >= {since:DateTime64(3, 'UTC')}
    and at < {until:DateTime64(3, 'UTC')}
    and notEmpty(toString(value))
group by value
having uniqExact(visitor) >= {fewest:UInt32}
order by visits desc, value
limit {limit:UInt32}
