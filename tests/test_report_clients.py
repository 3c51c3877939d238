"""Programs that others wrote, reading the reports of a shop: what arrives in them is what happened there.

`make test-clients` installs them into `.clients`, the programs around them are in `tests/clients`.
"""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.shop import Shop, shop
from tests.test_clients import CLIENTS, HERE, OPERATORS_LINE, PYTHON, play
from tests.test_spreadsheets import REPORTS, Told, expected, visited
from tests.tracked import Tracked

pytestmark = pytest.mark.skipif(not (CLIENTS / ".installed").exists(), reason=OPERATORS_LINE)

OFFICE = shutil.which("soffice")
CSV_AS_WRITTEN = "CSV:44,34,65535,1"  # Commas, quotes, UTF-16, from the first line on.
CELL = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}table-cell"
FORMULA = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}formula"
NO_OFFICE = "no spreadsheet program: apt-get install libreoffice-calc-nogui"

Row = dict[str, Any]


@pytest.fixture(scope="module")
def dashboard(pegel: Tracked) -> Iterator[Shop]:
    with shop(pegel) as served:
        yield served


def columns(*names: str) -> Callable[[Any], Any]:
    """Return what takes some columns of an answer's row, of each of its rows, or of each of its dates that has some."""

    def told(answer: Any) -> Any:
        if isinstance(answer, list):
            return [tuple(row[name] for name in names) for row in answer]
        if names[0] in answer:
            return tuple(answer[name] for name in names)
        return {date: told(entry) for date, entry in answer.items() if entry}

    return told


@dataclass(frozen=True, slots=True)
class Question:
    """A call, what a test looks at of its answer, and what that must be."""

    method: str
    asked: Row
    told: Callable[[Any], Any]
    expected: Any


WEEK = {"period": "week", "date": "2026-05-13"}
LAST30 = {"period": "day", "date": "last30"}
RANGE30 = {"period": "range", "date": "last30"}
FLAT = {"flat": True, "filter_limit": 10}
QUESTIONS = (
    Question("SitesManager.getSitesWithAtLeastViewAccess", {}, columns("name", "currency"), [("Shop", "EUR")]),
    Question("VisitsSummary.get", LAST30, len, 30),
    Question(
        "VisitsSummary.get",
        LAST30,
        columns("nb_visits", "nb_uniq_visitors", "nb_actions", "sum_visit_length", "bounce_rate"),
        {"2026-05-11": (1, 1, 2, 61, "0%"), "2026-05-12": (1, 1, 1, 0, "100%"), "2026-05-13": (2, 2, 4, 112, "0%")},
    ),
    Question("VisitsSummary.get", RANGE30, columns("nb_visits", "nb_uniq_visitors", "bounce_rate"), (4, 3, "25%")),
    Question(
        "Actions.getPageUrls",
        {**RANGE30, **FLAT},
        columns("label", "nb_hits", "nb_visits", "nb_uniq_visitors", "avg_time_on_page"),
        [("/", 3, 3, 3, 27), ("/shoes", 2, 2, 1, 0)],
    ),
    Question("Actions.getPageUrls", {**WEEK, **FLAT, "filter_limit": 1}, columns("label"), [("/",)]),
    Question(
        "Referrers.getReferrerType",
        WEEK,
        columns("label", "nb_visits"),
        [("Campaigns", 1), ("Direct Entry", 1), ("Search Engines", 1), ("Websites", 1)],
    ),
    Question("Referrers.getCampaigns", WEEK, columns("label", "nb_conversions", "revenue"), [("may", 1, 5)]),
    Question("Goals.get", WEEK, columns("nb_conversions", "revenue", "conversion_rate"), (1, 5, "25%")),
    Question(
        "Live.getLastVisitsDetails",
        {**RANGE30, "filter_limit": 2},
        columns("visitorId", "actions", "visitDuration", "referrerName"),
        [("c" * 16, 2, 21, "blog.example.net"), ("a" * 16, 2, 91, "may")],
    ),
    Question("VisitsSummary.get", {**WEEK, "segment": "referrerType==campaign"}, columns("nb_actions"), (2,)),
    Question("VisitsSummary.get", {**WEEK, "segment": "pageUrl=@shoes,actions==1"}, columns("nb_visits"), (3,)),
)
CALLS = [[question.method, question.asked] for question in QUESTIONS]
EXPECTED = [(question.method, question.expected) for question in QUESTIONS]
# What runs each client, and what it is told beside the calls.
READERS: dict[str, tuple[tuple[str | Path, ...], Row]] = {
    "matomo-api": ((PYTHON, HERE / "matomo_api_reader.py"), {}),
    "piwik-api": ((PYTHON, HERE / "piwik_api_reader.py"), {}),
    "npm-piwik": (("node", HERE / "node_reader.cjs"), {"client": "piwik"}),
    "npm-piwik-client": (("node", HERE / "node_reader.cjs"), {"client": "piwik-client"}),
}
REFERRERS = ("Keyword not defined", "blog.example.net", "may")  # Of a week, in no order.
IN_BULK = [{"method": "VisitsSummary.getVisits", **WEEK}, {"method": "Actions.getPageTitles", **WEEK}]


