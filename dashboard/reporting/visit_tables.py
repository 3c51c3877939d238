"""Tables about visits: a row for each value of some columns, with conversions beside it where they are told."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from dashboard.reporting.goal_columns import NOTHING, goals_by, in_cents
from dashboard.reporting.part import Part
from dashboard.reporting.report import Report
from dashboard.reporting.table import LABEL, Columns, Result, Row, Table, added, is_of_people
from dashboard.reporting.visits import COUNTS, DAILY, NO_MORE, Extra, Key, visits_by

# What people see of tables about visits.
METRICS = ("nb_visits", "nb_uniq_visitors", "nb_actions", "nb_users")
PROCESSED = ("nb_actions_per_visit", "avg_time_on_site", "bounce_rate")
# What makes the subtables of rows be looked at; all others get along without them.
LOOKING_BELOW = ("expanded", "flat", "idSubtable", "label", "filter_pattern_recursive", "apiAction")


def no_metadata(*_: str) -> Columns:
    return {}


def as_they_are(*values: str) -> Key:
    return values


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """By what the visits of a table are told apart, and what its rows are called.

    `label` and `metadata` are functions of the values of the dimensions; if there is a column for examples,
    `metadata` is also told one, '' if there is none. Conversions are told apart by columns of their own, whose values
    `keyed` turns into those of the dimensions, or None if they are no row's; without columns they are not told.
    """

    dimensions: tuple[str, ...]
    label: Callable[..., str]
    metadata: Callable[..., Columns] = no_metadata
    extra: Extra = NO_MORE
    conversions: tuple[str, ...] = ()
    keyed: Callable[..., "Key | None"] = as_they_are


def table_by(part: Part, by: By) -> Table:
    """Raises DatabaseUnavailable."""
    visits = visits_by(part, *by.dimensions, extra=by.extra)
    return Table(rows_of(part, by, visits))


def rows_of(part: Part, by: By, visits: dict[Key, Columns]) -> list[Row]:
    """Return a row for each key, also for those that have conversions and no visits."""
    goals = goals_of(part, by)
    nothing = no_visits(part)
    return merged(
        row_of(by, key, visits.get(key, nothing) | goals.get(key, {})) for key in dict.fromkeys([*visits, *goals])
    )


def row_of(by: By, key: Key, columns: Columns) -> Row:
    example = columns.pop("example", "")
    metadata = by.metadata(*key) if by.extra.example == NOTHING else by.metadata(*key, example)
    return Row({LABEL: by.label(*key), **columns}, metadata)


def goals_of(part: Part, by: By) -> dict[Key, Columns]:
    if not by.conversions:
        return {}
    found: dict[Key, list[Columns]] = {}
    for values, columns in goals_by(part, *by.conversions).items():
        if (key := by.keyed(*values)) is not None:
            found.setdefault(key, []).append(columns)
    return {key: columns[0] if len(columns) == 1 else cents(added(columns)) for key, columns in found.items()}


def cents(columns: Columns) -> Columns:
    """Return sums without what adding binary fractions leaves behind their cents."""
    return {name: cents(value) if isinstance(value, dict) else in_cents(value) for name, value in columns.items()}


def no_visits(part: Part) -> Columns:
    return dict.fromkeys(COUNTS if part.is_day else (*COUNTS, *DAILY), 0)


def merged(rows: Iterable[Row]) -> list[Row]:
    """Return one row for each label; who is in two rows with the same one counts twice, for nobody told them apart."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.label, []).append(row)
    return [same[0] if len(same) == 1 else together(same) for same in found.values()]


def together(rows: list[Row]) -> Row:
    columns = [row.columns for row in rows]
    people = {name: sum(each.get(name, 0) for each in columns) for name in columns[0] if is_of_people(name)}
    first, *others = (cents(added(columns)) | people).items()
    return Row({LABEL: rows[0].label, first[0]: first[1], **dict(others)}, rows[0].metadata, rows[0].table)


def listed(table: Table, part: Part, rows: Iterable[tuple[str, Columns]], columns: "Columns | None" = None) -> Table:
    """Return the rows with certain labels and metadata, in that order, those with nothing in them, too.

    Where nothing happened at all there is no row.
    """
    known = {row.label: row for row in table}
    nothing = no_visits(part) if columns is None else columns
    return Table(
        [known.get(label) or Row({LABEL: label, **nothing}, metadata) for label, metadata in rows] if known else [],
        sort=table.sort,
    )


def looks_below(part: Part) -> bool:
    """Tell whether a call may see subtables."""
    return any(part.parameters.given(name) for name in LOOKING_BELOW)


def encoded(text: str) -> str:
    """Return a value as it stands in a segment."""
    return quote_plus(text).replace("~", "%7E")


def report_of(
    name: str, answer: Callable[[Part], Result], title: str, dimension: str, place: tuple[str, str], **more: Any
) -> Report:
    """Return a report about visits; `place` are its category and subcategory."""
    category, subcategory = place
    return Report(
        name=name,
        answer=answer,
        title=title,
        category=category,
        subcategory=subcategory,
        dimension=dimension,
        **{"metrics": METRICS, "processed": PROCESSED, **more},
    )
