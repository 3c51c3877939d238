-- Note something about a day of a site.
insert into annotations (site, day, note, starred, author, token)
values (:site, :day, :note, :starred, :author, :token)
returning *