def given(dashboard: Shop) -> Row:
    return {"url": dashboard.address, "token": dashboard.token, "site": dashboard.site.id}


def told(answers: list[Any]) -> list[tuple[str, Any]]:
    return [(each.method, each.told(answer)) for each, answer in zip(QUESTIONS, answers, strict=True)]


@pytest.mark.parametrize("name", READERS)
def test_a_client(dashboard: Shop, name: str) -> None:
    """These send their token in the query."""
    command, beside = READERS[name]
    assert told(play(*command, **given(dashboard), **beside, calls=CALLS)) == EXPECTED


class TestMatomopy:
    """PyPI `matomopy`: its token in the form, or in a header."""

    @pytest.mark.parametrize("auth", ["post", "bearer"])
    def test_calls(self, dashboard: Shop, auth: str) -> None:
        assert told(self.play(dashboard, auth=auth, calls=CALLS)["answers"]) == EXPECTED

    def test_pages_and_bulk(self, dashboard: Shop) -> None:
        bulk = [{**call, "idSite": dashboard.site.id} for call in IN_BULK]
        found = self.play(dashboard, bulk=bulk, pages=["Actions.getPageUrls", {**WEEK, "flat": True}])
        visits, titles = found["bulk"]
        assert (visits, columns("label", "nb_hits")(titles)) == ({"value": 4}, [(" Shop", 3), (" Shoes", 2)])
        assert columns("label")(found["pages"]) == [("/",), ("/shoes",)]

    def test_refusals(self, dashboard: Shop) -> None:
        """It is told by status that it may not; it does not look into such an answer."""
        calls = [["VisitsSummary.get", WEEK]]
        unknown = {"error": "MatomoHTTPError", "status": 401}
        assert self.play(dashboard, token="0" * 32, calls=calls)["answers"] == [unknown]
        assert self.play(dashboard, token=dashboard.others, calls=calls)["answers"] == [unknown]
        bad = [["VisitsSummary.get", {**WEEK, "segment": "nothing==1"}], ["Nothing.get", WEEK]]
        answers = self.play(dashboard, calls=bad)["answers"]
        assert answers == [{"error": "MatomoHTTPError", "status": 400}] * 2

    @staticmethod
    def play(dashboard: Shop, **beside: Any) -> Any:
        return play(PYTHON, HERE / "matomopy_reader.py", **{**given(dashboard), **beside})


def test_piwik_api_in_bulk(dashboard: Shop) -> None:
    """PyPI `piwik-api` sends `urls[]`, without numbers."""
    bulk = [{**call, "idSite": dashboard.site.id} for call in IN_BULK]
    (answer,) = play(PYTHON, HERE / "piwik_api_reader.py", **given(dashboard), calls=[], bulk=bulk)
    assert (answer[0], columns("label")(answer[1])) == ({"value": 4}, [(" Shop",), (" Shoes",)])


def test_pmmatomo(dashboard: Shop) -> None:
    """PyPI `PMMatomo`: asks at the root, not at index.php; it is tested with a processed report."""
    methods = ["VisitsSummary.get", "Live.getLastVisitsDetails", "Live.getMostRecentVisitorId"]
    answers = play(
        PYTHON, HERE / "pmmatomo_reader.py", **given(dashboard), day="2026-05-13", limit=1, methods=methods
    )  # fmt: skip
    report, summary, log, latest = answers
    assert (report["website"], report["metadata"]["name"]) == ("Shop", "Country")
    assert columns("label", "nb_visits")(report["reportData"]) == [("United States", 2)]
    assert columns("nb_visits", "nb_actions")(summary) == (2, 4)
    assert (columns("visitorId")(log), latest) == ([("c" * 16,)], {"value": "c" * 16})


