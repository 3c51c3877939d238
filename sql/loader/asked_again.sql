-- Records that are to be loaded again, as many as one batch takes.
select rowid from set_aside where again order by rowid limit 1000
