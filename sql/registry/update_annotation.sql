-- Change an annotation.
update annotations set day = :day, note = :note, starred = :starred
where site = :site and id = :id
returning *
