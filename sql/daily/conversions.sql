-- Keep what was converted on a site on one of its days, by goal (order: 0, cart: -1) and whether the visitor had been
-- there before.
insert into daily (
    site, report, day, source, version,
    lines.kind, lines.label, lines.hits, lines.visits, lines.visitors,
    lines.revenue, lines.subtotal, lines.tax, lines.shipping, lines.discount, lines.items
)
select
    {site:UInt32},
    'goals',
    {day:Date},
    {source:String},
    (
        select max(version) + 1
        from daily
        where site = {site:UInt32} and report = 'goals' and day = {day:Date} and source = {source:String}
    ),
    groupArray(kind),
    groupArray(label),
    groupArray(nb_conversions),
    groupArray(nb_visits),
    groupArray(nb_visitors),
    groupArray(sum_revenue),
    groupArray(sum_subtotal),
    groupArray(sum_tax),
    groupArray(sum_shipping),
    groupArray(sum_discount),
    groupArray(nb_items)
from (
    select
        toString(whose.returning > 0) as kind,
        toString(own.goal) as label,
        count() as nb_conversions,
        uniqExact(own.visit) as nb_visits,
        uniqExact(own.visitor) as nb_visitors,
        sum(own.revenue) as sum_revenue,
        sum(ifNull(own.subtotal, 0)) as sum_subtotal,
        sum(ifNull(own.tax, 0)) as sum_tax,
        sum(ifNull(own.shipping, 0)) as sum_shipping,
        sum(ifNull(own.discount, 0)) as sum_discount,
        sum(own.items) as nb_items
    from (
        select visit, visitor, goal, revenue, subtotal, tax, shipping, discount, items
        from conversions final
        where site = {site:UInt32}
            and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
            and started < {until:DateTime64(3, 'UTC')}
            and at >= {since:DateTime64(3, 'UTC')}
            and at < {until:DateTime64(3, 'UTC')}
            and ({every_visit:UInt8} = 1 or visit in {visits:Array(UInt64)})
    ) as own
    left join (
        select id, returning
        from visits final
        where site = {site:UInt32}
            and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
            and started < {until:DateTime64(3, 'UTC')}
    ) as whose on whose.id = own.visit
    group by kind, label
)
