-- The visits of one month with all that was done in them, as arrays of equal length.
-- Pages are viewed by Zipf's law; of a visit that would outlive midnight, what comes after is left out.
insert into journeys
with
    if(cityHash64(visit, 'luck') % 100 < 45, 1, 2 + least(150, toUInt32(-6.9 * log((1 + cityHash64(visit, 'length') % 1000000) / 1000000)))) as wanted,
    arrayMap(number -> cityHash64(visit, number), range(wanted)) as draws,
    cityHash64(visit, 'bought') % 1000 as bought,
    multiIf(bought < 14, ['goal'], bought < 20 and site < 3, ['order'], []) as conversion,
    dateDiff('millisecond', started, toDateTime64(toDateTime(toDate(started, 'Europe/Berlin') + 1, 'Europe/Berlin'), 3, 'UTC'))
        as left_of_day,
    arrayConcat(
        arrayMap(
            (draw, place) -> multiIf(
                draw % 1000 < if(place = 1, 980, 830), 'pageview',
                place = 1, 'search',
                draw % 1000 < 910, 'event',
                draw % 1000 < 940, 'search',
                draw % 1000 < 965, 'download',
                draw % 1000 < 990, 'outlink',
                'content'
            ),
            draws, arrayEnumerate(draws)
        ),
        conversion
    ) as all_kinds,
    arrayPopBack(arrayPushFront(
        arrayMap(draw -> 3000 + least(1500000, toUInt32(-40000 * log((1 + intDiv(draw, 1000) % 100000) / 100000))), all_draws), 0
    )) as gaps,
    arrayPushBack(draws, cityHash64(visit, 'last')) as more_draws,
    arrayResize(more_draws, length(all_kinds)) as all_draws,
    arrayReduceInRanges('sum', arrayMap(place -> (1, place), arrayEnumerate(gaps)), gaps) as all_times,
    arrayCount(time -> time < left_of_day, all_times) as kept,
    arrayMap(
        (action, draw) -> if(
            action = 'pageview',
            toUInt32(exp2(log2({pages:UInt32}) * (intDiv(draw, 1000) % 4294967296 / 4294967296))),
            intDiv(draw, 1000) % 4294967296
        ),
        all_kinds, all_draws
    ) as all_choices
select
    site,
    visit,
    visitor,
    started,
    visit_count,
    first_started,
    last_started,
    arraySlice(all_kinds, 1, kept) as kinds,
    arraySlice(all_times, 1, kept) as times,
    arraySlice(all_choices, 1, kept) as choices,
    -- The page that a visitor was on, by its rank: 0 is none, as after a search.
    arrayFill(
        (rank, action) -> action in ('pageview', 'search'),
        arrayMap((choice, action) -> if(action = 'pageview', choice, 0), choices, kinds),
        kinds
    ) as ranks
from drawn
where month = {month:UInt32}
