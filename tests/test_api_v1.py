"""Our JSON API: requests in, numbers out; who may ask, and how a refusal is told."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from httpx2 import Response

from dashboard.settings import Settings
from dashboard.v1.rates import Rates
from dashboard.v1.table import ENDPOINTS
from dashboard.v1.vocabulary import DIMENSIONS, METRICS
from sql.clickhouse import Database
from sql.registry import NewDimension
from tests.administered import Api, World, administered
from tests.conftest import NOW, Values, conversion_row, emptied, hit_row, insert_rows, visit_row

BERLIN = ZoneInfo("Europe/Berlin")
QUERY = "/api/v1/query"
DAY = {"period": "day", "date": "2026-05-13"}  # Today: noon in UTC, 14:00 in Berlin.
MONTH = {"period": "month", "date": "2026-05-13"}
VISITS = ["nb_visits"]

Row = dict[str, Any]


def at(text: str) -> datetime:
    """Return a moment of May 2026, such as 13T08:00, in Berlin's time."""
    return datetime.fromisoformat(f"2026-05-{text}").replace(tzinfo=BERLIN).astimezone(UTC)


def visit(number: int, started: str, duration: int = 0, **changes: object) -> Values:
    return visit_row(id=number, started=at(started), duration=duration, **{"visitor": 100 + number, **changes})


def hit(number: int, moment: str, **changes: object) -> Values:
    return hit_row(visit=number, at=at(moment), **{"visitor": 100 + number, **changes})


def conversion(number: int, moment: str, **changes: object) -> Values:
    (visit,) = (row for row in ROWS if row["id"] == number)
    same = {"visit": number, "started": visit["started"], "visitor": visit["visitor"]}
    return conversion_row(at=at(moment), referrer_type="website", referrer_name="News", **same, **changes)


PHONE = {"device_type": "smartphone"}
ROWS = [
    visit(1, "13T08:10", 600, actions=3, pageviews=3, country="ch", entry_title="A"),
    visit(2, "13T10:00", visitor=101, country="ch", dimensions={"7": "red"}),
    visit(3, "13T10:30", 40, actions=2, pageviews=1, events=1, country="de", returning=1, **PHONE),
    visit(4, "12T09:00", country="de", converted=1, dimensions={"7": "red"}),
    visit(5, "11T09:00", visitor=101, country="at", returning=2),
    visit(6, "06T09:00", country="ch"),
    visit(7, "13T15:00", country="ch"),  # To come.
    visit(8, "13T09:00", site=2, country="fr"),
    visit_row(id=9, visitor=109, started=datetime(2025, 5, 13, 8, tzinfo=UTC), country="ch"),
]
HITS = [
    hit(1, "13T08:10", page="example.org/", title="Home"),
    hit(1, "13T08:11", page="example.org/b", title="B"),
    hit(1, "13T08:20", page="example.org/", title="Home", new_in_visit=0),
    hit(2, "13T10:00", visitor=101, page="example.org/"),
    hit(3, "13T10:30", page="example.org/b", title="B"),
    hit(3, "13T10:31", action="event", event_category="Video", event_action="Play", event_value=2.5),
    hit(4, "12T09:00", page="example.org/"),
    hit(4, "12T09:01", action="content", content_name="Ad", content_interaction="click"),
    hit(8, "13T09:00", site=2),
]
CONVERSIONS = [
    conversion(1, "13T08:15", goal=0, revenue=30.5, items=3, tax=2.5),
    conversion(1, "13T08:16", goal=1, revenue=5.0),
    conversion(3, "13T10:31", goal=1, revenue=7.0),
    conversion(2, "13T10:01", goal=-1, revenue=9.0),
    conversion(4, "12T09:00", goal=1),
    conversion(8, "13T09:00", goal=1, site=2),
]


@pytest.fixture(scope="module")
def filled(database: Database) -> Iterator[Database]:
    emptied(database)
    insert_rows(database, "visits", ROWS)
    insert_rows(database, "hits", HITS)
    insert_rows(database, "conversions", CONVERSIONS)
    yield database
    emptied(database)


