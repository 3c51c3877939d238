-- Keep how much a site was visited on one of its days, by columns of its visits. Of each report the greatest labels are
-- told, if they have enough visitors; the others become one line. Reports without lines are kept, too.
insert into daily (
    site, report, day, source, version,
    lines.kind, lines.label, lines.folded,
    lines.visits, lines.visitors, lines.users, lines.actions, lines.most_actions, lines.seconds, lines.bounces,
    lines.converted
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
    groupArrayIf(all_visits, there),
    groupArrayIf(all_visitors, there),
    groupArrayIf(all_users, there),
    groupArrayIf(all_actions, there),
    groupArrayIf(highest_actions, there),
    groupArrayIf(all_seconds, there),
    groupArrayIf(all_bounces, there),
    groupArrayIf(all_converted, there)
from (
    select
        1 as there,
        report,
        few as is_folded,
        if(few, '', kind) as shown_kind,
        if(few, '', label) as shown_label,
        sum(nb_visits) as all_visits,
        sum(nb_visitors) as all_visitors,
        sum(nb_users) as all_users,
        sum(nb_actions) as all_actions,
        max(max_actions) as highest_actions,
        sum(length) as all_seconds,
        sum(nb_bounces) as all_bounces,
        sum(nb_converted) as all_converted
    from (
        select
            told.1 as report,
            told.2 as kind,
            told.3 as label,
            count() as nb_visits,
            uniqExact(visitor) as nb_visitors,
            uniqExactIf(user_id, user_id != '') as nb_users,
            sum(actions) as nb_actions,
            max(actions) as max_actions,
            sum(duration) as length,
            countIf(actions <= 1) as nb_bounces,
            countIf(converted = 1) as nb_converted,
            (nb_visitors < {fewest:UInt32} and report in {folding:Array(String)})
                or (
                    row_number() over (partition by report order by nb_visits desc, kind, label) > {most:UInt32}
                    and report not in {whole:Array(String)}
                ) as few
        from visits final
        array join arrayFilter(
            each -> each.4,
            [
                ('totals', '', '', true),
                ('visitor_types', '', toString(returning > 0), true),
                (
                    'visits_by_hour',
                    '',
                    toString(intDiv(dateDiff('second', {since:DateTime64(3, 'UTC')}, last_at), 3600)),
                    true
                ),
                ('entry_pages', '', entry_page, entry_action = 'pageview'),
                ('exit_pages', '', exit_page, exit_action = 'pageview'),
                ('referrers', toString(referrer_type), referrer_name, true),
                ('campaign_keywords', referrer_name, referrer_keyword, referrer_type = 'campaign'),
                ('countries', '', toString(country), true),
                ('languages', '', toString(language), true),
                ('devices', '', toString(device_type), true),
                ('browsers', '', toString(browser), true),
                ('systems', '', toString(os), true)
            ]
        ) as told
        where site = {site:UInt32}
            and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
            and started < {until:DateTime64(3, 'UTC')}
            and last_at >= {since:DateTime64(3, 'UTC')}
            and last_at < {until:DateTime64(3, 'UTC')}
            and ({every_visit:UInt8} = 1 or id in {visits:Array(UInt64)})
        group by report, kind, label
    )
    group by report, is_folded, shown_kind, shown_label
    union all
    select 0, arrayJoin({reports:Array(String)}), 0, '', '', 0, 0, 0, 0, 0, 0, 0, 0
)
group by report
