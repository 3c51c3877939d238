"""Whatever is asked of the Reporting API is answered: every method that reads, odd wishes, odd data.

A server error, a question that is given up after half a minute, and an answer that no program can read all fail here.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from httpx2 import Response

from dashboard.api_formats import FORMATS
from dashboard.matomo_api import METHODS
from dashboard.reporting.extra_columns import ALL_COLUMNS, ALL_GOALS, GOALS
from sql.clickhouse import Database
from tests.administered import World, administered
from tests.conftest import (
    NOW,
    Values,
    conversion_row,
    emptied,
    hit_row,
    insert_rows,
    item_row,
    timing_row,
    visit_row,
)

# What visitors can make of names, and sums of money for which there is no number.
NAME = "<script>alert(1)</script> \"x\", 'y' & =1+1 \x07\n\u202e\U0001f600 > %2C"
HUGE = 1e308
KINDS = ("direct", "search", "website", "campaign", "social")
VISITS = range(1, 9)

Given = dict[str, str]
Ask = Callable[[str, Given], Response]


def at(number: int) -> dict[str, Any]:
    moment = NOW - timedelta(hours=7 * number)
    return {"visit": number, "visitor": number % 3 + 1, "at": moment}


def visit(number: int) -> Values:
    kind, odd = KINDS[number % 5], number % 2
    return visit_row(
        id=number,
        visitor=number % 3 + 1,
        started=NOW - timedelta(hours=7 * number),
        **{"duration": 60 * number, "actions": number, "user_id": NAME if odd else "", "entry_title": NAME},
        **{"converted": odd, "goals": [1] * odd, "buyer": odd},
        **{"dimensions": {"1": NAME}, "variables": {"1": ("a", "b")}},
        **{"referrer_type": kind, "referrer_name": "" if kind == "direct" else NAME, "referrer_keyword": NAME},
        referrer_url="https://x.example/a?b=c" if kind in ("search", "website") else "",
    )  # fmt: skip


def hits(number: int) -> list[Values]:
    odd = {"page": f"example.org/a/b/{NAME}", "title": NAME, "dimensions": {"1": NAME}}
    then = at(number)
    event = {"event_category": NAME, "event_action": NAME, "event_name": NAME * (number % 2), "event_value": HUGE}
    product = {"product_sku": NAME, "product_name": NAME, "product_categories": [NAME, ""], "product_price": HUGE}
    content = {"content_name": NAME, "content_piece": NAME, "content_interaction": "click" * (number % 2)}
    return [
        hit_row(**then, **(odd if number % 2 else {"title": "", "page": ""}), **product),
        hit_row(**then, action="event", **event),
        hit_row(**then, action="search", page="", keyword=NAME, search_category=NAME, search_count=0),
        hit_row(**then, action="download", page=f"example.org/{NAME}"),
        hit_row(**then, action="outlink", page=f"https://other.example/{NAME}", prefix=255),
        hit_row(**then, action="content", **content),
    ]


def purchases(number: int) -> list[Values]:
    then = {"started": NOW - timedelta(hours=7 * number), **at(number)}
    sums = {"revenue": HUGE, "subtotal": HUGE, "tax": HUGE, "shipping": -HUGE, "items": 3}
    source = {"referrer_type": "campaign", "referrer_name": NAME, "dimensions": {"1": NAME}}
    order = {0: f"A{number}"}
    return [
        conversion_row(**then, **sums, **source, goal=goal, order_id=order.get(goal, "")) for goal in (0, 1, -1)
    ]  # fmt: skip


def item(number: int) -> Values:
    then = {"started": NOW - timedelta(hours=7 * number), **at(number)}
    what = {"sku": NAME, "name": NAME, "categories": [NAME], "price": HUGE, "quantity": 3}
    return item_row(**then, **what, order_id=f"A{number}", conversion=number)


ROWS: dict[str, list[Values]] = {
    "visits": [visit(number) for number in VISITS],
    "hits": [row for number in VISITS for row in hits(number)],
    "conversions": [row for number in VISITS for row in purchases(number)],
    "order_items": [item(number) for number in VISITS],
    "timings": [timing_row(**{name: value for name, value in at(n).items() if name != "visitor"}) for n in VISITS],
}
READING = sorted(
    name
    for name, method in METHODS.items()
    if method.access.where != "account" and name.partition(".")[2].startswith(("get", "is", "has", "user"))
)
# What methods ask for, whatever they are about.
USUAL: Given = {
    **{"idSite": "1", "period": "week", "date": "2026-05-13", "idGoal": "1", "idDimension": "1", "idNote": "1"},
    **{"apiModule": "Actions", "apiAction": "getPageUrls", "segmentName": "pageUrl", "visitorId": "0000000000000001"},
    **{"pageUrl": "https://example.org/", "pageName": NAME, "downloadUrl": "https://example.org/x"},
    **{"outlinkUrl": "https://example.org/x", "userLogin": "boss@example.org", "userEmail": "boss@example.org"},
    **{"url": "https://1.example", "group": "", "timezones": "UTC", "pluginName": "Goals", "languageCode": "de"},
    **{"access": "view", "lastMinutes": "30", "urls[0]": "method=VisitsSummary.get&idSite=1&period=day&date=today"},
}  # fmt: skip
LONG = "x" * 60_000
ODD: tuple[Given, ...] = (
    *({"idSite": text} for text in ("", "1,1", "all", "1,2", "-1", "9" * 30, "1,", "alll", "1;2")),
    {"idSite[]": "1"},
    *({"period": text} for text in ("", "days", "DAY", "range")),
    *({"period": "day", "date": text} for text in ("", "last3", "last0", "previous2", "lastYear", "2026-02-30", "now")),
    *({"date": text} for text in ("1800-01-01", "9999-12-31", "2026-05-13,", ",", "last-5", "٢٠٢٦-٠٥-١٣", "last1e3")),
    {"period": "year", "date": "last20"},
    {"period": "day", "date": "last10", "idSite": "all"},
    {"period": "range", "date": "2026-05-13,2026-05-01"},
    {"period": "range", "date": "1991-08-06,today"},
    {"period": "week", "date": "0001-01-01,9999-12-31"},
    *({"filter_limit": text} for text in ("9" * 21, "-1", "0", "-5", "", "1.5", "all")),
    *({"filter_offset": text} for text in ("-3", "999999999", "x")),
    *({"filter_truncate": text} for text in ("0", "1", "-1", "x")),
    *({"showColumns": text} for text in ("nothing", "", "label", "nothing,label", LONG)),
    {"hideColumns": "label,nb_visits", "expanded": "1", "hideColumnsRecursively": "1"},
    *({"filter_sort_column": text} for text in ("nothing", "label", "segment", "goals", "subtable", "bounce_rate")),
    {"filter_sort_order": "sideways"},
    {"filter_pattern": "(a+)+$", "filter_column": "goals"},
    {"filter_pattern": "["},
    {"filter_pattern_recursive": "script", "expanded": "1"},
    {"filter_excludelowpop": "label"},
    {"filter_excludelowpop": "nb_visits", "filter_excludelowpop_value": "nan"},
    {"language": "de"},
    {"language": "zz"},
    {"expanded": "1", "flat": "1", "include_aggregate_rows": "1"},
    {"expanded": "1", "depth": "0"},
    {"expanded": "1", "depth": "x"},
    {"flat": "maybe"},
    *({"idSubtable": text} for text in ("1", "-1", "4294967295", "abc", "9" * 21, "1,2")),
    *({"label": text} for text in (LONG, "a > " * 8000, ">", "@", "%", "%00", NAME, "\x00")),
    {"label[]": "a", "label": "b"},
    *({"segment": text} for text in ("nothing==1", ";;;,,,", "pageUrl=@" + LONG, "pageUrl==\x00", "pageUrl=~a", "==")),
    {"segment": ",".join(["pageUrl==a"] * 3000)},
    *({"segment": text} for text in ("visitDuration>1e400", "visitCount==" + "9" * 30, "latitude>nan", "visitIp==x")),
    *({"format_metrics": text} for text in ("all", "0", "1", "2")),
    *({"columns": text} for text in ("nothing", "", "nb_visits")),
    *({"idGoal": text} for text in ("0", "-1", "ecommerceOrder", "ecommerceAbandonedCart", "abc", "999")),
    *({"idDimension": text} for text in ("0", "99", "x")),
    *({"lastMinutes": text} for text in ("0", "9" * 12, "1e5", "")),
    *({"visitorId": text} for text in ("zz", "", "0" * 17)),
    {"pattern": "("},
    *({ALL_COLUMNS: "1", "flat": text} for text in "01"),
    *({ALL_GOALS: "1", GOALS: text} for text in ("", "1,ecommerceOrder,x")),
    *({"apiModule": text, "apiAction": "get"} for text in ("API", "", "Goals", "VisitsSummary", "Nothing")),
    {"apiModule": "Live", "apiAction": "getLastVisitsDetails"},
    *({"apiModule": "Actions", "idSite": sites, "period": "day", "date": "last2"} for sites in ("1", "1,2", "all")),
    {"apiModule": "Goals", "apiAction": "get", "idGoal": "1"},
    {"apiModule": "Referrers", "apiAction": "getReferrerType", "label": NAME, "period": "day", "date": "last3"},
    {"minTimestamp": "x"},
    {"countVisitorsToFetch": "-1"},
    {"doNotFetchActions": "1", "flat": "1"},
    *({"urls[0]": text} for text in ("method=API.getBulkRequest", "", "x", "method=Goals.get&idSite[]=1")),
    {"secondaryDimension": "nothing"},
    {"typeReferrer": "99"},
    {"disable_generic_filters": "1", "disable_queued_filters": "1"},
    {"keep_summary_row": "1", "filter_limit": "1", "filter_truncate": "1"},
)
# The methods to which some wishes matter; each wish is tried on one more, from wish to wish another.
MATTER: dict[str, tuple[str, ...]] = {
    "apiModule": ("API.getProcessedReport", "API.getRowEvolution"),
    "idGoal": ("Goals.get", "API.getProcessedReport"),
    "idDimension": ("CustomDimensions.getCustomDimension",),
    "lastMinutes": ("Live.getCounters",),
    "visitorId": ("Live.getVisitorProfile",),
    "pattern": ("MultiSites.getAllWithGroups",),
    "columns": ("API.get",),
    "secondaryDimension": ("Events.getCategory",),
    "typeReferrer": ("Referrers.getReferrerType",),
    "urls[0]": ("API.getBulkRequest",),
    **dict.fromkeys(("minTimestamp", "countVisitorsToFetch", "doNotFetchActions"), ("Live.getLastVisitsDetails",)),
    **dict.fromkeys((ALL_COLUMNS, ALL_GOALS), ("Referrers.getCampaigns",)),
}
USUALLY = ("Actions.getPageUrls",)


@pytest.fixture(scope="module")
def filled(database: Database) -> Iterator[Database]:
    emptied(database)
    for table, rows in ROWS.items():
        insert_rows(database, table, rows)
    yield database
    emptied(database)


@pytest.fixture(scope="module")
def ask(filled: Database, administered_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    with administered(administered_world, tmp_path_factory.mktemp("robust"), filled) as api:

        def asking(method: str, given: Given) -> Response:
            form = {"module": "API", "method": method, "format": "json", "token_auth": api.tokens["superuser"]}
            return api.post({**form, **USUAL, **given})

        yield asking


def text_of(answer: Response) -> str:
    marked = answer.content.startswith(b"\xff\xfe")
    return answer.content.decode("utf-16" if marked else "utf-8")


class Elements(HTMLParser):
    """Tells which elements a page has."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)


