"""How numbers, durations, changes and dates are written for people."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from dashboard.comparison import Comparison
from dashboard.period import Kind, Period
from dashboard.reporting.rates import decimal

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"

Written = Literal["number", "ratio", "percent", "duration"]


def rounded(value: float, digits: int = 0) -> Decimal:
    return decimal(value, digits)


def number(value: float) -> str:
    return f"{rounded(value):,}"


def ratio(value: float) -> str:
    return f"{rounded(value, 1):,}"


def percent(value: float) -> str:
    return f"{rounded(100 * value)}%"


def share(value: int, of: int) -> str:
    """Return how many per cent a part is; a small one is never called nothing."""
    exact = 100 * value / of if of else 0.0
    return "<1%" if 0 < exact < 1 else f"{rounded(exact)}%"


def duration(seconds: float) -> str:
    minutes, rest = divmod(int(rounded(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h {minutes:02}m"
    return f"{minutes}m {rest:02}s" if minutes else f"{rest}s"


WRITERS: dict[Written, Callable[[float], str]] = {
    "number": number,
    "ratio": ratio,
    "percent": percent,
    "duration": duration,
}


def signed(amount: Decimal, unit: str) -> str:
    return f"{'+' if amount > 0 else MINUS if amount < 0 else '±'}{abs(amount):,}{unit}"


def day(value: date) -> str:
    return f"{value:%A}, {value.day} {value:%B %Y}"


def short_day(value: date) -> str:
    return f"{value.day} {value:%b}"


def month(value: date) -> str:
    return f"{value:%B %Y}"


def span(first: date, last: date) -> str:
    """Return two dates without saying month or year twice: 11–17 May 2026."""
    if first == last:
        return f"{short_day(first)} {first.year}"
    if first.year != last.year:
        return f"{short_day(first)} {first.year} {DASH} {short_day(last)} {last.year}"
    if first.month != last.month:
        return f"{short_day(first)} {DASH} {short_day(last)} {last.year}"
    return f"{first.day}{DASH}{short_day(last)} {last.year}"


PERIODS: dict[Kind, Callable[[Period], str]] = {
    "day": lambda period: day(period.first),
    "week": lambda period: span(period.first, period.last),
    "month": lambda period: month(period.first),
    "year": lambda period: str(period.first.year),
    "range": lambda period: span(period.first, period.last),
}


def period(value: Period) -> str:
    return PERIODS[value.kind](value)


def comparison(value: Comparison) -> str:
    """Return with what the numbers of a period are compared, such as 1–13 April 2026, to 14:30."""
    if value.until is None:
        return period(value.period)
    return f"{span(value.period.first, value.until.date())}, to {clock(value.until)}"


def clock(moment: datetime) -> str:
    return f"{moment:%H:%M}"
