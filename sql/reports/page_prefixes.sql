-- By which protocol was each page of a period viewed most, with `www.` or without? Of equals, by the first.
-- page String, prefix UInt8
select page, argMax(variant, (hits, -first)) as prefix
from (
    select page, prefix as variant, count() as hits, toInt64(min(toUnixTimestamp64Milli(at))) as first
    from hits
    where site = {site:UInt32}
        and action = 'pageview'
        and at >= {since:DateTime64(3, 'UTC')}
        and at < {until:DateTime64(3, 'UTC')}
        /* segment of hits */
    group by page, variant
)
group by page
