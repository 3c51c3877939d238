"""Segments: expressions, and beside them which of a few visits they mean; what is refused, and never gets into SQL."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.api_parameters import ApiError
from dashboard.period import parse as period
from dashboard.segment import Context, parse
from dashboard.segment_labels import CLOSED
from sql.clickhouse import Database
from sql.registry import NewSite
from sql.segment_names import NAMES, VARIABLES, name_of
from sql.segments import EVERYTHING, HITS_MARK, MOST_LISTS, VISITS_MARK
from tests.conftest import Values, conversion_row, emptied, hit_row, insert_rows, item_row, visit_row

BERLIN = "Europe/Berlin"
REPORTS = sorted((Path(__file__).parent.parent / "sql/reports").glob("*.sql"))
DAY = date(2026, 5, 13)  # A Wednesday.
CONTEXT = Context(
    timezone=BERLIN,
    dimensions={1: "visit", 2: "action"},
    goals={1: "Newsletter", 2: "Contact us"},
)
BOUNDS = period("day", f"{DAY}", DAY).bounds(ZoneInfo(BERLIN))
ASKED = {"site": 1, "since": BOUNDS.since, "until": BOUNDS.until}
ALL = {1, 2, 3, 4, 5}


def at(text: str) -> datetime:
    """Return a moment of May 2026, such as 13T08:00, in Berlin's time: two hours before UTC."""
    return datetime.fromisoformat(f"2026-05-{text}").replace(tzinfo=ZoneInfo(BERLIN)).astimezone(UTC)


def visit(number: int, started: str, duration: int = 0, **changes: object) -> Values:
    return visit_row(id=number, visitor=0xABC0 + number, started=at(started), duration=duration, **changes)


def hit(number: int, time: str, **changes: object) -> Values:
    return hit_row(visit=number, at=at(time), **changes)


VISITS = [
    visit(
        1,
        "13T08:10",
        600,
        user_id="Anna",
        ip="203.0.0.0",
        actions=3,
        events=1,
        converted=1,
        goals=[1, 2],
        buyer=0,
        country="de",
        city="Köln",
        entry_page="example.org/shop/",
        exit_page="example.org/contact",
        entry_title="Shop",
        exit_title="Contact",
        referrer_type="search",
        referrer_name="Google",
        referrer_keyword="",
        referrer_url="https://www.google.com/",
        dimensions={"1": "Gold"},
        variables={"1": ("Age", "30-39")},
        latitude=50.94,
        longitude=6.96,
        local_time=8 * 3600 + 600,
    ),
    visit(
        2,
        "13T00:20",
        60,
        ip="203.0.9.0",
        actions=2,
        buyer=1,
        converted=1,
        returning=2,
        visit_count=3,
        seconds_since_first=10 * 86400,
        seconds_since_last=2 * 86400 + 5,
        seconds_since_order=0,
        country="at",
        city="Zürich",
        browser="Chrome",
        browser_version="120.0",
        os="Mac",
        device_type="smartphone",
        device_brand="Apple",
        language="en",
        referrer_type="campaign",
        referrer_name="spring, summer; autumn",
        referrer_keyword="a+b",
        local_time=20 * 60,
    ),
    visit(
        3,
        "13T12:00",
        30,
        ip="",
        user_id="0",
        buyer=2,
        returning=1,
        visit_count=2,
        seconds_since_first=86399,
        seconds_since_last=86399,
        country="jp",
        city="ZÜRICH",
        os="iOS",
        entry_action="search",
        entry_page="",
        entry_title="shoes",
        exit_title="shoes",
        referrer_type="website",
        referrer_name="news.example",
        referrer_url="http://news.example/?a=1&b=2",
    ),
    visit(4, "13T23:50", 60, country="xx", browser="", entry_page="", entry_title="", buyer=3, goals=[2], converted=1),
    visit(5, "13T18:00", actions=0, entry_action="", entry_page="", entry_title="", city="Zurich"),  # Only contents.
    visit(6, "12T18:00", user_id="Anna"),  # Too early.
    {**visit(7, "13T18:00", user_id="Anna"), "site": 2},  # Elsewhere.
]
HITS = [
    hit(1, "13T08:10", page="example.org/shop/", title="Shop", dimensions={"2": "Red"}),
    hit(1, "13T08:15", page="example.org/contact", title="Contact", dimensions={"2": ""}),
    hit(
        1,
        "13T08:20",
        action="event",
        page="example.org/contact",
        title="",
        event_category="Form",
        event_action="send",
        event_value=9.5,
    ),
    hit(
        2, "13T00:20", page="example.org/Shop/", title="Shop", product_sku="S1", product_name="Shoes", product_price=9.0
    ),
    hit(2, "13T00:21", page="example.org/cart?step=1", title="Café & Cart", product_categories=["Clothes", "Feet"]),
    hit(3, "13T12:00", action="search", page="", title="", keyword="Shoes", search_count=0, search_category="all"),
    hit(3, "13T12:00:20", action="outlink", page="https://elsewhere.example/", prefix=255, title=""),
    hit(3, "13T12:00:30", action="download", page="https://example.org/a.pdf", prefix=255, title=""),
    hit(4, "13T23:50", page="", prefix=255, title=""),
    hit(4, "13T23:51", action="event", page="example.org/x", title="", event_category="form", event_action="open"),
    hit(
        5,
        "13T18:00",
        action="content",
        page="example.org/shop/",
        title="",
        content_name="Banner",
        content_target="https://example.com",
    ),
    hit(5, "13T18:00", action="goal", page="example.org/goal", title="Goal"),
    hit(6, "12T18:00", page="example.org/early"),
    hit(7, "13T18:00", site=2, page="example.org/elsewhere"),
]
CONVERSIONS = [
    conversion_row(visit=1, started=at("13T08:10"), at=at("13T08:20"), goal=1, order_id="", revenue=700.0),
    conversion_row(visit=2, started=at("13T00:20"), at=at("13T00:21"), order_id="A100", revenue=50.0),
    conversion_row(visit=2, started=at("13T00:20"), at=at("13T00:21"), order_id="A101", revenue=500.0),
    conversion_row(visit=3, started=at("13T12:00"), at=at("13T12:00:30"), goal=-1, order_id="", revenue=80.0),
    conversion_row(visit=4, started=at("13T23:50"), at=at("13T23:50"), order_id="B7", revenue=60.0),
]
ITEMS = [
    item_row(visit=2, started=at("13T00:20"), at=at("13T00:21"), sku="S1", name="Shoes", price=40.0),
    item_row(visit=2, started=at("13T00:20"), at=at("13T00:21"), sku="S2", name="Socks", categories=[], price=10.0),
    item_row(visit=3, started=at("13T12:00"), at=at("13T12:00:30"), sku="S2", name="Socks", price=8.0),
    item_row(visit=3, started=at("13T12:00"), at=at("13T12:00:30"), sku="S3", name="Hat", deleted=1),
]


