-- How many conversions does each value of up to three columns have, by goal? Columns of the visit, or `referrer_…`, `hour`, `weekday`, `days_since_first` and `custom_dimension` of the conversion itself.
-- key Array(String), goal Int32, nb_conversions UInt64, nb_visits_converted UInt64, revenue Float64, revenue_subtotal Float64, revenue_tax Float64, revenue_shipping Float64, revenue_discount Float64, items UInt64
select
    [
        ifNull(toString({first:Identifier}), ''),
        ifNull(toString({second:Identifier}), ''),
        ifNull(toString({third:Identifier}), '')
    ] as key,
    goal,
    count() as nb_conversions,
    uniqExact(visit) as nb_visits_converted,
    sum(worth) as revenue,
    sum(subtotal) as revenue_subtotal,
    sum(tax) as revenue_tax,
    sum(shipping) as revenue_shipping,
    sum(discount) as revenue_discount,
    sum(pieces) as items
from (
    select
        '' as nothing,
        own.visit as visit,
        own.goal as goal,
        own.revenue as worth,
        ifNull(own.subtotal, 0) as subtotal,
        ifNull(own.tax, 0) as tax,
        ifNull(own.shipping, 0) as shipping,
        ifNull(own.discount, 0) as discount,
        own.items as pieces,
        own.referrer_type as referrer_type,
        own.referrer_name as referrer_name,
        own.referrer_keyword as referrer_keyword,
        own.dimensions[{custom:String}] as custom_dimension,
        mapContains(own.dimensions, {custom:String}) as has_custom_dimension,
        toHour(own.at, {timezone:String}) as hour,
        toDayOfWeek(own.at, 0, {timezone:String}) as weekday,
        intDiv(ifNull(whose.seconds_since_first, 0), 86400) as days_since_first,
        whose.returning > 0 as came_back,
        intDiv(whose.local_time, 3600) as local_hour,
        substringIndex(whose.language, '-', 1) as main_language,
        whose.* except (id)
    from (
        select
            visit, at, goal, revenue, subtotal, tax, shipping, discount, items,
            referrer_type, referrer_name, referrer_keyword, dimensions
        from conversions final
        where site = {site:UInt32}
            and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
            and started < {until:DateTime64(3, 'UTC')}
            and at >= {since:DateTime64(3, 'UTC')}
            and at < {until:DateTime64(3, 'UTC')}
            /* segment of hits */
    ) as own
    left join (
        select * except (site, at, goals, dimensions, referrer_type, referrer_name, referrer_keyword)
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
)
group by key, goal
order by key, goal
