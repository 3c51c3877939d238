-- From when to when did some visits of a site last?
select id, started, last_at from visits final
where site = {site:UInt32} and id in {visits:Array(UInt64)}
