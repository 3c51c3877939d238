"""A period cut into the points of its chart: hours, days or months, each with its numbers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from dashboard import wording
from dashboard.period import Bounds, Period, containing
from dashboard.reports import Question, Row, answer
from sql.clickhouse import Database

Unit = Literal["hour", "day", "month"]
HOUR = timedelta(hours=1)
# Beyond this many days a range is drawn by month: more points than pixels help nobody.
MOST_DAYS = 366


class Counts(NamedTuple):
    visits: int
    pageviews: int


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a point stands: its span of time, its names and the period that a click opens."""

    key: int | date  # What the report calls it.
    bounds: Bounds
    label: str
    title: str
    period: Period | None


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the chart, and one row of the table that says the same."""

    slot: Slot
    counts: Counts | None  # None: it has not begun.
    running: bool  # Its time is not over: more may come.


def unit_of(period: Period) -> Unit:
    if period.days == 1:
        return "hour"
    return "month" if period.kind == "year" or period.days > MOST_DAYS else "day"


def timeline(database: Database, question: Question, period: Period, now: datetime) -> list[Point]:
    """Return the points of a period; those that nobody visited have zeros."""
    unit = unit_of(period)
    counts = counted(database, question, unit)
    return [
        Point(
            slot,
            counts.get(slot.key, Counts(0, 0)) if slot.bounds.since <= now else None,
            running=now in slot.bounds,
        )
        for slot in SLOTS[unit](period, question.timezone)
    ]


def counted(database: Database, question: Question, unit: Unit) -> dict[int | date, Counts]:
    if unit == "hour":
        return {row["hour"]: counts_of(row) for row in answer(database, "visits_by_hour", question)}
    rows = answer(database, "visits_over_time", replace(question, bucket=unit))
    return {row["bucket"]: counts_of(row) for row in rows}


def counts_of(row: Row) -> Counts:
    return Counts(row["nb_visits"], row["nb_pageviews"])


def hours(period: Period, timezone: str) -> Iterator[Slot]:
    """Yield the hours of a day; where clocks change it has 23 or 25, or starts an hour halfway."""
    zone = ZoneInfo(timezone)
    bounds = period.bounds(zone)
    for index in range(-((bounds.since - bounds.until) // HOUR)):
        since = bounds.since + index * HOUR
        local, end = since.astimezone(zone), (since + HOUR).astimezone(zone)
        title = f"{wording.clock(local)} {wording.DASH} {wording.clock(end)}"
        yield Slot(index, Bounds(since, since + HOUR), wording.clock(local), title, None)


def days(period: Period, timezone: str) -> Iterator[Slot]:
    zone = ZoneInfo(timezone)
    for day in map(partial(containing, "day"), period.dates()):
        yield Slot(day.first, day.bounds(zone), wording.short_day(day.first), wording.day(day.first), day)


def months(period: Period, timezone: str) -> Iterator[Slot]:
    zone = ZoneInfo(timezone)
    month = containing("month", period.first)
    while month.first <= period.last:
        label = f"{month.first:%b}" if period.kind == "year" else f"{month.first:%b %Y}"
        yield Slot(month.first, month.bounds(zone), label, wording.month(month.first), month)
        month = month.next()


SLOTS: dict[Unit, Callable[[Period, str], Iterator[Slot]]] = {"hour": hours, "day": days, "month": months}