@pytest.fixture
def ask(filled: Database, api: Api) -> Callable[..., Response]:
    """Ask for the visits of site 1 on that day, unless told otherwise; it sells."""

    api.registry.update_site(replace(api.registry.site(1), ecommerce=True))
    for number in range(2, 8):
        api.registry.add_dimension(NewDimension(site=1, name=f"Dimension {number}", scope="visit"))

    def asking(token: str = "view", **given: object) -> Response:
        ranged = {} if {"period", "date", "from", "to"} & given.keys() else DAY
        body = {"site": 1, "metrics": VISITS, **ranged, **given}
        return api.client.post(QUERY, json=body, headers=bearer(api, token))

    return asking


def bearer(api: Api, token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {api.tokens[token]}"} if token else {}


def rows(answer: Response) -> list[Row]:
    assert answer.status_code == 200, answer.text
    found: list[Row] = answer.json()["rows"]
    return found


def tuples(answer: Response) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in rows(answer)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({}, [(4,)], id="one-row"),
        pytest.param({"metrics": ["nb_uniq_visitors", "bounce_rate"]}, [(3, 0.5)], id="people-count-once"),
        pytest.param({"dimensions": ["countryCode"]}, [("ch", 3), ("de", 1)], id="by-a-text"),
        pytest.param(
            {"dimensions": ["countryCode", "deviceType"], "order": ["countryCode", "-nb_visits"]},
            [("ch", "desktop", 3), ("de", "smartphone", 1)],
            id="by-two",
        ),
        pytest.param(
            {"dimensions": ["day", "countryCode"], **MONTH, "order": ["-day", "nb_visits"]},
            [
                ("2026-05-13", "de", 1, True),
                ("2026-05-13", "ch", 3, True),
                ("2026-05-12", "de", 1),
                ("2026-05-11", "at", 1),
                ("2026-05-06", "ch", 1),
            ],
            id="two-orders",
        ),
        pytest.param(
            {"dimensions": ["hour"]},
            [
                ("2026-05-13T08:00+02:00", 1),
                ("2026-05-13T10:00+02:00", 2),
                ("2026-05-13T15:00+02:00", 1),
            ],
            id="by-hour",
        ),
        pytest.param({"dimensions": ["dayOfWeek"], **MONTH}, [(1, 1), (2, 1), (3, 5)], id="by-weekday"),
        pytest.param({"dimensions": ["month"], **MONTH}, [("2026-05", 7, True)], id="by-month"),
        pytest.param({"dimensions": ["week"], **MONTH}, [("2026-05-04", 1), ("2026-05-11", 6, True)], id="by-week"),
        pytest.param(
            {"dimensions": ["year"], "from": "2025-01-01", "to": "2026-12-31"},
            [(2025, 1), (2026, 7, True)],
            id="by-year",
        ),
        pytest.param(
            {"dimensions": ["visitorType"], **MONTH},
            [("new", 5), ("returning", 1), ("returningCustomer", 1)],
            id="kinds-of-visitors",
        ),
        pytest.param({"dimensions": ["dimension7"], **MONTH}, [("", 5), ("red", 2)], id="custom-dimension"),
        pytest.param({"filters": "countryCode==ch;deviceType==desktop"}, [(3,)], id="segment"),
        pytest.param({"filters": [["==", "countryCode", ["de", "at"]]], **MONTH}, [(3,)], id="any-of-these"),
        pytest.param({"filters": [["!=", "countryCode", ["de", "at"]]], **MONTH}, [(4,)], id="none-of-these"),
        pytest.param(
            {"filters": [["==", "eventCategory", ["a,b;c%2C"]]]}, [(0,)], id="value-with-signs-of-the-grammar"
        ),
        pytest.param({"metrics": ["nb_hits", "nb_pageviews"]}, [(6, 6)], id="hits-and-what-visits-know"),
        pytest.param(
            {"metrics": ["nb_pageviews", "nb_visits"], "dimensions": ["pageUrl"]},
            [("example.org/", 3, 2), ("example.org/b", 2, 2)],
            id="by-page",
        ),
        pytest.param(
            {"metrics": ["nb_events", "sum_event_value"], "dimensions": ["eventCategory", "eventAction"]},
            [("Video", "Play", 1, 2.5)],
            id="only-hits-that-have-it",
        ),
        pytest.param(
            {"metrics": ["nb_hits"], "dimensions": ["pageTitle"], "filters": "deviceType==smartphone"},
            [("B", 1)],
            id="hits-of-some-visits",
        ),
        pytest.param(
            {"metrics": ["bounce_count", "nb_hits", "nb_visits"], "dimensions": ["day"], **MONTH},
            [
                ("2026-05-06", 1, 0, 1),
                ("2026-05-11", 1, 0, 1),
                ("2026-05-12", 1, 2, 1),
                ("2026-05-13", 2, 6, 4, True),
            ],
            id="visits-and-hits-by-time",
        ),
        pytest.param({"metrics": ["bounce_count", "nb_hits"]}, [(2, 6)], id="visits-and-hits-in-one-row"),
        pytest.param(
            {"metrics": ["nb_conversions", "revenue", "nb_abandoned_carts"], "dimensions": ["goalId"]},
            [(-1, 0, 0.0, 1), (0, 1, 30.5, 0), (1, 2, 12.0, 0)],
            id="by-goal",
        ),
        pytest.param(
            {"metrics": ["nb_visits", "revenue", "nb_orders"], "dimensions": ["countryCode"]},
            [("ch", 3, 35.5, 1), ("de", 1, 7.0, 0)],
            id="visits-and-what-came-of-them",
        ),
        pytest.param(
            {"metrics": ["revenue"], "dimensions": ["referrerName"], "filters": "countryCode==ch"},
            [("News", 35.5)],
            id="as-credited",
        ),
        pytest.param(
            {
                "metrics": ["nb_visits", "nb_hits", "revenue_orders"],
                "dimensions": ["hour"],
                "order": ["-revenue_orders"],
            },
            [
                ("2026-05-13T08:00+02:00", 1, 3, 30.5),
                ("2026-05-13T10:00+02:00", 2, 3, 0.0),
                ("2026-05-13T15:00+02:00", 1, 0, 0.0),
            ],
            id="all-three",
        ),
        pytest.param({"date": "2026-01-01", "period": "day"}, [(0,)], id="nothing-is-zero"),
        pytest.param({"date": "2026-01-01", "period": "day", "dimensions": ["city"]}, [], id="nothing-has-no-rows"),
        pytest.param({"site": 2}, None, id="another-site"),
    ],
)
def test_query(ask: Callable[..., Response], given: Row, expected: list[tuple[object, ...]] | None) -> None:
    if expected is None:
        assert ask(**given).status_code == 404
        assert tuples(ask("superuser", **given)) == [(1,)]
    else:
        assert tuples(ask(**given)) == expected


