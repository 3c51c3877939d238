-- The ids that the goals of a site have or had.
select id from goals where site = :site
