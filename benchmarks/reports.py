"""Every report of a site's page on two cores, for the largest of three sites: months, a year, both with a segment.

The statements are those that the page itself asks, on warm caches. Each time stands beside that of a plain `count()`
that scans the same rows in the same run: the machine has its moods, the ratio has fewer. The data is made when it is
asked for first: 7 GB, for a while 15, and some minutes.
Usage: python -m benchmarks.reports [--visits 10000000] [--rounds 2] [--directory DIR]
"""

import argparse
import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from benchmarks.report_data import FIRST, MONTHS, STATEMENTS, ZONE, Traffic, prepared
from dashboard.overview import overview
from dashboard.period import Kind, Period, containing
from sql import load
from sql.clickhouse import Database
from sql.registry import NewSite, Registry, Site
from sql.segments import EVERYTHING, Filter

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
YEARS = 5  # How often the year is asked for in a round; of months there are enough.
SEGMENT = Filter(
    "country = {segment_country:String} and device_type = {segment_device:String}",
    {"segment_country": "de", "segment_device": "smartphone"},
)
TABLE = re.compile(r"\bfrom (hits|visits)\b")


class Scene(NamedTuple):
    """What is measured, and how many milliseconds 95 of 100 answers may take."""

    name: str
    kind: Kind
    segment: Filter
    wanted: int


SCENES = (
    Scene("month", "month", EVERYTHING, 150),
    Scene("month with a segment", "month", SEGMENT, 300),
    Scene("year", "year", EVERYTHING, 500),
    Scene("year with a segment", "year", SEGMENT, 1000),
)


class Asked(NamedTuple):
    """One question that the page asks: a report and its parameters."""

    report: str
    parameters: Mapping[str, object]


class Listener(Database):
    """Notes what is asked."""

    def __init__(self, dsn: str) -> None:
        super().__init__(dsn)
        self.asked: list[Asked] = []

    def query(self, name: str, parameters: Mapping[str, object], segment: Filter = EVERYTHING) -> list[dict[str, Any]]:
        self.asked.append(Asked(name.removeprefix("reports/"), parameters))
        return super().query(name, parameters, segment)


class Timing(NamedTuple):
    """How long one report took, and the counts over the tables that it reads; in milliseconds."""

    report: str
    took: float
    counting: float


def largest_site() -> Site:
    with tempfile.TemporaryDirectory() as directory:
        registry = Registry(Path(directory) / "registry.sqlite")
        site = registry.add_site(NewSite(name="Example", urls=("https://example.org",), timezone=ZONE))
        registry.close()
    return site


def periods(kind: Kind) -> list[Period]:
    if kind == "year":
        return [containing("year", FIRST)] * YEARS
    months = (date(FIRST.year + number // 12, 1 + number % 12, 1) for number in range(MONTHS))
    return [containing("month", first) for first in months]


def questions(listener: Listener, site: Site, period: Period) -> list[Asked]:
    """Return what the page asks about a period, without what it asks about the one before."""
    listener.asked.clear()
    overview(listener, site, period, NOW)
    since = period.bounds(ZoneInfo(site.timezone)).since
    return [asked for asked in listener.asked if asked.parameters["since"] == since]


def timings(listener: Listener, site: Site, scene: Scene) -> Iterator[Timing]:
    for period in periods(scene.kind):
        for report, parameters in questions(listener, site, period):
            count = sum(counted(listener, table, parameters) for table in set(TABLE.findall(load(f"reports/{report}"))))
            began = time.perf_counter()
            Database.query(listener, f"reports/{report}", parameters, scene.segment)
            yield Timing(report, 1000 * (time.perf_counter() - began), count)


def counted(database: Database, table: str, parameters: Mapping[str, object]) -> float:
    """Return the milliseconds of a plain count over what a report reads of a table."""
    statement = (STATEMENTS / f"count_{table}.sql").read_text()
    began = time.perf_counter()
    database.client.query(statement, parameters=dict(parameters))
    return 1000 * (time.perf_counter() - began)


def printed(scene: Scene, seen: list[Timing]) -> float:
    """Print a line for each report; return the p95 of the slowest."""
    print(f"\n{scene.name}, milliseconds (wanted: {scene.wanted})\n{'p50':>30}{'p95':>8}{'count()':>10}{'ratio':>8}")
    slowest = 0.0
    for report in dict.fromkeys(timing.report for timing in seen):
        _, took, counts = zip(*(timing for timing in seen if timing.report == report), strict=True)
        p50, p95, count = median(took), quantiles(took, n=20, method="inclusive")[-1], median(counts)
        remark = "" if p95 <= scene.wanted else "  slower than wanted"
        print(f"  {report:<18}{p50:>10.0f}{p95:>8.0f}{count:>10.1f}{p50 / count:>8.1f}{remark}", flush=True)
        slowest = max(slowest, p95)
    return slowest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--directory", type=Path, default=Path(tempfile.gettempdir()) / "pegel-reports")
    given = parser.parse_args()
    listener = Listener(prepared(given.directory, Traffic(given.visits, given.seed)).dsn)
    site, results = largest_site(), []
    overview(listener, site, containing("year", FIRST), NOW)  # Warms the caches.
    for scene in SCENES:
        seen = [timing for _ in range(given.rounds) for timing in timings(listener, site, scene)]
        results.append(f"{scene.name} {printed(scene, seen):.0f} ms (wanted: {scene.wanted})")
    print(f"\nreports, p95 of the slowest: {', '.join(results)}")


if __name__ == "__main__":
    main()
