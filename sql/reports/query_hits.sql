-- How much was done on a site in a period, by up to three dimensions of what was done? Only the metrics asked for are worked out.
-- labels Array(String), metrics Array(Float64), folded UInt8, all_rows UInt64
with
    dimensioned as (
        select
            *,
            0 as none,
            if(action = 'pageview', page, null) as page_url,
            if(action = 'pageview', title, null) as page_title,
            if(action = 'download', page, null) as download_url,
            if(action = 'outlink', page, null) as outlink_url,
            if(action = 'search', keyword, null) as search_keyword,
            if(action = 'search', search_category, null) as search_kind,
            if(action = 'event', event_category, null) as category_of_event,
            if(action = 'event', event_action, null) as action_of_event,
            if(action = 'event', event_name, null) as name_of_event,
            if(action = 'content', content_name, null) as name_of_content,
            if(action = 'content', content_piece, null) as piece_of_content,
            if(action = 'content', content_target, null) as target_of_content,
            toYear(at, {timezone:String}) as year,
            toStartOfMonth(at, {timezone:String}) as month,
            toMonday(at, {timezone:String}) as week,
            toDate(at, {timezone:String}) as day,
            toUnixTimestamp(toStartOfHour(at, {timezone:String})) as hour,
            toHour(at, {timezone:String}) as hour_of_day,
            toDayOfWeek(at, 0, {timezone:String}) as day_of_week,
            dimensions[{custom1:String}] as custom1,
            dimensions[{custom2:String}] as custom2,
            dimensions[{custom3:String}] as custom3
        from hits
        where site = {site:UInt32}
            and at >= {since:DateTime64(3, 'UTC')}
            and at < {until:DateTime64(3, 'UTC')}
            /* segment of hits */
    ),
    keyed as (
        select
            *,
            {dimension1:Identifier} as one,
            {dimension2:Identifier} as two,
            {dimension3:Identifier} as three
        from dimensioned
        -- What has no such thing is in no row.
        where one is not null and two is not null and three is not null
    )
select
    [ifNull(toString(first), ''), ifNull(toString(second), ''), ifNull(toString(third), '')] as labels,
    [
        toFloat64({metric1:Identifier}), toFloat64({metric2:Identifier}), toFloat64({metric3:Identifier}),
        toFloat64({metric4:Identifier}), toFloat64({metric5:Identifier}), toFloat64({metric6:Identifier}),
        toFloat64({metric7:Identifier}), toFloat64({metric8:Identifier}), toFloat64({metric9:Identifier}),
        toFloat64({metric10:Identifier}), toFloat64({metric11:Identifier}), toFloat64({metric12:Identifier})
    ] as metrics,
    folded,
    count() over () as all_rows
from (
    select
        -- Rows of fewer visitors than one may see become one row: all but those that are named.
        {folding:UInt8} = 1
            and arrayStringConcat([toString(one), toString(two), toString(three)], char(31)) not in {shown:Array(String)}
            as folded,
        if(folded, null, one) as first,
        if(folded, null, two) as second,
        if(folded, null, three) as third,
        0 as nothing,
        count() as nb_hits,
        uniqExact(visit) as nb_visits,
        uniqExact(visitor) as nb_uniq_visitors,
        countIf(action in ('pageview', 'search', 'event', 'outlink', 'download')) as nb_actions,
        countIf(action = 'pageview') as nb_pageviews,
        -- uniq: a page, file or link counts once for each visit.
        countIf(new_in_visit = 1 and action = 'pageview') as nb_uniq_pageviews,
        countIf(action = 'download') as nb_downloads,
        countIf(new_in_visit = 1 and action = 'download') as nb_uniq_downloads,
        countIf(action = 'outlink') as nb_outlinks,
        countIf(new_in_visit = 1 and action = 'outlink') as nb_uniq_outlinks,
        countIf(action = 'search') as nb_searches,
        uniqExactIf(keyword, action = 'search') as nb_keywords,
        countIf(action = 'event') as nb_events,
        sum(ifNull(event_value, 0)) as sum_event_value,
        countIf(action = 'content' and content_interaction = '') as nb_impressions,
        countIf(action = 'content' and content_interaction != '') as nb_interactions
    from keyed
    group by folded, first, second, third
)
-- Only these rows, where they are to be compared with others.
where {only:UInt8} = 0 or arrayStringConcat(labels, char(31)) in {rows:Array(String)}
order by
    folded,
    if({descending1:UInt8} = 1, {order1:Identifier}, null) desc, {order1:Identifier},
    if({descending2:UInt8} = 1, {order2:Identifier}, null) desc, {order2:Identifier},
    if({descending3:UInt8} = 1, {order3:Identifier}, null) desc, {order3:Identifier},
    first, second, third
limit {limit:UInt32} offset {offset:UInt32}
