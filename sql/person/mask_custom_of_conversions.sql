-- Forget custom dimensions.
alter table conversions update dimensions = map()
where site = {site:UInt32} and started >= {since:DateTime64(3, 'UTC')} and started < {until:DateTime64(3, 'UTC')}
    and {mark:String} != ''
settings mutations_sync = 0
