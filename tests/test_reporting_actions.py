"""Reports about pages, titles, links and searches: hand-written hits, and what each report says of them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from dashboard.reporting import action_totals, links, pages, performance, searches, single_pages
from dashboard.reporting.filters import finished
from dashboard.reporting.page_paths import is_address, is_value, link_path, page_path, title_path
from dashboard.reporting.report import Report
from dashboard.reporting.table import Columns, Result, Row, Single, Table
from sql.clickhouse import Database
from sql.segments import Filter
from tests.conftest import Values, emptied, hit_row, timing_row
from tests.conversion_parts import SITE, at, conversion, filled_with, part_of, visit

MODULES = (action_totals, pages, single_pages, links, searches, performance)
REPORTS: dict[str, Report] = {report.name: report for module in MODULES for report in module.REPORTS}

HOME, SHOES, BOOTS = "example.org/", "example.org/shop/red%20shoes?size=41", "example.org/shop/boots/"
FILE, LINK = "https://example.org/a/list.pdf", "https://elsewhere.example/?q=<b>#top"

BUYER = visit(
    1, "13T08:00", 301, actions=4, converted=1, entry_page=HOME, entry_title="Home", exit_page=BOOTS, exit_title="Boots"
)
SEEKER = visit(2, "13T10:00", 60, actions=3, entry_page=HOME, exit_action="search", exit_page="", exit_title="boots")
AGAIN = visit(3, "14T09:00", visitor=101, entry_page=HOME, entry_title="Home")
VISITS = [BUYER, SEEKER, AGAIN]


def hit(visit: Values, when: str, after: tuple[str, str, int] = ("", "", 0), **changes: object) -> Values:
    """Return a page view of the home page in a visit; `after` is the page, title and time before it."""
    before = dict(zip(("previous_page", "previous_title", "seconds_since_previous"), after, strict=True))
    return hit_row(visit=visit["id"], visitor=visit["visitor"], at=at(when), **{**before, **changes})


def search(visit: Values, when: str, keyword: str, after: tuple[str, str, int], **changes: object) -> Values:
    what = {"action": "search", "page": "", "prefix": 255, "title": "", "keyword": keyword}
    return hit(visit, when, after, **what, **changes)


HITS = [
    hit(BUYER, "13T08:00"),
    hit(BUYER, "13T08:01", page=SHOES, title="Shoes", after=(HOME, "Home", 60)),
    search(BUYER, "13T08:02", "boots", search_count=0, search_category="Shop", after=(SHOES, "Shoes", 60)),
    hit(BUYER, "13T08:05", page=BOOTS, title="Boots", after=("", "boots", 180)),
    hit(BUYER, "13T08:05:01", action="goal", page=BOOTS, title="", after=(BOOTS, "Boots", 1)),
    hit(SEEKER, "13T10:00", prefix=0),
    hit(SEEKER, "13T10:00:20", action="download", page=FILE, prefix=255, title="", after=(HOME, "Home", 20)),
    hit(SEEKER, "13T10:00:30", action="outlink", page=LINK, prefix=255, title="", after=(HOME, "Home", 10)),
    hit(SEEKER, "13T10:00:31", action="outlink", page="", prefix=255, title="", after=(HOME, "Home", 1)),
    hit(SEEKER, "13T10:00:50", action="event", page=HOME, title="", after=(HOME, "Home", 19)),
    search(SEEKER, "13T10:01", "boots", search_count=2, after=(HOME, "Home", 10)),
    search(SEEKER, "13T10:01", "a'b", search_count=0, after=("", "boots", 0)),
    hit(AGAIN, "14T09:00"),
]
CONVERSIONS = [
    conversion(BUYER, 1, "13T08:05:01", 10.0, pageviews_before=3),
    conversion(BUYER, -1, "13T08:01:30", 99.0, pageviews_before=2),
    conversion(SEEKER, 9, "13T10:01", 5.0, pageviews_before=1),  # A goal that was deleted.
]
TIMINGS = [
    timing_row(visit=1, at=at("13T08:00"), page=HOME, title="Home"),
    timing_row(visit=2, at=at("13T10:00"), page=HOME, title="Home", network=None, server=51),
    timing_row(visit=1, at=at("13T08:01"), page=SHOES, title="Shoes", network=15),
]


@pytest.fixture(scope="module")
def filled(database: Database) -> Iterator[Database]:
    yield filled_with(emptied(database), visits=VISITS, hits=HITS, conversions=CONVERSIONS, timings=TIMINGS)
    emptied(database)


def table(database: Database, name: str, asked: str = "", **changes: Any) -> Table:
    """Return a report's table as a call gets it, with its rates as numbers."""
    part = part_of(database, f"format_metrics=0&expanded=1&{asked}", **changes)
    found = finished(REPORTS[f"Actions.{name}"].answer(part), part.parameters)
    assert isinstance(found, Table)
    return found


