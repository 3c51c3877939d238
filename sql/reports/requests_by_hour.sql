-- What became of the requests of each hour since the start of a period? Empty ones are left out.
-- hour Int64, nb_kept UInt64, nb_dropped UInt64, nb_refused UInt64
select
    intDiv(dateDiff('second', {since:DateTime64(3, 'UTC')}, minute), 3600) as hour,
    sumIf(hits, outcome = 'kept') as nb_kept,
    sumIf(hits, outcome = 'dropped') as nb_dropped,
    sumIf(hits, outcome = 'refused') as nb_refused
from counters
where site = {site:UInt32}
    and minute >= {since:DateTime64(3, 'UTC')}
    and minute < {until:DateTime64(3, 'UTC')}
group by hour
order by hour
