-- Move everything into the main file and empty the write-ahead log, in which what was deleted would live on.
pragma wal_checkpoint(truncate)
