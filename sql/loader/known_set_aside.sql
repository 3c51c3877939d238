-- Which of these records there are.
select rowid from set_aside where rowid in (select value from json_each(:numbers))
