-- Which pages of a site were viewed most in a period? The all_ and highest_ columns look past offset and limit.
-- page String, prefix UInt8, nb_hits UInt64, nb_visits UInt64, all_rows UInt64, all_values UInt64, highest_value UInt64
select page, prefix, nb_hits, nb_visits, all_rows, all_values, highest_value
from (
    select
        page_hash,
        count() as nb_hits,
        sum(new_in_visit) as nb_visits,
        count() over () as all_rows,
        sum(nb_hits) over () as all_values,
        max(nb_hits) over () as highest_value
    from hits
    where site = {site:UInt32}
        and action = 'pageview'
        and at >= {since:DateTime64(3, 'UTC')}
        and at < {until:DateTime64(3, 'UTC')}
        /* segment of hits */
    group by page_hash
    order by nb_hits desc, nb_visits desc, page_hash
    limit {limit:UInt32} offset {offset:UInt32}
) as viewed
left any join (
    -- A page reached by several protocols is shown as the one that most views ever had.
    select page_hash, any(known_page) as page, argMax(known_prefix, (times, known_prefix)) as prefix
    from (
        select page_hash, hits.prefix as known_prefix, any(hits.page) as known_page, count() as times
        from hits
        where site = {site:UInt32} and action = 'pageview'
        group by page_hash, hits.prefix
    )
    group by page_hash
) as names using (page_hash)
order by nb_hits desc, nb_visits desc, page
