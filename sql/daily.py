"""Sums of a site's days, which stay when the rows that were counted are gone: anonymous, and repeatable.

Of whom was erased only numbers stay, under a source of their own: what such a visitor looked at is told no more, for
the lines of one visitor could be put together again.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sql import load
from sql.clickhouse import Database
from sql.entries import Site
from sql.retention import first_whole_day

COUNTED = "counted"  # The source of what was counted from the rows that are there.
MOST_LABELS = 10_000  # Of a report and day; the rest becomes one line.
DAY = timedelta(days=1)
EPOCH = date(1970, 1, 1)

# Numbers of the site as a whole; times of day, of nobody in particular; labels, of which those of few visitors are
# folded where a site says so.
Told = Literal["always", "unless erased", "if many"]


@dataclass(frozen=True, slots=True)
class Daily:
    """One report of a day, and the statement in `sql/daily/` that makes it."""

    name: str
    statement: Literal["hits", "conversions", "visits"]
    told: Told = "if many"


REPORTS: tuple[Daily, ...] = (
    Daily("actions", "hits", "always"),
    Daily("views_by_hour", "hits", "unless erased"),
    *(Daily(name, "hits") for name in ("pages", "titles", "downloads", "outlinks", "searches")),
    *(Daily(name, "hits") for name in ("events", "event_names")),
    Daily("goals", "conversions", "always"),
    Daily("totals", "visits", "always"),
    Daily("visitor_types", "visits", "always"),
    Daily("visits_by_hour", "visits", "unless erased"),
    *(Daily(name, "visits") for name in ("entry_pages", "exit_pages", "referrers", "campaign_keywords")),
    *(Daily(name, "visits") for name in ("countries", "languages", "devices", "browsers", "systems")),
)
STATEMENTS = ("hits", "conversions", "visits")  # Totals come last: a day that has them is counted.


def aggregate(
    database: Database,
    site: Site,
    days: Iterable[date],
    visits: Collection[int] | None = None,
    source: str = COUNTED,
) -> None:
    """Count days of a site, or the given visits on these days alone, and keep the sums; again replaces them.

    A day without visits is counted, too; one of which rows were deleted in time is left as it was.
    Raises DatabaseUnavailable: then some of it may be kept.
    """
    first = first_whole_day(site) or date.min
    for day in (day for day in days if day >= first):
        asked = {**span_of(site, day), "source": source, **chosen(visits), **folding(site, visits is not None)}
        for statement in STATEMENTS:
            reports = [report.name for report in REPORTS if report.statement == statement]
            database.command(load(f"daily/{statement}"), {**asked, "reports": reports})


def span_of(site: Site, day: date) -> dict[str, object]:
    """Return a day of a site for statements."""
    zone = ZoneInfo(site.timezone)
    return {"site": site.id, "day": day, "since": start_of(day, zone), "until": start_of(day + DAY, zone)}


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of a site's day as UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def day_number(day: date) -> int:
    """Return a day as days since 1970."""
    return (day - EPOCH).days


def uncounted(database: Database, site: Site, until: datetime) -> list[date]:
    """Return the days of a site before a moment that have rows and were never counted. Raises DatabaseUnavailable."""
    given = {"site": site.id, "timezone": site.timezone, "until": until}
    return [row["day"] for row in database.query("daily/uncounted", given)]


def chosen(visits: Collection[int] | None) -> dict[str, object]:
    return {"every_visit": int(visits is None), "visits": list(visits or ())}


def folding(site: Site, erased: bool) -> dict[str, object]:
    """Return how many visitors a label must have in which reports, and how many labels are told in all but some."""
    whole = [report.name for report in REPORTS if report.told == "always"]
    by_people = [report.name for report in REPORTS if report.told == "if many"]
    most = 0 if erased else MOST_LABELS
    return {"fewest": site.fewest_visitors, "folding": by_people, "most": most, "whole": whole}
