-- Forget what was noted about a site.
delete from annotations where site = :site
