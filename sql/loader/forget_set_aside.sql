-- Forget records that no version learned to understand in time.
delete from set_aside where day < :before
