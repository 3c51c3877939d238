"""How much happened on a site in a period and in the one before, and by how much that changed.

A period that still runs is compared with as much of the one before as has passed of it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from dashboard.period import Period
from dashboard.reporting.floor import check
from dashboard.reporting.goal_columns import ORDER, in_cents
from dashboard.reporting.part import Part
from dashboard.reporting.rates import quotient
from dashboard.reporting.table import Columns, Processed

EVOLUTION_DIGITS = 3


class Measure(NamedTuple):
    """A number that is compared: its column, how that of its change begins, and its name in the period before."""

    column: str
    change: str
    stored: str

    @property
    def evolution(self) -> str:
        return f"{self.change}_evolution"

    @property
    def previous(self) -> str:
        return f"previous_{self.stored}"


USUAL = (
    Measure("nb_visits", "visits", "nb_visits"),
    Measure("nb_actions", "actions", "nb_actions"),
    Measure("nb_pageviews", "pageviews", "Actions_nb_pageviews"),
    Measure("revenue", "revenue", "Goal_revenue"),
)
ENHANCED = (
    *USUAL,
    Measure("nb_conversions", "nb_conversions", "Goal_nb_conversions"),
    Measure("orders", "orders", "Goal_0_nb_conversions"),
    Measure("ecommerce_revenue", "ecommerce_revenue", "Goal_0_revenue"),
)


@dataclass(frozen=True, slots=True)
class Compared:
    """One site in a period, and in the one before."""

    part: Part
    now: Columns
    before: Columns

    @property
    def is_empty(self) -> bool:
        return not any(self.now.values())


def measures_of(part: Part) -> tuple[Measure, ...]:
    return ENHANCED if part.parameters.flag("enhanced") else USUAL


def compared(part: Part) -> Compared:
    """Raises TooFewVisitors, DatabaseUnavailable."""
    return Compared(part, numbers(part), numbers(part.at(part.period.previous())))


def numbers(part: Part) -> Columns:
    """Return what happened. Raises TooFewVisitors, DatabaseUnavailable."""
    check(part)
    goals = [*part.goals, *([ORDER] if part.site.ecommerce else [])]
    (row,) = part.rows("site_totals", goals=goals)
    return {**row, "revenue": in_cents(row["revenue"]), "ecommerce_revenue": in_cents(row["ecommerce_revenue"])}


def passed(period: Period, now: datetime, zone: tzinfo = UTC) -> float:
    """Return how much of a period has passed, 1 if it is over."""
    bounds = period.bounds(zone)
    if now >= bounds.until:
        return 1.0
    elapsed = max((now - bounds.since).total_seconds(), 0.0)
    return quotient(elapsed, (bounds.until - bounds.since).total_seconds(), 3)


def evolution(now: float, before: float) -> float:
    """Return by how much a number changed; whatever there is now is twice as much as nothing was."""
    if not before:
        return 1.0 if now else 0.0
    return quotient(now - before, before, EVOLUTION_DIGITS)


def trend(now: float, before: float) -> int:
    return (now > before) - (now < before)


def changes(measures: Iterable[Measure], ratio: float) -> dict[str, Processed]:
    """Return the columns of changes, computed from numbers and `previous_…` numbers of a row."""
    found: dict[str, Processed] = {}
    for column, before, name in ((measure.column, measure.previous, measure.evolution) for measure in measures):
        found[name] = change(evolution, column, before, ratio)
        found[f"{name}_trend"] = change(trend, column, before, ratio)
    return found


def change(compute: Callable[[float, float], float], column: str, before: str, ratio: float) -> Processed:
    return lambda row: compute(row.get(column, 0), row.get(before, 0) * ratio)


def both(site: Compared, measures: Iterable[Measure]) -> tuple[Columns, Columns]:
    """Return a site's numbers now, and before."""
    now = {measure.column: site.now[measure.column] for measure in measures}
    return now, {measure.previous: site.before[measure.column] for measure in measures}
