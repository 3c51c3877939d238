-- Which of these sites have sums of days?
select distinct site from daily where site in {sites:Array(UInt32)} order by site
