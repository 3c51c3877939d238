"""The visitor log: visits one by one, the newest first, with what happened in each.

One statement finds the visits; one each tells what was done in them, what that led to, which articles were bought, and
what their visitors ever bought.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dashboard.api_parameters import ApiError
from dashboard.period import start_of
from dashboard.reporting import live_times as times
from dashboard.reporting.live_actions import MOST_ACTIONS, Happened, Row, Teller
from dashboard.reporting.live_visit import NEVER_BOUGHT, Facts, visit_row
from dashboard.reporting.part import Part
from dashboard.reporting.table import Columns
from sql.policies import policy_of, why_no_profiles, why_no_visits

MOST_VISITS = 10_000  # Of one answer.
MOST_ROWS = 100_000  # Actions, conversions or articles of one answer.
MILLISECOND = timedelta(milliseconds=1)
LAST_SECOND = timedelta(seconds=1)  # A log of days reaches to the stroke of midnight, as Matomo's does.

Rows = Sequence[Row]


class LogOff(ApiError):
    """Raised if a site's visits must not be looked at one by one."""

    status = 403

    def __init__(self, site: int, why: str) -> None:
        super().__init__(f"The visitor log of website {site} is off: {why}.")


class TooMuch(ApiError):
    """Raised if more is asked for than one answer may hold."""

    def __init__(self, what: str, most: int, remedy: str) -> None:
        super().__init__(f"This is more than {most} {what}, the most that one answer has; {remedy}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which of the visits are wanted."""

    limit: int
    offset: int = 0
    ascending: bool = False
    since: datetime | None = None  # Last actions before that are left out.
    visitor: int = 0  # 0: of everybody.

    @property
    def sign(self) -> int:
        return 1 if self.ascending else -1


def check(part: Part) -> None:
    """Raises LogOff."""
    if why := why_no_visits(part.site):
        raise LogOff(part.site.id, why)


def check_profiles(part: Part) -> None:
    """Raises LogOff."""
    if why := why_no_profiles(part.site):
        raise LogOff(part.site.id, why)


def visits(part: Part, window: Window) -> list[dict[str, Any]]:
    """Return rows of `visits`. Raises LogOff, DatabaseUnavailable."""
    check(part)
    bounds = part.period.bounds(part.zone)
    return part.rows(
        "live_visits",
        since=max(bounds.since, window.since or bounds.since),
        until=bounds.until + LAST_SECOND,
        limit=window.limit,
        offset=window.offset,
        sign=window.sign,
        visitor=window.visitor,
    )


def log(part: Part, visits: Rows, with_actions: bool = True, most: int = MOST_ROWS) -> list[Columns]:
    """Return visits as the visitor log shows them. Raises TooMuch, DatabaseUnavailable."""
    if not visits:
        return []
    beside = Beside(part, visits, most)
    hits = beside.hits() if with_actions else {}
    conversions = beside.conversions()
    items = beside.items() if with_actions and part.site.ecommerce else {}
    bought = beside.bought() if part.site.ecommerce else {}
    teller, policy = Teller(part.site, part.goals, part.dimensions), policy_of(part.site)
    rows = []
    for visit in visits:
        id = visit["id"]
        happened = Happened(hits.get(id, ()), conversions.get(id, ()), items)
        facts = Facts(happened, bought.get(visit["visitor"], NEVER_BOUGHT))
        row = visit_row(visit, facts, teller, policy)
        rows.append(row if with_actions else {**row, "actionDetails": []})
    return rows


@dataclass(frozen=True, slots=True)
class Beside:
    """What other tables know of some visits."""

    part: Part
    visits: Rows
    most: int

    def hits(self) -> dict[int, list[Row]]:
        """Return the actions by visit; all happened on the site day of their visit's last action, or since it began."""
        first = min(visit["last_at"] for visit in self.visits)
        began = times.utc(min(visit["started"] for visit in self.visits))
        day = start_of(times.utc(first).astimezone(self.part.zone).date(), self.part.zone)
        last = times.utc(max(visit["last_at"] for visit in self.visits))
        return self.told("live_hits", "visit", since=min(day, began), until=last + MILLISECOND, most=MOST_ACTIONS)

    def conversions(self) -> dict[int, list[Row]]:
        return self.told("live_conversions", "visit", **self.begun())

    def items(self) -> dict[int, list[Row]]:
        return self.told("live_items", "conversion", **self.begun())

    def begun(self) -> dict[str, datetime]:
        starts = [times.utc(visit["started"]) for visit in self.visits]
        return {"since": min(starts), "until": max(starts) + MILLISECOND}

    def bought(self) -> dict[int, Mapping[str, Any]]:
        visitors = sorted({visit["visitor"] for visit in self.visits})
        return {row["visitor"]: row for row in self.part.rows("live_buyers", visitors=visitors)}

    def told(self, report: str, key: str, **more: object) -> dict[int, list[Row]]:
        """Return rows by what they are of. Raises TooMuch."""
        rows = self.part.rows(report, visits=[visit["id"] for visit in self.visits], limit=self.most + 1, **more)
        if len(rows) > self.most:
            raise TooMuch("actions", self.most, "ask for fewer visits by filter_limit, or set doNotFetchActions=1")
        return grouped(rows, key)


def grouped(rows: Iterable[Row], key: str) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row[key], []).append(row)
    return found
