"""Which days are asked for: a day, week, month, year or range, and its bounds in the site's time zone."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal, get_args

from dashboard import DashboardError

Kind = Literal["day", "week", "month", "year", "range"]
KINDS: tuple[Kind, ...] = get_args(Kind)

EARLIEST = date(1991, 8, 6)  # The first website; older dates are mistakes.
YEARS_AHEAD = 10
DAY = timedelta(days=1)
RELATIVE = {"today": 0, "yesterday": 1}
ROLLING = re.compile(r"(last|previous)([1-9]\d{0,3})")  # `last30` ends today, `previous30` yesterday.


class BadPeriod(DashboardError):
    """Raised if a period or a date cannot be understood."""

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"{name}={value!r}: expected {expected}")
        self.name = name


@dataclass(frozen=True, slots=True)
class Bounds:
    """A half-open span of time: `since` belongs to it, `until` does not. Both are UTC."""

    since: datetime
    until: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.since <= moment < self.until


@dataclass(frozen=True, slots=True)
class Period:
    """Whole calendar days from `first` to `last`, both included; which moments these are depends on the time zone."""

    kind: Kind
    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def bounds(self, zone: tzinfo) -> Bounds:
        return Bounds(start_of(self.first, zone), start_of(self.last + DAY, zone))

    def dates(self) -> Iterator[date]:
        return (self.first + number * DAY for number in range(self.days))

    def previous(self) -> "Period":
        """Return the period of equal kind that ends where this one starts; before a range, as many days."""
        if self.kind == "range":
            return replace(self, first=self.first - self.days * DAY, last=self.first - DAY)
        return containing(self.kind, self.first - DAY)

    def next(self) -> "Period":
        if self.kind == "range":
            return replace(self, first=self.last + DAY, last=self.last + self.days * DAY)
        return containing(self.kind, self.last + DAY)


def start_of(day: date, zone: tzinfo) -> datetime:
    """Return the first moment of a day as UTC.

    Where clocks skip midnight, `fold=0` gives the moment of the jump; where midnight comes twice, the first of them.
    """
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def today(now: datetime, zone: tzinfo) -> date:
    return now.astimezone(zone).date()


def week(day: date) -> tuple[date, date]:
    monday = day - day.weekday() * DAY
    return monday, monday + 6 * DAY


def month(day: date) -> tuple[date, date]:
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def year(day: date) -> tuple[date, date]:
    return date(day.year, 1, 1), date(day.year, 12, 31)


CALENDAR: dict[Kind, Callable[[date], tuple[date, date]]] = {
    "day": lambda day: (day, day),
    "week": week,
    "month": month,
    "year": year,
    "range": lambda day: (day, day),
}


def containing(kind: Kind, day: date) -> Period:
    return Period(kind, *CALENDAR[kind](day))


def parse(kind: str, text: str, today: date) -> Period:
    """Return the period that `period=week&date=2026-05-13` and the like mean.

    A date is `today`, `yesterday` or ISO 8601, such as 2026-05-13 or the week 2026-W20. A range is two of them, `A,B`,
    or a number of days, `last30` with today and `previous30` without.
    Raises BadPeriod.
    """
    if kind not in KINDS:
        raise BadPeriod("period", kind, f"one of {', '.join(KINDS)}")
    if kind == "range":
        return parse_range(text, today)
    return containing(kind, parse_date(text, today))


def parse_range(text: str, today: date) -> Period:
    if rolling := ROLLING.fullmatch(text):
        last = today if rolling[1] == "last" else today - DAY
        return Period("range", last - (int(rolling[2]) - 1) * DAY, last)
    start, comma, end = text.partition(",")
    period = Period("range", parse_date(start, today), parse_date(end if comma else start, today))
    if period.days < 1:
        raise BadPeriod("date", text, "the earlier date first, such as 2026-05-01,2026-05-13")
    return period


def parse_date(text: str, today: date) -> date:
    if text in RELATIVE:
        return today - RELATIVE[text] * DAY
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise BadPeriod("date", text, "today, yesterday or a date such as 2026-05-13") from error
    if not EARLIEST <= day <= today + YEARS_AHEAD * 365 * DAY:
        raise BadPeriod("date", text, f"a date from {EARLIEST} to {YEARS_AHEAD} years ahead")
    return day
