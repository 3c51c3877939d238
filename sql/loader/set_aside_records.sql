-- The records that could not be understood, of one site (0: of any) and of those that do not tell their site.
select rowid, record from set_aside where :site = 0 or site in (0, :site)
