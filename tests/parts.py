"""One site in one period: its rows, and the arithmetic that all reports share."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.period import Period

Row = dict[str, Any]
Table = list[Row]
Label = Callable[[Row], str | None]
Report = Callable[["Part", Row], Any]  # Of a part, with the parameters of the question.


@dataclass(frozen=True, slots=True)
class Part:
    """What one report is made from."""

    site: int
    zone: ZoneInfo
    period: Period
    visits: Table  # By their last action.
    hits: Table  # By their own time, as conversions, items and timings are.
    conversions: Table
    items: Table
    timings: Table
    ecommerce: bool = False

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def people(self, rows: Iterable[Row], who: str, when: str, name: str = "nb_uniq_visitors") -> Row:
        """Return how many there were: on one day exactly, in a longer period as the sum of its days."""
        seen = {(self.day(row[when]), row[who]) for row in rows if row[who]}
        return {name if self.period.kind == "day" else f"sum_daily_{name}": len(seen)}


def rounded(part: float, whole: float, digits: int) -> float:
    """Return a quotient, rounded half away from zero; 0 of nothing."""
    if not whole:
        return 0
    return float((Decimal(part) / Decimal(whole)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def percent(part: float, whole: float) -> str:
    return f"{Decimal(str(rounded(part, whole, 2))) * 100:.0f}%"


def totals(visits: Table) -> Row:
    return {
        "nb_visits": len(visits),
        "nb_actions": sum(visit["actions"] for visit in visits),
        "max_actions": max((visit["actions"] for visit in visits), default=0),
        "sum_visit_length": sum(visit["duration"] for visit in visits),
        "bounce_count": sum(visit["actions"] <= 1 for visit in visits),
    }


def with_rates(row: Row) -> Row:
    visits = row["nb_visits"]
    return row | {
        "bounce_rate": percent(row["bounce_count"], visits),
        "nb_actions_per_visit": rounded(row["nb_actions"], visits, 1),
        "avg_time_on_site": rounded(row["sum_visit_length"], visits, 0),
    }


def grouped(rows: Iterable[Row], label: Label) -> dict[str, Table]:
    """Return the rows under each label; those without one are left out."""
    groups: dict[str, Table] = defaultdict(list)
    for row in rows:
        if (key := label(row)) is not None:
            groups[key].append(row)
    return groups


def added(rows: Iterable[Row]) -> Row:
    """Return the sum of rows; people of one day cannot be added."""
    found: Row = defaultdict(int)
    for row in rows:
        for column, value in row.items():
            if "uniq" not in column or column.startswith("sum_daily"):
                found[column] += value
    return found


def is_flat(parameters: Row) -> bool:
    return str(parameters.get("flat", "0")) == "1"