def test_an_answer_says_what_it_is_about(ask: Callable[..., Response]) -> None:
    answer = ask(dimensions=["countryCode"], filters="countryCode!=fr", **MONTH).json()
    assert answer["query"] == {
        **{"site": 1, "metrics": ["nb_visits"], "dimensions": ["countryCode"], "filters": "countryCode!=fr"},
        **{"period": "month", "from": "2026-05-01", "to": "2026-05-31", "order": ["-nb_visits"]},
        **{"limit": 100, "offset": 0, "compare": None},
    }
    assert answer["meta"].pop("took_ms") > 0
    assert answer["meta"] == {
        **{"timezone": "Europe/Berlin", "since": "2026-04-30T22:00:00Z", "until": "2026-05-31T22:00:00Z"},
        **{"partial": True, "total_rows": 3, "next_offset": None},
    }
    assert ask(period="day", date="yesterday").json()["meta"]["partial"] is False
    assert "partial" not in rows(ask(period="day", date="yesterday", dimensions=["day"]))[0]


@pytest.mark.parametrize("metrics", [["nb_visits"], ["nb_visits", "nb_hits", "bounce_count"]])
def test_pages_of_all_rows(ask: Callable[..., Response], metrics: list[str]) -> None:
    asked = {"metrics": metrics, "dimensions": ["day"], "limit": 2, **MONTH}
    found, offset = [], 0
    while offset is not None:
        answer = ask(**asked, offset=offset)
        assert answer.json()["meta"]["total_rows"] == 4
        found += [row["day"] for row in rows(answer)]
        offset = answer.json()["meta"]["next_offset"]
    assert found == ["2026-05-06", "2026-05-11", "2026-05-12", "2026-05-13"]
    beyond = ask(**asked, offset=9).json()
    assert (beyond["rows"], beyond["meta"]["total_rows"], beyond["meta"]["next_offset"]) == ([], 4, None)


