"""What tests of reports about visits share: a report by its name, and its rows as short lines."""

from collections.abc import Sequence
from typing import Any

from dashboard.reporting.part import Part
from dashboard.reporting.report import Report
from dashboard.reporting.table import Columns, Result, Row, Single, Table


def answer(reports: Sequence[Report], name: str, part: Part) -> Result:
    return {report.name: report.answer for report in reports}[name](part)


def table(reports: Sequence[Report], name: str, part: Part) -> Table:
    result = answer(reports, name, part)
    assert isinstance(result, Table)
    return result


def row_of(result: Result) -> Columns:
    """Return a row with what follows from its columns."""
    assert isinstance(result, Single)
    return result.columns | {name: function(result.columns) for name, function in result.processed.items()}


def lines(rows: Table, *names: str) -> list[tuple[Any, ...]]:
    """Return the label of each row and some of its columns or metadata, None for what it has not."""
    return [(row.label, *({**row.metadata, **row.columns}.get(name) for name in names)) for row in rows]


def metadata(rows: Table) -> dict[str, Columns]:
    return {row.label: row.metadata for row in rows}


def row_named(rows: Table, label: str) -> Row:
    (found,) = (row for row in rows if row.label == label)
    return found
