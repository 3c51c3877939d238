"""Everything that a site's page says about a period, asked in one go."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dashboard.comparison import Comparison, compared
from dashboard.metrics import Card, cards
from dashboard.panels import PANELS, Table, table
from dashboard.period import Bounds, Period
from dashboard.reports import Question, Row, answer
from dashboard.timeline import Point, timeline
from sql.clickhouse import Database
from sql.registry import Site
from sql.retention import first_whole_day

LIVE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Overview:
    """The answers, in the order of the page."""

    cards: list[Card]
    comparison: Comparison
    points: list[Point]
    tables: list[Table]

    @property
    def compares(self) -> bool:
        return any(card.change for card in self.cards)


def question(site: Site, period: Period) -> Question:
    bounds = period.bounds(ZoneInfo(site.timezone))
    return Question(site=site.id, timezone=site.timezone, bounds=bounds, summed_until=first_whole_day(site))


def sums_until(site: Site, period: Period) -> date | None:
    """Return the day before which only sums are left of a period, None if all of it is there."""
    asked = question(site, period)
    return asked.summed_until if asked.raw_since else None


def overview(database: Database, site: Site, period: Period, now: datetime) -> Overview:
    """Raises DatabaseUnavailable."""
    asked = question(site, period)
    comparison = compared(period, now, ZoneInfo(site.timezone))
    before = totals(database, replace(asked, bounds=comparison.bounds))
    return Overview(
        cards(totals(database, asked), before),
        comparison,
        timeline(database, asked, period, now),
        [table(database, panel, site, asked) for panel in PANELS.values()],
    )


def totals(database: Database, question: Question) -> Row:
    visits, actions = (answer(database, name, question)[0] for name in ("visits_summary", "actions_summary"))
    return visits | actions


def live_visitors(database: Database, site: Site, now: datetime) -> int:
    """Return how many visitors did something in the last five minutes.

    Raises DatabaseUnavailable.
    """
    # Half-open, and a hit may carry this very moment.
    asked = Question(site=site.id, bounds=Bounds(now - LIVE, now + timedelta(seconds=1)))
    visitors: int = answer(database, "live_visitors", asked)[0]["nb_visitors"]
    return visitors


def was_seen(database: Database, site: Site, now: datetime) -> bool:
    """Tell whether a site ever got a hit.

    Raises DatabaseUnavailable.
    """
    if site.raw_since:  # Something was deleted, so it was there.
        return True
    return bool(answer(database, "first_hit", Question(site=site.id, bounds=Bounds(now, now))))
