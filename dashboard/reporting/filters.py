"""How a table is finished for whoever asked: which rows and columns it shows, in which order, and how numbers look."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from dashboard.api_parameters import BadParameter, Parameters
from dashboard.reporting.extra_columns import with_averages, with_goals
from dashboard.reporting.flattening import flat
from dashboard.reporting.limits import limited, truncated
from dashboard.reporting.matching import like_pattern, like_pattern_below, popular
from dashboard.reporting.metrics import FORMATTED, written
from dashboard.reporting.selection import Labels, Place, subtable
from dashboard.reporting.sorting import in_order
from dashboard.reporting.table import (
    LABEL,
    Columns,
    Path,
    Processed,
    Result,
    ResultMap,
    Row,
    Single,
    Table,
    computed,
    subtable_id,
)
from dashboard.reporting.wishes import Wishes

Filter: TypeAlias = "Callable[[Table, Wishes], Table]"
OUTERMOST: tuple[Filter, ...] = (
    like_pattern,
    like_pattern_below,
    popular,
    with_averages,
    with_goals,
    in_order,
    truncated,
    limited,
)
INNER: tuple[Filter, ...] = (with_averages, with_goals, in_order, truncated)  # Of the subtables that are shown too.
EVERY_LEVEL = 99
NO_NUMBER = frozenset({"", "0", "-1", "false"})
UNLESS_TOLD = "bc"  # Only rates become texts.


def finished(result: Result, parameters: Parameters, currencies: Mapping[int, str] | None = None) -> Result:
    """Return an answer as its call wants it; `currencies` are those of sites, by their ids.

    Raises BadParameter, TooSlow.
    """
    wishes = Wishes(parameters, currencies=currencies or {})
    site = parameters.text("idSite").strip()
    return finished_for(result, wishes, Finish.of(wishes, site))


def finished_for(result: Result, wishes: Wishes, finish: "Finish") -> Result:
    if isinstance(result, ResultMap):
        entries = {
            key: finished_for(entry, wishes, finish if result.key == "date" else Finish.of(wishes, key))
            for key, entry in result.entries.items()
        }
        return ResultMap(result.key, entries)
    if isinstance(result, Table):
        return finished_table(result, wishes, finish)
    if isinstance(result, Single):
        return Single(finish.columns(result.columns, result.processed), empty=result.empty)
    return result


def finished_table(table: Table, wishes: Wishes, finish: "Finish") -> Table:
    place = asked_place(table, wishes)
    shown = place.table
    if not wishes.has("disable_generic_filters"):
        for change in OUTERMOST:
            shown = change(shown, wishes)
    place = Place(shown, place.path)
    if wishes.labels:
        found = Labels(place).found(wishes.labels)
        rows = [finish.row(each.row, shown.processed, each.path, levels_of(wishes)) for each in found]
        return replace(shown, rows=rows, processed={})
    return finish.table(place, levels_of(wishes))


def asked_place(table: Table, wishes: Wishes) -> Place:
    """Return the table that was asked for, which may be inside; flat, if so wanted."""
    is_inside = wishes.parameters.text("idSubtable").strip().lower() not in NO_NUMBER
    place = subtable(table, wishes.parameters.number("idSubtable")) if is_inside else Place(table)
    if wishes.has("flat"):
        return Place(flat(place.table, wishes.has("include_aggregate_rows")), place.path)
    return place


def levels_of(wishes: Wishes) -> int:
    """Return how many levels of subtables are shown."""
    if not wishes.has("expanded"):
        return 0
    depth = wishes.parameters.count("depth")
    return EVERY_LEVEL if depth is None else depth


@dataclass(frozen=True, slots=True)
class Finish:
    """The last strokes: computed columns, those that are shown, numbers as texts, the ids of subtables."""

    wishes: Wishes
    currency: str
    formatted: str
    shown: frozenset[str]
    hidden: frozenset[str]
    everywhere: bool  # Columns are hidden in subtables too.
    with_ids: bool
    inner: tuple[Filter, ...]

    @classmethod
    def of(cls, wishes: Wishes, site: str) -> "Finish":
        """Raises BadParameter."""
        parameters = wishes.parameters
        formatted = parameters.text("format_metrics").strip().lower() or UNLESS_TOLD
        if formatted not in FORMATTED:
            raise BadParameter("format_metrics", formatted, f"one of {', '.join(FORMATTED)}")
        currency = wishes.currencies.get(int(site), "") if site.isdecimal() else ""
        return cls(
            wishes,
            currency,
            formatted,
            shown=frozenset(parameters.texts("showColumns")),
            hidden=frozenset(parameters.texts("hideColumns")),
            everywhere=wishes.has("hideColumnsRecursively"),
            with_ids=not wishes.has("hideIdSubDatable"),
            inner=() if wishes.has("disable_generic_filters") else INNER,
        )

    def table(self, place: Place, levels: int) -> Table:
        table = place.table
        rows = [self.row(row, table.processed, (*place.path, row.label), levels) for row in table]
        return replace(table, rows=rows, processed={})

    def row(self, row: Row, processed: Mapping[str, Processed], path: Path, levels: int) -> Row:
        """Return a row that is shown; `path` are the labels that lead to it, its own the last."""
        columns = self.columns(row.columns, processed)
        if row.table is None:
            return Row(columns, row.metadata, is_summary=row.is_summary)
        metadata = {**row.metadata, "idsubdatatable": subtable_id(path)} if self.with_ids else row.metadata
        below = self.below(Place(row.table, path), levels - 1) if levels else None
        return Row(columns, metadata, below, row.is_summary)

    def below(self, place: Place, levels: int) -> Table:
        """Return a subtable; its columns are the outermost ones' unless all levels were meant."""
        table = place.table
        for change in self.inner:
            table = change(table, self.wishes)
        finish = self if self.everywhere else replace(self, shown=frozenset(), hidden=frozenset())
        return finish.table(Place(table, place.path), levels)

    def columns(self, columns: Columns, processed: Mapping[str, Processed]) -> Columns:
        known = dict(columns)
        for name, function in processed.items():
            if name not in known and (value := computed(function, known)) is not None:
                known[name] = value
        return {
            name: written(name, value, self.formatted, self.currency)
            for name, value in known.items()
            if name == LABEL or self.shows(name)
        }

    def shows(self, column: str) -> bool:
        return column not in self.hidden and (not self.shown or column in self.shown)