@pytest.mark.parametrize(
    ("given", "expected", "until"),
    [
        pytest.param(
            {"compare": "previous_period"}, [(4, {"nb_visits": 1})], "2026-05-12T12:00:00Z", id="as-much-as-has-passed"
        ),
        pytest.param(
            {"compare": "previous_period", "same_weekday": True},
            [(4, {"nb_visits": 1})],
            "2026-05-06T12:00:00Z",
            id="weekday",
        ),
        pytest.param({"compare": "year_before"}, [(4, {"nb_visits": 1})], "2025-05-13T12:00:00Z", id="year-before"),
        pytest.param(
            {"compare": "year_before", "same_weekday": True},
            [(4, {"nb_visits": 0})],
            "2025-05-14T12:00:00Z",
            id="364-days",
        ),
        pytest.param(
            {"compare": "custom", "compare_from": "2026-05-11", "compare_to": "2026-05-12", "date": "2026-05-13"},
            [(4, {"nb_visits": 1})],
            "2026-05-11T12:00:00Z",
            id="custom",
        ),
        pytest.param(
            {"compare": "previous_period", "dimensions": ["countryCode"]},
            [("ch", 3, {"nb_visits": 0}), ("de", 1, {"nb_visits": 1})],
            "2026-05-12T12:00:00Z",
            id="by-a-text",
        ),
        pytest.param(
            {"compare": "previous_period", "dimensions": ["hour"]},
            [
                ("2026-05-13T08:00+02:00", 1, {"nb_visits": 0}),
                ("2026-05-13T10:00+02:00", 2, {"nb_visits": 0}),
                ("2026-05-13T15:00+02:00", 1, {"nb_visits": 0}),
            ],
            "2026-05-12T12:00:00Z",
            id="by-hour",
        ),
        pytest.param(
            {"compare": "previous_period", "dimensions": ["day"], "from": "2026-05-12", "to": "2026-05-12"},
            [("2026-05-12", 1, {"nb_visits": 1})],
            "2026-05-11T22:00:00Z",
            id="by-day",
        ),
        pytest.param(
            {"compare": "previous_period", "dimensions": ["day"], "metrics": ["nb_visits", "nb_hits"], **DAY},
            [("2026-05-13", 4, 6, True, {"nb_visits": 1, "nb_hits": 2})],
            "2026-05-12T12:00:00Z",
            id="visits-and-hits",
        ),
    ],
)
def test_comparison(ask: Callable[..., Response], given: Row, expected: list[tuple[object, ...]], until: str) -> None:
    answer = ask(**({} if "from" in given else DAY), **{k: v for k, v in given.items() if k not in DAY})
    assert tuples(answer) == expected
    assert answer.json()["meta"]["comparison"]["until"] == until


SAME = {
    "VisitsSummary.get": (
        *("nb_visits", "nb_uniq_visitors", "nb_users", "nb_actions", "max_actions", "bounce_count"),
        *("sum_visit_length", "nb_visits_converted"),
    ),
    "VisitFrequency.get": ("nb_visits_new", "nb_visits_returning"),
    "Actions.get": (
        *("nb_pageviews", "nb_uniq_pageviews", "nb_downloads", "nb_uniq_downloads", "nb_outlinks", "nb_uniq_outlinks"),
        *("nb_searches", "nb_keywords"),
    ),
    "Goals.get": ("nb_conversions", "revenue"),
}
# Real visits have as many page views as there are hits; these rows do not, so hits are asked for by what they were.
OF_HITS = "Actions.get"


@pytest.mark.parametrize("sells", [True, False], ids=["shop", "no-shop"])
@pytest.mark.parametrize("method", SAME)
def test_the_numbers_are_those_of_the_reporting_api(
    ask: Callable[..., Response], api: Api, method: str, sells: bool
) -> None:
    api.registry.update_site(replace(api.registry.site(1), ecommerce=sells))
    theirs = api.call(method, "view", idSite=1, **MONTH).json()
    names = [name for name in SAME[method] if name in theirs]
    assert len(names) > len(SAME[method]) / 2
    dimensions = ["actionType"] if method == OF_HITS else []
    found = rows(ask(metrics=names, dimensions=dimensions, **MONTH))
    assert {name: sum(row[name] for row in found) for name in names} == {
        name: pytest.approx(theirs[name]) for name in names
    }


