-- Mark a site as deleted; its hits stay.
update sites set deleted = 1, excluded_addresses = '[]' where id = :site
