-- Who used a site in a period, of those that it knows by name? visitor: as whom they made their first visit.
-- user_id String, visitor UInt64
select user_id, argMin(visitor, (last_at, started)) as visitor
from visits final
where site = {site:UInt32}
    and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
    and started < {until:DateTime64(3, 'UTC')}
    and last_at >= {since:DateTime64(3, 'UTC')}
    and last_at < {until:DateTime64(3, 'UTC')}
    and user_id != ''
    /* segment of visits */
group by user_id
order by user_id
