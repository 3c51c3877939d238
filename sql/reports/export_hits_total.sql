-- How many hits does a site have in a period, from a place in their order on?
-- nb_rows UInt64
select count() as nb_rows
from hits
where site = {site:UInt32}
    and at >= {since:DateTime64(3, 'UTC')}
    and at < {until:DateTime64(3, 'UTC')}
    and (at, sequence, id)
        > (fromUnixTimestamp64Milli({after:Int64}, 'UTC'), {after_sequence:UInt64}, {after_id:UInt64})
    /* segment of hits */
