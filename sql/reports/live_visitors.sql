-- How many different visitors did something on a site since a moment, and how much?
-- nb_visitors UInt64, nb_hits UInt64
select uniqExact(visitor) as nb_visitors, count() as nb_hits
from hits
where site = {site:UInt32}
    and at >= {since:DateTime64(3, 'UTC')}
    and at < {until:DateTime64(3, 'UTC')}