def test_an_hour_that_comes_twice(ask: Callable[..., Response], filled: Database) -> None:
    """Clocks are set back at 3:00, to 2:00."""
    twice = [datetime(2024, 10, 27, hour, 30, tzinfo=UTC) for hour in (0, 1)]
    insert_rows(filled, "visits", [visit_row(started=moment) for moment in twice])
    asked = {"dimensions": ["hour"], "period": "day", "date": "2024-10-27"}
    assert tuples(ask(**asked)) == [("2024-10-27T02:00+02:00", 1), ("2024-10-27T02:00+01:00", 1)]
    assert ask(**asked).json()["meta"]["until"] == "2024-10-27T23:00:00Z"
    compared = ask(dimensions=["hour"], period="day", date="2024-10-28", compare="previous_period")
    assert compared.json()["meta"]["comparison"] == {"since": "2024-10-26T22:00:00Z", "until": "2024-10-27T23:00:00Z"}


def test_totals_count_people_once(ask: Callable[..., Response]) -> None:
    metrics = ["nb_visits", "nb_uniq_visitors"]
    answer = ask(metrics=metrics, dimensions=["day"], totals=True, compare="year_before", limit=1, **MONTH).json()
    assert answer["totals"] == {
        **{"nb_visits": 7, "nb_uniq_visitors": 5},
        "comparison": {"nb_visits": 1, "nb_uniq_visitors": 1},
    }


def test_rows_of_few_visitors_are_one_row(ask: Callable[..., Response], api: Api) -> None:
    api.registry.update_site(replace(api.registry.site(1), fewest_visitors=2))
    metrics = ["nb_visits", "nb_uniq_visitors"]
    found = rows(ask(metrics=metrics, dimensions=["countryCode"], **MONTH))
    assert found == [
        {"countryCode": "ch", "nb_visits": 4, "nb_uniq_visitors": 3},
        {"countryCode": "de", "nb_visits": 2, "nb_uniq_visitors": 2},
        {"countryCode": None, "nb_visits": 1, "nb_uniq_visitors": 1, "folded": True},
    ]
    compared = rows(ask(metrics=metrics, dimensions=["countryCode"], compare="previous_period", **MONTH))
    assert ["comparison" in row for row in compared] == [True, True, False]


@pytest.mark.parametrize(
    ("given", "parameter", "message"),
    [
        pytest.param({"metrics": ["visits"]}, "metrics", "there is no 'visits'", id="unknown-metric"),
        pytest.param({"metrics": []}, "metrics", "1 to 12", id="no-metric"),
        pytest.param({"metrics": "nb_visits"}, "metrics", "a list", id="a-text-in-json"),
        pytest.param({"metrics": ["nb_visits", "nb_visits"]}, "metrics", "each once", id="twice"),
        pytest.param({"dimensions": ["colour"]}, "dimensions", "there is no 'colour'", id="unknown-dimension"),
        pytest.param({"dimensions": ["dimension9"]}, "dimensions", "dimension9", id="unknown-custom-dimension"),
        pytest.param({"dimensions": ["city", "day", "hour", "week"]}, "dimensions", "0 to 3", id="four-dimensions"),
        pytest.param(
            {"metrics": ["nb_users"], "dimensions": ["pageUrl"]}, "metrics", "cannot be told", id="metric-of-visits"
        ),
        pytest.param({"dimensions": ["pageUrl", "city"]}, "metrics", "cannot be told", id="dimensions-apart"),
        pytest.param({"filters": "colour==red"}, "filters", "colour", id="unknown-segment"),
        pytest.param({"filters": [["~", "city", ["a"]]]}, "filters", "expected conditions", id="unknown-operator"),
        pytest.param({"filters": [["==", "city==a;b", ["a"]]]}, "filters", "expected conditions", id="name-with-signs"),
        pytest.param({"filters": 5}, "filters", "expected a text", id="filters-no-text"),
        pytest.param({"period": "decade", "date": "today"}, "period", "expected one of", id="unknown-period"),
        pytest.param({"period": "day", "date": "soon"}, "date", "expected today", id="no-date"),
        pytest.param({"from": "2026-05-02"}, "to", "missing", id="no-end"),
        pytest.param({"from": "2026-05-02", "to": "2026-05-01"}, "date", "earlier date first", id="backwards"),
        pytest.param({"from": "2026-02-30", "to": "2026-05-01"}, "from", "expected a day", id="no-such-day"),
        pytest.param({**DAY, "from": "2026-05-02", "to": "2026-05-01"}, "period", "one range", id="two-ranges"),
        pytest.param({"order": ["-city"]}, "order", "not asked for", id="order-by-something-else"),
        pytest.param({"limit": 10_001}, "limit", "1 to 10000", id="large-page"),
        pytest.param({"limit": True}, "limit", "whole number", id="no-number"),
        pytest.param({"offset": -1}, "offset", "0 to", id="before-the-beginning"),
        pytest.param({"compare": "custom"}, "compare_from", "missing", id="comparison-without-days"),
        pytest.param({"same_weekday": True}, "same_weekday", "goes with", id="weekday-of-nothing"),
        pytest.param({"colour": "red"}, "colour", "no such parameter", id="unknown-parameter"),
        pytest.param({"site": None}, "site", "missing", id="no-site"),
        pytest.param({"site": "1 or 1"}, "site", "whole number", id="site-no-number"),
    ],
)
def test_a_bad_question_is_refused(ask: Callable[..., Response], given: Row, parameter: str, message: str) -> None:
    answer = ask(**given)
    error = answer.json()["error"]
    assert (answer.status_code, error["parameter"]) == (400, parameter), error
    assert message in error["message"]


