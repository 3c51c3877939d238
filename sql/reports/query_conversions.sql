-- How much came of visits in a period: goals that were reached, orders, carts, by up to three dimensions? Each is credited as it says itself.
-- labels Array(String), metrics Array(Float64), folded UInt8, all_rows UInt64
with
    dimensioned as (
        select
            whose.* except (id),
            own.visit as visit,
            own.visitor as visitor,
            own.goal as goal,
            own.revenue as worth,
            own.items as pieces,
            own.subtotal as subtotal,
            own.tax as tax,
            own.shipping as shipping,
            own.discount as discount,
            own.referrer_type as referrer_type,
            own.referrer_name as referrer_name,
            own.referrer_keyword as referrer_keyword,
            0 as none,
            toYear(own.at, {timezone:String}) as year,
            toStartOfMonth(own.at, {timezone:String}) as month,
            toMonday(own.at, {timezone:String}) as week,
            toDate(own.at, {timezone:String}) as day,
            toUnixTimestamp(toStartOfHour(own.at, {timezone:String})) as hour,
            toHour(own.at, {timezone:String}) as hour_of_day,
            toDayOfWeek(own.at, 0, {timezone:String}) as day_of_week,
            own.dimensions[{custom1:String}] as custom1,
            own.dimensions[{custom2:String}] as custom2,
            own.dimensions[{custom3:String}] as custom3
        from (
            select *
            from conversions final
            where site = {site:UInt32}
                and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
                and started < {until:DateTime64(3, 'UTC')}
                and at >= {since:DateTime64(3, 'UTC')}
                and at < {until:DateTime64(3, 'UTC')}
                /* segment of hits */
        ) as own
        left join (
            select
                id, visit_count, country, region, city, language, device_type, device_brand, device_model, os, os_version,
                browser, browser_version, browser_engine, resolution, referrer_url,
                ['new', 'returning', 'returningCustomer'][returning + 1] as visitor_type,
                intDiv(local_time, 3600) as local_hour,
                if(entry_action = 'pageview', entry_page, null) as entry_url,
                if(entry_action = 'pageview', entry_title, null) as entry_name,
                if(exit_action = 'pageview', exit_page, null) as exit_url,
                if(exit_action = 'pageview', exit_title, null) as exit_name
            from visits final
            where site = {site:UInt32}
                and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
                and started < {until:DateTime64(3, 'UTC')}
                -- Few visits convert: the others need not be joined.
                and id in (
                    select visit
                    from conversions
                    where site = {site:UInt32}
                        and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
                        and started < {until:DateTime64(3, 'UTC')}
                )
        ) as whose on whose.id = own.visit
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
        uniqExact(visitor) as nb_uniq_visitors,
        countIf(has({counted:Array(Int32)}, goal)) as nb_conversions,
        countIf(has({counted:Array(Int32)}, goal) and goal > 0) as nb_goals_reached,
        sumIf(worth, has({counted:Array(Int32)}, goal)) as revenue,
        countIf(goal = 0) as nb_orders,
        sumIf(worth, goal = 0) as revenue_orders,
        sumIf(pieces, goal = 0) as nb_items,
        sumIf(ifNull(subtotal, 0), goal = 0) as revenue_subtotal,
        sumIf(ifNull(tax, 0), goal = 0) as revenue_tax,
        sumIf(ifNull(shipping, 0), goal = 0) as revenue_shipping,
        sumIf(ifNull(discount, 0), goal = 0) as revenue_discount,
        countIf(goal = -1) as nb_abandoned_carts,
        sumIf(worth, goal = -1) as revenue_abandoned_carts
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
