-- Which events happened, by two of their texts ({outer_text}, {inner_text})? Visits and people are those of each category, action and name, added.
-- outer String, inner String, nb_visits UInt64, nb_uniq_visitors UInt64, nb_events UInt64, nb_events_with_value UInt64, sum_event_value Float64, min_event_value Nullable(Float64), max_event_value Nullable(Float64), sum_daily_nb_uniq_visitors UInt64
select
    {outer_text:Identifier} as outer,
    {inner_text:Identifier} as inner,
    sum(visits) as nb_visits,
    sum(people) as nb_uniq_visitors,
    sum(events) as nb_events,
    sum(valued) as nb_events_with_value,
    sum(total) as sum_event_value,
    min(least_value) as min_event_value,
    max(most_value) as max_event_value,
    sum(people_daily) as sum_daily_nb_uniq_visitors
from (
    select
        event_category,
        event_action,
        event_name,
        uniqExact(visit) as visits,
        uniqExact(visitor) as people,
        uniqExactIf(cityHash64(visitor, toDate(at, {timezone:String})), {daily:UInt8} = 1) as people_daily,
        count() as events,
        count(event_value) as valued,
        sum(ifNull(event_value, 0)) as total,
        min(event_value) as least_value,
        max(event_value) as most_value
    from hits
    where site = {site:UInt32}
        and action = 'event'
        and at >= {since:DateTime64(3, 'UTC')}
        and at < {until:DateTime64(3, 'UTC')}
        /* segment of hits */
    group by event_category, event_action, event_name
)
group by outer, inner
order by nb_events desc, outer, inner
