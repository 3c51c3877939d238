-- Destroy a site's salt of a day: nobody can compute that day's visitor ids again.
delete from salts where site = :site and day = :day
