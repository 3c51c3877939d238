"""Reports compared with plain Python: random hits go in over HTTP, and every report is worked out twice.

The second way shares nothing with the statements: it reads all rows of the tables and counts them one by one.
`make fuzz` compares many more streams than a usual run.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from starlette.testclient import TestClient

from dashboard.api_reports import EVERYTHING, REPORTS
from dashboard.app import create_app
from dashboard.period import Kind, parse
from dashboard.settings import Settings
from dashboard.surroundings import Surroundings
from tests.answers import ANSWERS, INNER, WAYS
from tests.cells import Cells, Path, cells, differing
from tests.log_answers import log
from tests.parts import Part, Row, Table
from tests.streams import NOW, send, site_of, stream
from tests.tracked import NOON, Tracked

Ask = Callable[[Part, str, Row], Any]

USUALLY = 10
STREAMS = 200 if os.environ.get("PEGEL_FUZZ") == "full" else USUALLY
ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe")
DAY = f"{NOON.date()}"
PERIODS: tuple[tuple[Kind, str], ...] = (
    ("day", DAY),
    ("week", DAY),
    ("month", DAY),
    ("year", DAY),
    ("range", "2026-05-10,2026-05-13"),
)


def is_on(hit: Row, text: str) -> bool:
    return hit["action"] in ("pageview", "content") and text in hit["page"]


def is_titled(hit: Row, title: str) -> bool:
    return bool(hit["action"] == "pageview" and hit["title"] == title)


# Which visits, with their hits, segments pick.
PICKED: dict[str, Callable[[Row, Table], bool]] = {
    "": lambda visit, hits: True,
    "countryCode==ch;actions>1": lambda visit, hits: visit["country"] == "ch" and visit["actions"] > 1,
    "pageTitle==home;pageUrl=@/a": lambda visit, hits: any(is_titled(hit, "Home") and is_on(hit, "/a") for hit in hits),
    "pageUrl!@/a": lambda visit, hits: not any(is_on(hit, "/a") for hit in hits),
    "referrerType!=direct,visitConverted==1": lambda visit, hits: (
        visit["referrer_type"] != "direct" or visit["converted"]
    ),
    "eventCategory==V,pageTitle==home;visitDuration>=7": lambda visit, hits: (
        visit["duration"] >= 7 and any(hit["event_category"] == "v" or is_titled(hit, "Home") for hit in hits)
    ),
}
SEGMENTS = [text for segment in PICKED if segment for text in ("", segment)]  # Every other stream is looked at whole.
# What rows say of themselves, beside what they count.
OF_ITSELF = {
    *("segment", "url", "code", "idsubdatatable"),
    *("region", "region_name", "country", "country_name", "city", "city_name"),
}
OF_DIMENSION = ("Actions_",)
LOG_KEYS = ("visitorId", "firstActionTimestamp")


@pytest.fixture(scope="module")
def ask(pegel: Tracked) -> Iterator[Ask]:
    """Ask the Reporting API for a report with all its rows and raw numbers."""
    surroundings = Surroundings(lambda: {"ok": True})
    app = create_app(Settings(), pegel.database, pegel.registry, lambda: NOW, surroundings)
    usual = {"module": "API", "format": "json", "filter_limit": "-1", "format_metrics": "0"}
    with TestClient(app) as client:
        token = pegel.token()

        def answer(part: Part, method: str, asked: Row) -> Any:
            form = {**usual, "method": method, "token_auth": token, "idSite": f"{part.site}", **dates(part), **asked}
            answer = client.post("/index.php", data=form)
            assert answer.status_code == 200, (method, answer.text)
            found = answer.json()
            return found["value"] if isinstance(found, dict) and found.keys() == {"value"} else found

        yield answer


def dates(part: Part) -> Row:
    first, last = f"{part.period.first}", f"{part.period.last}"
    return {"period": part.period.kind, "date": f"{first},{last}" if part.period.kind == "range" else first}


def part_of(pegel: Tracked, number: int) -> Part:
    """Send one of the streams to a site of its own, and return the part of it that is looked at."""
    timezone, (kind, text) = ZONES[number % 5], PERIODS[(2 * number + number // 5) % 5]
    site = site_of(pegel, timezone)
    rows = send(pegel, site, stream(Random(number)))
    return Part(site.id, ZoneInfo(timezone), parse(kind, text, NOON.date()), NOW, rows)


def way_of(method: str, number: int) -> Row:
    """Return with which further parameters a report is asked for in a stream."""
    ways = WAYS.get(method, ({},))
    return ways[number // 2 % len(ways)]


def test_every_report_is_worked_out_twice() -> None:
    assert ANSWERS.keys() | INNER.keys() == {*REPORTS, EVERYTHING.name}
    assert ANSWERS.keys().isdisjoint(INNER)
    assert {*INNER.values()} <= ANSWERS.keys()


@pytest.mark.parametrize("number", range(STREAMS))
def test_reports_equal_what_python_counts(pegel: Tracked, ask: Ask, number: int) -> None:
    segment = SEGMENTS[number % len(SEGMENTS)]
    part = replace(part_of(pegel, number), segment=PICKED[segment])
    assert part.visits or number >= USUALLY, "a segment that picks nothing tests nothing"
    wrong = {}
    for method, report in ANSWERS.items():
        asked = {"segment": segment, "expanded": "1", **way_of(method, number)}
        if different := compared(ask(part, method, asked), report(part, asked)):
            wrong[method] = different
    assert wrong == {}


def compared(answered: Any, counted: Any) -> Cells:
    """Return what differs: every value of either side must be the other's, too."""
    ours, theirs = values({"": answered}), values({"": counted})
    found = differing(ours, theirs).keys() | differing(theirs, ours).keys()
    return {path: (ours.get(path), theirs.get(path)) for path in sorted(found)}


def values(result: Any) -> Cells:
    """Return the numbers of a report; a column that is missing is one of nothing."""
    return {path: value for path, value in cells(result) if value not in (0, "") and not is_of_itself(path)}


def is_of_itself(path: Path) -> bool:
    """Tell whether a value says what a row is, as those of flat rows do that are called after their dimension."""
    return path[-1] in OF_ITSELF or path[-1].startswith(OF_DIMENSION)


def test_totals_agree(pegel: Tracked, ask: Ask) -> None:
    """What different statements count is the same number."""
    part = part_of(pegel, 4)

    def total(method: str, column: str) -> int:
        return sum(int(row.get(column, 0)) for row in ask(part, method, {}))

    everything = ask(part, "API.get", {})
    assert everything["nb_visits"] > 1
    for method in ("UserCountry.getCountry", "DevicesDetection.getType", "Referrers.getReferrerType"):
        assert total(method, "nb_visits") == everything["nb_visits"], method
    assert total("Actions.getPageUrls", "nb_hits") == everything["nb_pageviews"]
    assert total("Actions.getPageTitles", "nb_hits") == everything["nb_pageviews"]
    assert total("Actions.getSiteSearchKeywords", "nb_hits") == everything["nb_searches"]
    assert total("Referrers.getReferrerType", "nb_conversions") == everything["nb_conversions"]
    assert total("VisitTime.getByDayOfWeek", "nb_actions") == everything["nb_actions"]


def test_the_log_tells_what_was_stored(pegel: Tracked, ask: Ask) -> None:
    part = part_of(pegel, 4)
    told = dict(cells(ask(part, "Live.getLastVisitsDetails", {}), LOG_KEYS))
    stored = dict(cells(log(part, {"filter_limit": 100}), LOG_KEYS))
    assert len(part.visits) > 1
    assert differing(told, stored) == {}
