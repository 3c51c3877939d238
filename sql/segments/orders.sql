-- Which visits have an order that a segment describes?
-- visit UInt64
select visit
from conversions final
where site = {site:UInt32}
    and goal = 0
    and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
    and started < {until:DateTime64(3, 'UTC')}
    /* segment of rows */
