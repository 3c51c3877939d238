-- What became of the requests for each site in a period, also for numbers that no site has? The most refused first.
-- site UInt32, nb_kept UInt64, nb_dropped UInt64, nb_refused UInt64, parameter String, last DateTime, all_rows UInt64
select
    site,
    sumIf(requests, outcome = 'kept') as nb_kept,
    sumIf(requests, outcome = 'dropped') as nb_dropped,
    sumIf(requests, outcome = 'refused') as nb_refused,
    -- For which of them most requests were refused.
    argMaxIf(reason, requests, outcome = 'refused') as parameter,
    max(latest) as last,
    count() over () as all_rows
from (
    select site, outcome, reason, sum(hits) as requests, max(minute) as latest
    from counters
    where minute >= {since:DateTime64(3, 'UTC')}
        and minute < {until:DateTime64(3, 'UTC')}
    group by site, outcome, reason
)
group by site
order by nb_refused desc, nb_dropped desc, site
limit {limit:UInt32} offset {offset:UInt32}
