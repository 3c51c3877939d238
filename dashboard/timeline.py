"""A period cut into the points of its chart: hours, days or months, each with its numbers."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
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


Counts = tuple[int, ...]


class Series(NamedTuple):
    """What is drawn over time: the reports by hour, and by day or month, and those of their columns that count."""

    by_hour: str
    over_time: str
    columns: tuple[str, ...]


VISITS = Series("visits_by_hour", "visits_over_time", ("nb_visits", "nb_pageviews"))
REQUESTS = Series("requests_by_hour", "requests_over_time", ("nb_kept", "nb_dropped", "nb_refused"))


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
    """Return visits and page views at the points of a period; those that nobody visited have zeros."""
    return points(counted(database, question, period, VISITS), period, question.timezone, now)


def points(counts: Mapping[int | date, Counts], period: Period, timezone: str, now: datetime) -> list[Point]:
    return [
        Point(slot, counts[slot.key] if slot.bounds.since <= now else None, running=now in slot.bounds)
        for slot in SLOTS[unit_of(period)](period, timezone)
    ]


def counted(database: Database, question: Question, period: Period, series: Series) -> Mapping[int | date, Counts]:
    """Return the numbers of each point by what the reports call it; zeros where nothing was."""
    zeros = (0,) * len(series.columns)
    return defaultdict(
        lambda: zeros, {key: counts_of(row, series) for key, row in rows_of(database, question, period, series)}
    )


def rows_of(database: Database, question: Question, period: Period, series: Series) -> Iterator[tuple[int | date, Row]]:
    unit = unit_of(period)
    if unit == "hour":
        return ((row["hour"], row) for row in answer(database, series.by_hour, question))
    return ((row["bucket"], row) for row in answer(database, series.over_time, replace(question, bucket=unit)))


def counts_of(row: Row, series: Series) -> Counts:
    return tuple(row[column] for column in series.columns)


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
