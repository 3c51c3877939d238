-- The records that could not be understood.
select rowid, record from set_aside
