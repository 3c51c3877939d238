-- One row per visit: whose it is and when it began. Weekends are calmer, nights are quiet.
-- Half of the visits belong to people who come all year, half to people who come within one month only; some 60 % of
-- all visitors return.
create table drawn
engine = MergeTree
order by (month, visit) as
with
    arrayFlatten(arrayMap(
        (weight, hour) -> arrayWithConstant(weight, hour),
        [4, 3, 2, 1, 1, 2, 4, 7, 10, 12, 12, 11, 10, 10, 11, 11, 11, 11, 10, 11, 12, 11, 9, 6],
        range(24)
    )) as hours
select
    site,
    visit,
    visitor,
    started,
    month,
    toUInt32(row_number() over past) as visit_count,
    min(started) over past as first_started,
    lagInFrame(started, 1, started) over past as last_started
from (
    select
        cityHash64({seed:UInt64}, number) as visit,
        [1, 1, 1, 1, 1, 1, 1, 2, 2, 3][1 + number % 10] as site,
        {days:UInt32} * (cityHash64(visit, 'day') / pow(2, 64)) as any_day,
        toDate({first:Date}) + toUInt32(any_day) as drawn_day,
        drawn_day - if(toDayOfWeek(drawn_day) > 5 and cityHash64(visit, 'weekend') % 10 < 4, 3, 0) as day,
        arrayElement(hours, 1 + cityHash64(visit, 'hour') % length(hours)) as hour,
        toDateTime64(toDateTime(day, 'Europe/Berlin'), 3, 'UTC')
            + toIntervalMillisecond(3600000 * hour + cityHash64(visit, 'moment') % 3600000) as started,
        toYear(day) * 12 + toMonth(day) - toYear({first:Date}) * 12 - toMonth({first:Date}) as month,
        if(cityHash64(visit, 'pool') % 2 = 0, 0, 1 + month) as pool,
        {visits:UInt64} * [0.7, 0.2, 0.1][site] / 4 / if(pool = 0, 1, {months:UInt32}) as people,
        cityHash64({seed:UInt64}, site, pool, toUInt32(people * pow(cityHash64(visit, 'who') / pow(2, 64), 2))) as visitor
    from numbers({visits:UInt64})
)
window past as (partition by site, visitor order by started rows between unbounded preceding and current row)
