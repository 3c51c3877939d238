"""Rows of tables about actions: how often each page, title, link or keyword was asked for, and in which folder it is.

Numbers come from several statements, and are put together by the stored text: the page, the title, the keyword.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.reporting.part import Part
from dashboard.reporting.rates import quotient
from dashboard.reporting.table import (
    LABEL,
    Columns,
    FlatLabel,
    Path,
    Processed,
    Row,
    Table,
    added,
    is_of_people,
    summed,
)

Rows = dict[str, Columns]  # By the stored text.


@dataclass(frozen=True, slots=True)
class Subject:
    """What a report has rows for."""

    kind: str  # Of hits.
    column: str  # Of `hits`.
    credited: str = ""  # The column of `hits` that says where the time before a hit was spent.
    ends: str = ""  # The columns of `visits`, without `entry_` and `exit_`.


@dataclass(slots=True)
class Leaf:
    """A row that consists of no others, and where it stands."""

    path: Path
    columns: Columns
    metadata: Columns = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shape:
    """What tables of one report have in common, whatever their level."""

    processed: Mapping[str, Processed]
    folder: Callable[[Path], Columns]  # The metadata of a row that consists of others.
    separator: str = "/"
    flat_label: "FlatLabel | None" = None
    flat_names: tuple[str, ...] = ()
    sort: str = "nb_visits"


def counted(part: Part, subject: Subject) -> Rows:
    """Return hits, visits and people of each text, and how long they stayed. Raises DatabaseUnavailable."""
    found = part.rows("action_hits", named=subject.column, kind=subject.kind, daily=daily(part))
    rows = {row["name"]: viewed(part, subject, row) for row in found}
    if subject.credited:
        add_times(part, subject, rows)
    return rows


def viewed(part: Part, subject: Subject, row: Mapping[str, Any]) -> Columns:
    columns = {"nb_visits": row["nb_visits"], **people(part, row), "nb_hits": row["nb_hits"], "sum_time_spent": 0}
    if row["nb_hits_following_search"] and subject.kind == "pageview":
        columns["nb_hits_following_search"] = row["nb_hits_following_search"]
    return columns


def daily(part: Part) -> int:
    """Tell statements whether to count people day by day as well."""
    return int(not part.is_day)


def people(part: Part, row: Mapping[str, Any], prefix: str = "") -> Columns:
    """Return how many people there were in all, and beside a longer period's number the sum of its days."""
    found = {f"{prefix}nb_uniq_visitors": row["nb_uniq_visitors"]}
    if not part.is_day:
        found[f"sum_daily_{prefix}nb_uniq_visitors"] = row["sum_daily_nb_uniq_visitors"]
    return found


def add_times(part: Part, subject: Subject, rows: Rows) -> None:
    """Add how long people stayed; where nobody was seen in this period, nobody stayed."""
    for row in part.rows("action_times", credited=subject.credited, searching=int(subject.kind == "search")):
        if row["name"] in rows:
            rows[row["name"]]["sum_time_spent"] = row["sum_time_spent"]


def add_ends(part: Part, subject: Subject, rows: Rows) -> None:
    """Add the visits that began, and those that ended there."""
    for row in ends(part, subject, "entry"):
        if row["name"] in rows:
            rows[row["name"]] |= entered(part, row)
    for row in ends(part, subject, "exit"):
        if row["name"] in rows:
            rows[row["name"]] |= {**people(part, row, "exit_"), "exit_nb_visits": row["nb_visits"]}


def ends(part: Part, subject: Subject, end: str) -> list[dict[str, Any]]:
    names = {"end_named": f"{end}_{subject.ends}", "end_action": f"{end}_action"}
    return part.rows("visit_ends", kind=subject.kind, daily=daily(part), **names)


def entered(part: Part, row: Mapping[str, Any]) -> Columns:
    columns = ("nb_visits", "nb_actions", "sum_visit_length", "bounce_count")
    return people(part, row, "entry_") | {f"entry_{column}": row[column] for column in columns}


def tree(leaves: Iterable[Leaf], shape: Shape) -> Table:
    """Return leaves in their folders; folders add up what can be added."""
    return table_of(merged(leaves), shape, ())


