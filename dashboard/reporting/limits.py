"""How many rows a table shows: the best of each level with the others added up, and a slice of the outermost."""

from dataclasses import replace

from dashboard.reporting.sorting import VISITS, sorted_by
from dashboard.reporting.table import LABEL, Row, Table, added
from dashboard.reporting.wishes import Wishes

USUAL_LIMIT = 100
OTHERS = "Others"


def truncated(table: Table, wishes: Wishes) -> Table:
    """Keep the rows with the most visits, where they are, and add up the others. Raises BadParameter."""
    most = wishes.parameters.count("filter_truncate")
    if most is None or wishes.labels or len(table) <= most + 1:
        return table
    best = {id(row) for row in sorted_by(table, VISITS, descending=True).rows[:most]}
    others = [row.columns for row in table if id(row) not in best]
    rest = Row({LABEL: OTHERS, **added(others)}, is_summary=True)
    return replace(table, rows=[*(row for row in table if id(row) in best), rest])


def limited(table: Table, wishes: Wishes) -> Table:
    """Return the rows from an offset on, 100 unless told otherwise. Raises BadParameter."""
    offset = wishes.parameters.count("filter_offset") or 0
    limit = wishes.parameters.count("filter_limit") if wishes.parameters.given("filter_limit") else USUAL_LIMIT
    if wishes.labels:
        return table
    rows = table.rows[offset:] if limit is None else table.rows[offset : offset + limit]
    if wishes.has("keep_summary_row"):
        usual = [row for row in rows if not row.is_summary]
        rows = [*usual, *(row for row in table if row.is_summary)]
    return replace(table, rows=rows)
