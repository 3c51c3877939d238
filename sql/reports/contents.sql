-- How often were contents seen and used, by two of their texts ({outer_part}, {inner_part})? Visits and people are those who saw each name, piece and target, added.
-- outer String, inner String, nb_visits UInt64, nb_uniq_visitors UInt64, nb_impressions UInt64, nb_interactions UInt64, sum_daily_nb_uniq_visitors UInt64
select
    {outer_part:Identifier} as outer,
    {inner_part:Identifier} as inner,
    sum(visits) as nb_visits,
    sum(people) as nb_uniq_visitors,
    sum(seen) as nb_impressions,
    sum(used) as nb_interactions,
    sum(people_daily) as sum_daily_nb_uniq_visitors
from (
    select
        content_name,
        content_piece,
        uniqExactIf(visit, content_interaction = '') as visits,
        uniqExactIf(visitor, content_interaction = '') as people,
        uniqExactIf(
            cityHash64(visitor, toDate(at, {timezone:String})), {daily:UInt8} = 1 and content_interaction = ''
        ) as people_daily,
        countIf(content_interaction = '') as seen,
        countIf(content_interaction != '') as used
    from hits
    where site = {site:UInt32}
        and action = 'content'
        and at >= {since:DateTime64(3, 'UTC')}
        and at < {until:DateTime64(3, 'UTC')}
        /* segment of hits */
    group by content_name, content_piece, content_target
)
group by outer, inner
order by nb_impressions desc, outer, inner
