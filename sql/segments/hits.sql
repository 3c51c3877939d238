-- Which visits have a hit that a segment describes? No hit is later than its visit's last action, and no visit outlives a midnight.
-- visit UInt64
select visit
from hits
where site = {site:UInt32}
    and at >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
    and at < {until:DateTime64(3, 'UTC')}
    /* segment of rows */
