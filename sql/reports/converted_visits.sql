-- How many visits of a period were there, and how many of them converted? By whether their visitor had been there before.
-- returned UInt8, nb_visits UInt64, nb_visits_converted UInt64
select
    returning > 0 as returned,
    count() as nb_visits,
    countIf(converted = 1) as nb_visits_converted
from visits final
where site = {site:UInt32}
    and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
    and started < {until:DateTime64(3, 'UTC')}
    and last_at >= {since:DateTime64(3, 'UTC')}
    and last_at < {until:DateTime64(3, 'UTC')}
    /* segment of visits */
group by returned
order by returned
