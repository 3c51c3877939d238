-- Time zones of websites.
select distinct timezone from sites where deleted = 0 order by timezone
