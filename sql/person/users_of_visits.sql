-- Under which user ids were some visits of a site?
select distinct user_id from visits
where site = {site:UInt32} and id in {visits:Array(UInt64)} and user_id != ''
