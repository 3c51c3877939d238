-- What time it is, by the clock of ClickHouse.
-- now Float64
select toFloat64(now64(3)) as now
