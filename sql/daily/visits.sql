-- Keep how much a site was visited on one of its days, by one or two columns of its visits. The greatest labels are
-- told, if they have enough visitors; the others become one line.
insert into daily (
    site, report, day, source, version,
    lines.kind, lines.label, lines.folded,
    lines.visits, lines.visitors, lines.users, lines.actions, lines.most_actions, lines.seconds, lines.bounces,
    lines.converted
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
    groupArray(all_visits),
    groupArray(all_visitors),
    groupArray(all_users),
    groupArray(all_actions),
    groupArray(highest_actions),
    groupArray(all_seconds),
    groupArray(all_bounces),
    groupArray(all_converted)
from (
    select
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
            toString({kind:Identifier}) as kind,
            toString({label:Identifier}) as label,
            count() as nb_visits,
            uniqExact(visitor) as nb_visitors,
            uniqExactIf(user_id, user_id != '') as nb_users,
            sum(actions) as nb_actions,
            max(actions) as max_actions,
            sum(duration) as length,
            countIf(actions <= 1) as nb_bounces,
            countIf(converted = 1) as nb_converted,
            nb_visitors < {fewest:UInt32}
                or row_number() over (order by nb_visits desc, kind, label) > {most:UInt32} as few
        from (
            -- Only what is asked for is read.
            select
                *,
                '' as nothing,
                returning > 0 as came_back,
                intDiv(dateDiff('second', {since:DateTime64(3, 'UTC')}, last_at), 3600) as hour
            from visits final
            where site = {site:UInt32}
                and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
                and started < {until:DateTime64(3, 'UTC')}
                and last_at >= {since:DateTime64(3, 'UTC')}
                and last_at < {until:DateTime64(3, 'UTC')}
                and ({every_visit:UInt8} = 1 or id in {visits:Array(UInt64)})
        )
        where {only:Identifier} = {wanted:String}
        group by kind, label
    )
    group by is_folded, shown_kind, shown_label
)
