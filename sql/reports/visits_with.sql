-- How many visits have each value of a number, in units of it? -1 is an unknown one, and returning is 2 for customers.
-- number Int64, returning UInt8, nb_visits UInt64
select
    ifNull(toInt64(intDiv({measured:Identifier}, {unit:UInt32})), -1) as number,
    returning,
    count() as nb_visits
from visits final
where site = {site:UInt32}
    and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
    and started < {until:DateTime64(3, 'UTC')}
    and last_at >= {since:DateTime64(3, 'UTC')}
    and last_at < {until:DateTime64(3, 'UTC')}
    /* segment of visits */
group by number, returning
order by number, returning
