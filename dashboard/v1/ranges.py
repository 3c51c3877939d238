"""The range of a question, and the range with which it is compared: which days, and of these only what has passed."""

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from dashboard.period import DAY, BadPeriod, Bounds, Period, containing, parse, today
from dashboard.v1.refusals import BadInput

WEEK = 7
RANGE_HINT = "Give `period` and `date`, such as period=month&date=2026-05-13, or `from` and `to`."


@dataclass(frozen=True, slots=True)
class Comparison:
    """The days with which a period is compared."""

    period: Period
    bounds: Bounds  # Only as much as has passed of the period itself.
    counterpart: Callable[[date], date]  # Of a day of the period.


def period_of(given: Mapping[str, Any], now: datetime, zone: tzinfo) -> Period:
    """Return the period that a question names. Raises BadInput."""
    first, last = given["from"], given["to"]
    named = given["period"] is not None or given["date"] is not None
    if named == (first is not None or last is not None):
        raise BadInput("period", "expected one range", RANGE_HINT)
    if named:
        return read_period(given["period"] or "day", given["date"] or "today", now, zone)
    if first is None or last is None:
        raise BadInput("from" if first is None else "to", "a value is missing", RANGE_HINT)
    return read_period("range", f"{first},{last}", now, zone)


def read_period(kind: str, text: str, now: datetime, zone: tzinfo) -> Period:
    try:
        return parse(kind, text, today(now, zone))
    except BadPeriod as error:
        raise BadInput(error.name, str(error).partition(": ")[2], RANGE_HINT) from None


def comparison_of(given: Mapping[str, Any], period: Period, now: datetime, zone: tzinfo) -> Comparison | None:
    """Return with what a period is compared, None for nothing. Raises BadInput."""
    kind = given["compare"]
    if kind != "custom" and (given["compare_from"] or given["compare_to"]):
        raise BadInput("compare_from", "goes with compare=custom")
    if kind is None:
        if given["same_weekday"]:
            raise BadInput("same_weekday", "goes with a comparison", "Give `compare`, too.")
        return None
    before = custom(given, now, zone) if kind == "custom" else None
    days, counterpart = shifted(kind, period, before, given["same_weekday"])
    return Comparison(days, passed(period, days, counterpart, now, zone), counterpart)


def custom(given: Mapping[str, Any], now: datetime, zone: tzinfo) -> Period:
    first, last = given["compare_from"], given["compare_to"]
    if first is None or last is None:
        raise BadInput("compare_from" if first is None else "compare_to", "a value is missing")
    try:
        return parse("range", f"{first},{last}", today(now, zone))
    except BadPeriod as error:
        raise BadInput("compare_from", str(error).partition(": ")[2]) from None


def shifted(
    kind: str, period: Period, before: Period | None, same_weekday: bool
) -> tuple[Period, Callable[[date], date]]:
    """Return the days of a comparison, and how to find a day's counterpart among them."""
    if same_weekday:
        return weeks_away(period, weeks_between(kind, period, before), before)
    if kind == "year_before" or (kind == "previous_period" and period.kind == "year"):
        return year_before(period), a_year_earlier
    days = before or period.previous()
    return days, lambda day: days.first + (day - period.first)


def weeks_between(kind: str, period: Period, before: Period | None) -> int:
    """Return by how many whole weeks a period is moved back, at the least so far that it does not meet itself."""
    if before:
        return round((period.first - before.first).days / WEEK)
    return 52 if kind == "year_before" else -(-period.days // WEEK)


def weeks_away(period: Period, weeks: int, before: Period | None) -> tuple[Period, Callable[[date], date]]:
    gone = timedelta(weeks=weeks)
    length = (before or period).days
    first = period.first - gone
    return Period("range", first, first + (length - 1) * DAY), lambda day: day - gone


def year_before(period: Period) -> Period:
    if period.kind in ("month", "year"):
        return containing(period.kind, a_year_earlier(period.first))
    return Period("range", a_year_earlier(period.first), a_year_earlier(period.last))


def a_year_earlier(day: date) -> date:
    year = day.year - 1
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))


def passed(period: Period, days: Period, counterpart: Callable[[date], date], now: datetime, zone: tzinfo) -> Bounds:
    """Return the bounds of a comparison; where the period still runs, up to the same day and time."""
    whole = days.bounds(zone)
    if now not in period.bounds(zone):
        return whole
    local = now.astimezone(zone)
    until = datetime.combine(counterpart(local.date()), local.time(), zone).astimezone(UTC)
    return Bounds(whole.since, max(whole.since, min(whole.until, until)))
