-- Forget the custom dimensions of a site.
delete from dimensions where site = :site