def test_a_question_in_an_address(ask: Callable[..., Response], api: Api) -> None:
    address = {
        **{"site": "1", "metrics": "nb_visits,nb_actions", "dimensions": "countryCode", **DAY},
        **{"filters": "countryCode==ch", "order": "-nb_visits", "limit": "5", "totals": "1"},
    }
    answer = api.client.get(QUERY, params=address, headers=bearer(api, "view"))
    assert rows(answer) == [{"countryCode": "ch", "nb_visits": 3, "nb_actions": 5}]
    assert answer.json()["totals"] == {"nb_visits": 3, "nb_actions": 5}
    wrong = api.client.get(QUERY, params=address | {"limit": "many"}, headers=bearer(api, "view"))
    assert wrong.json()["error"]["parameter"] == "limit"


def test_what_can_be_asked(api: Api) -> None:
    read = {
        name: api.client.get(f"/api/v1/{name}", params=params, headers=bearer(api, "view")).json()
        for name, params in [("metrics", {}), ("dimensions", {"site": 1}), ("sites", {}), ("sites/1", {})]
    }
    assert [row["name"] for row in read["metrics"]["metrics"]] == list(METRICS)
    assert [row["name"] for row in read["dimensions"]["dimensions"]] == [*DIMENSIONS, "dimension1"]
    assert [site["id"] for site in read["sites"]["sites"]] == [1]
    assert read["sites/1"] == read["sites"]["sites"][0]
    assert read["sites/1"]["urls"] == ["https://1.example"]


@pytest.mark.parametrize("name", list(METRICS))
def test_every_metric_is_answered(ask: Callable[..., Response], name: str) -> None:
    assert list(rows(ask(metrics=[name]))[0]) == [name]


@pytest.mark.parametrize("name", list(DIMENSIONS))
def test_every_dimension_is_answered(ask: Callable[..., Response], name: str) -> None:
    fitting = [metric.name for metric in METRICS.values() if set(metric.subjects) & set(DIMENSIONS[name].subjects)]
    found = [rows(ask(metrics=fitting[at : at + 12], dimensions=[name], **MONTH)) for at in range(0, len(fitting), 12)]
    assert all(row.keys() >= {name} for part in found for row in part)
    assert any(found) or name not in ("day", "goalId", "countryCode", "pageUrl")


