"""What a server tells of itself to whoever watches it: how it is, never whom it measures.

No label has a value that a visitor, a website or an address could choose.
"""

from collections.abc import Mapping

from ingest.exposition import Family

FAMILIES: Mapping[str, Family] = {
    "build": Family("info", "Version of Pegel and of Python.", ("version", "python")),
    "hits": Family("counter", "Tracking requests that were answered, by what became of them.", ("outcome", "reason")),
    "http_requests": Family("counter", "HTTP requests; status 499: nobody waited.", ("handler", "status")),
    "http_request_duration_seconds": Family("histogram", "Time until an answer was sent.", ("handler",)),
    "senders": Family("counter", "Tracking requests by the way on which they came.", ("sender",)),
    "spool_bytes": Family("gauge", "Hits on disk that are not loaded, or not deleted yet."),
    "spool_limit_bytes": Family("gauge", "As much as the spool may hold; beyond it hits are refused with 503."),
    "disk_free_bytes": Family("gauge", "Room on the disk of the data directory."),
    "oldest_unloaded_seconds": Family("gauge", "How long the oldest hit may have waited to be loaded."),
    "batch_duration_seconds": Family("histogram", "Time to load a batch of hits."),
    "loaded_hits": Family("counter", "Hits that were loaded."),
    "load_failures": Family("counter", "Attempts to load a batch that failed; it is tried again."),
    "clickhouse_retries": Family("counter", "Questions and inserts that were tried again."),
    "set_aside_records": Family("gauge", "Records and rows that could not be loaded and are kept."),
    "retention_last_run_timestamp_seconds": Family("gauge", "When days were last counted and old months deleted."),
    "queries_running": Family("gauge", "Requests of readers that ask ClickHouse."),
    "queries_waiting": Family("gauge", "Requests of readers that wait until they may ask."),
    "queries_refused": Family("counter", "Requests of readers that were refused because too many waited."),
    "sites": Family("gauge", "Websites."),
    "oldest_salt_seconds": Family("gauge", "Age of the oldest salt, from the beginning of its day in UTC."),
    "process_restarts": Family("counter", "How often a process was started again.", ("process",)),
    "process_start_time_seconds": Family("gauge", "When a process was started.", ("process",)),
    "process_cpu_seconds": Family("counter", "Processor time of a process.", ("process",)),
    "process_resident_memory_bytes": Family("gauge", "Memory of a process, shared pages included.", ("process",)),
    "process_open_fds": Family("gauge", "Open files and connections of a process.", ("process",)),
    "process_max_fds": Family("gauge", "As many of them as it may have.", ("process",)),
    "clock_shift_seconds": Family("gauge", "How far the clock was set since the processes were started."),
    "failed_looks": Family("gauge", "How much could not be looked at just now; what is missing here is unknown."),
}
