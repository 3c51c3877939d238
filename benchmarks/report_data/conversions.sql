-- One row per goal and order of the month's journeys: the last thing that was done.
insert into conversions (
    site, started, visit, id, version, at, visitor, goal, order_id, revenue, subtotal, tax, shipping, items, hit, page, prefix,
    pageviews_before, referrer_type, referrer_name
)
select
    site,
    started,
    visit,
    cityHash64(visit, 'conversion') as id,
    1 as version,
    started + toIntervalMillisecond(times[-1]) as at,
    visitor,
    if(kinds[-1] = 'order', 0, 1 + cityHash64(visit, 'goal') % 4) as goal,
    if(goal = 0, lower(hex(id)), '') as order_id,
    if(goal = 0, 9.9 + cityHash64(visit, 'revenue') % 20000 / 100, if(goal = 2, 5, 0)) as revenue,
    if(goal = 0, revenue - 4.9, null) as subtotal,
    if(goal = 0, round(revenue * 0.19, 2), null) as tax,
    if(goal = 0, 4.9, null) as shipping,
    if(goal = 0, 1 + cityHash64(visit, 'items') % 4, 0) as items,
    cityHash64(visit, 'hit', length(kinds)) as hit,
    if(ranks[-1] = 0, '', ['example.org', 'example.net', 'shop.example.org'][site] || path) as page,
    if(ranks[-1] = 0, 255, 2) as prefix,
    countEqual(kinds, 'pageview') as pageviews_before,
    'direct' as referrer_type,
    '' as referrer_name
from journeys
left any join pages on pages.page_rank = journeys.ranks[-1]
where kinds[-1] in ('goal', 'order')
