-- Forget the numbers of orders; what they were worth stays.
alter table conversions update order_id = ''
where site = {site:UInt32} and started >= {since:DateTime64(3, 'UTC')} and started < {until:DateTime64(3, 'UTC')}
    and {mark:String} != ''
settings mutations_sync = 0
