"""What kinds of numbers columns hold, and how each kind is written: per cent, time, money."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import Literal

from dashboard.reporting.rates import decimal, rounded

Kind = Literal["percent", "clock", "seconds", "money"]
# Which kinds are written as text for each value of `format_metrics`; None: what Matomo does unless it is told.
FORMATTED: dict[str, frozenset[Kind]] = {
    "bc": frozenset({"percent"}),
    "0": frozenset(),
    "1": frozenset({"percent", "clock", "seconds", "money"}),
    "all": frozenset({"percent", "clock", "seconds", "money"}),
}
OF_SOME_VISITS = r"(_new|_returning)?(_visit)?"


@dataclass(frozen=True, slots=True)
class Metric:
    """What is known of a column: its kind, and to how many digits a quotient is rounded."""

    kind: Kind
    digits: int | None = None
    typed: bool = True  # If not, only `format_metrics=all` writes it as text.


# The first expression that matches a column says what it is.
METRICS: tuple[tuple[re.Pattern[str], Metric], ...] = tuple(
    (re.compile(f"(?:.*_)?(?:{expression}){OF_SOME_VISITS}"), metric)
    for expression, metric in (
        ("bounce_rate|exit_rate", Metric("percent", 2)),
        ("conversion_rate|interaction_rate|abandoned_rate", Metric("percent", 4)),
        ("percent|percentage", Metric("percent", 2)),
        ("evolution", Metric("percent", 3)),
        ("rate", Metric("percent", 4)),
        ("avg_time_on_site|avg_time_on_page|avg_time_on_dimension", Metric("clock")),
        (r"avg_time_[a-z_]+|avg_page_load_time", Metric("seconds")),
        ("avg_order_revenue|avg_price|revenue_per_visit|revenue_per_entry", Metric("money", 2)),
        ("revenue|revenue_[a-z]+", Metric("money", typed=False)),
    )
)
SYMBOLS = {
    "AUD": "A$",
    "BRL": "R$",
    "CAD": "CA$",
    "CNY": "CN¥",
    "EUR": "€",
    "GBP": "£",
    "HKD": "HK$",
    "ILS": "₪",
    "INR": "₹",
    "JPY": "¥",
    "KRW": "₩",
    "MXN": "MX$",
    "NZD": "NZ$",
    "PHP": "₱",
    "PLN": "zł",
    "TWD": "NT$",
    "USD": "$",
    "VND": "₫",
}


@lru_cache(4096)
def metric_of(column: str) -> Metric | None:
    """Return what is known of a column, None if it is a plain number or a text."""
    return next((metric for expression, metric in METRICS if expression.fullmatch(column)), None)


def plain(value: float, digits: int = 2) -> str:
    """Return a number with as many digits as it needs, thousands apart."""
    text = f"{decimal(value, digits):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(value: float) -> str:
    return f"{plain(float(Decimal(repr(value)) * 100)).replace(',', '')}%"


def clock(seconds: float) -> str:
    """Return a duration as 00:04:02."""
    minutes, rest = divmod(int(rounded(seconds, 0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest:02}"


def in_words(seconds: float) -> str:
    """Return a duration as 3 min 5s, a short one with parts of a second."""
    if seconds < 60:
        return f"{plain(seconds)}s"
    minutes, rest = divmod(int(rounded(seconds, 0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest}s"


def money(amount: float, currency: str = "") -> str:
    """Return an amount after the symbol of its currency; whole amounts have no cents."""
    exact = rounded(amount, 2)
    text = f"{abs(exact):,.0f}" if exact == int(exact) else f"{abs(exact):,.2f}"
    symbol = SYMBOLS.get(currency, currency and f"{currency} ")
    return f"{'-' if exact < 0 else ''}{symbol}{text}"


WRITERS: dict[Kind, Callable[[float], str]] = {"percent": percent, "clock": clock, "seconds": in_words}


def written(column: str, value: object, how: str, currency: str = "") -> object:
    """Return a value as `format_metrics` wants it: rounded, and as text if it is of a kind that becomes one."""
    metric = metric_of(column)
    if metric is None or isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return value
    exact = value if metric.digits is None else rounded(value, metric.digits)
    if metric.kind not in FORMATTED[how] or not (metric.typed or how == "all"):
        return exact
    return money(exact, currency) if metric.kind == "money" else WRITERS[metric.kind](exact)
