"""Reports of deleted months: what they said before, as far as sums of days can say it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.app import create_app
from dashboard.overview import Overview, overview, question, sums_until
from dashboard.panels import PANELS, numbered, table
from dashboard.period import parse
from dashboard.reports import answer
from dashboard.settings import Settings
from dashboard.sums import SUMS
from dashboard.surroundings import Surroundings
from ingest.journal import Journal
from ingest.retention import Retention
from sql.clickhouse import Database
from sql.registry import Site
from tests.administered import BOSS, PASSWORD, Api, World, administered
from tests.conftest import NOW, conversion_row, emptied, hit_row, insert_rows, visit_row

Row = dict[str, Any]
Asked = tuple[str, str, str]  # A report or method, a kind of period, and its date.

MORE: dict[str, dict[str, Any]] = {
    "visits_by": {
        **{"first": "country", "second": "nothing", "third": "nothing", "column": "nothing", "example": "nothing"},
        **{"custom": "0", "daily": 1, "brought_by": "", "values": [], "groups": []},
    },
    "visits_by_period": {"starts": [int(datetime(2026, month, 1, tzinfo=UTC).timestamp()) for month in range(1, 6)]},
    "conversions_by": {"first": "returning", "second": "nothing", "third": "nothing", "custom": ""},
    "site_totals": {"goals": [0, 1]},
}
PERIODS = {
    "year": ("year", "2026-01-01"),
    "deleted-month": ("month", "2026-02-01"),
    "across": ("range", "2026-02-20,2026-03-05"),
    "deleted-day": ("day", "2026-01-15"),
    "month-that-is-there": ("month", "2026-04-01"),
}
METHODS: dict[str, dict[str, object]] = {
    "VisitsSummary.get": {},
    "VisitsSummary.getVisits": {},
    "VisitFrequency.get": {},
    "Actions.get": {},
    "Goals.get": {"idGoal": "ecommerceOrder"},
    "MultiSites.getOne": {},
    "UserCountry.getCountry": {"columns": "nb_visits"},
    "DevicesDetection.getBrowsers": {"columns": "nb_visits"},
}
DATES = {
    "year": ("year", "2026-01-01"),
    "week": ("week", "2026-01-15"),
    "day": ("day", "2026-01-15"),
    "months": ("month", "2026-01-01,2026-05-01"),
}
TABLES = {"UserCountry.getCountry", "DevicesDetection.getBrowsers"}
CONVERTED = {"goals", "nb_conversions", "revenue"}
YEAR = parse("year", "2026-01-01", date(2026, 5, 13))
MAY = parse("month", "2026-05-01", date(2026, 5, 13))
REPORTS = [(name, *PERIODS[id]) for name in SUMS for id in PERIODS if name != "visits_by_hour" or id == "deleted-day"]
CALLS = [(method, *DATES[id]) for method in METHODS for id in DATES]


@dataclass
class Told:
    """What was told of a site before its first months were deleted, and where to ask now."""

    api: Api
    database: Database
    site: Site
    reports: dict[Asked, list[Row]]
    methods: dict[Asked, Any]
    year: Overview


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, administered_world: World, database: Database) -> Iterator[Told]:
    """A site that keeps three months now; the day on which they begin is UTC's, not its own."""
    directory = tmp_path_factory.mktemp("sums")
    emptied(database).command("truncate table daily")
    fill(database, 1)
    with administered(administered_world, directory, database) as api:
        site = api.registry.update_site(replace(api.registry.site(1), retention_months=3))
        found = Told(api, database, site, {}, {}, overview(database, site, YEAR, NOW))
        found.reports = {asked: rows_of(found, *asked) for asked in REPORTS}
        found.methods = {asked: called(found, *asked) for asked in CALLS}
        journal = Journal(directory / "loader.sqlite")
        Retention(journal, database, api.registry, lambda: NOW).run()
        journal.close()
        found.site = api.registry.site(1)
        yield found
    emptied(database).command("truncate table daily")


def fill(database: Database, site: int) -> None:
    """Insert two visits for each week of some months: each by somebody else, so that their days can be added up."""
    visits, hits, conversions = [], [], []
    for week in range(18):
        for number, country in enumerate(("de", "fr"), 1):
            at = datetime(2026, 1, 1, 9, 30, tzinfo=UTC) + timedelta(days=7 * week, hours=number)
            id = 100 * week + number
            own = {"site": site, "visitor": id}
            by = {"referrer_type": "campaign", "referrer_name": "spring"} if country == "fr" else {}
            entry = f"example.org/{week % 3}"
            more = {"country": country, "duration": 60 * number, "actions": number, "pageviews": number}
            visits.append(visit_row(id=id, started=at, user_id=f"u{id}", entry_page=entry, **own, **by, **more))
            hits += [hit_row(visit=id, at=at, page=entry, new_in_visit=int(not n), **own) for n in range(number)]
            hits.append(hit_row(visit=id, at=at, action="search", page="", keyword=f"{id}", **own))
            conversions.append(conversion_row(visit=id, started=at, at=at, revenue=2.5, **own))
    for name, rows in (("visits", visits), ("hits", hits), ("conversions", conversions)):
        insert_rows(database, name, rows)


