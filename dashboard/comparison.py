"""What a period is fairly compared with: the one before, and of that only as much as has passed of this one."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

from dashboard.period import Bounds, Period


@dataclass(frozen=True, slots=True)
class Comparison:
    """The span that a period's numbers are set against."""

    period: Period  # The previous one, whole.
    bounds: Bounds  # As much of it as counts.
    until: datetime | None  # Site-local moment at which a part of it ends; None: it counts whole.


def compared(period: Period, now: datetime, zone: tzinfo) -> Comparison:
    """Return what to compare with; a period that runs is compared up to the same day and time of the one before."""
    previous = period.previous()
    whole = previous.bounds(zone)
    if now not in period.bounds(zone):
        return Comparison(previous, whole, None)
    local = now.astimezone(zone)
    until = datetime.combine(counterpart(local.date(), period, previous), local.time(), zone)
    if until.astimezone(UTC) >= whole.until:  # 30 March has no counterpart in February.
        return Comparison(previous, whole, None)
    return Comparison(previous, Bounds(whole.since, until.astimezone(UTC)), until)


def counterpart(day: date, period: Period, previous: Period) -> date:
    """Return the day that is as far into the previous period; in years the same day of the same month."""
    if period.kind != "year":
        return previous.first + (day - period.first)
    year = previous.first.year
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))
