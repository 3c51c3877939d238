-- Have records loaded again.
update set_aside set again = 1 where rowid in (select value from json_each(:numbers))