def elements(text: str) -> set[str]:
    parser = Elements()
    parser.feed(text)
    return parser.found


def check_json(answer: Response) -> None:
    json.loads(text_of(answer), parse_constant=pytest.fail)  # Of numbers that JSON does not have.


def check_xml(answer: Response) -> None:
    assert ElementTree.fromstring(answer.content).tag in ("result", "results")


def check_lines(answer: Response, separator: str) -> None:
    lines = list(csv.reader(io.StringIO(text_of(answer), newline=""), delimiter=separator))
    assert {len(line) for line in lines} == {len(lines[0])}, lines


def check_html(answer: Response) -> None:
    assert elements(text_of(answer)) <= {"table", "thead", "tbody", "tr", "th", "td", "p"}


def check_rss(answer: Response) -> None:
    """Answers about several dates are feeds; others are refused."""
    if answer.status_code == 400:
        assert text_of(answer).startswith("Error: ")
        return
    for item in ElementTree.fromstring(answer.content).iter("item"):
        assert elements(item.findtext("description") or "") <= {"table", "thead", "tbody", "tr", "th", "td"}


CHECKS: dict[str, Callable[[Response], None]] = {
    "xml": check_xml,
    "json": check_json,
    "csv": lambda answer: check_lines(answer, ","),
    "tsv": lambda answer: check_lines(answer, "\t"),
    "html": check_html,
    "rss": check_rss,
    "original": check_json,
}


