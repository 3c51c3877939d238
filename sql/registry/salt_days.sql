-- The days for which a site has a salt.
select day from salts where site = :site
