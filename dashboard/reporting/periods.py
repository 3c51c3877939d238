"""The dates of a question in all forms that programs send: one period, several of them, or a range of days.

Source: Reporting API specification, sections 3 and 4.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date

from dashboard.api_parameters import ApiError
from dashboard.period import DAY, EARLIEST, KINDS, YEARS_AHEAD, Kind, Period, containing

ROLLING = re.compile(r"(last|previous)-?(\d{1,9})", re.IGNORECASE)
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
# How many periods one answer may have: five years of days, ten years of others.
MOST: dict[Kind, int] = {"day": 5 * 366, "week": 10 * 53, "month": 10 * 12, "year": 10, "range": 5 * 366}


class UnknownPeriod(ApiError):
    """Raised if there is no such kind of period."""

    def __init__(self, kind: str) -> None:
        known = ", ".join(KINDS)
        super().__init__(f"The period '{kind[:50]}' is not supported. Try any of the following instead: {known}")


class BadDate(ApiError):
    """Raised if a date cannot be understood, or lies before the first website."""

    def __init__(self, text: str) -> None:
        super().__init__(
            "Date format must be: YYYY-MM-DD, or 'today' or 'yesterday' or any keyword such as lastWeek, last30, "
            f"previous7; from {EARLIEST} on. This was '{text[:50]}'."
        )


def months_before(day: date, months: int) -> date:
    """Return the same day of an earlier month, or that month's last one."""
    year, month = divmod(12 * day.year + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


KEYWORDS: dict[str, Callable[[date], date]] = {
    "today": lambda today: today,
    "now": lambda today: today,
    "yesterday": lambda today: today - DAY,
    "lastweek": lambda today: today - 7 * DAY,
    "lastmonth": lambda today: months_before(today, 1),
    "lastyear": lambda today: months_before(today, 12),
}


def kind_of(text: str) -> Kind:
    """Raises UnknownPeriod."""
    for kind in KINDS:
        if text == kind:
            return kind
    raise UnknownPeriod(text)


def are_several(kind: Kind, text: str) -> bool:
    """Tell whether a date asks for a result of each of several periods."""
    return kind != "range" and ("," in text or ROLLING.fullmatch(text) is not None)


def periods_of(kind: Kind, text: str, today: date) -> list[Period]:
    """Return the periods that `period` and `date` mean, the earliest first.

    Raises BadDate.
    """
    if kind == "range":
        return [range_of(text, today)]
    if rolling := ROLLING.fullmatch(text):
        return rolling_periods(kind, rolling[1].lower(), int(rolling[2]), today)
    start, comma, end = text.partition(",")
    if not comma:
        return [containing(kind, day_of(start, today))]
    return list(touching(kind, *in_order(start, end, today)))


def range_of(text: str, today: date) -> Period:
    if rolling := ROLLING.fullmatch(text):
        days = rolling_periods("day", rolling[1].lower(), int(rolling[2]), today)
        return Period("range", days[0].first, days[-1].last)
    start, comma, end = text.partition(",")
    return Period("range", *in_order(start, end if comma else start, today))


def in_order(start: str, end: str, today: date) -> tuple[date, date]:
    first, last = day_of(start, today), day_of(end, today)
    if first > last:
        raise BadDate(f"{start},{end}")
    return first, last


def touching(kind: Kind, first: date, last: date) -> Iterator[Period]:
    """Yield every period that has a day from `first` to `last`, and no more than one answer may have."""
    period = containing(kind, first)
    for _ in range(MOST[kind]):
        if period.first > last:
            return
        yield period
        period = period.next()


def rolling_periods(kind: Kind, word: str, count: int, today: date) -> list[Period]:
    """Return the last periods, the running one included, or those before it."""
    period = containing(kind, today)
    found: list[Period] = []
    for _ in range(max(1, min(count, MOST[kind]))):
        period = period if word == "last" and not found else period.previous()
        found.append(period)
    return found[::-1]


def day_of(text: str, today: date) -> date:
    """Return the day that a text names; ends far ahead are cut.

    Raises BadDate.
    """
    word = re.sub(r"[\s_-]", "", text).lower()
    if word in KEYWORDS:
        return KEYWORDS[word](today)
    found = ISO.match(text.strip())
    try:
        day = date(*map(int, found.groups())) if found else None
    except ValueError:
        day = None
    if day is None or day < EARLIEST:
        raise BadDate(text)
    return min(day, today + YEARS_AHEAD * 365 * DAY)


def key_of(period: Period) -> str:
    """Return the name of a period among several."""
    first = period.first.isoformat()
    return {"day": first, "month": first[:7], "year": first[:4]}.get(period.kind, f"{first},{period.last}")


def pretty(period: Period) -> str:
    """Return a period as people read it, such as "Sunday, January 3, 2010"."""
    first, last = period.first, period.last
    if period.kind == "day":
        return f"{first:%A}, {date_in_words(first)}"
    if period.kind == "month":
        return f"{first:%B %Y}"
    if period.kind == "year":
        return f"{first:%Y}"
    span = f"{date_in_words(first)} – {date_in_words(last)}"
    return f"Week {span}" if period.kind == "week" else span


def date_in_words(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
