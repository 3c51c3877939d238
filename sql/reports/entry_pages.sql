-- On which pages did the visits of a period begin? Those that began with a site search have no entry page.
-- page String, prefix UInt8, entry_nb_visits UInt64, entry_bounce_count UInt64, all_rows UInt64, all_values UInt64, highest_value UInt64
select
    page,
    argMax(variant, (variant_visits, variant)) as prefix,
    sum(variant_visits) as entry_nb_visits,
    sum(variant_bounces) as entry_bounce_count,
    count() over () as all_rows,
    sum(entry_nb_visits) over () as all_values,
    max(entry_nb_visits) over () as highest_value
from (
    select
        entry_page as page,
        entry_prefix as variant,
        count() as variant_visits,
        countIf(actions <= 1) as variant_bounces
    from visits final
    where site = {site:UInt32}
        and entry_action = 'pageview'
        and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
        and started < {until:DateTime64(3, 'UTC')}
        and last_at >= {since:DateTime64(3, 'UTC')}
        and last_at < {until:DateTime64(3, 'UTC')}
        /* segment of visits */
    group by page, variant
)
group by page
order by entry_nb_visits desc, page
limit {limit:UInt32} offset {offset:UInt32}
