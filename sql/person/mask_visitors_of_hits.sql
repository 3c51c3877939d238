-- Replace visitor ids by hashes, as those of their visits.
alter table hits update visitor = sipHash64Keyed((select (first, second) from passing_key where run = {run:String}), site, visitor)
where site = {site:UInt32}
    and visit in (
        select id from visits
        where site = {site:UInt32} and started >= {since:DateTime64(3, 'UTC')} and started < {until:DateTime64(3, 'UTC')}
    )
    and {mark:String} != ''
settings mutations_sync = 0
