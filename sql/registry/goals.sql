-- The goals of a site that were not deleted; without a site, of all.
select * from goals where site = coalesce(:site, site) and not deleted order by site, id
