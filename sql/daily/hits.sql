-- Keep what was done on a site on one of its days, by columns of its hits. Of each report the greatest labels are told,
-- if they have enough visitors; the others become one line. Reports without lines are kept, too.
insert into daily (
    site, report, day, source, version,
    lines.kind, lines.label, lines.folded, lines.hits, lines.once, lines.value, lines.visits, lines.visitors
)
select
    {site:UInt32},
    report,
    {day:Date},
    {source:String},
    (
        select max(version) + 1
        from daily
        where site = {site:UInt32} and day = {day:Date} and source = {source:String}
            and report in {reports:Array(String)}
    ),
    groupArrayIf(shown_kind, there),
    groupArrayIf(shown_label, there),
    groupArrayIf(is_folded, there),
    groupArrayIf(all_hits, there),
    groupArrayIf(all_once, there),
    groupArrayIf(all_values, there),
    groupArrayIf(all_visits, there),
    groupArrayIf(all_visitors, there)
from (
    select
        1 as there,
        report,
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
            told.1 as report,
            told.2 as kind,
            told.3 as label,
            count() as nb_hits,
            sum(new_in_visit) as nb_once,
            sum(ifNull(event_value, 0)) as sum_value,
            uniqExact(visit) as nb_visits,
            uniqExact(visitor) as nb_visitors,
            (nb_visitors < {fewest:UInt32} and report in {folding:Array(String)})
                or (
                    row_number() over (partition by report order by nb_hits desc, kind, label) > {most:UInt32}
                    and report not in {whole:Array(String)}
                ) as few
        from hits
        array join arrayFilter(
            each -> each.4,
            [
                ('actions', '', toString(action), true),
                (
                    'views_by_hour',
                    '',
                    toString(intDiv(dateDiff('second', {since:DateTime64(3, 'UTC')}, at), 3600)),
                    action = 'pageview'
                ),
                ('pages', '', page, action = 'pageview'),
                ('titles', '', title, action = 'pageview'),
                ('downloads', '', page, action = 'download'),
                ('outlinks', '', page, action = 'outlink'),
                ('searches', '', keyword, action = 'search'),
                ('events', event_category, event_action, action = 'event'),
                ('event_names', event_category, event_name, action = 'event')
            ]
        ) as told
        where site = {site:UInt32}
            and at >= {since:DateTime64(3, 'UTC')}
            and at < {until:DateTime64(3, 'UTC')}
            and ({every_visit:UInt8} = 1 or visit in {visits:Array(UInt64)})
        group by report, kind, label
    )
    group by report, is_folded, shown_kind, shown_label
    union all
    select 0, arrayJoin({reports:Array(String)}), 0, '', '', 0, 0, 0, 0, 0
)
group by report
