"""Quotients as reports tell them: rounded half away from zero, and 0 of nothing."""

from decimal import ROUND_HALF_UP, Decimal

RATE_DIGITS = 4  # Of a conversion rate: 0.6667 is written as 66.67%.


def quotient(part: float, whole: float, digits: int) -> float:
    """Return how much of `part` there is for one of `whole`: `quotient(2, 3, 4)` is 0.6667."""
    if not whole:
        return 0.0
    exact = Decimal(repr(part)) / Decimal(repr(whole))
    return float(exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))
