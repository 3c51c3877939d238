-- Which days of a site were counted?
select day from daily where site = {site:UInt32} and report = 'totals' and source = 'counted' group by day
