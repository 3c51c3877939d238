-- What do the sums of a site's days say, by the labels of some reports, and by day if by_day is 1? Visitors are added up day by day.
-- report String, day Date, kind String, label String, folded UInt8, hits UInt64, once UInt64, visits UInt64, visitors UInt64, users UInt64, actions UInt64, most_actions UInt32, seconds UInt64, bounces UInt64, converted UInt64, revenue Float64, subtotal Float64, tax Float64, shipping Float64, discount Float64, items UInt64
select
    report,
    if({by_day:UInt8} = 1, daily.day, toDate('1970-01-01')) as day,
    lines.kind as kind,
    lines.label as label,
    lines.folded as folded,
    sum(lines.hits) as hits,
    sum(lines.once) as once,
    sum(lines.visits) as visits,
    sum(lines.visitors) as visitors,
    sum(lines.users) as users,
    sum(lines.actions) as actions,
    max(lines.most_actions) as most_actions,
    sum(lines.seconds) as seconds,
    sum(lines.bounces) as bounces,
    sum(lines.converted) as converted,
    sum(lines.revenue) as revenue,
    sum(lines.subtotal) as subtotal,
    sum(lines.tax) as tax,
    sum(lines.shipping) as shipping,
    sum(lines.discount) as discount,
    sum(lines.items) as items
from daily final
array join lines
where site = {site:UInt32}
    and report in {reports:Array(String)}
    and daily.day >= {first_day:Date}
    and daily.day < {end_day:Date}
group by report, day, kind, label, folded
order by report, day, kind, label, folded
