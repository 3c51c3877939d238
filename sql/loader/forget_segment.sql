-- A segment that is gone needs no memory.
delete from segment where name = :name
