-- What is the time at ClickHouse?
select now('UTC') as moment
