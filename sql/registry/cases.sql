-- What was done with the data of people of a site, the newest first; what was done on every site is part of it.
select * from cases where :site is null or site is null or site = :site order by id desc limit :most
