-- How many visits does a site have in a period, from a place in their order on?
-- nb_rows UInt64
select count() as nb_rows
from visits final
where site = {site:UInt32}
    and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
    and started < {until:DateTime64(3, 'UTC')}
    and last_at >= {since:DateTime64(3, 'UTC')}
    and last_at < {until:DateTime64(3, 'UTC')}
    and (started, id) > (fromUnixTimestamp64Milli({after:Int64}, 'UTC'), {after_id:UInt64})
    /* segment of visits */
