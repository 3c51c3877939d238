"""What a report answers with: a value, a single row, a table of rows, or several of these by date or by site."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias
from zlib import crc32

Columns: TypeAlias = "dict[str, Any]"
# How a sorted table is finished: a column that follows from others of its row, such as a rate.
Processed: TypeAlias = "Callable[[Mapping[str, Any]], float | None]"
Path: TypeAlias = "tuple[str, ...]"  # Labels, from the outermost inwards.
# What a row is called in a flat table: its labels, and whether it consists of others.
FlatLabel: TypeAlias = "Callable[[Path, bool], str]"
SUMMARY_ROW = -1  # The id of the row that adds up what was cut off.
LABEL = "label"
DIGITS = 6  # Of sums: what adding binary fractions leaves behind that is no part of them.


@dataclass(slots=True)
class Row:
    """One row: `columns` are its label and numbers, `metadata` what is known of it beside them, such as its URL."""

    columns: Columns
    metadata: Columns = field(default_factory=dict)
    table: "Table | None" = None  # What it consists of.
    is_summary: bool = False

    @property
    def label(self) -> str:
        return str(self.columns.get(LABEL, ""))


@dataclass(slots=True)
class Table:
    """Rows with labels, in the report's own order; `processed` are computed last, from what remains.

    What a table is called when it is flat, its outermost table says.
    """

    rows: list[Row] = field(default_factory=list)
    processed: Mapping[str, Processed] = field(default_factory=dict)
    sort: str | None = "nb_visits"  # The column by which it is sorted unless told otherwise; None: as it stands.
    separator: str = " - "  # Between the labels of a flat table.
    flat_label: "FlatLabel | None" = None  # If labels are more than joined, as those of pages are.
    # Under what names rows of a flat table tell each label, the last one all that are left; such as "Actions_PageUrl".
    flat_names: tuple[str, ...] = ()
    inherited: tuple[str, ...] = ("url", "segment")  # What a flat row without its own has from the rows above it.

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def value_of(row: Row, column: str, processed: Mapping[str, Processed]) -> Any:
    """Return the value of a column, be it one that is computed late; None if the row has none."""
    if column in row.columns or column not in processed:
        return row.columns.get(column)
    return computed(processed[column], row.columns)


def computed(function: Processed, columns: Mapping[str, Any]) -> float | None:
    """Return what follows from the columns of a row, None if the row lacks one of them."""
    try:
        return function(columns)
    except KeyError:
        return None


@dataclass(slots=True)
class Single:
    """One row without a label, such as a site's totals. `empty`: nothing happened, it is only zeros."""

    columns: Columns
    processed: Mapping[str, Processed] = field(default_factory=dict)
    empty: bool = False


@dataclass(slots=True)
class ResultMap:
    """Results of the same kind, by date or by site."""

    key: Literal["date", "idSite"]
    entries: "dict[str, Result]"


Result: TypeAlias = "Table | Single | ResultMap | str | int | float | None"


def subtable_id(path: Iterable[str]) -> int:
    """Return the number by which programs ask for a row's subtable: the same for the same labels at any time."""
    return crc32("\x1f".join(path).encode()) & 0x7FFFFFFF or 1


def added(rows: Iterable[Mapping[str, Any]]) -> Columns:
    """Return the sum of rows: `max_…` and `min_…` by themselves, goals one by one, and no label.

    People of two rows may be the same: how many unique ones there are cannot be added, and is left out.
    """
    found: Columns = {}
    for row in rows:
        for column, value in row.items():
            if column != LABEL and not is_of_people(column):
                found[column] = summed(column, found[column], value) if column in found else copied(value)
    return found


def is_of_people(column: str) -> bool:
    return column.endswith(("nb_uniq_visitors", "nb_users")) and not column.startswith("sum_daily")


def copied(value: Any) -> Any:
    return {key: copied(inner) for key, inner in value.items()} if isinstance(value, Mapping) else value


def summed(column: str, one: Any, other: Any) -> Any:
    if isinstance(one, Mapping):
        keys = dict.fromkeys([*one, *other])
        return {
            key: summed(key, one[key], other[key]) if key in one and key in other else copied({**one, **other}[key])
            for key in keys
        }
    if one is None or other is None:  # Nothing is known of one of them.
        return other if one is None else one
    if column.startswith("max_"):
        return max(one, other)
    if column.startswith("min_"):
        return min(one, other)
    return round(one + other, DIGITS) if isinstance(one, float) else one + other
