"""Which rows of a table are kept: those that match a pattern, and those that are not too small."""

from collections.abc import Iterator
from dataclasses import replace

from dashboard.reporting.table import LABEL, Row, Table, value_of
from dashboard.reporting.wishes import Pattern, Wishes

SMALL = 0.02  # Of the sum of a column; below that a row is small unless a call says otherwise.


def like_pattern(table: Table, wishes: Wishes) -> Table:
    """Raises BadParameter, TooSlow."""
    pattern = wishes.pattern("filter_pattern")
    if pattern is None:
        return table
    column = wishes.parameters.text("filter_column") or LABEL
    return replace(table, rows=[row for row in table if matches(table, row, column, pattern, wishes)])


def like_pattern_below(table: Table, wishes: Wishes) -> Table:
    """Keep rows that match, or have a descendant that does. Raises BadParameter, TooSlow."""
    pattern = wishes.pattern("filter_pattern_recursive")
    if pattern is None:
        return table
    column = wishes.parameters.text("filter_column_recursive") or LABEL
    return pruned(table, column, pattern, wishes)


def pruned(table: Table, column: str, pattern: Pattern, wishes: Wishes) -> Table:
    def kept() -> Iterator[Row]:
        for row in table:
            below = pruned(row.table, column, pattern, wishes) if row.table else None
            if below or matches(table, row, column, pattern, wishes):
                yield replace(row, table=below)

    return replace(table, rows=list(kept()))


def matches(table: Table, row: Row, column: str, pattern: Pattern, wishes: Wishes) -> bool:
    value = value_of(row, column, table.processed)
    if value is None:
        value = row.metadata.get(column)
    return value is not None and wishes.patience.finds(pattern, str(value))


def popular(table: Table, wishes: Wishes) -> Table:
    """Drop rows whose column is below a value. Raises BadParameter."""
    column = wishes.parameters.text("filter_excludelowpop").strip()
    if not column:
        return table
    values = [number(value_of(row, column, table.processed)) for row in table]
    least = wishes.parameters.amount("filter_excludelowpop_value") or SMALL * sum(values)
    kept = [row for row, value in zip(table, values, strict=True) if value >= least]
    return replace(table, rows=kept)


def number(value: object) -> float:
    return value if isinstance(value, int | float) else 0.0
