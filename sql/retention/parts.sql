-- Which parts of these months are there, and what in them is not to be deleted: of another site, or too young?
select
    _part as part,
    countIf(not (site in {sites:Array(UInt32)} and {time:Identifier} < {until:DateTime64(3, 'UTC')})) as nb_others,
    count() > nb_others as is_due
from {table:Identifier}
where _partition_id in {months:Array(String)}
group by part
having is_due
order by part
