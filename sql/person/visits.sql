-- Everything that is kept of some visits of a site.
select * from visits final
where site = {site:UInt32} and id in {visits:Array(UInt64)}
order by started, id
