-- Which visits have an article, ordered or left in a cart, that a segment describes?
-- visit UInt64
select visit
from order_items final
where site = {site:UInt32}
    and deleted = 0
    and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
    and started < {until:DateTime64(3, 'UTC')}
    /* segment of rows */