def rows_of(told: Told, report: str, kind: str, text: str) -> list[Row]:
    asked = question(told.site, parse(kind, text, date(2026, 5, 13)))
    return answer(told.database, report, replace(asked, people=1, limit=100, more=MORE.get(report, {})))


def called(told: Told, method: str, kind: str, text: str) -> Any:
    return told.api.done(method, **{"idSite": 1, "period": kind, "date": text, **METHODS[method]})


def name_of(asked: Asked) -> str:
    return "-".join(asked)


def test_months_are_deleted(told: Told) -> None:
    rows = told.database.rows("select toDate(min(started)) as first, count() as n from visits where site = 1")
    assert rows == [{"first": date(2026, 3, 5), "n": 18}]


@pytest.mark.parametrize("asked", REPORTS, ids=name_of)
def test_a_report_says_what_it_said(told: Told, asked: Asked) -> None:
    before, after = told.reports[asked], rows_of(told, *asked)
    assert before
    assert sorted(map(comparable, after)) == sorted(map(comparable, before))
    if SUMS[asked[0]].ranked:
        first = SUMS[asked[0]].ranked[0]
        assert [row[first] for row in after] == [row[first] for row in before]


def comparable(row: Row) -> str:
    """Return a row as text; protocols of pages are not kept."""
    return str(sorted((name, value) for name, value in row.items() if name != "prefix"))


@pytest.mark.parametrize("asked", CALLS, ids=name_of)
def test_programs_are_told_the_same(told: Told, asked: Asked) -> None:
    assert any(character in "123456789" for character in str(told.methods[asked]))
    method, *_ = asked
    changed = without_goals if method in TABLES else lambda answer: answer
    assert changed(called(told, *asked)) == changed(told.methods[asked])


def without_goals(answer: Any) -> Any:
    """Return an answer without conversions of its rows: of whom they were is not kept, only of which goal."""
    if isinstance(answer, list):
        return [without_goals(each) for each in answer]
    if isinstance(answer, dict):
        return {name: without_goals(value) for name, value in answer.items() if name not in CONVERTED}
    return answer


def test_a_segment_is_told_of_what_is_there(told: Told) -> None:
    given: dict[str, Any] = {"idSite": 1, "period": "year", "date": "2026-01-01"}
    of_germans = told.api.done("VisitsSummary.getVisits", **given, segment="countryCode==de")
    assert (told.api.done("VisitsSummary.getVisits", **given), of_germans) == (36, 9)


def test_an_overview_is_the_same(told: Told) -> None:
    after = overview(told.database, told.site, YEAR, NOW)
    assert (after.cards, after.points) == (told.year.cards, told.year.points)
    assert [[line.cells for line in table.lines] for table in after.tables] == [
        [line.cells for line in table.lines] for table in told.year.tables
    ]


def test_which_days_are_sums(told: Told) -> None:
    assert (sums_until(told.site, YEAR), sums_until(told.site, MAY)) == (date(2026, 3, 2), None)


def test_rows_are_on_pages_in_their_order(told: Told) -> None:
    asked = question(told.site, YEAR)
    names = [
        table(told.database, PANELS["countries"], told.site, numbered(asked, page, 1)).lines[0].label.text
        for page in (1, 2)
    ]
    assert sorted(names) == ["France", "Germany"]


def test_a_page_says_what_it_is_made_of(told: Told) -> None:
    surroundings = Surroundings(lambda: {"ok": True})
    app = create_app(Settings(), told.database, told.api.registry, lambda: NOW, surroundings)
    with TestClient(app, headers={"Origin": "http://testserver"}) as client:
        client.post("/login", data={"email": BOSS, "password": PASSWORD})
        year, may, alone = (
            client.get(f"/sites/1{path}").text
            for path in (
                "?period=year&date=2026-01-01",
                "?period=month&date=2026-05-01",
                "/pages?period=year&date=2026-01-01",
            )
        )
    assert ["these are daily sums" in text for text in (year, may, alone)] == [True, False, True]