ENDPOINT = {
    "query": "query?site={site}&metrics=nb_visits",
    "export": "export?site={site}&metrics=nb_visits",
    "rawVisits": "raw/visits?site={site}",
    "rawHits": "raw/hits?site={site}",
    "realtime": "realtime?site={site}",
    "metrics": "metrics",
    "dimensions": "dimensions?site={site}",
    "sites": "sites",
    "site": "sites/{site}",
}
READS = {"query", "export", "realtime", "metrics", "dimensions"}
LISTS = {"sites", "site"}
TAKES = {"rawVisits", "rawHits"}
OF_NO_SITE = {"metrics", "sites"}
EVERYTHING = set(ENDPOINT)
# What each token may do, of its own site.
MAY = {
    "": set[str](),
    "wrong": set[str](),
    "view": READS | LISTS,
    "write": READS | LISTS,
    "admin": EVERYTHING,
    "superuser": EVERYTHING,
    "reader": READS,
    "lister": LISTS,
    "taker": TAKES,
    "stranger": EVERYTHING,
}
SCOPED = {"reader": "stats:read", "lister": "sites:read", "taker": "export:raw"}


def test_the_matrix_has_every_endpoint() -> None:
    assert set(ENDPOINT) == {endpoint.name for endpoint in ENDPOINTS}


@pytest.mark.parametrize("token", MAY)
@pytest.mark.parametrize("name", ENDPOINT)
def test_who_may_use_what(api: Api, filled: Database, name: str, token: str) -> None:
    for holder, scope in SCOPED.items():
        api.tokens[holder] = api.registry.add_token(holder, "view", 1, [scope])
    own, other, nobodys = (status(api, name, token, site) for site in (1, 2, 99))
    if token in ("", "wrong"):
        assert (own, other, nobodys) == (401, 401, 401)
    elif name not in MAY[token]:
        assert (own, other, nobodys) == (403, 403, 403)
    elif name in OF_NO_SITE:
        assert (own, other, nobodys) == (200, 200, 200)
    else:
        foreign = {"stranger": (404, 200), "superuser": (200, 200)}
        assert ((own, other), nobodys) == (foreign.get(token, (200, 404)), 404)


def status(api: Api, name: str, token: str, site: int) -> int:
    separator = "&" if "?" in ENDPOINT[name] else "?"
    ranged = f"{separator}period=day&date=today" if "range" in INPUTS_WITH[name] else ""
    return api.client.get(f"/api/v1/{ENDPOINT[name].format(site=site)}{ranged}", headers=bearer(api, token)).status_code


INPUTS_WITH = {
    endpoint.name: {"range" for entry in endpoint.inputs if entry.name == "period"} for endpoint in ENDPOINTS
}


def test_what_a_refusal_of_a_token_says(api: Api) -> None:
    nobody = api.client.get("/api/v1/sites")
    assert nobody.headers["WWW-Authenticate"] == 'Bearer realm="pegel"'
    assert nobody.json()["error"]["code"] == "unauthenticated"
    in_address = api.client.get("/api/v1/sites", params={"token_auth": api.tokens["view"]})
    assert (in_address.status_code, in_address.json()["error"]["parameter"]) == (400, "token_auth")
    assert "Authorization: Bearer" in in_address.json()["error"]["hint"]
    assert api.tokens["view"] not in in_address.text
    denied = api.client.get("/api/v1/raw/hits?site=1", headers=bearer(api, "view"))
    assert "export:raw" in denied.json()["error"]["message"]
    assert denied.headers["WWW-Authenticate"].endswith('error="insufficient_scope"')


def test_a_site_of_others_is_as_one_that_is_not_there(ask: Callable[..., Response]) -> None:
    other, nobodys = ask(site=2), ask(site=99)
    assert other.text.replace("2", "99") == nobodys.text
    assert other.status_code == 404


def test_a_scoped_token_reads_reports_only(api: Api, filled: Database) -> None:
    api.tokens["reader"] = api.registry.add_token("reader", "view", 1, ["stats:read"])
    api.tokens["lister"] = api.registry.add_token("lister", "view", 1, ["sites:read"])
    asked = {"idSite": 1, "period": "day", "date": "2026-05-13"}
    assert api.call("VisitsSummary.getVisits", "reader", **asked).json() == {"value": 4}
    assert api.call("VisitsSummary.getVisits", "lister", **asked).status_code == 401


