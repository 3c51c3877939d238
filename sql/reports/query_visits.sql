-- How much was a site visited in a period, by up to three dimensions of its visits? Only the metrics asked for are worked out.
-- labels Array(String), metrics Array(Float64), folded UInt8, all_rows UInt64
with
    dimensioned as (
        select
            *,
            0 as none,
            ['new', 'returning', 'returningCustomer'][returning + 1] as visitor_type,
            intDiv(local_time, 3600) as local_hour,
            if(entry_action = 'pageview', entry_page, null) as entry_url,
            if(entry_action = 'pageview', entry_title, null) as entry_name,
            if(exit_action = 'pageview', exit_page, null) as exit_url,
            if(exit_action = 'pageview', exit_title, null) as exit_name,
            toYear(last_at, {timezone:String}) as year,
            toStartOfMonth(last_at, {timezone:String}) as month,
            toMonday(last_at, {timezone:String}) as week,
            toDate(last_at, {timezone:String}) as day,
            toUnixTimestamp(toStartOfHour(last_at, {timezone:String})) as hour,
            toHour(last_at, {timezone:String}) as hour_of_day,
            toDayOfWeek(last_at, 0, {timezone:String}) as day_of_week,
            dimensions[{custom1:String}] as custom1,
            dimensions[{custom2:String}] as custom2,
            dimensions[{custom3:String}] as custom3
        from visits final
        where site = {site:UInt32}
            and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
            and started < {until:DateTime64(3, 'UTC')}
            and last_at >= {since:DateTime64(3, 'UTC')}
            and last_at < {until:DateTime64(3, 'UTC')}
            /* segment of visits */
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
        count() as nb_visits,
        uniqExact(visitor) as nb_uniq_visitors,
        uniqExactIf(user_id, user_id != '') as nb_users,
        countIf(returning = 0) as nb_visits_new,
        countIf(returning > 0) as nb_visits_returning,
        sum(actions) as nb_actions,
        sum(pageviews) as nb_pageviews,
        sum(searches) as nb_searches,
        sum(events) as nb_events,
        max(actions) as max_actions,
        countIf(actions <= 1) as bounce_count,
        sum(duration) as sum_visit_length,
        countIf(converted = 1) as nb_visits_converted,
        nb_actions / nb_visits as nb_actions_per_visit,
        bounce_count / nb_visits as bounce_rate,
        sum_visit_length / nb_visits as avg_time_on_site,
        nb_visits_converted / nb_visits as conversion_rate
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
