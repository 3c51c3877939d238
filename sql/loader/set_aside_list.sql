-- What was set aside, without what stands in it.
select rowid, form, reason, site, minute, day, again, length(record) from set_aside order by rowid