@pytest.fixture(scope="module")
def filled(database: Database) -> Iterator[Database]:
    emptied(database)
    insert_rows(database, "visits", VISITS)
    insert_rows(database, "hits", HITS)
    insert_rows(database, "conversions", CONVERSIONS)
    insert_rows(database, "order_items", ITEMS)
    yield database
    emptied(database)


def meant(database: Database, text: str, context: Context = CONTEXT) -> set[int]:
    """Return the visits of the day that a segment means."""
    rows = database.query("segments/visits", ASKED, parse(text, context))
    assert len(rows) == len({row["id"] for row in rows})
    return {row["id"] for row in rows}


def meant_by_hits(database: Database, text: str) -> set[int]:
    """Return the visits whose hits a report about hits would look at."""
    segment = parse(text, CONTEXT)
    statement = segment.applied("select distinct visit from hits where site = {site:UInt32} /* segment of hits */")
    return {visit for (visit,) in database.client.query(statement, {**ASKED, **segment.parameters}).result_rows}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", ALL, id="nothing-asked"),
        pytest.param("   ", ALL, id="blank"),
        pytest.param("countryCode==de", {1}, id="is"),
        pytest.param("countryCode!=de", {2, 3, 4, 5}, id="is-not"),
        pytest.param("countryCode==DE", {1}, id="in-capitals"),
        pytest.param("countryCode==de,countryCode==at", {1, 2}, id="or"),
        pytest.param("countryCode==de;visitorType==new", {1}, id="and"),
        pytest.param("countryCode==de,countryCode==at;visitEcommerceStatus==ordered", {2}, id="or-binds-tighter"),
        pytest.param("countryCode==de;countryCode==at", set(), id="two-at-once"),
        pytest.param("city=@ürich", {2, 3}, id="other-scripts-have-capitals-too"),
        pytest.param("city==zürich", {2, 3}, id="is-in-other-scripts"),
        pytest.param("city==zürich,city==köln", {1, 2, 3}, id="several-in-other-scripts"),
        pytest.param("city==zürich,city==zurich", {2, 3, 5}, id="several-in-all-scripts"),
        pytest.param("city==zurich", {5}, id="accents-count"),
        pytest.param("city==züric", set(), id="not-the-whole"),
        pytest.param("city=^ZÜ", {2, 3}, id="starts"),
        pytest.param("city=$ürich", {2, 3}, id="ends"),
        pytest.param("city=^zu", {5}, id="starts-in-ascii"),
        pytest.param("city=$URICH", {5}, id="ends-in-ascii"),
        pytest.param("city!@ürich", {1, 4, 5}, id="does-not-contain"),
        pytest.param("city==", {4}, id="empty"),
        pytest.param("city!=", {1, 2, 3, 5}, id="not-empty"),
        pytest.param("city==unknown", {4}, id="as-reports-write-empty-ones"),
        pytest.param("city==K%C3%B6ln", {1}, id="encoded-value"),
        pytest.param("city%3D%3DK%25C3%25B6ln%2Ccity%3D%3DZurich", {1, 5}, id="encoded-as-a-whole"),
        pytest.param("referrerName==spring%2C summer%3B autumn", {2}, id="encoded-comma-and-semicolon"),
        pytest.param("referrerName==spring\\, summer\\; autumn", {2}, id="escaped-comma-and-semicolon"),
        pytest.param("referrerName==spring\\,+summer\\;+autumn;countryCode==at", {2}, id="plus-is-a-blank"),
        pytest.param("referrerKeyword==a%252Bb", {2}, id="a-plus-encoded-twice"),
        pytest.param("referrerUrl==http://news.example/?a=1%26amp%3Bb=2", {3}, id="entities-of-rows"),
        pytest.param("userId==anna", {1}, id="user"),
        pytest.param("userId!=", {1}, id="with-user"),
        pytest.param("userId==", {2, 3, 4, 5}, id="without-user"),
        pytest.param("userId==0", {3}, id="a-user-named-zero"),
        pytest.param("visitId==3", {3}, id="visit"),
        pytest.param("visitorId==000000000000abc4", {4}, id="visitor"),
        pytest.param("visitorId==000000000000ABC4", {4}, id="visitor-in-capitals"),
        pytest.param("visitorId!=abc4", ALL, id="no-visitor"),
        pytest.param("visitorId=$4", {4}, id="end-of-visitor"),
        pytest.param("visitIp==203.0.9.0", {2}, id="address"),
        pytest.param("visitIp>203.0.8.255;visitIp<=203.0.255.255", {2}, id="range-of-addresses"),
        pytest.param("visitorType==returning,visitorType==returningCustomer", {2, 3}, id="returning"),
        pytest.param("visitorType=@returning", {2, 3}, id="part-of-a-word"),
        pytest.param("visitorType!=returning", {1, 2, 4, 5}, id="other-words"),
        pytest.param("visitCount>2", {2}, id="greater"),
        pytest.param("visitCount>=2;visitCount<3", {3}, id="between"),
        pytest.param("visitCount>1.5", {2, 3}, id="fraction"),
        pytest.param("visitCount==many", set(), id="no-number"),
        pytest.param("visitCount!=many", ALL, id="not-no-number"),
        pytest.param("visitDuration=^6", {1, 2, 4}, id="number-as-text"),
        pytest.param("actions==", {5}, id="zero-is-empty"),
        pytest.param("actions!=0", {1, 2, 3, 4}, id="not-zero"),
        pytest.param("daysSinceFirstVisit==10", {2}, id="days"),
        pytest.param("daysSinceLastVisit==0", {3}, id="a-day-is-not-over"),
        pytest.param("daysSinceLastVisit!=2", {1, 3, 4, 5}, id="is-not-unknown"),
        pytest.param("daysSinceLastVisit<1", {3}, id="unknown-is-not-less"),
        pytest.param("secondsSinceLastEcommerceOrder==", ALL, id="unknown-or-zero-is-empty"),
        pytest.param("visitConverted==1", {1, 2, 4}, id="converted"),
        pytest.param("visitConvertedGoalId==1", {1}, id="goal"),
        pytest.param("visitConvertedGoalId!=1", {2, 3, 4, 5}, id="without-goal"),
        pytest.param("visitConvertedGoalId==2;visitConvertedGoalId!=1", {4}, id="one-goal-not-the-other"),
        pytest.param("visitConvertedGoalId==1;visitConvertedGoalId==2", {1}, id="two-goals"),
        pytest.param("visitConvertedGoalId==0", {2, 4}, id="goal-of-orders"),
        pytest.param("visitConvertedGoalName=@contact", {1, 4}, id="name-of-a-goal"),
        pytest.param("visitEcommerceStatus==abandonedCart,visitEcommerceStatus==ordered", {2, 3}, id="buyers"),
        pytest.param("visitEcommerceStatus!=none", {2, 3, 4}, id="any-buyers"),
        pytest.param("visitLocalHour==8", {1}, id="local-hour"),
        pytest.param("visitLocalMinute==20", {2}, id="local-minute"),
        pytest.param("visitStartServerHour==22", {2}, id="hour-by-utc"),
        pytest.param("visitServerHour==21", {4}, id="hour-of-the-end"),
        pytest.param("visitEndServerDate==2026-05-13", ALL, id="day-of-the-site"),
        pytest.param("visitStartServerDate<2026-05-13", set(), id="earlier-day"),
        pytest.param("visitEndServerDayOfWeek==3;visitEndServerMonth==5;visitEndServerYear==2026", ALL, id="calendar"),
        pytest.param("visitEndServerWeekOfYear==20;visitEndServerQuarter==2", ALL, id="week-and-quarter"),
        pytest.param("visitEndServerDayOfYear==133;visitStartServerDayOfMonth==13", ALL, id="day-of-the-year"),
        pytest.param("countryName==Germany", {1}, id="country-by-name"),
        pytest.param("countryName=@an", {1, 3, 5}, id="countries-by-part-of-name"),
        pytest.param("countryName==unknown", {4}, id="unknown-country"),
        pytest.param("continentCode==eur", {1, 2, 5}, id="continent"),
        pytest.param("continentName!=Asia", {1, 2, 4, 5}, id="continent-by-name"),
        pytest.param("latitude>50;longitude<7", {1}, id="place"),
        pytest.param("latitude!=1", ALL, id="no-place"),
        pytest.param("languageCode==en,languageCode=@en-", {2}, id="language"),
        pytest.param("browserCode==FF", {1, 3, 5}, id="browser-by-code"),
        pytest.param("browserCode==UNK", {4}, id="unknown-browser"),
        pytest.param("browserName==chrome", {2}, id="browser"),
        pytest.param("browserCode==CH;browserVersion==120.0", {2}, id="browser-and-version"),
        pytest.param("operatingSystemCode==MAC", {2}, id="system-by-code"),
        pytest.param("operatingSystemCode==IOS,operatingSystemCode==WIN", {1, 3, 4, 5}, id="systems-by-code"),
        pytest.param("deviceType==smartphone", {2}, id="device"),
        pytest.param("deviceType=@phone", {2}, id="part-of-device"),
        pytest.param("deviceBrand==Unknown", {1, 3, 4, 5}, id="unknown-brand"),
        pytest.param("resolution==1920X1080", ALL, id="resolution"),
        pytest.param("referrerType==search", {1}, id="referrer"),
        pytest.param("referrerType==search;referrerKeyword==Keyword+not+defined", {1}, id="unknown-keyword"),
        pytest.param("dimension1==gold", {1}, id="dimension-of-visits"),
        pytest.param("dimension1==", {2, 3, 4, 5}, id="without-dimension"),
        pytest.param("customVariableName1==age;customVariableValue1=^30", {1}, id="variable"),
        pytest.param("entryPageUrl==http://www.example.org/shop/", {1}, id="entry"),
        pytest.param("entryPageUrl!=example.org/shop/", {2, 3, 4, 5}, id="other-entry"),
        pytest.param("entryPageTitle==shoes", set(), id="a-search-is-no-entry"),
        pytest.param("entryPageTitle==", {3, 4, 5}, id="no-entry"),
        pytest.param("exitPageTitle==Contact", {1}, id="exit"),
    ],
)
def test_visits(filled: Database, text: str, expected: set[int]) -> None:
    assert meant(filled, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("pageUrl==http://example.org/shop/", {1, 2, 5}, id="page-also-under-a-content"),
        pytest.param("pageUrl==https://WWW.Example.org/shop/", {1, 2, 5}, id="protocol-www-and-case"),
        pytest.param("pageUrl==example.org%2Fshop%2F", {1, 2, 5}, id="without-protocol"),
        pytest.param("pageUrl!=example.org/shop/", {3, 4}, id="no-action-on-the-page"),
        pytest.param("pageUrl==example.org/nowhere", set(), id="unknown-page"),
        pytest.param("pageUrl!=example.org/nowhere", ALL, id="not-an-unknown-page"),
        pytest.param("pageUrl==example.org/early", set(), id="too-early"),
        pytest.param("pageUrl==example.org/elsewhere", set(), id="of-another-site"),
        pytest.param("pageUrl==example.org/goal", set(), id="a-goal-is-no-page"),
        pytest.param("pageUrl==example.org/x", set(), id="an-event-is-no-page"),
        pytest.param("eventUrl==example.org/x", {4}, id="page-of-an-event"),
        pytest.param("pageUrl==example.org/shop/;pageUrl==example.org/contact", set(), id="no-action-is-on-two-pages"),
        pytest.param("pageUrl==example.org/shop/,pageUrl==example.org/contact", {1, 2, 5}, id="either-page"),
        pytest.param("pageUrl==example.org/shop/;pageUrl!=example.org/contact", {2, 5}, id="one-page-never-the-other"),
        pytest.param("pageUrl!=example.org/shop/;pageUrl!=example.org/contact", {3, 4}, id="neither-page"),
        pytest.param("pageUrl!=example.org/shop/,pageUrl!=example.org/contact", {2, 3, 4, 5}, id="not-both-pages"),
        pytest.param("pageUrl=@example.org;pageUrl!@cart", {1, 5}, id="contains-and-never-contains"),
        pytest.param("pageUrl=^http://example.org/c;pageTitle=@cart", {2}, id="two-conditions-on-one-action"),
        pytest.param("pageUrl=@contact;pageTitle==Shop", set(), id="two-conditions-on-two-actions"),
        pytest.param("pageUrl=@contact,eventValue>9;pageTitle==Contact,eventCategory==Form", {1}, id="alternatives"),
        pytest.param("pageTitle==caf%C3%A9 %26 cart", {2}, id="title"),
        pytest.param("pageTitle==", {4}, id="page-without-title"),
        pytest.param("pageTitle==Page+Name+not+defined", {4}, id="page-without-title-as-reports-write-it"),
        pytest.param("pageTitle!=", {1, 2}, id="page-with-title"),
        pytest.param("pageUrl==", {4}, id="page-without-url"),
        pytest.param("outlinkUrl=@elsewhere", {3}, id="outlink"),
        pytest.param("downloadUrl==https://example.org/a.pdf", {3}, id="download"),
        pytest.param(
            "actionUrl==https://example.org/a.pdf,actionUrl==http://example.org/contact", {1, 3}, id="any-url"
        ),
        pytest.param("actionUrl!@example", {4}, id="no-such-url"),
        pytest.param("actionType==events", {1, 4}, id="kind-of-action"),
        pytest.param("actionType==outlinks,actionType==contents", {3, 5}, id="kinds-of-actions"),
        pytest.param("actionType!=pageviews", {3, 5}, id="no-page-views"),
        pytest.param("actionServerHour==6", {1}, id="hour"),
        pytest.param("siteSearchKeyword==shoes;siteSearchCategory==ALL;siteSearchCount==0", {3}, id="search"),
        pytest.param("eventCategory==Form", {1, 4}, id="event"),
        pytest.param("eventCategory==form;eventAction==send;eventValue>9", {1}, id="event-and-value"),
        pytest.param("eventValue<=9", set(), id="no-value-is-not-less"),
        pytest.param("eventCategory==form;eventValue!=9.5", {4}, id="without-the-value"),
        pytest.param("contentName==banner;contentTarget==https%3A%2F%2Fexample.com", {5}, id="content"),
        pytest.param("contentName==banner;pageUrl==example.org/shop/", {5}, id="content-on-a-page"),
        pytest.param("contentPiece==Unknown", {5}, id="unknown-piece"),
        pytest.param("dimension2==red", {1}, id="dimension-of-actions"),
        pytest.param("dimension2!=red", {2, 3, 4, 5}, id="no-such-dimension"),
        pytest.param("productViewSku==s1;productViewName=^sho;productViewPrice<10", {2}, id="product-looked-at"),
        pytest.param("productViewCategory==feet", {2}, id="category-looked-at"),
        pytest.param("orderId==a100", {2}, id="order"),
        pytest.param("revenueOrder>55", {2, 4}, id="worth-of-an-order"),
        pytest.param("revenueOrder>55;revenueOrder<100", {4}, id="worth-of-one-order"),
        pytest.param("orderId==A100;revenueOrder>100", set(), id="of-one-order"),
        pytest.param("revenueOrder!=500", {1, 3, 4, 5}, id="no-such-order"),
        pytest.param("revenueAbandonedCart>100", set(), id="cart"),
        pytest.param("revenueAbandonedCart<=80", {3}, id="worth-of-a-cart"),
        pytest.param("productSku==S2", {2, 3}, id="article"),
        pytest.param("productSku==S3", set(), id="article-taken-out-again"),
        pytest.param("productSku==S2;productPrice<9", {3}, id="of-one-article"),
        pytest.param("productSku==S1;productName==Socks", set(), id="of-two-articles"),
        pytest.param("productSku!=S1", {1, 3, 4, 5}, id="no-such-article"),
        pytest.param("productCategory==clothes", {2, 3}, id="category"),
        pytest.param("productCategory==Product+Category+not+defined", {2}, id="no-category"),
        pytest.param("countryCode==de;pageUrl=@shop", {1}, id="visit-and-action"),
        pytest.param("countryCode==de,pageUrl=@cart", {1, 2}, id="visit-or-action"),
        pytest.param("countryCode==at,pageUrl=@contact;pageTitle==Shop", {2}, id="visit-or-action-and-action"),
        pytest.param("countryCode==de,pageUrl=@contact;pageTitle==Shop", {1}, id="visit-instead-of-action"),
        pytest.param("countryCode==at,pageUrl=@shop;visitConverted==0,pageTitle==Shop", {1, 2, 5}, id="twice-or"),
        pytest.param(
            "countryCode==jp,pageUrl=@contact;visitConverted==0,pageTitle==Shop", {3}, id="not-on-two-actions"
        ),
        pytest.param("productSku==S2,pageUrl=@contact", {1, 2, 3}, id="article-or-action"),
        pytest.param("productSku==S1,orderId==B7", {2, 4}, id="article-or-order"),
        pytest.param("pageUrl!@shop,productSku==S1", {2, 3, 4}, id="no-action-or-article"),
    ],
)
def test_actions_and_sales(filled: Database, text: str, expected: set[int]) -> None:
    assert meant(filled, text) == expected
    assert meant_by_hits(filled, text) == expected  # All of their hits, and no others.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("pageUrl==https://www.example.org/cart?step=1&utm_source=a&REF=7#top", {2}, id="from-a-browser"),
        pytest.param("pageUrl==example.org/contact?gclid=1", {1}, id="nothing-of-the-query-is-kept"),
        pytest.param("pageUrl==example.org/cart?step=2&utm_source=a", set(), id="another-page"),
        pytest.param("entryPageUrl==http://example.org/shop/?ref=a", {1}, id="entry"),
        pytest.param("pageUrl=@?step=1", {2}, id="a-part-is-taken-as-it-is"),
        pytest.param("referrerUrl==http://news.example/?a=1&b=2&utm_source=a", set(), id="no-page-of-ours"),
    ],
)
def test_page_urls_are_compared_as_they_are_kept(filled: Database, text: str, expected: set[int]) -> None:
    site = NewSite(name="Example", urls=("https://example.org",), timezone=BERLIN, excluded_parameters=("ref",))
    assert meant(filled, text, Context.of(site, {}, {})) == expected


