-- What was set aside, without what stands in it.
select rowid as number, form, reason, site, minute, day, again, length(record) as bytes from set_aside order by rowid