def row(found: Table | None, *labels: str) -> Row:
    """Return the row at a path."""
    assert found is not None
    (here,) = (row for row in found if row.label == labels[0])
    return row(here.table, *labels[1:]) if labels[1:] else here


def numbers(found: Table, *columns: str) -> dict[str, tuple[Any, ...]]:
    return {row.label: tuple(row.columns.get(column) for column in columns) for row in found}


def without(columns: Columns, *parts: str) -> Columns:
    return {name: value for name, value in columns.items() if not any(part in name for part in parts)}


def test_pages_stand_in_folders(filled: Database) -> None:
    found = table(filled, "getPageUrls")
    assert numbers(found, "nb_visits", "nb_hits", "nb_uniq_visitors", "sum_time_spent") == {
        "/index": (2, 2, 2, 101),
        "shop": (2, 2, None, 60),
    }
    assert row(found, "shop").metadata["segment"] == "pageUrl=^https%253A%252F%252Fexample.org%252Fshop"
    shoes = row(found, "shop", "/red shoes?size=41")
    assert shoes.metadata == {
        "url": f"https://{SHOES}",
        "segment": "pageUrl==https%253A%252F%252Fexample.org%252Fshop%252Fred%252520shoes%253Fsize%253D41",
    }
    assert row(found, "shop", "boots", "/index").columns["nb_hits_following_search"] == 1


def test_a_page_has_its_rates(filled: Database) -> None:
    home = row(table(filled, "getPageUrls"), "/index").columns
    assert without(home, "_time_", "load", "goals") == {
        "label": "/index",
        "nb_visits": 2,
        "nb_uniq_visitors": 2,
        "nb_hits": 2,
        "entry_nb_uniq_visitors": 2,
        "entry_nb_visits": 2,
        "entry_nb_actions": 7,
        "entry_sum_visit_length": 361,
        "entry_bounce_count": 0,
        "bounce_rate": 0.0,
        "exit_rate": 0.0,
    }
    # 60 seconds, then 20, 10, 1 and 10; the event's 19 are nobody's.
    assert (home["sum_time_spent"], home["avg_time_on_page"]) == (101, 51)
    boots = row(table(filled, "getPageUrls"), "shop", "boots", "/index").columns
    assert (boots["exit_nb_visits"], boots["exit_rate"], boots["sum_time_spent"]) == (1, 1, 0)


def test_a_page_that_loaded(filled: Database) -> None:
    home = row(table(filled, "getPageUrls"), "/index").columns
    server = ("nb_hits_with_time_server", "sum_time_server", "min_time_server", "max_time_server", "avg_time_server")
    assert [home[column] for column in server] == [2, 0.071, 0.02, 0.051, 0.036]
    assert (home["nb_hits_with_time_network"], home["avg_time_network"]) == (1, 0.01)
    assert home["avg_page_load_time"] == pytest.approx(0.01 + 0.036 + 0.03 + 0.04 + 0.05 + 0.06)
    boots = row(table(filled, "getPageUrls"), "shop", "boots", "/index").columns
    assert "avg_time_network" not in boots
    assert boots["avg_page_load_time"] == 0


