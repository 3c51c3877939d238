"""Tracking health of a site: what became of its requests in a period, and what bots fetched."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from dashboard.overview import question
from dashboard.period import Period
from dashboard.reports import Question, Row, answer
from dashboard.timeline import REQUESTS, Point, counted, points
from dashboard.tracking_reasons import Reason, reason_of
from sql.clickhouse import Database
from sql.registry import Site

MOST = 100  # Rows of each table.


@dataclass(frozen=True, slots=True)
class Line:
    """Requests that were not counted for one reason."""

    outcome: str  # dropped or refused.
    name: str  # The reason or parameter, as in the X-Pegel header.
    reason: Reason
    requests: int
    when: str  # The last of them, in the site's time.


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot, and what it did."""

    kind: str
    name: str
    requests: int
    pages: int
    when: str


@dataclass(frozen=True, slots=True)
class Health:
    """The answers, in the order of the page."""

    kept: int
    points: list[Point]
    dropped: list[Line]
    refused: list[Line]
    last_refused: list[Line]
    bots: list[Bot]

    @property
    def dropped_requests(self) -> int:
        return sum(line.requests for line in self.dropped)

    @property
    def refused_requests(self) -> int:
        return sum(line.requests for line in self.refused)

    @property
    def requests(self) -> int:
        return self.kept + self.dropped_requests + self.refused_requests


@dataclass(frozen=True, slots=True)
class SiteLine:
    """What became of the requests for one number of a site."""

    number: int
    name: str  # Empty: no site has this number.
    counts: tuple[int, int, int]  # Kept, dropped, refused.
    parameter: str  # For which most requests were refused.
    when: str  # The last request, UTC.


@dataclass(frozen=True, slots=True)
class SiteLines:
    """Some of the lines, and how many there are."""

    lines: list[SiteLine]
    total: int
    offset: int

    @property
    def last_page(self) -> int:
        return max(1, -(-self.total // MOST))


KINDS = {
    "search": "Search engine",
    "ai-training": "AI training",
    "ai-assistant": "AI assistant",
    "monitoring": "Monitoring",
    "other": "Other",
}


def health(database: Database, site: Site, period: Period, now: datetime) -> Health:
    """Return how tracking fares. Raises DatabaseUnavailable."""
    asked, zone = replace(question(site, period), limit=MOST), ZoneInfo(site.timezone)
    rows = answer(database, "tracking_outcomes", asked)
    lines = [line(row, zone) for row in rows if row["outcome"] != "kept"]
    return Health(
        sum(row["nb_requests"] for row in rows if row["outcome"] == "kept"),
        points(counted(database, asked, period, REQUESTS), period, site.timezone, now),
        [entry for entry in lines if entry.outcome == "dropped"],
        [entry for entry in lines if entry.outcome == "refused"],
        [line(refusal(row), zone) for row in answer(database, "last_refused", asked)],
        [bot(row, zone) for row in answer(database, "bots", asked)] if site.keep_bots else [],
    )


def line(row: Row, zone: tzinfo) -> Line:
    outcome, name = row["outcome"], row["reason"]
    return Line(outcome, name, reason_of(outcome, name), row["nb_requests"], shown(row["last"], zone))


def refusal(row: Row) -> Row:
    return {**row, "outcome": "refused", "last": row["minute"]}


def bot(row: Row, zone: tzinfo) -> Bot:
    kind = KINDS.get(row["class"], "Other")
    return Bot(kind, row["name"], row["nb_requests"], row["nb_pages"], shown(row["last"], zone))


def everywhere(database: Database, asked: Question, sites: Iterable[Site]) -> SiteLines:
    """Return what became of the requests for every site, known or not. Raises DatabaseUnavailable."""
    names = {site.id: site.name for site in sites}
    rows = answer(database, "requests_by_site", asked)
    return SiteLines([site_line(row, names) for row in rows], rows[0]["all_rows"] if rows else 0, asked.offset)


def site_line(row: Row, names: dict[int, str]) -> SiteLine:
    counts = (row["nb_kept"], row["nb_dropped"], row["nb_refused"])
    return SiteLine(row["site"], names.get(row["site"], ""), counts, row["parameter"], shown(row["last"], UTC))


def shown(at: datetime, zone: tzinfo) -> str:
    """Return a time to the minute; how exact it is kept tells nothing of a person."""
    return f"{at.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M}"
