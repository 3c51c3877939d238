"""Names that visitors made up to be run as formulas or code: tracked, told, and run by nothing that opens a report."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

import pytest

from tests.running import Answer, ask
from tests.shop import NOON_IN_BERLIN, reading, track
from tests.tracked import Tracked

FORMULAS = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1+1)",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://evil.example/";"Click")',
    "＝1+1",
    "=1+1;2",
    "<script>alert(1)</script>",
)
BEGINNINGS = "=+-@＝＋－＠"
DAY = {"period": "day", "date": "2026-05-13"}


@dataclass(frozen=True, slots=True)
class Names:
    """A report whose labels are these names, and how it shows them."""

    method: str
    shown: Callable[[str], str] = str


def title(name: str) -> str:
    """Return a label of a title, in which a plus is a blank."""
    return f" {name.replace('+', ' ').strip()}"


REPORTS = (
    Names("Actions.getPageTitles", title),
    Names("Actions.getPageUrls", "/{}".format),
    Names("Actions.getEntryPageTitles", title),
    Names("Actions.getSiteSearchKeywords"),
    Names("Actions.getSiteSearchCategories"),
    Names("Referrers.getCampaigns", str.lower),
    Names("Referrers.getKeywords", str.lower),
    Names("Events.getCategory"),
    Names("Events.getAction"),
    Names("Events.getName"),
    Names("Contents.getContentNames"),
    Names("UserId.getUsers"),
    Names("Goals.getItemsSku"),
    Names("Goals.getItemsName"),
    Names("Goals.getItemsCategory"),
)


@dataclass(frozen=True, slots=True)
class Told:
    """A dashboard about a site whose visitors made up names."""

    port: int
    site: int
    token: str

    def report(self, method: str, **asked: Any) -> Answer:
        given = {"module": "API", "method": method, "idSite": self.site, **DAY, "filter_limit": -1, **asked}
        return self.get(f"/index.php?{urlencode(given)}")

    def get(self, path: str) -> Answer:
        answer = ask(self.port, "GET", path, None, {"Authorization": f"Bearer {self.token}"})
        assert answer.status == 200, answer.body
        return answer


@pytest.fixture(scope="module")
def dashboard(pegel: Tracked) -> Iterator[Told]:
    with visited(pegel) as told:
        yield told


@contextmanager
def visited(pegel: Tracked) -> Iterator[Told]:
    """Serve a dashboard about visits whose every name is one of these."""
    pegel.now = NOON_IN_BERLIN
    site = pegel.add_site(name="=1+1", urls=("https://shop.example",), timezone="Europe/Berlin", ecommerce=True)
    for number, name in enumerate(FORMULAS):
        at = NOON_IN_BERLIN + timedelta(seconds=number)
        for parameters in hits_of(name, number):
            track(pegel, site, at, **parameters)
    pegel.load()
    with reading(pegel) as port:
        yield Told(port, site.id, pegel.token("admin", site.id))


def hits_of(name: str, number: int) -> list[dict[str, object]]:
    """Return a visit from an engine that ends with an order, one by a campaign, and one from a website."""
    page = f"https://shop.example/{quote(name, safe='')}"
    first, second, third = ({"_id": f"{number:015x}{visit}", "url": page} for visit in "abc")
    campaign = f"https://shop.example/?{urlencode({'utm_campaign': name, 'utm_term': name})}"
    engine = f"https://www.bing.com/search?{urlencode({'q': name})}"
    items = json.dumps([[name, name, [name], 5, 1]])
    return [
        {**first, "action_name": name, "urlref": engine, "uid": name, "new_visit": 1},
        {**first, "uid": name, "e_c": name, "e_a": name, "e_n": name},
        {**first, "uid": name, "search": name, "search_cat": name},
        {**first, "uid": name, "c_n": name, "c_p": name, "c_t": name},
        {**first, "uid": name, "idgoal": 0, "ec_id": name, "revenue": 5, "ec_items": items},
        {**second, "url": campaign, "action_name": name, "new_visit": 1},
        {**third, "action_name": name, "urlref": f"https://www.example.net/{quote(name)}", "new_visit": 1},
    ]


def rows_of(text: str, separator: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator))


def expected(names: Names) -> set[str]:
    return {names.shown(name) for name in FORMULAS}


def is_harmless(cell: str) -> bool:
    """Tell whether no spreadsheet runs a cell: text that begins otherwise, or a number."""
    bare = cell.lstrip()
    return not bare or bare[0] not in BEGINNINGS or is_number(bare)


def is_number(text: str) -> bool:
    try:
        float(text.rstrip("%"))
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("names", REPORTS, ids=lambda names: names.method)
@pytest.mark.parametrize(("format", "separator"), [("csv", ","), ("tsv", "\t")])
def test_lines(dashboard: Told, names: Names, format: str, separator: str) -> None:
    """Nothing is run, nothing is lost: an apostrophe stands before what would be."""
    answer = dashboard.report(names.method, format=format)
    assert answer.headers["content-type"] == "application/vnd.ms-excel"
    assert answer.body.startswith(b"\xff\xfe"), "the mark by which spreadsheets know its letters"
    rows = rows_of(answer.body.decode("utf-16"), separator)
    assert [row for row in rows if not all(map(is_harmless, row.values()))] == []
    assert expected(names) <= {row["label"].removeprefix("'") for row in rows}


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("export?metrics=nb_visits&dimensions=referrerName,referrerKeyword,entryPageTitle", id="visits"),
        pytest.param("export?metrics=nb_hits&dimensions=pageTitle", id="titles"),
        pytest.param("export?metrics=nb_events&dimensions=eventCategory,eventAction,eventName", id="events"),
        pytest.param("export?metrics=nb_hits&dimensions=siteSearchKeyword,siteSearchCategory", id="searches"),
        pytest.param("raw/visits?", id="raw-visits"),
        pytest.param("raw/hits?", id="raw-hits"),
    ],
)
def test_files_of_our_own(dashboard: Told, path: str) -> None:
    answer = dashboard.get(f"/api/v1/{path}&{urlencode({'site': dashboard.site, 'format': 'csv', **DAY})}")
    rows = rows_of(answer.body.decode(), ",")
    assert [row for row in rows if not all(map(is_harmless, row.values()))] == []
    found = {cell.removeprefix("'") for row in rows for cell in row.values()}
    assert set(FORMULAS) <= found


class Page(HTMLParser):
    """Tells which elements a page has, and its texts."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.texts: set[str] = set()
        self.feed(content)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)

    def handle_data(self, data: str) -> None:
        self.texts.add(data)


TABLE = {"table", "thead", "tbody", "tr", "th", "td"}


@pytest.mark.parametrize("names", REPORTS, ids=lambda names: names.method)
def test_pages_and_feeds(dashboard: Told, names: Names) -> None:
    """They are text there, and no element of the page."""
    page = Page(dashboard.report(names.method, format="html").body.decode())
    assert (page.elements, expected(names) - page.texts) == (TABLE, set())
    feed = ElementTree.fromstring(dashboard.report(names.method, format="rss", date="2026-05-12,2026-05-13").body)
    newest = Page(feed.findtext("channel/item/description") or "")
    assert (newest.elements, expected(names) - newest.texts) == (TABLE, set())
