-- One annotation of a site.
select * from annotations where site = :site and id = :id
