-- Forget sessions that are over.
delete from sessions where expires <= :now
