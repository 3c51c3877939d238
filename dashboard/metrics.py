"""The numbers at the top of a site's page: what each means, and whether its change is good news."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from dashboard import wording
from dashboard.reports import Row
from dashboard.wording import Written

Mood = Literal["good", "bad", "even"]


@dataclass(frozen=True, slots=True)
class Metric:
    """A number made of the columns of `visits_summary` and `actions_summary`."""

    name: str
    title: str
    meaning: str
    written: Written
    value: Callable[[Row], float]
    more_is: Mood = "good"


@dataclass(frozen=True, slots=True)
class Change:
    """How a number moved against the one it is compared with."""

    text: str
    mood: Mood
    before: str


@dataclass(frozen=True, slots=True)
class Card:
    """A metric with its value, ready to be shown."""

    metric: Metric
    value: str
    change: Change | None  # None: there is nothing to compare with.


def per_visit(column: str) -> Callable[[Row], float]:
    return lambda row: row[column] / row["nb_visits"] if row["nb_visits"] else 0.0


METRICS = (
    Metric("visits", "Visits", "Visits whose last action was in this period.", "number", lambda row: row["nb_visits"]),
    Metric(
        "visitors",
        "Unique visitors",
        "Different visitors of these visits; without consent somebody who returns another day is a new one.",
        "number",
        lambda row: row["nb_uniq_visitors"],
    ),
    Metric("pageviews", "Page views", "Pages viewed in this period.", "number", lambda row: row["nb_pageviews"]),
    Metric(
        "actions",
        "Actions per visit",
        "Page views, site searches, events, outlinks and downloads of an average visit.",
        "ratio",
        per_visit("nb_actions"),
    ),
    Metric(
        "bounces", "Bounce rate", "Visits with one action or none.", "percent", per_visit("bounce_count"), more_is="bad"
    ),
    Metric(
        "duration",
        "Visit duration",
        "Time from the first to the last action of an average visit.",
        "duration",
        per_visit("sum_visit_length"),
    ),
)


def cards(now: Row, before: Row) -> list[Card]:
    return [card(metric, now, before) for metric in METRICS]


def card(metric: Metric, now: Row, before: Row) -> Card:
    write = wording.WRITERS[metric.written]
    value = metric.value(now)
    compared = change(metric, value, metric.value(before)) if before["nb_visits"] else None
    return Card(metric, write(value), compared)


def change(metric: Metric, value: float, before: float) -> Change | None:
    """Return the change in per cent, and that of a rate in percentage points; None if it started from nothing."""
    if metric.written == "percent":
        amount, unit = wording.rounded(100 * (value - before)), " pp"
    elif before:
        amount, unit = wording.rounded(100 * (value - before) / before), "%"
    else:
        return None
    return Change(
        wording.signed(amount, unit), mood(metric, amount > 0, amount < 0), wording.WRITERS[metric.written](before)
    )


OPPOSITE: dict[Mood, Mood] = {"good": "bad", "bad": "good", "even": "even"}


def mood(metric: Metric, grew: bool, shrank: bool) -> Mood:
    if grew:
        return metric.more_is
    return OPPOSITE[metric.more_is] if shrank else "even"
