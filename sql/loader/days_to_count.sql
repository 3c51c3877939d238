-- Days that are to be counted up to one, the oldest first.
select site, day, batch from day_to_count where day <= :until order by day, site
