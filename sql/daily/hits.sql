-- Keep what was done on a site on one of its days, by one or two columns of its hits. The greatest labels are told, if
-- they have enough visitors; the others become one line.
insert into daily (
    site, report, day, source, version,
    lines.kind, lines.label, lines.folded, lines.hits, lines.once, lines.value, lines.visits, lines.visitors
)
select
    {site:UInt32},
    {report:String},
    {day:Date},
    {source:String},
    (
        select max(version) + 1
        from daily
        where site = {site:UInt32} and report = {report:String} and day = {day:Date} and source = {source:String}
    ),
    groupArray(shown_kind),
    groupArray(shown_label),
    groupArray(is_folded),
    groupArray(all_hits),
    groupArray(all_once),
    groupArray(all_values),
    groupArray(all_visits),
    groupArray(all_visitors)
from (
    select
        few as is_folded,
        if(few, '', kind) as shown_kind,
        if(few, '', label) as shown_label,
        sum(nb_hits) as all_hits,
        sum(nb_once) as all_once,
        sum(sum_value) as all_values,
        sum(nb_visits) as all_visits,
        sum(nb_visitors) as all_visitors
    from (
        select
            toString({kind:Identifier}) as kind,
            toString({label:Identifier}) as label,
            count() as nb_hits,
            sum(new_in_visit) as nb_once,
            sum(ifNull(event_value, 0)) as sum_value,
            uniqExact(visit) as nb_visits,
            uniqExact(visitor) as nb_visitors,
            nb_visitors < {fewest:UInt32}
                or row_number() over (order by nb_hits desc, kind, label) > {most:UInt32} as few
        from (
            -- Only what is asked for is read.
            select
                *,
                '' as nothing,
                intDiv(dateDiff('second', {since:DateTime64(3, 'UTC')}, at), 3600) as hour
            from hits
            where site = {site:UInt32}
                and at >= {since:DateTime64(3, 'UTC')}
                and at < {until:DateTime64(3, 'UTC')}
                and ({every_visit:UInt8} = 1 or visit in {visits:Array(UInt64)})
        )
        where {only:Identifier} = {wanted:String}
        group by kind, label
    )
    group by is_folded, shown_kind, shown_label
)