def test_fragments_belong_to_pages_where_they_are_kept() -> None:
    text = "pageUrl==https://example.org/a#top"
    assert parse(text, CONTEXT).parameters == {"s0": "example.org/a"}
    assert parse(text, replace(CONTEXT, keep_fragment=True)).parameters == {"s0": "example.org/a#top"}


@pytest.mark.parametrize("name", ["visitId", "visitorId", "userId", "visitIp", "orderId"])
@pytest.mark.parametrize("preset", ["strict", "cnil", "tdddg", "uk"])
def test_who_must_not_be_told_apart_cannot_be_asked_for(name: str, preset: str) -> None:
    site = NewSite(name="Example", urls=("https://example.org",))
    parse(f"{name}==1", Context.of(site, {}, {}))
    strict = Context.of(replace(site, preset=preset), {}, {})
    with pytest.raises(ApiError, match=f"Segment '{name}' is not a supported segment. This website's privacy preset"):
        parse(f"countryCode==de;{name}==1", strict)
    parse("visitorType==new", strict)


def tables_read(statement: str, mark: str) -> set[str]:
    """Return the tables that are read where a mark stands: those that are named last before it."""
    before = statement.split(mark)[:-1]
    return {re.findall(r"\bfrom (\w+(?: final)?)\b", part)[-1] for part in before}


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_reports_have_their_marks_where_segments_can_stand(path: Path) -> None:
    """Segments name columns of `visits` with that table, so it must have that name, and be read there."""
    statement = path.read_text("utf-8")
    assert tables_read(statement, VISITS_MARK) <= {"visits final"}
    rows = {"hits", "conversions final", "order_items final", "timings final"}
    assert tables_read(statement, HITS_MARK) <= rows


