-- How many visits began (or ended) with each page, title or keyword ({end_named}), and how did they go?
-- name String, nb_visits UInt64, nb_uniq_visitors UInt64, sum_daily_nb_uniq_visitors UInt64, nb_actions UInt64, sum_visit_length UInt64, bounce_count UInt64
select
    {end_named:Identifier} as name,
    count() as nb_visits,
    uniqExact(visitor) as nb_uniq_visitors,
    uniqExactIf(cityHash64(visitor, toDate(last_at, {timezone:String})), {daily:UInt8} = 1) as sum_daily_nb_uniq_visitors,
    sum(actions) as nb_actions,
    sum(duration) as sum_visit_length,
    countIf(actions <= 1) as bounce_count
from visits final
where site = {site:UInt32}
    and {end_action:Identifier} = {kind:String}
    and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
    and started < {until:DateTime64(3, 'UTC')}
    and last_at >= {since:DateTime64(3, 'UTC')}
    and last_at < {until:DateTime64(3, 'UTC')}
    /* segment of visits */
group by name
order by nb_visits desc, name
