-- Forget places finer than the country.
alter table visits update region = '', city = '', latitude = null, longitude = null
where site = {site:UInt32} and started >= {since:DateTime64(3, 'UTC')} and started < {until:DateTime64(3, 'UTC')}
    and {mark:String} != ''
settings mutations_sync = 0
