"""What a site may choose about consent, signals and what is kept; each choice from the least strict to the most."""

from typing import Literal, TypeVar, get_args

# Whose identifiers are kept: whose the tracker sends, whose visitor accepted cookies, nobody's; or nothing is kept at
# all of somebody who did not consent.
Consent = Literal["tracker", "cookie-consent", "without-identifiers", "consent-required"]
CONSENTS: tuple[Consent, ...] = get_args(Consent)

# What a browser's signal does, DNT or GPC: nothing, the hit is counted without identifiers, or it is not counted.
Signal = Literal["ignore", "anonymous", "drop"]
SIGNALS: tuple[Signal, ...] = get_args(Signal)

# What is kept of the address that a visit came from; its kind is told from the whole one before.
Referrers = Literal["all", "without-query", "host", "none"]
REFERRERS: tuple[Referrers, ...] = get_args(Referrers)

KEEP_FOR_EVER = 0
USUAL_MONTHS = 25  # What the French regulator allows at most.
MOST_MONTHS = 240

C = TypeVar("C", Consent, Signal, Referrers)


def stricter(one: C, other: C, choices: tuple[C, ...]) -> C:
    return max(one, other, key=choices.index)


def shorter(one: int, other: int) -> int:
    """Return the shorter of two times in months, of which 0 has no end."""
    return min(filter(None, (one, other)), default=KEEP_FOR_EVER)
