"""A tracking request becomes rows: collected, kept in the spool, loaded into ClickHouse."""


class IngestError(Exception):
    """Root of what this package raises."""
