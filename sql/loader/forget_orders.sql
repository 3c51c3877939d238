-- Forget which orders of a site were counted before a day: they do not come again.
delete from taken_order where site = :site and day < :before
