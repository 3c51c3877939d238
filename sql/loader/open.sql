-- What the connection of the loader's journal agrees on. A commit is on disk before a segment is deleted.
pragma busy_timeout = 5000;
pragma journal_mode = wal;
pragma synchronous = full;
pragma cache_size = -65536;
-- An erased visitor is overwritten, not just forgotten.
pragma secure_delete = on;
