-- Which values of a column come most often among the visits of a period?
-- value of any type, visits UInt64
select value, count() as visits
from (
    -- Only what is asked for is read and worked out.
    select {column:Identifier} as value, visitor
    from (
        select
            *,
            dimensions[{key:String}] as dimension,
            variables[{key:String}].name as variable_name,
            variables[{key:String}].value as variable_value,
            intDiv(seconds_since_first, 86400) as days_since_first,
            intDiv(seconds_since_last, 86400) as days_since_last,
            intDiv(seconds_since_order, 86400) as days_since_order
        from visits final
        where site = {site:UInt32}
            and started >= {since:DateTime64(3, 'UTC')} - toIntervalDay(2)
            and started < {until:DateTime64(3, 'UTC')}
            and last_at >= {since:DateTime64(3, 'UTC')}
            and last_at < {until:DateTime64(3, 'UTC')}
            /* segment of rows */
    )
)
where isNotNull(value) and notEmpty(toString(value))
group by value
having uniqExact(visitor) >= {fewest:UInt32}
order by visits desc, value
limit {limit:UInt32}
