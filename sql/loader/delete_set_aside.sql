-- Forget a record.
delete from set_aside where rowid = :rowid