def test_what_a_report_calls_like_a_column_is_not_compared(filled: Database) -> None:
    """This one calls the visitor of a user's first visit `visitor`."""
    rows = filled.query("reports/users", ASKED, parse("visitorId==000000000000abc1", CONTEXT))
    assert [row["user_id"] for row in rows] == ["Anna"]


def numbered(name: str) -> str:
    """Return a name that the test's site has."""
    return {"dimension": "dimension2"}.get(name, f"{name}1")


EVERY_NAME = [*NAMES, "dimension1", "dimension2", *map(numbered, VARIABLES)]
EVERY_OPERATOR = ("==", "!=", ">", ">=", "<", "<=", "=@", "!@", "=^", "=$")
ORDERS = {">", ">=", "<", "<="}
# A value for each kind that every operator of the kind takes.
VALUES = {"text": "Zü", "page": "http://example.org/ü", "number": "1", "date": "2026-05-13", "address": "203.0.0.0"}
WORDS = {name: next(iter(words)) for name, words in CLOSED.items()}


@pytest.mark.parametrize("name", EVERY_NAME)
def test_every_name_is_asked_with_every_operator(filled: Database, name: str) -> None:
    """Nothing is both so and not so, and everything is one of them: that holds of whatever a name may mean."""
    known = name_of(name, CONTEXT.dimensions)
    assert known
    value = WORDS.get(name, VALUES.get(known.first.kind, "f"))
    for operator in EVERY_OPERATOR:
        if operator in ORDERS and known.first.kind not in ("number", "date", "address"):
            with pytest.raises(ApiError, match="is not valid"):
                meant(filled, f"{name}{operator}{value}")
            continue
        assert meant(filled, f"{name}{operator}{value}") <= ALL
    for positive, negative in (("==", "!="), ("=@", "!@")):
        assert meant(filled, f"{name}{positive}{value}") ^ meant(filled, f"{name}{negative}{value}") == ALL
    assert meant(filled, f"{name}!=") | meant(filled, f"{name}==") <= ALL


