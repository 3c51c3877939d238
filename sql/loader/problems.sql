-- What was not counted since a day, the newest first.
select site, outcome, reason, sum(hits), min(first), max(last) from problem
where day >= :since
group by site, outcome, reason
order by max(last) desc, site, outcome, reason
