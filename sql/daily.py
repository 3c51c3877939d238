"""Sums of a site's days, which stay when the rows that were counted are gone: anonymous, and repeatable.

Of whom was erased only numbers stay, under a source of their own: what such a visitor looked at is told no more, for
the lines of one visitor could be put together again.
"""

from collections.abc import Collection, Iterable, Mapping
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
EVERY_LABEL = 2**31
NOTHING = "nothing"
DAY = timedelta(days=1)
EPOCH = date(1970, 1, 1)

# Numbers of the site as a whole; times of day; labels, of which those with few visitors are folded if a site says so.
Told = Literal["always", "unless erased", "if many"]


@dataclass(frozen=True, slots=True)
class Daily:
    """One report of a day: a statement in `sql/daily/`, and the columns that it counts by."""

    name: str
    statement: Literal["visits", "hits", "conversions"]
    label: str = NOTHING
    kind: str = NOTHING
    only: str = NOTHING  # Rows count in which this column has the value that is wanted.
    wanted: str = ""
    told: Told = "if many"

    def folding(self, fewest: int, erased: bool) -> dict[str, int]:
        """Return how many visitors a label must have, and how many labels are told at most."""
        if self.told == "always":
            return {"fewest": 0, "most": EVERY_LABEL}
        return {"fewest": fewest if self.told == "if many" else 0, "most": 0 if erased else MOST_LABELS}


def viewed(name: str, action: str, label: str, kind: str = NOTHING) -> Daily:
    """Return a report of what was done, by a column of the hits of one action."""
    return Daily(name, "hits", label, kind, "action", action)


TOTALS = Daily("totals", "visits", told="always")  # Kept last: a day that has it is counted.
REPORTS: tuple[Daily, ...] = (
    Daily("actions", "hits", "action", told="always"),
    Daily("goals", "conversions", told="always"),
    Daily("visitor_types", "visits", "came_back", told="always"),
    Daily("visits_by_hour", "visits", "hour", told="unless erased"),
    Daily("views_by_hour", "hits", "hour", only="action", wanted="pageview", told="unless erased"),
    viewed("pages", "pageview", "page"),
    viewed("titles", "pageview", "title"),
    viewed("downloads", "download", "page"),
    viewed("outlinks", "outlink", "page"),
    viewed("searches", "search", "keyword"),
    viewed("events", "event", "event_action", "event_category"),
    viewed("event_names", "event", "event_name", "event_category"),
    Daily("entry_pages", "visits", "entry_page", only="entry_action", wanted="pageview"),
    Daily("exit_pages", "visits", "exit_page", only="exit_action", wanted="pageview"),
    Daily("referrers", "visits", "referrer_name", "referrer_type"),
    Daily("campaign_keywords", "visits", "referrer_keyword", "referrer_name", "referrer_type", "campaign"),
    Daily("countries", "visits", "country"),
    Daily("languages", "visits", "language"),
    Daily("devices", "visits", "device_type"),
    Daily("browsers", "visits", "browser"),
    Daily("systems", "visits", "os"),
    TOTALS,
)


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
        asked = {**span_of(site, day), "source": source, **chosen(visits)}
        for report in REPORTS:
            database.command(load(f"daily/{report.statement}"), {**asked, **values_of(report, site, visits)})


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


def values_of(report: Daily, site: Site, visits: Collection[int] | None) -> Mapping[str, object]:
    columns = {name: getattr(report, name) for name in ("label", "kind", "only", "wanted")}
    return {"report": report.name, **columns, **report.folding(site.fewest_visitors, visits is not None)}
