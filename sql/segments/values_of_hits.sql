-- Which values of a column come most often among the hits of a period, told by the visits that have one?
-- value of any type, visits UInt64
select value, uniqExact(visit) as visits
from (
    -- Only what is asked for is read and worked out.
    select {column:Identifier} as value, visit, visitor
    from (
        select
            *,
            dimensions[{key:String}] as dimension,
            variables[{key:String}].name as variable_name,
            variables[{key:String}].value as variable_value
        from hits
        where site = {site:UInt32}
            and at >= {since:DateTime64(3, 'UTC')}
            and at < {until:DateTime64(3, 'UTC')}
            /* segment of rows */
    )
)
where isNotNull(value) and notEmpty(toString(value))
group by value
having uniqExact(visitor) >= {fewest:UInt32}
order by visits desc, value
limit {limit:UInt32}
