-- Which orders were made in the chosen visits?
select distinct site, order_id from conversions
where order_id != '' and (site, visit) in (select site, visit from chosen where run = {run:String})
