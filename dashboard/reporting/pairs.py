"""Tables of two texts, one within the other: events by category and action, contents by name and piece."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.reporting.part import Part
from dashboard.reporting.table import DIGITS, Columns, Processed, Row, Table, added, is_of_people

TEXTS = ("outer", "inner")
DAILY = "sum_daily_nb_uniq_visitors"


@dataclass(frozen=True, slots=True)
class Pairs:
    """What the tables of a report have in common."""

    missing: str  # What a row is called whose text was not told; within another row it is left out.
    processed: Mapping[str, Processed]
    flat_names: tuple[str, ...]

    def table(self, part: Part, found: Iterable[Mapping[str, Any]], segments: Mapping[str, str]) -> Table:
        """Return rows by their outer text; `segments` are those of single texts."""
        groups: dict[str, list[Mapping[str, Any]]] = {}
        for row in found:
            groups.setdefault(row["outer"], []).append(row)
        rows = [self.row(part, text, inner, segments) for text, inner in groups.items()]
        return Table(rows, self.processed, flat_names=self.flat_names)

    def row(self, part: Part, text: str, inner: list[Mapping[str, Any]], segments: Mapping[str, str]) -> Row:
        below = [Row({"label": row["inner"], **columns_of(part, [row])}) for row in inner if row["inner"]]
        columns = {"label": text or self.missing, **columns_of(part, inner)}
        metadata = {"segment": segments[text]} if text in segments else {}
        return Row(columns, metadata, Table(below, self.processed) if below else None)


def columns_of(part: Part, rows: Iterable[Mapping[str, Any]]) -> Columns:
    """Return the sum of rows, people too: they were counted for each sort of event or content, as visits were."""
    rows = list(rows)
    people = {column: sum(row[column] for row in rows) for column in rows[0] if is_of_people(column)}
    columns = people | added(rows)
    left_out = (*TEXTS, DAILY) if part.is_day else TEXTS
    return {
        column: round(value, DIGITS) if isinstance(value, float) else value
        for column, value in columns.items()
        if column not in left_out
    }