NUMBERS = [name for name, (first, *_) in NAMES.items() if first.kind == "number" and first.source == "visits"]


@pytest.mark.parametrize("name", [name for name in NUMBERS if not NAMES[name][0].many])
def test_every_name_that_takes_numbers_puts_them_in_order(filled: Database, name: str) -> None:
    below, same, above = (meant(filled, f"{name}{operator}2") for operator in ("<", "==", ">"))
    assert meant(filled, f"{name}<=2") == below | same
    assert meant(filled, f"{name}>=2") == above | same
    assert not below & above | below & same | above & same


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("colour==red", "Segment 'colour' is not a supported segment.", id="unknown-name"),
        pytest.param("dimension3==red", "Segment 'dimension3' is not a supported segment.", id="unknown-dimension"),
        pytest.param("dimension0==red", "Segment 'dimension0' is not a supported segment.", id="no-dimension"),
        pytest.param("customVariableName21==a", "Segment 'customVariableName21' is not", id="no-such-variable"),
        pytest.param("countryCode==de;colour!=", "Segment 'colour' is not a supported segment.", id="second-name"),
        pytest.param("countryCode", "The segment condition 'countryCode' is not valid.", id="no-operator"),
        pytest.param("countryCode=de", "The segment condition 'countryCode=de' is not valid.", id="half-an-operator"),
        pytest.param("==de", "The segment condition '==de' is not valid.", id="no-name"),
        pytest.param("countryCode==de;", "The segment condition '' is not valid.", id="nothing-after-and"),
        pytest.param(",countryCode==de", "The segment condition '' is not valid.", id="nothing-before-or"),
        pytest.param("city=@", "The segment condition 'city=@' is not valid. Expected a value.", id="empty"),
        pytest.param("visitCount>", "The segment condition 'visitCount>' is not valid.", id="greater-than-nothing"),
        pytest.param("visitCount>many", "is not valid. Expected a number.", id="no-number"),
        pytest.param("visitEndServerDate>May", "Expected a date, such as 2026-05-13.", id="no-date"),
        pytest.param("visitIp>here", "Expected an IP address.", id="no-address"),
        pytest.param("city>A", "Expected one of the operators ==, !=, =@, !@, =^ and =$.", id="text-has-no-order"),
        pytest.param("visitorType==neww", "Expected one of new, returning, returningCustomer.", id="unknown-word"),
        pytest.param("city==a,b;visitCount==1", "The segment condition 'b' is not valid.", id="comma-not-escaped"),
        pytest.param("city==" + "a" * 20_000, "The segment is too large: expected at most 16384 letters.", id="long"),
        pytest.param("city==a," * 300 + "city==a", "expected at most 200 conditions.", id="many-conditions"),
        pytest.param(
            ",".join(["pageUrl!=a"] * (MOST_LISTS + 1)), "expected fewer alternatives that look at actions.", id="slow"
        ),
        pytest.param("x" * 1000 + "==1", f"Segment '{'x' * 200}' is not a supported segment.", id="long-name"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse(text, CONTEXT)
    assert message in str(refused.value)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "value",
    [
        "'",
        "' or 1=1 --",
        "\\' or '1'='1",
        "') or (1=1",
        "{s0:String}",
        "{site:UInt32}",
        "%s %(site)s {}",
        "/* segment of visits */",
        "\x00",
        "a\nb\tc\\",
        "%00%0a%09%5c%27",
        "\ud800",
        "_%",
    ],
)
def test_values_never_become_sql(filled: Database, value: str) -> None:
    for name in ("city", "pageUrl", "dimension1", "visitorId", "userId", "browserCode", "visitCount", "orderId"):
        for operator in ("==", "=@"):
            assert meant(filled, f"{name}{operator}{value}") == set(), (name, operator)


