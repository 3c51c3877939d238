"""One site in one period: its rows, and the arithmetic that all reports share."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.period import Period

Row = dict[str, Any]
Table = list[Row]
Tables = dict[str, Table]
Label = Callable[[Row], str | None]
Report = Callable[["Part", Row], Any]  # Of a part, with the parameters of the question.

TABLES = ("visits", "hits", "conversions", "order_items", "timings")


@dataclass(frozen=True, slots=True)
class Part:
    """What one report is made from. `everything` are all rows of the site, whenever they are from."""

    site: int
    zone: ZoneInfo
    period: Period
    now: datetime
    everything: Tables
    segment: Callable[[Row, Table], bool] = lambda visit, hits: True  # Of a visit and its hits.
    visits: Table = field(init=False)  # By their last action.
    hits: Table = field(init=False)  # By their own time, as conversions, items and timings are.
    conversions: Table = field(init=False)
    items: Table = field(init=False)
    timings: Table = field(init=False)
    visit: dict[int, Row] = field(init=False)  # Any visit by its id.

    def __post_init__(self) -> None:
        hits = grouped(self.everything["hits"], lambda hit: hit["visit"])
        visit = {visit["id"]: visit for visit in self.everything["visits"]}
        wanted = {id for id, row in visit.items() if self.segment(row, hits.get(id, []))}
        bounds = self.period.bounds(self.zone)
        for name, table in zip(("visits", "hits", "conversions", "items", "timings"), TABLES, strict=True):
            when, whose = ("last_at", "id") if name == "visits" else ("at", "visit")
            rows = [row for row in self.everything[table] if row[when] in bounds and row[whose] in wanted]
            object.__setattr__(self, name, rows)
        object.__setattr__(self, "visit", visit)

    def at(self, period: Period) -> "Part":
        return replace(self, period=period)

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def people(self, rows: Iterable[Row], when: str, name: str = "nb_uniq_visitors", who: str = "visitor") -> Row:
        """Return how many there were; in a period that is longer than a day the sum of its days, too."""
        seen = {(self.day(row[when]), row[who]) for row in rows if row[who]}
        found = {name: len({person for _, person in seen})}
        return found if self.period.kind == "day" else {**found, f"sum_daily_{name}": len(seen)}


def rounded(part: float, whole: float, digits: int) -> float:
    """Return a quotient, rounded half away from zero; 0 of nothing."""
    if not whole:
        return 0
    exact = Decimal(repr(part)) / Decimal(repr(whole))
    return float(exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def cents(amount: float) -> float:
    return rounded(round(amount, 6), 1, 2)


def totals(visits: Table) -> Row:
    return {
        "nb_visits": len(visits),
        "nb_actions": sum(visit["actions"] for visit in visits),
        "max_actions": max((visit["actions"] for visit in visits), default=0),
        "sum_visit_length": sum(visit["duration"] for visit in visits),
        "bounce_count": sum(visit["actions"] <= 1 for visit in visits),
        "nb_visits_converted": sum(visit["converted"] for visit in visits),
    }


def rates(row: Row) -> Row:
    visits = row["nb_visits"]
    return {
        "bounce_rate": rounded(row["bounce_count"], visits, 2),
        "nb_actions_per_visit": rounded(row["nb_actions"], visits, 1),
        "avg_time_on_site": rounded(row["sum_visit_length"], visits, 0),
    }


def grouped(rows: Iterable[Row], label: Callable[[Row], Any]) -> dict[Any, Table]:
    """Return the rows under each label; those without one are left out."""
    groups: dict[Any, Table] = defaultdict(list)
    for row in rows:
        if (key := label(row)) is not None:
            groups[key].append(row)
    return groups


def summed(rows: Iterable[Row]) -> Row:
    """Return the sum of rows, of numbers in their inner rows, too; `max_…` and `min_…` by themselves."""
    found: Row = {}
    for row in rows:
        for column, value in row.items():
            found[column] = both(column, found[column], value) if column in found else value
    return found


def both(column: str, one: Any, other: Any) -> Any:
    if isinstance(one, dict):
        return summed([one, other])
    if None in (one, other):
        return one if other is None else other
    if column.startswith(("max_", "min_")):
        return max(one, other) if column.startswith("max_") else min(one, other)
    return round(one + other, 6)


def is_of_people(column: str) -> bool:
    """Tell whether a column counts different people, whose numbers nobody can add."""
    return column.endswith(("nb_uniq_visitors", "nb_users")) and not column.startswith("sum_daily")