def test_matomo_mcp(dashboard: Shop) -> None:
    """PyPI `matomo-mcp`: each tool of an assistant."""
    week = {"site_id": dashboard.site.id, **WEEK}
    segment = '{"segment": "visitConverted==1"}'
    custom = {**week, "method": "Actions.getPageTitles", "additional_params": segment}
    expected: dict[str, tuple[Row, Callable[[Any], Any], Any]] = {
        "get_site_info": ({"site_id": dashboard.site.id}, columns("name", "timezone"), ("Shop", "Europe/Berlin")),
        "get_visits_summary": (week, columns("nb_visits", "nb_uniq_visitors"), (4, 3)),
        "get_page_urls": ({**week, "limit": 1}, columns("label", "nb_hits"), [("/index", 3)]),
        "get_countries": (week, columns("label", "code", "nb_visits"), [("United States", "us", 4)]),
        "get_user_settings": (week, lambda rows: columns("label", "nb_visits")(rows)[0], ("Desktop", 4)),
        "get_browsers": (week, columns("label", "nb_visits"), [("Firefox", 4)]),
        "get_referrers": (week, lambda rows: sorted(row["label"] for row in rows), list(REFERRERS)),
        "query_custom_report": (custom, columns("label", "nb_hits"), [(" Shoes", 1)]),
    }
    calls = [[tool, arguments] for tool, (arguments, *_) in expected.items()]
    answers = play(PYTHON, HERE / "mcp_reader.py", **given(dashboard), calls=calls)
    told = {tool: look(answer) for (tool, (_, look, _)), answer in zip(expected.items(), answers, strict=True)}
    assert told == {tool: value for tool, (*_, value) in expected.items()}


def test_invenio_analytics_importer(dashboard: Shop) -> None:
    """PyPI `invenio-analytics-importer`: all days of a month at once, its token in the form, the rest in the query."""
    found = play(PYTHON, HERE / "invenio_reader.py", **given(dashboard), **{"from": "2026-05-01", "to": "2026-05-31"})
    views, downloads = (found[kind]["2026-05"] for kind in ("views", "downloads"))
    assert (len(views), len(downloads)) == (31, 31)
    told = {day: columns("label", "nb_hits")(rows) for day, rows in views.items() if rows}
    shoes = ("/shoes", 1)
    assert told == {"2026-05-11": [("/", 1), shoes], "2026-05-12": [("/", 1)], "2026-05-13": [("/", 1), shoes]}
    assert [day for day, rows in downloads.items() if rows] == ["2026-05-13"]
    assert columns("label", "nb_visits")(downloads["2026-05-13"]) == [("shop.example/catalogue.pdf", 1)]


@pytest.fixture(scope="module")
def names_told(pegel: Tracked) -> Iterator[Told]:
    with visited(pegel) as told:
        yield told


@pytest.mark.skipif(OFFICE is None, reason=NO_OFFICE)
@pytest.mark.parametrize("method", ["Actions.getPageTitles", "Referrers.getCampaigns", "Events.getName"])
def test_in_a_spreadsheet(names_told: Told, tmp_path: Path, method: str) -> None:
    """LibreOffice opens the file that a report is saved as: each of its cells is a text or a number."""
    file = tmp_path / "report.csv"
    file.write_bytes(names_told.report(method, format="csv").body)
    cells = opened(file)
    names = next(names for names in REPORTS if names.method == method)
    assert [cell.attrib[FORMULA] for cell in cells if FORMULA in cell.attrib] == []
    texts = {"".join(cell.itertext()).strip().removeprefix("'").strip() for cell in cells}
    assert {name.strip() for name in expected(names)} <= texts


@pytest.mark.skipif(OFFICE is None, reason=NO_OFFICE)
def test_what_a_spreadsheet_runs(tmp_path: Path) -> None:
    """The test above can fail: such a cell is a formula."""
    file = tmp_path / "report.csv"
    file.write_bytes(b"\xff\xfe" + "label\n=1+1\n".encode("utf-16-le"))
    assert [cell.attrib[FORMULA] for cell in opened(file) if FORMULA in cell.attrib] == ["of:=1+1"]


def opened(file: Path) -> list[ElementTree.Element]:
    """Return the cells of a file as LibreOffice has them."""
    command = [OFFICE or "", "--headless", "--norestore", f"-env:UserInstallation={(file.parent / 'home').as_uri()}"]
    subprocess.run(
        [*command, f"--infilter={CSV_AS_WRITTEN}", "--convert-to", "fods", "--outdir", str(file.parent), str(file)],
        capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    return list(ElementTree.parse(file.with_suffix(".fods")).iter(CELL))
