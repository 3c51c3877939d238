"""The period chooser: which other periods can be reached from a page, and at which addresses."""

from dataclasses import dataclass
from datetime import date

from dashboard import wording
from dashboard.addresses import Asked
from dashboard.period import DAY, EARLIEST, Kind, Period

ROLLING_DAYS = 30
KINDS: tuple[tuple[Kind, str], ...] = (("day", "Day"), ("week", "Week"), ("month", "Month"), ("year", "Year"))


@dataclass(frozen=True, slots=True)
class Choice:
    """A link of the chooser."""

    name: str
    title: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Chooser:
    """The period of a page, and the ways from it to others."""

    title: str
    period: Period
    today: date
    choices: tuple[Choice, ...]
    earlier: str
    later: str  # Empty: that has not come yet.

    @property
    def last_shown(self) -> date:
        return max(self.period.first, min(self.period.last, self.today))

    @property
    def free(self) -> bool:
        """Whether the period is none of the choices."""
        return not any(choice.current for choice in self.choices)


def chooser(asked: Asked, panel: str, today: date) -> Chooser:
    earlier, later = asked.period.previous(), asked.period.next()
    return Chooser(
        wording.period(asked.period),
        asked.period,
        today,
        choices(asked, panel, today),
        asked.at(earlier).url(panel) if earlier.first >= EARLIEST else "",
        asked.at(later).url(panel) if later.first <= today else "",
    )


def choices(asked: Asked, panel: str, today: date) -> tuple[Choice, ...]:
    rolling = Period("range", today - (ROLLING_DAYS - 1) * DAY, today)
    kinds = (
        Choice(kind, title, asked.as_kind(kind, today).url(panel), asked.period.kind == kind) for kind, title in KINDS
    )
    return (*kinds, Choice("rolling", f"{ROLLING_DAYS} days", asked.at(rolling).url(panel), asked.period == rolling))
