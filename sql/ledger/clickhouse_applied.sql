-- The migrations this database has had.
-- name String, checksum String
select name, checksum from migrations order by at
