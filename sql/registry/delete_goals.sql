-- Forget the goals of a site.
delete from goals where site = :site