def merged(leaves: Iterable[Leaf]) -> list[Leaf]:
    """Return one leaf for each path: a page of two hosts is one row, shown with the address most hits had."""
    found: dict[Path, Leaf] = {}
    for leaf in leaves:
        known = found.get(leaf.path)
        found[leaf.path] = both(known, leaf) if known else leaf
    return list(found.values())


def both(one: Leaf, other: Leaf) -> Leaf:
    columns = {
        **{column: value for leaf in (one, other) for column, value in leaf.columns.items()},
        **added([one.columns, other.columns]),
        **{
            column: summed(column, one.columns[column], other.columns[column])
            for column in one.columns.keys() & other.columns.keys()
            if is_of_people(column)
        },
    }
    most = max(one, other, key=lambda leaf: int(leaf.columns["nb_hits"]))
    return Leaf(one.path, tidy(columns), most.metadata)


def table_of(leaves: Iterable[Leaf], shape: Shape, above: Path) -> Table:
    """Return one level; a folder and a leaf of the same name are two rows."""
    depth = len(above)
    groups: dict[tuple[str, bool], list[Leaf]] = {}
    for leaf in leaves:
        groups.setdefault((leaf.path[depth], len(leaf.path) == depth + 1), []).append(leaf)
    rows = [
        leaf_row(below[0]) if is_leaf else folder_row(below, shape, (*above, label))
        for (label, is_leaf), below in groups.items()
    ]
    return Table(rows, shape.processed, shape.sort, shape.separator, shape.flat_label, shape.flat_names)


def leaf_row(leaf: Leaf) -> Row:
    return Row({LABEL: leaf.path[-1], **in_order(leaf.columns)}, leaf.metadata)


def rows_at(leaves: Iterable[Leaf], paths: Collection[Path]) -> list[Row]:
    """Return the row at the first of some paths that has one."""
    found = {leaf.path: leaf for leaf in merged(leaf for leaf in leaves if leaf.path in paths)}
    return [leaf_row(found[path]) for path in paths if path in found][:1]


def in_order(columns: Columns) -> Columns:
    """Return the columns in their usual order: what was added up day by day comes last."""
    sums = {column: value for column, value in columns.items() if column.startswith("sum_daily")}
    return {**{column: value for column, value in columns.items() if column not in sums}, **sums}


def folder_row(leaves: Iterable[Leaf], shape: Shape, path: Path) -> Row:
    table = table_of(leaves, shape, path)
    return Row({LABEL: path[-1], **in_order(tidy(added(row.columns for row in table)))}, shape.folder(path), table)


def tidy(columns: Columns) -> Columns:
    """Return sums without what adding binary fractions puts behind their last decimal."""
    return {column: tidy_value(value) for column, value in columns.items()}


def tidy_value(value: Any) -> Any:
    if isinstance(value, dict):
        return tidy(value)
    return round(value, 6) if isinstance(value, float) else value


def having(leaves: Iterable[Leaf], column: str, flat: bool) -> list[Leaf]:
    """Return the leaves that have a column; in a flat table, as in Matomo, those whose outermost folder has it."""
    leaves = list(leaves)
    if not flat:
        return [leaf for leaf in leaves if leaf.columns.get(column)]
    outermost = {leaf.path[0] for leaf in leaves if leaf.columns.get(column)}
    return [leaf for leaf in leaves if leaf.path[0] in outermost]


def avg_time_on_page(row: Mapping[str, Any]) -> float:
    return quotient(row.get("sum_time_spent", 0), row.get("nb_hits", 0), 0)


def bounce_rate(row: Mapping[str, Any]) -> float:
    return quotient(row.get("entry_bounce_count", 0), row.get("entry_nb_visits", 0), 2)


def exit_rate(row: Mapping[str, Any]) -> float:
    return quotient(row.get("exit_nb_visits", 0), row.get("nb_visits", 0), 2)


RATES: Mapping[str, Processed] = {
    "avg_time_on_page": avg_time_on_page,
    "bounce_rate": bounce_rate,
    "exit_rate": exit_rate,
}
