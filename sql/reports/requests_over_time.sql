-- What became of the requests of each day ('day') or month ('month') of a period? Empty ones are left out.
-- bucket Date, nb_kept UInt64, nb_dropped UInt64, nb_refused UInt64
select
    if(
        {bucket:String} = 'month',
        toStartOfMonth(minute, {timezone:String}),
        toDate(minute, {timezone:String})
    ) as bucket,
    sumIf(hits, outcome = 'kept') as nb_kept,
    sumIf(hits, outcome = 'dropped') as nb_dropped,
    sumIf(hits, outcome = 'refused') as nb_refused
from counters
where site = {site:UInt32}
    and minute >= {since:DateTime64(3, 'UTC')}
    and minute < {until:DateTime64(3, 'UTC')}
group by bucket
order by bucket