def test_goals_of_pages(filled: Database) -> None:
    found = table(filled, "getPageUrls")
    after = {"nb_conversions": 1, "revenue": 10, "nb_conversions_page_uniq": 1, "nb_conv_pages_before": 3}
    shares = {"nb_conversions_attrib": 0.3333, "revenue_attrib": 3.33}
    entered = {"nb_conversions_entry": 1, "revenue_entry": 10, "nb_conversions_entry_rate": 0.5, "revenue_per_entry": 5}
    cart = {"nb_conversions": 1, "revenue": 99, "nb_conversions_page_uniq": 1}
    assert row(found, "/index").columns["goals"] == {
        "idgoal=1": {**after, **shares, **entered, "nb_conversions_page_rate": 1},
        "idgoal=ecommerceAbandonedCart": {**cart, "nb_conversions_page_rate": 1},
    }
    # What was converted after two pages of a folder counts twice there, and most of it is simply added.
    assert row(found, "shop").columns["goals"]["idgoal=1"] == {
        "nb_conversions": 2,
        "revenue": 20,
        "nb_conversions_page_uniq": 2,
        "nb_conv_pages_before": 6,
        "nb_conversions_attrib": 0.6666,
        "revenue_attrib": 6.66,
        "nb_conversions_page_rate": 1,
    }
    assert row(found, "shop", "/red shoes?size=41").columns["goals"]["idgoal=1"]["nb_conversions_page_rate"] == 0
    assert "idgoal=ecommerceAbandonedCart" not in row(found, "shop", "boots").columns["goals"]


def test_people_of_two_days(filled: Database) -> None:
    found = table(filled, "getPageUrls", kind="week", day="2026-05-13")
    columns = ("nb_visits", "nb_uniq_visitors", "sum_daily_nb_uniq_visitors", "entry_nb_uniq_visitors")
    assert numbers(found, *columns)["/index"] == (3, 2, 3, 2)
    assert row(found, "/index").columns["sum_daily_entry_nb_uniq_visitors"] == 3
    assert row(found, "/index").columns["goals"]["idgoal=1"]["nb_conversions_entry_rate"] == 0.5
    assert row(found, "shop").columns["sum_daily_nb_uniq_visitors"] == 2
    assert "sum_daily_nb_uniq_visitors" not in row(table(filled, "getPageUrls"), "/index").columns


@pytest.mark.parametrize(
    ("name", "labels", "segment"),
    [
        pytest.param("getEntryPageUrls", ["/index"], "entryPageUrl==", id="entries"),
        pytest.param("getExitPageUrls", ["shop"], "pageUrl=^", id="exits"),
        pytest.param("getEntryPageTitles", [" Home"], "entryPageTitle==Home", id="entry-titles"),
        pytest.param("getExitPageTitles", [" Boots"], "exitPageTitle==Boots", id="exit-titles"),
        pytest.param("getPageUrlsFollowingSiteSearch", ["shop"], "", id="after-searches"),
        pytest.param("getPageTitlesFollowingSiteSearch", [" Boots"], "", id="titles-after-searches"),
    ],
)
def test_some_pages(filled: Database, name: str, labels: list[str], segment: str) -> None:
    found = table(filled, name)
    assert [row.label for row in found] == labels
    assert str(found.rows[0].metadata.get("segment", "")).startswith(segment)


def test_a_flat_table_asks_outermost_folders(filled: Database) -> None:
    found = table(filled, "getExitPageUrls", "flat=1")
    assert [(row.label, row.metadata["Actions_ExitPageUrl"]) for row in found] == [
        ("/shop/boots/", "/shop/boots/"),
        ("/shop/red shoes?size=41", "/shop/red shoes?size=41"),
    ]


