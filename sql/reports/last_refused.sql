-- Which requests of a site were refused last, minute by minute, and for which parameter?
-- minute DateTime, reason String, nb_requests UInt64
select counters.minute as minute, reason, sum(hits) as nb_requests
from counters
where site = {site:UInt32}
    and counters.minute >= {since:DateTime64(3, 'UTC')}
    and counters.minute < {until:DateTime64(3, 'UTC')}
    and outcome = 'refused'
group by counters.minute, reason
order by minute desc, reason
limit {limit:UInt32} offset {offset:UInt32}
