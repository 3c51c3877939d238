-- Mark a goal as deleted.
update goals set deleted = 1 where site = :site and id = :id and not deleted
