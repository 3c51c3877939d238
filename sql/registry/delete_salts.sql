-- Destroy every salt of a site.
delete from salts where site = :site
