-- Which of these sites have rows from before a moment, in which month, and how many?
select site, toString(toYYYYMM({time:Identifier})) as month, count() as nb_rows
from {table:Identifier}
where site in {sites:Array(UInt32)} and {time:Identifier} < {until:DateTime64(3, 'UTC')}
group by site, month
order by month, site