def test_no_cookie_and_no_other_website_asks(api: Api) -> None:
    answer = api.client.post(QUERY, json={}, headers={"Origin": "https://evil.example", "Cookie": "pegel_session=x"})
    assert answer.status_code == 401
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_a_token_may_be_used_so_often(administered_world: World, tmp_path: Path, database: Database) -> None:
    settings = Settings(api_requests_per_minute=2)
    with administered(administered_world, tmp_path, database, settings) as api:
        answers = [api.client.get("/api/v1/sites", headers=bearer(api, "view")) for _ in range(3)]
        another = api.client.get("/api/v1/sites", headers=bearer(api, "admin"))
    assert [answer.status_code for answer in (*answers, another)] == [200, 200, 429, 200]
    assert answers[0].headers["RateLimit"] == '"token";r=1;t=30'
    assert answers[2].headers["RateLimit-Policy"] == '"token";q=2;w=60'
    assert answers[2].headers["Retry-After"] == "30"
    assert answers[2].json()["error"]["code"] == "too_many_requests"


def test_a_bucket_fills_again() -> None:
    now = NOW
    rates = Rates(2, lambda: now)
    assert [rates.take(1).allowed for _ in range(3)] == [True, True, False]
    now += timedelta(seconds=29)
    assert not rates.take(1).allowed
    now += timedelta(seconds=1)
    assert [rates.take(1).allowed for _ in range(2)] == [True, False]
    now -= timedelta(hours=1)  # A clock that was put right.
    assert not rates.take(1).allowed


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        pytest.param("GET", "/api/v1/nothing", None, (404, "not_found"), id="no-endpoint"),
        pytest.param("DELETE", QUERY, None, (405, "method_not_allowed"), id="no-such-method"),
        pytest.param("POST", QUERY, b"{", (400, "bad_parameter"), id="no-json"),
        pytest.param("POST", QUERY, b"[]", (400, "bad_parameter"), id="no-object"),
        pytest.param("POST", QUERY, b"[" * 60_000, (400, "bad_parameter"), id="deep"),
        pytest.param("POST", QUERY, b" " * 70_000, (413, "too_large"), id="large"),
        pytest.param("POST", QUERY, iter([b" " * 40_000] * 2), (413, "too_large"), id="large-in-pieces"),
    ],
)
def test_a_refusal_is_json(
    api: Api, method: str, path: str, body: bytes | Iterator[bytes] | None, expected: tuple[int, str]
) -> None:
    answer = api.client.request(method, path, content=body, headers=bearer(api, "view"))
    assert (answer.status_code, answer.json()["error"]["code"]) == expected


def test_a_database_that_is_away_is_said(administered_world: World, tmp_path: Path) -> None:
    gone = Database("clickhouse://default@127.0.0.1:1/default")
    with administered(administered_world, tmp_path, gone) as api:
        answer = api.client.get(f"{QUERY}?site=1&metrics=nb_visits&period=day", headers=bearer(api, "view"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0


def test_too_much_is_said_and_nothing_partial(administered_world: World, tmp_path: Path, filled: Database) -> None:
    with administered(administered_world, tmp_path, filled, Settings(query_rows=2)) as api:
        asked = {"site": 1, "metrics": VISITS, "dimensions": ["day"], **MONTH}
        answer = api.client.post(QUERY, json=asked, headers=bearer(api, "view"))
        page = api.client.post(QUERY, json={**asked, "limit": 2}, headers=bearer(api, "view"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "too_expensive")
    assert len(rows(page)) == 2


def test_now(ask: Callable[..., Response], api: Api, filled: Database) -> None:
    assert api.client.get("/api/v1/realtime?site=1", headers=bearer(api, "view")).json() == {
        **{"site": 1, "at": "2026-05-13T12:00:00Z"},
        "windows": [
            {"minutes": 5, "nb_uniq_visitors": 0, "nb_hits": 0},
            {"minutes": 30, "nb_uniq_visitors": 0, "nb_hits": 0},
        ],
    }


def test_the_page_names_everything(api: Api) -> None:
    page = api.client.get("/api/v1/docs")
    assert page.status_code == 200
    named = [*METRICS, *DIMENSIONS, *(f"/api/v1{endpoint.path}" for endpoint in ENDPOINTS)]
    assert [name for name in named if name not in page.text] == []
    assert "http" not in re.sub(r"http://testserver\S*|http://www.w3.org\S*", "", page.text)
