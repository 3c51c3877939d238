-- What was noted about days of some sites, a JSON array; of both days, empty means any.
select * from annotations
where site in (select value from json_each(:sites))
    and (:first = '' or day >= :first)
    and (:last = '' or day <= :last)
order by site, day, id
