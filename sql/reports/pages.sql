-- Which pages of a site were viewed most in a period? The all_ and highest_ columns look past offset and limit.
-- page String, prefix UInt8, nb_hits UInt64, nb_visits UInt64, all_rows UInt64, all_values UInt64, highest_value UInt64
select
    page,
    -- A page reached by several protocols is shown as the one most views had.
    argMax(variant, (variant_hits, variant)) as prefix,
    sum(variant_hits) as nb_hits,
    uniqExactMerge(variant_visits) as nb_visits,
    count() over () as all_rows,
    sum(nb_hits) over () as all_values,
    max(nb_hits) over () as highest_value
from (
    select page, prefix as variant, count() as variant_hits, uniqExactState(visit) as variant_visits
    from hits
    where site = {site:UInt32}
        and action = 'pageview'
        and at >= {since:DateTime64(3, 'UTC')}
        and at < {until:DateTime64(3, 'UTC')}
        /* segment of hits */
    group by page, variant
)
group by page
order by nb_hits desc, nb_visits desc, page
limit {limit:UInt32} offset {offset:UInt32}
