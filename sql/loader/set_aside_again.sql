-- Records that a batch loads again.
select rowid, batch, form, record, fields, minute from set_aside
where rowid in (select value from json_each(:numbers))
order by rowid
