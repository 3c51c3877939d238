-- What became of a site's requests in a period: kept, dropped for a reason, or refused for a parameter?
-- outcome String, reason String, nb_requests UInt64, last DateTime
select outcome, reason, sum(hits) as nb_requests, max(minute) as last
from counters
where site = {site:UInt32}
    and minute >= {since:DateTime64(3, 'UTC')}
    and minute < {until:DateTime64(3, 'UTC')}
group by outcome, reason
order by nb_requests desc, outcome, reason
limit {limit:UInt32} offset {offset:UInt32}
