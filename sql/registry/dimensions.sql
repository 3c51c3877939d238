-- The custom dimensions of a site; without a site, of all.
select * from dimensions where site = coalesce(:site, site) order by site, id