@pytest.mark.parametrize("text", ["city) or (1==1", "1;drop==x", "city/**/==x", "visits.city==x", "__class__==x"])
def test_names_never_become_sql(text: str) -> None:
    with pytest.raises(ApiError):
        parse(text, CONTEXT)


def test_all_that_is_asked_is_put_in_with_all_else_that_is(filled: Database) -> None:
    segment = parse("countryCode==de", CONTEXT)
    assert segment.condition
    assert segment.parameters == {"s0": "de"}
    assert parse("", CONTEXT) == EVERYTHING


# Texts that look like segments more or less.
VALUE = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", "1", "-1", "9" * 25, "1.5", "new", "0001-01-01", "9999-12-31", "::1", "%2C", "\\,", "'"]),
)
CONDITION = st.builds("{}{}{}".format, st.sampled_from(EVERY_NAME), st.sampled_from(EVERY_OPERATOR), VALUE)
SEGMENT = st.builds(";".join, st.lists(st.builds(",".join, st.lists(CONDITION, min_size=1, max_size=3)), max_size=3))


@given(text=st.one_of(SEGMENT, CONDITION, st.text(max_size=60)))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_a_segment_or_refused(filled: Database, text: str) -> None:
    try:
        segment = parse(text, CONTEXT)
    except ApiError:
        return
    filled.query("segments/visits", ASKED, segment)


@pytest.mark.parametrize(
    "text",
    [
        "city==" + "a" * 16_000,
        "\\," * 8000,
        "," * 16_000,
        "&amp" * 4000,
        "%" * 16_000,
        "=" * 16_000,
        " " * 16_000 + "a",
    ],
    ids=["long", "escapes", "commas", "entities", "percents", "equals", "blanks"],
)
def test_reading_takes_no_time(text: str) -> None:
    began = perf_counter()
    with suppress(ApiError):
        parse(text, CONTEXT)
    assert perf_counter() - began < 0.2


def test_a_text_that_is_too_long_is_not_even_looked_at() -> None:
    began = perf_counter()
    with pytest.raises(ApiError, match="too large"):
        parse("city==a," * 8192, CONTEXT)
    assert perf_counter() - began < 0.01