def test_titles(filled: Database) -> None:
    found = table(filled, "getPageTitles")
    assert numbers(found, "nb_hits", "sum_time_spent", "entry_nb_visits") == {
        " Home": (2, 101, 2),
        " Boots": (1, 0, None),
        " Shoes": (1, 60, None),
    }
    # A keyword that is called like a title keeps its time to itself.
    assert numbers(table(filled, "getSiteSearchKeywords"), "sum_time_spent")["boots"] == (180,)


def test_keywords(filled: Database) -> None:
    found = table(filled, "getSiteSearchKeywords")
    columns = ("nb_visits", "nb_hits", "exit_nb_visits", "nb_pages_per_search", "avg_time_on_page", "exit_rate")
    assert numbers(found, *columns) == {"boots": (2, 2, 1, 1.0, 90, 0.5), "a'b": (1, 1, None, 1.0, 0, 0)}
    assert found.rows[1].metadata == {"segment": "siteSearchKeyword==a%26%23039%3Bb"}
    assert [row.label for row in table(filled, "getSiteSearchNoResultKeywords")] == ["a'b"]


def test_search_categories(filled: Database) -> None:
    (only,) = table(filled, "getSiteSearchCategories")
    assert only.columns == {
        "label": "Shop",
        "nb_visits": 1,
        "nb_uniq_visitors": 1,
        "nb_actions": 1,
        "nb_pages_per_search": 1.0,
    }


def test_links(filled: Database) -> None:
    downloads = table(filled, "getDownloads")
    assert row(downloads, "example.org", "/a/list.pdf").columns == {
        "label": "/a/list.pdf",
        "nb_visits": 1,
        "nb_uniq_visitors": 1,
        "nb_hits": 1,
        "sum_time_spent": 0,
    }
    outlinks = table(filled, "getOutlinks")
    assert [row.label for row in outlinks] == ["elsewhere.example", "Page URL not defined"]
    link = row(outlinks, "elsewhere.example", "/?q=<b>#top")
    assert link.metadata["url"] == LINK
    assert link.metadata["segment"] == (
        "outlinkUrl==https%253A%252F%252Felsewhere.example%252F%253Fq%253D%2526lt%253Bb%2526gt%253B%2523top"
    )


@pytest.mark.parametrize(
    ("name", "asked", "label"),
    [
        pytest.param("getPageUrl", "pageUrl=https://www.example.org/", "/index", id="page"),
        pytest.param(
            "getPageUrl", "pageUrl=example.org/shop/red%2520shoes?size=41%23x", "/red shoes?size=41", id="leaf"
        ),
        pytest.param("getPageUrl", "pageUrl=http://example.org/?SID=7%26gclid=1%26own=2", "/index", id="excluded"),
        pytest.param("getPageUrl", "pageUrl=https://example.org/?size=41", None, id="unknown-query"),
        pytest.param("getPageUrl", "pageUrl=https://example.org/shop", None, id="a-folder-is-no-page"),
        pytest.param("getPageTitle", "pageName=Shoes", " Shoes", id="title"),
        pytest.param("getPageTitle", "pageName=shoes", None, id="unknown-title"),
        pytest.param("getDownload", f"downloadUrl={FILE}", "/a/list.pdf", id="file"),
        pytest.param("getDownload", f"downloadUrl={FILE}?phpsessid=x", "/a/list.pdf", id="file-in-a-session"),
        pytest.param("getOutlink", "outlinkUrl=https://elsewhere.example/?q=<b>%23top", "/?q=<b>#top", id="link"),
        pytest.param("getOutlink", "outlinkUrl=https://elsewhere.example/", None, id="unknown-link"),
    ],
)
def test_single_rows(filled: Database, name: str, asked: str, label: str | None) -> None:
    site = replace(SITE, excluded_parameters=("Own",))
    assert [row.label for row in table(filled, name, asked, site=site)] == ([label] if label else [])


