-- Where did the visits of a period come from?
-- referrer_type String, referrer_name String, nb_visits UInt64, bounce_count UInt64, nb_uniq_visitors UInt64, all_rows UInt64, all_values UInt64, highest_value UInt64
select
    referrer_type,
    referrer_name,
    count() as nb_visits,
    countIf(actions <= 1) as bounce_count,
    uniqExactIf(visitor, {people:UInt8} = 1) as nb_uniq_visitors,
    count() over () as all_rows,
    sum(nb_visits) over () as all_values,
    max(nb_visits) over () as highest_value
from visits final
where site = {site:UInt32}
    and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
    and started < {until:DateTime64(3, 'UTC')}
    and last_at >= {since:DateTime64(3, 'UTC')}
    and last_at < {until:DateTime64(3, 'UTC')}
    /* segment of visits */
group by referrer_type, referrer_name
order by nb_visits desc, referrer_type, referrer_name
limit {limit:UInt32} offset {offset:UInt32}
