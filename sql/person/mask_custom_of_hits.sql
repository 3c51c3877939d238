-- Forget custom dimensions and variables of what was done in these visits.
alter table hits update dimensions = map(), variables = map()
where site = {site:UInt32}
    and visit in (
        select id from visits
        where site = {site:UInt32} and started >= {since:DateTime64(3, 'UTC')} and started < {until:DateTime64(3, 'UTC')}
    )
    and {mark:String} != ''
settings mutations_sync = 0
