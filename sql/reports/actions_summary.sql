-- What was done on a site in a period? Hits count by their own time.
-- nb_pageviews UInt64, nb_uniq_pageviews UInt64, nb_downloads UInt64, nb_uniq_downloads UInt64, nb_outlinks UInt64, nb_uniq_outlinks UInt64, nb_searches UInt64, nb_keywords UInt64
select
    -- uniq: a page, file or link counts once for each visit.
    countIf(action = 'pageview') as nb_pageviews,
    countIf(new_in_visit = 1 and action = 'pageview') as nb_uniq_pageviews,
    countIf(action = 'download') as nb_downloads,
    countIf(new_in_visit = 1 and action = 'download') as nb_uniq_downloads,
    countIf(action = 'outlink') as nb_outlinks,
    countIf(new_in_visit = 1 and action = 'outlink') as nb_uniq_outlinks,
    countIf(action = 'search') as nb_searches,
    uniqExactIf(keyword, action = 'search') as nb_keywords
from hits
where site = {site:UInt32}
    and at >= {since:DateTime64(3, 'UTC')}
    and at < {until:DateTime64(3, 'UTC')}
    /* segment of hits */
