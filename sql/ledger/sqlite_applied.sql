-- Name and checksum of each migration this file has had.
select name, checksum from migrations
