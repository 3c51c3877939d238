-- On which pages did the visits of a period begin? Those that began with a site search have no entry page.
-- page String, prefix UInt8, entry_nb_visits UInt64, entry_bounce_count UInt64, all_rows UInt64, all_values UInt64, highest_value UInt64
select page, prefix, entry_nb_visits, entry_bounce_count, all_rows, all_values, highest_value
from (
    select
        entry_hash as page_hash,
        count() as entry_nb_visits,
        countIf(actions <= 1) as entry_bounce_count,
        count() over () as all_rows,
        sum(entry_nb_visits) over () as all_values,
        max(entry_nb_visits) over () as highest_value
    from visits final
    where site = {site:UInt32}
        and entry_action = 'pageview'
        and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
        and started < {until:DateTime64(3, 'UTC')}
        and last_at >= {since:DateTime64(3, 'UTC')}
        and last_at < {until:DateTime64(3, 'UTC')}
        /* segment of visits */
    group by page_hash
    order by entry_nb_visits desc, page_hash
    limit {limit:UInt32} offset {offset:UInt32}
) as entered
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
order by entry_nb_visits desc, page
