"""Numbers as people round them, half away from zero, which floating point does not; and quotients, 0 of nothing."""

from decimal import ROUND_HALF_UP, Decimal
from math import isfinite

RATE_DIGITS = 4  # Of a conversion rate: 0.6667 is written as 66.67%.
NO_FRACTION = 1e15  # From here on numbers have no digits behind the point.


def decimal(value: float | Decimal, digits: int) -> Decimal:
    """Return a number with so many digits behind the point; one that is too large has none, whatever was asked for."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not exact.is_finite() or abs(exact) >= NO_FRACTION:
        return exact.to_integral_value(ROUND_HALF_UP)
    return exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def rounded(value: float, digits: int) -> float:
    return float(decimal(value, digits))


def quotient(part: float, whole: float, digits: int) -> float:
    """Return how much of `part` there is for one of `whole`: `quotient(2, 3, 4)` is 0.6667."""
    if not whole:
        return 0.0
    if not (isfinite(part) and isfinite(whole)):  # Sums that became too large for any number.
        return part / whole
    return float(decimal(Decimal(repr(part)) / Decimal(repr(whole)), digits))
