"""The shapes that answers have in every format: a value, one row, rows, or several of these by date or by site."""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from dashboard.reporting.rates import NO_FRACTION
from dashboard.reporting.table import Columns, Result, ResultMap, Row, Single, Table

# None: it was done, and there is nothing to say.
Answer: TypeAlias = "Result | bool | Mapping[str, object] | Sequence[object]"

VALUE = "value"  # The name of a value that has none.


def is_table(answer: object) -> bool:
    """Tell a row or rows from a value."""
    return isinstance(answer, Mapping) or (isinstance(answer, Sequence) and not isinstance(answer, str))


def plain(answer: object, among_others: bool = False) -> object:
    """Return an answer as mappings, lists and values.

    A row with a single column is its value; a row about nothing that stands among others is an empty list.
    """
    if isinstance(answer, ResultMap):
        return {key: plain(entry, among_others=True) for key, entry in answer.entries.items()} or []
    if isinstance(answer, Single):
        return [] if answer.empty and among_others else plain_single(answer.columns)
    if isinstance(answer, Table):
        return [plain_row(row) for row in answer]
    return plain_value(answer)


def plain_single(columns: Columns) -> object:
    if len(columns) == 1:
        return plain_value(next(iter(columns.values())))
    return plain_value(columns) or []


def plain_row(row: Row) -> dict[str, object]:
    shown = {
        name: value if isinstance(value, str | int) else plain_value(value)
        for name, value in {**row.columns, **row.metadata}.items()
    }
    return shown if row.table is None else {**shown, "subtable": plain(row.table)}


def plain_value(value: object) -> object:
    """Return a value that every format can write; what is no number is none, and 4.0 is 4."""
    if isinstance(value, str | int | None):  # Most are.
        return value
    if isinstance(value, Mapping):
        return {str(name): plain_value(inner) for name, inner in value.items()}
    if is_table(value) and isinstance(value, Sequence):
        return [plain_value(inner) for inner in value]
    if isinstance(value, float | Decimal):
        return plain_number(float(value))
    return str(value) if isinstance(value, date) else value


def plain_number(value: float) -> float | None:
    if not math.isfinite(value):
        return None
    return int(value) if value == int(value) and abs(value) < NO_FRACTION else value