def test_a_single_page_tells_its_part_of_all_conversions(filled: Database) -> None:
    (shoes,) = table(filled, "getPageUrl", "pageUrl=example.org/shop/red%2520shoes?size=41")
    assert shoes.columns["goals"]["idgoal=1"]["nb_conversions_page_rate"] == 1


def test_totals(filled: Database) -> None:
    answer = REPORTS["Actions.get"].answer
    assert answer(part_of(filled)) == Single(
        {
            "nb_pageviews": 4,
            "nb_uniq_pageviews": 4,
            "nb_downloads": 1,
            "nb_uniq_downloads": 1,
            "nb_outlinks": 2,
            "nb_uniq_outlinks": 2,
            "nb_searches": 3,
            "nb_keywords": 2,
        }
    )
    assert answer(part_of(filled, "columns=nb_outlinks,nb_searches")) == Single({"nb_outlinks": 2, "nb_searches": 3})
    nothing = answer(part_of(filled, day="2026-05-20"))
    assert isinstance(nothing, Single)
    assert nothing.empty


def test_speed(filled: Database) -> None:
    assert REPORTS["PagePerformance.get"].answer(part_of(filled)) == Single(
        {
            "avg_time_network": 0.01,
            "avg_time_server": 0.03,
            "avg_time_transfer": 0.03,
            "avg_time_dom_processing": 0.04,
            "avg_time_dom_completion": 0.05,
            "avg_time_on_load": 0.06,
            "avg_page_load_time": 0.22,
        }
    )
    assert performance.totals(part_of(filled))["PagePerformance_servery_time"] == 0.091


@pytest.mark.parametrize("name", [name for name in REPORTS if REPORTS[name].dimension])
def test_nothing(filled: Database, name: str) -> None:
    found: Result = REPORTS[name].answer(part_of(filled, day="2026-05-20"))
    assert isinstance(found, Table)
    assert found.rows == []


@pytest.mark.parametrize(("name", "shown"), [("getPageUrls", ["/index"]), ("getDownloads", ["example.org"])])
def test_some_visits(filled: Database, name: str, shown: list[str]) -> None:
    """A segment picks visits, and all that was done in them."""
    by_seeker = Filter("visitor = {who:UInt64}", {"who": SEEKER["visitor"]})
    assert [row.label for row in table(filled, name, segment=by_seeker)] == shown


@pytest.mark.parametrize(
    ("page", "path"),
    [
        ("example.org", ("/index",)),
        ("example.org/", ("/index",)),
        ("example.org/dir", ("/dir",)),
        ("example.org/dir/", ("dir", "/index")),
        ("example.org//a/ /b/?c=/d/e", ("a", "b", "/?c=/d/e")),
        ("example.org/?q=a+b%20c%ff", ("/?q=a b c",)),
        ("example.org/1/2/3/4/5/6/7/8/9/10/11", ("1", "2", "3", "4", "5", "6", "7", "8", "9", "/10/11")),
        ("", ("Page URL not defined",)),
    ],
)
def test_where_pages_stand(page: str, path: tuple[str, ...]) -> None:
    assert page_path(page) == path


@pytest.mark.parametrize(
    ("title", "delimiter", "path"),
    [
        ("a/b", "", (" a/b",)),
        ("a/b", "/", ("a", " b")),
        (" a // b /", "/", ("a", " b")),
        ("a", "/", (" a",)),
        ("//", "/", ("Page Name not defined",)),
        ("", "", ("Page Name not defined",)),
    ],
)
def test_where_titles_stand(title: str, delimiter: str, path: tuple[str, ...]) -> None:
    assert title_path(title, delimiter) == path


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://example.org", ("example.org", "/")),
        ("https://example.org/a%20b?c#d", ("example.org", "/a b?c#d")),
        ("mailto:somebody@example.org", ("Page URL not defined",)),
    ],
)
def test_where_links_stand(url: str, path: tuple[str, ...]) -> None:
    assert link_path(url) == path


