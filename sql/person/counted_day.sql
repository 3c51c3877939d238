-- Was a day of a site counted?
select 1 as counted from daily
where site = {site:UInt32} and day = {day:Date} and report = 'totals' and source = 'counted'
limit 1
