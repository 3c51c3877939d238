-- One row per action of the month's journeys.
insert into hits (
    site, at, sequence, id, visit, visitor, action, page, prefix, title, keyword, search_category, search_count,
    event_category, event_action, event_name, event_value, previous_page, previous_title, seconds_since_previous, position,
    pageview, content_name, content_interaction, new_in_visit
)
with
    ['example.org', 'example.net', 'shop.example.org'][site] as host,
    action in ('pageview', 'event', 'content', 'goal', 'order') as on_page
select
    site,
    started + toIntervalMillisecond(time) as at,
    toUnixTimestamp64Milli(at) * 8 + number % 8 as sequence,
    cityHash64(visit, 'hit', number) as id,
    visit,
    visitor,
    action,
    multiIf(
        on_page, if(rank = 0, '', host || here.path),
        action = 'download', concat('https://', host, '/files/catalogue-', toString(choice % 300), '.pdf'),
        action = 'outlink', concat('https://www.partner-', toString(toUInt32(exp2(choice / 4294967296 * 12))), '.example/from/', here.section),
        ''
    ) as page,
    if(on_page and rank > 0, 2, 255) as prefix,
    if(action = 'pageview', here.title, '') as title,
    if(action = 'search', concat(here_words[1 + choice % 10], ' ', toString(toUInt32(exp2(choice / 4294967296 * 12)))), '') as keyword,
    if(action = 'search', ['', 'shop', 'magazine'][1 + choice % 3], '') as search_category,
    if(action = 'search', toUInt32(choice % 40), null) as search_count,
    if(action = 'event', ['video', 'form', 'menu', 'player', 'map'][1 + choice % 5], '') as event_category,
    if(action = 'event', ['open', 'play', 'pause', 'send', 'close', 'zoom'][1 + intDiv(choice, 5) % 6], '') as event_action,
    if(action = 'event', concat('item ', toString(toUInt32(exp2(choice / 4294967296 * 9)))), '') as event_name,
    if(action = 'event' and choice % 4 = 0, choice % 100, null) as event_value,
    if(before = 0, '', host || past.path) as previous_page,
    if(before = 0, '', past.title) as previous_title,
    intDiv(time, 1000) - intDiv(time_before, 1000) as seconds_since_previous,
    position,
    if(action = 'pageview', lower(hex(bitAnd(id, 16777215))), '') as pageview,
    if(action = 'content', concat('banner ', toString(choice % 50)), '') as content_name,
    if(action = 'content' and choice % 9 = 0, 'click', '') as content_interaction,
    nth = 1 as new_in_visit
from (
    select
        site, started, visit, visitor,
        ['canoe', 'paddle', 'kayak', 'boots', 'map', 'river', 'tent', 'vest', 'bag', 'rope'] as here_words,
        number, action, time, choice, rank, before, time_before, position, nth
    from journeys
    array join
        arrayEnumerate(kinds) as number,
        kinds as action,
        times as time,
        choices as choice,
        ranks as rank,
        arrayPopBack(arrayPushFront(ranks, 0)) as before,
        arrayPopBack(arrayPushFront(times, 0)) as time_before,
        arrayReduceInRanges(
            'sum',
            arrayMap(place -> (1, place), arrayEnumerate(kinds)),
            arrayMap(action -> action in ('pageview', 'search'), kinds)
        ) as position,
        -- How often the visit has done this by now, with the same page, file, link or keyword.
        arrayEnumerateUniq(kinds, arrayMap(
            (action, choice, rank) -> multiIf(
                action = 'download', choice % 300,
                action = 'search', toUInt32(exp2(choice / 4294967296 * 12)) * 10 + choice % 10,
                action = 'outlink', toUInt32(exp2(choice / 4294967296 * 12)) * 100000 + rank,
                rank
            ),
            kinds, choices, ranks
        )) as nth
) as done
left any join pages as here on here.page_rank = done.rank
left any join pages as past on past.page_rank = done.before
