"""A question becomes an answer: reports, pages and administration; it reads what was counted and never writes a hit."""


class DashboardError(Exception):
    """Root of what this package raises."""
