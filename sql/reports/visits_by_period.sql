-- How much was a site visited in each of the periods that begin at some moments? Those without visits are left out.
-- start UInt32, nb_visits UInt64, nb_uniq_visitors UInt64, nb_users UInt64, nb_actions UInt64, nb_visits_converted UInt64, bounce_count UInt64, sum_visit_length UInt64, max_actions UInt32
select
    toUInt32(roundDown(toUnixTimestamp(last_at), {starts:Array(UInt32)})) as start,
    count() as nb_visits,
    uniqExact(visitor) as nb_uniq_visitors,
    uniqExactIf(user_id, user_id != '') as nb_users,
    sum(actions) as nb_actions,
    countIf(converted = 1) as nb_visits_converted,
    countIf(actions <= 1) as bounce_count,
    sum(duration) as sum_visit_length,
    max(actions) as max_actions
from visits final
where site = {site:UInt32}
    and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
    and started < {until:DateTime64(3, 'UTC')}
    and last_at >= {since:DateTime64(3, 'UTC')}
    and last_at < {until:DateTime64(3, 'UTC')}
    /* segment of visits */
group by start
order by start
