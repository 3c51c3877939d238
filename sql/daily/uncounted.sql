-- Which days of a site have rows from before a moment, and are not counted?
select day
from (
    select distinct toDate(at, {timezone:String}) as day
    from hits
    where site = {site:UInt32} and at < {until:DateTime64(3, 'UTC')}
    union distinct
    select distinct toDate(last_at, {timezone:String}) as day
    from visits
    where site = {site:UInt32}
        and started < {until:DateTime64(3, 'UTC')}
        and last_at < {until:DateTime64(3, 'UTC')}
    union distinct
    select distinct toDate(at, {timezone:String}) as day
    from conversions
    where site = {site:UInt32}
        and started < {until:DateTime64(3, 'UTC')}
        and at < {until:DateTime64(3, 'UTC')}
)
where day not in (
    select daily.day from daily where site = {site:UInt32} and report = 'totals' and source = 'counted'
)
order by day
