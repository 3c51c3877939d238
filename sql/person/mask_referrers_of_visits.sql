-- Forget from which page somebody came; the website, the campaign and the words of a search stay.
alter table visits update referrer_url = ''
where site = {site:UInt32} and started >= {since:DateTime64(3, 'UTC')} and started < {until:DateTime64(3, 'UTC')}
    and {mark:String} != ''
settings mutations_sync = 0