@pytest.mark.parametrize("name", READING)
def test_every_method(ask: Ask, name: str) -> None:
    """As JSON, and in another format for each method; of two days, with all levels."""
    others = [format for format in CHECKS if format != "json"]
    for format in ("json", others[READING.index(name) % len(others)]):
        answer = ask(name, {"format": format, "period": "day", "date": "last2", "expanded": "1"})
        assert answer.status_code in (200, 400), answer.text
        CHECKS[format](answer)


@pytest.mark.parametrize("format", CHECKS)
@pytest.mark.parametrize("name", ["Actions.getPageUrls", "Goals.get", "Events.getName", "Referrers.getWebsites"])
def test_every_format(ask: Ask, name: str, format: str) -> None:
    for wish in ({}, {"period": "day", "date": "last3"}, {"segment": "visitCount>99"}, {"flat": "1"}):
        answer = ask(name, {"format": format, **wish})
        assert answer.status_code == (400 if format == "rss" and "date" not in wish else 200), answer.text
        CHECKS[format](answer)


def test_every_format_is_checked() -> None:
    assert CHECKS.keys() == FORMATS.keys()


@pytest.mark.parametrize("wish", ODD, ids=lambda wish: "&".join(f"{k}={v[:20]!r}" for k, v in wish.items()))
def test_odd_wishes(ask: Ask, wish: Given) -> None:
    """What cannot be meant is refused, with words; everything else is answered."""
    matters = next((MATTER[name] for name in wish if name in MATTER), USUALLY)
    for name in (*matters, READING[ODD.index(wish) * 61 % len(READING)]):
        answer = ask(name, wish)
        assert answer.status_code in (200, 400), (name, answer.text)
        check_json(answer)
        if answer.status_code == 400:
            assert answer.json()["message"], name
