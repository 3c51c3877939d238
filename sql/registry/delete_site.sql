-- Mark a site as deleted; its hits stay for some days.
update sites set deleted = 1, deleted_at = :at, excluded_addresses = '[]' where id = :site
