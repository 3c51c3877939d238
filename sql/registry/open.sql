-- What every connection to the registry agrees on. Answers wait at most 5 seconds for another process.
pragma busy_timeout = 5000;
pragma journal_mode = wal;
pragma synchronous = full;
pragma foreign_keys = on;
-- A destroyed salt is overwritten, not just forgotten.
pragma secure_delete = on;
