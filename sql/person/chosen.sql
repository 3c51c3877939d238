-- Which visits were chosen to be erased?
select distinct site, visit from chosen where run = {run:String} order by site, visit
