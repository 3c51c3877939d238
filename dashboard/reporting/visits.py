"""Visits counted: all of a period in one row, new and returning ones apart, or those with each of some values."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from dashboard.period import Period
from dashboard.reporting.goal_columns import MOST_DIMENSIONS, NOTHING
from dashboard.reporting.part import Part
from dashboard.reporting.rates import quotient
from dashboard.reporting.report import Report
from dashboard.reporting.table import Columns, Processed, Result, Single

COUNTS = (
    "nb_uniq_visitors",
    "nb_visits",
    "nb_actions",
    "nb_users",
    "max_actions",
    "sum_visit_length",
    "bounce_count",
    "nb_visits_converted",
)
DAILY = ("sum_daily_nb_uniq_visitors", "sum_daily_nb_users")
# In which order one row has them.
SUMMARY = (
    "nb_uniq_visitors",
    "nb_users",
    "nb_visits",
    "nb_actions",
    "nb_visits_converted",
    "bounce_count",
    "sum_visit_length",
    "max_actions",
)
RATES = {
    "bounce_rate": ("bounce_count", 2),
    "nb_actions_per_visit": ("nb_actions", 1),
    "avg_time_on_site": ("sum_visit_length", 0),
}
KINDS = {"new": "0", "returning": "1"}

Key = tuple[str, ...]


class Extra(NamedTuple):
    """What may be asked of visits beside the columns by which they are told apart.

    `groups` are names for some values of the column `grouped`; its other values keep theirs.
    """

    grouped: str = NOTHING
    groups: Mapping[str, str] = {}
    brought_by: str = ""  # The one type of referrer that counts; '': all do.
    example: str = NOTHING  # A column of which one value is told, the smallest, under that name.


NO_MORE = Extra()


def visits_by(
    part: Part, *dimensions: str, custom: int = 0, extra: Extra = NO_MORE, daily: bool = True
) -> dict[Key, Columns]:
    """Return the columns of visits for each value of up to three columns of `visits`.

    Further dimensions are `server_hour`, `local_hour`, `weekday` (1 is Monday), `came_back` (1: not new),
    `main_language`, `referrer_page`, `referrer_path`, `referrer_label`, `region_country`, `city_country`,
    `city_region`, `grouped`, and `custom_dimension`, of which `custom` is the number. Keys are texts. Unless `daily` is
    False, people of longer periods are also told as the sum of its days.

    Raises DatabaseUnavailable.
    """
    first, second, third = (*dimensions, *[NOTHING] * (MOST_DIMENSIONS - len(dimensions)))
    shown = COUNTS if part.is_day or not daily else (*COUNTS, *DAILY)
    asked = {"first": first, "second": second, "third": third, "custom": str(custom), "daily": int(shown != COUNTS)}
    more = {"column": extra.grouped, "values": list(extra.groups), "groups": list(extra.groups.values())}
    names = ("key1", "key2", "key3")[: len(dimensions)]
    columns = shown if extra.example == NOTHING else (*shown, "example")
    rows = part.rows("visits_by", **asked, **more, brought_by=extra.brought_by, example=extra.example)
    return {tuple(row[name] for name in names): {column: row[column] for column in columns} for row in rows}


def rates(ending: str = "") -> dict[str, Processed]:
    """Return how rates and averages of visits follow from columns whose names have that ending."""
    return {f"{name}{ending}": per_visit(f"{of}{ending}", ending, digits) for name, (of, digits) in RATES.items()}


def per_visit(column: str, ending: str, digits: int) -> Processed:
    return lambda row: quotient(row.get(column) or 0, row.get(f"nb_visits{ending}") or 0, digits)


def summary(part: Part) -> Columns:
    """Return a period in one row, be it empty."""
    return in_order(visits_by(part, daily=False).get(()))


def in_order(visits: "Columns | None", ending: str = "") -> Columns:
    return {f"{column}{ending}": visits[column] if visits else 0 for column in SUMMARY}


def get_summary(part: Part) -> Single:
    return chosen(part, summed_up(summary(part)))


def summaries(parts: Sequence[Part]) -> list[Columns]:
    """Return each of several periods, one after the other, in one row. Raises DatabaseUnavailable."""
    starts = [int(part.period.bounds(part.zone).since.timestamp()) for part in parts]
    whole = parts[0].at(Period("range", parts[0].period.first, parts[-1].period.last))
    found = {row["start"]: row for row in whole.rows("visits_by_period", starts=starts)}
    return [in_order(found.get(start)) for start in starts]


def get_summaries(parts: Sequence[Part]) -> list[Result]:
    return [chosen(part, summed_up(columns)) for part, columns in zip(parts, summaries(parts), strict=True)]


def summed_up(columns: Columns) -> Single:
    return Single(columns, rates(), empty=columns["nb_visits"] == 0)


def get_frequency(part: Part) -> Single:
    found = visits_by(part, "came_back", daily=False)
    columns: Columns = {}
    processed: dict[str, Processed] = {}
    for name, kind in KINDS.items():
        columns |= in_order(found.get((kind,)), f"_{name}")
        processed |= rates(f"_{name}")
    endings = tuple(f"_{name}" for name in KINDS)
    return chosen(part, Single(columns, processed, empty=not found), endings)


def chosen(part: Part, row: Single, endings: Iterable[str] = ()) -> Single:
    """Return the columns that the parameter `columns` names, without their ending if there are several; else all."""
    asked = part.parameters.texts("columns")
    if not asked:
        return row
    wanted = {*asked, *(f"{name}{ending}" for name in asked for ending in endings)}
    known = {**row.columns, **{name: function(row.columns) for name, function in row.processed.items()}}
    return Single({name: value for name, value in known.items() if name in wanted}, empty=row.empty)


def single(column: str) -> Callable[[Part], int]:
    return lambda part: int(summary(part)[column])


def singles(column: str) -> Callable[[Sequence[Part]], list[Result]]:
    return lambda parts: [int(columns[column]) for columns in summaries(parts)]


SCALARS = {
    "getVisits": "nb_visits",
    "getUniqueVisitors": "nb_uniq_visitors",
    "getUsers": "nb_users",
    "getActions": "nb_actions",
    "getMaxActions": "max_actions",
    "getBounceCount": "bounce_count",
    "getVisitsConverted": "nb_visits_converted",
    "getSumVisitsLength": "sum_visit_length",
}
REPORTS: tuple[Report, ...] = (
    Report(
        name="VisitsSummary.get",
        answer=get_summary,
        each=get_summaries,
        title="Visits Summary",
        category="Visitors",
        subcategory="Overview",
        metrics=("nb_uniq_visitors", "nb_visits", "nb_users", "nb_actions", "max_actions"),
        processed=("bounce_rate", "nb_actions_per_visit", "avg_time_on_site"),
        order=1,
    ),
    *(
        Report(name=f"VisitsSummary.{method}", answer=single(column), each=singles(column))
        for method, column in SCALARS.items()
    ),
    Report(
        name="VisitFrequency.get",
        answer=get_frequency,
        title="Returning Visits",
        category="Visitors",
        subcategory="Engagement",
        metrics=tuple(
            f"{column}_{name}"
            for name in KINDS
            for column in ("nb_visits", "nb_actions", "nb_uniq_visitors", "nb_users", "max_actions")
        ),
        processed=tuple(f"{column}_{name}" for name in KINDS for column in RATES),
        order=40,
    ),
)
