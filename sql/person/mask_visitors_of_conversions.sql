-- Replace visitor ids by hashes under a key that is destroyed afterwards: visits of one visitor stay together.
alter table conversions update visitor = sipHash64Keyed((select (first, second) from passing_key where run = {run:String}), site, visitor)
where site = {site:UInt32} and started >= {since:DateTime64(3, 'UTC')} and started < {until:DateTime64(3, 'UTC')}
    and {mark:String} != ''
settings mutations_sync = 0
