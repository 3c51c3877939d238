-- Which visits of a site belong to a period? The part of other statements that a segment is put into.
-- id UInt64
select id
from visits final
where site = {site:UInt32}
    and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
    and started < {until:DateTime64(3, 'UTC')}
    and last_at >= {since:DateTime64(3, 'UTC')}
    and last_at < {until:DateTime64(3, 'UTC')}
    /* segment of visits */
