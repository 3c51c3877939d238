-- How fast a third of the month's page views were.
insert into timings (
    site, at, id, version, visit, page, prefix, title, network, server, transfer, dom_processing, dom_completion, on_load
)
select
    site,
    started + toIntervalMillisecond(time) as at,
    cityHash64(visit, 'hit', number) as id,
    1 as version,
    visit,
    ['example.org', 'example.net', 'shop.example.org'][site] || path as page,
    2 as prefix,
    title,
    cityHash64(id, 'network') % 200 as network,
    20 + cityHash64(id, 'server') % 400 as server,
    cityHash64(id, 'transfer') % 150 as transfer,
    50 + cityHash64(id, 'processing') % 900 as dom_processing,
    100 + cityHash64(id, 'completion') % 1500 as dom_completion,
    cityHash64(id, 'load') % 100 as on_load
from (
    select site, visit, started, number, time, rank
    from journeys
    array join arrayEnumerate(kinds) as number, kinds as action, times as time, ranks as rank
    where action = 'pageview' and cityHash64(visit, 'measured') % 3 = 0
) as viewed
left any join pages on pages.page_rank = viewed.rank