def test_segments_are_encoded_as_clients_know_them() -> None:
    assert is_value("eventName", "l'eau & <b>") == "eventName==l%26%23039%3Beau+%26amp%3B+%26lt%3Bb%26gt%3B"
    assert is_address("pageUrl", "http://a.example/~b c") == "pageUrl==http%253A%252F%252Fa.example%252F%257Eb%2Bc"


@pytest.mark.parametrize(
    ("prefixes", "url"),
    [
        pytest.param((2, 0, 0), "http://x/a", id="most-hits"),
        pytest.param((3, 1), "https://www.x/a", id="of-equals-the-first"),
        pytest.param((255,), "x/a", id="unknown"),
    ],
)
def test_the_address_of_a_page(clean_database: Database, prefixes: tuple[int, ...], url: str) -> None:
    hits = [hit_row(at=at(f"13T08:0{n}"), page="x/a", prefix=prefix) for n, prefix in enumerate(prefixes)]
    filled_with(clean_database, hits=hits)
    assert [row.metadata["url"] for row in table(clean_database, "getPageUrls")] == [url]


def test_a_page_of_two_hosts_is_one_row(clean_database: Database) -> None:
    """Visits and people of each host are added; the address is that of the host with more hits."""
    views = {"y/a": 1, "x/a": 2}
    hits = [hit_row(visit=1, at=at("13T08:00"), page=page) for page, count in views.items() for _ in range(count)]
    filled_with(clean_database, hits=hits)
    (only,) = table(clean_database, "getPageUrls")
    assert (only.columns["nb_hits"], only.columns["nb_visits"], only.columns["nb_uniq_visitors"]) == (3, 2, 2)
    assert only.metadata["url"] == "https://x/a"


def test_where_visits_began_tells_all_of_a_page(clean_database: Database) -> None:
    """Also what happened under another of its addresses, with which no visit began."""
    entered = visit(1, "13T08:00", 60, actions=2, entry_page="x/a/index", exit_page="x/a/")
    pages = [hit(entered, "13T08:00", page="x/a/index"), hit(entered, "13T08:01", page="x/a/")]
    filled_with(clean_database, visits=[entered], hits=pages)
    found = row(table(clean_database, "getEntryPageUrls"), "a", "/index").columns
    assert [found[column] for column in ("nb_hits", "entry_nb_visits", "exit_nb_visits")] == [2, 1, 1]


def test_half_a_cent_of_a_conversion_is_one(clean_database: Database) -> None:
    """A quarter of 19.9 is 4.975, of which binary fractions fall short; so does what each of 8 entries brought."""
    visits = [visit(number, "13T08:00", entry_page="x/a") for number in range(1, 9)]
    won = conversion(visits[0], 1, "13T08:01", 19.9, pageviews_before=4)
    filled_with(clean_database, visits=visits, hits=[hit(visits[0], "13T08:00", page="x/a")], conversions=[won])
    goal = row(table(clean_database, "getPageUrls"), "/a").columns["goals"]["idgoal=1"]
    assert (goal["revenue_attrib"], goal["revenue_per_entry"]) == (4.98, 2.488)


def test_a_folder_that_is_called_like_a_page(clean_database: Database) -> None:
    """What visitors make up must not break a report: a folder may be called `/a`, and a host like what is no URL."""
    hits = [hit_row(at=at("13T08:00"), page=page) for page in ("x/%2Fa/b", "x/a", "x/%20/c", "", "y/a")]
    links = [
        hit_row(at=at("13T08:00"), action="outlink", page=page, prefix=255)
        for page in ("", "http://Page URL not defined/b")
    ]
    filled_with(clean_database, hits=[*hits, *links])
    found = table(clean_database, "getPageUrls")
    assert sorted((row.label, row.columns["nb_hits"], bool(row.table)) for row in found) == [
        ("/a", 1, True),
        ("/a", 2, False),
        ("/c", 1, False),
        ("Page URL not defined", 1, False),
    ]
    assert len(table(clean_database, "getOutlinks")) == 2
