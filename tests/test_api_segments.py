"""What the API tells about segments: which there are, and which values come most often."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dashboard.api_segments import PERSONAL
from dashboard.segment_titles import TITLES
from sql.clickhouse import Database
from sql.registry import NewDimension
from sql.segment_names import NAMES
from tests.administered import Api
from tests.conftest import NOW, Values, emptied, hit_row, insert_rows, item_row, visit_row

EARLIER, LONG_AGO = NOW - timedelta(days=2), NOW - timedelta(days=31)


def visit(number: int, **changes: object) -> Values:
    return visit_row(id=number, **{"started": EARLIER, "last_at": EARLIER, **changes})


def hit(number: int, **changes: object) -> Values:
    return hit_row(visit=number, at=EARLIER, **changes)


VISITS = [
    visit(
        1, country="de", city="Köln", dimensions={"2": "gold"}, user_id="anna", returning=1, seconds_since_last=90000
    ),
    visit(2, country="de", city="Bonn", browser="Chrome", seconds_since_last=86400),
    visit(3, country="jp", city="Köln", entry_action="search", entry_title="shoes", latitude=50.9),
    visit(4, country="xx", city="", browser="Firefox", variables={"1": ("Age", "30")}),
    visit(5, country="jp", city="Bonn", browser="Chrome", site=2),  # Elsewhere.
    visit(6, country="fr", city="Paris", started=LONG_AGO, last_at=LONG_AGO),  # Long ago.
]
HITS = [
    hit(1, page="example.org/a", title="A"),
    hit(1, page="example.org/a", title="A"),
    hit(1, page="example.org/b", title="B", dimensions={"1": "red"}),
    hit(2, page="example.org/b", title="B", product_categories=["Clothes", "Feet"]),
    hit(3, action="search", page="", title="", keyword="shoes", search_count=3),
    hit(3, action="outlink", page="https://elsewhere.example/", title=""),
    hit(4, action="event", page="example.org/c", title="", event_category="Form", event_value=2.5),
    hit(5, page="example.org/elsewhere", site=2),
    {**hit(6, page="example.org/early"), "at": LONG_AGO},
]
ITEMS = [
    item_row(at=EARLIER, started=EARLIER, sku="S1", categories=["Clothes"], price=10.0),
    item_row(at=EARLIER, started=EARLIER, sku="S2", categories=["Clothes", "Feet"], price=9.5),
    item_row(at=EARLIER, started=EARLIER, sku="S3", deleted=1),
]


@pytest.fixture(scope="module")
def filled(database: Database) -> Iterator[Database]:
    emptied(database)
    insert_rows(database, "visits", VISITS)
    insert_rows(database, "hits", HITS)
    insert_rows(database, "order_items", ITEMS)
    yield database
    emptied(database)


@pytest.fixture
def asked(api: Api, filled: Database) -> Api:
    """The API of a dashboard that knows these visits."""
    api.registry.add_dimension(NewDimension(site=1, name="Rank", scope="visit"))
    return api


def segments(api: Api, **given: Any) -> dict[str, Values]:
    return {row["segment"]: row for row in api.done("API.getSegmentsMetadata", **given)}


def suggested(api: Api, name: str, **given: Any) -> Any:
    return api.done("API.getSuggestedValuesForSegment", **{"segmentName": name, "idSite": 1, **given})


def test_every_name_has_a_title() -> None:
    assert TITLES.keys() == NAMES.keys()
    assert len({*TITLES.values()}) == len(TITLES)


def test_segments(api: Api) -> None:
    rows = segments(api)
    assert rows["visitDuration"] == {
        "type": "metric",
        "category": "Visitors",
        "name": "Visit duration in seconds",
        "segment": "visitDuration",
    }
    assert rows["visitorType"]["acceptedValues"] == "new, returning, returningCustomer"
    assert rows.keys() == NAMES.keys()


def test_dimensions_are_those_of_the_sites_that_are_named(asked: Api) -> None:
    assert segments(asked, idSites="1").keys() - NAMES.keys() == {"dimension1", "dimension2"}
    assert segments(asked, idSites="1,2")["dimension1"]["name"] == "Author"
    assert segments(asked, idSites="all")["dimension2"]["category"] == "Custom Dimensions"
    assert segments(asked, idSite="2").keys() == NAMES.keys()


def test_dimensions_of_other_peoples_sites_are_not_told(asked: Api) -> None:
    answer = asked.call("API.getSegmentsMetadata", "stranger", idSites="1")
    assert answer.status_code == 401
    assert "Author" not in asked.call("API.getSegmentsMetadata", "stranger", idSites="all").text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("city", ["Köln", "Bonn"], id="most-frequent-first"),
        pytest.param("countryCode", ["de", "jp", "xx"], id="as-it-is-stored"),
        pytest.param("countryName", ["Germany", "Japan", "Unknown"], id="by-name"),
        pytest.param("continentCode", ["eur", "asi", "unk"], id="by-what-several-belong-to"),
        pytest.param("browserCode", ["FF", "CH"], id="by-code"),
        pytest.param("browserName", ["Firefox", "Chrome"], id="text"),
        pytest.param("visitorType", ["new", "returning", "returningCustomer"], id="all-words-there-are"),
        pytest.param("visitServerHour", [str(hour) for hour in range(24)], id="what-clocks-show"),
        pytest.param("visitLocalHour", [str(hour) for hour in range(24)], id="what-local-clocks-show"),
        pytest.param("visitEndServerDayOfWeek", list("1234567"), id="days-of-the-week"),
        pytest.param("visitConvertedGoalId", ["1"], id="goals"),
        pytest.param("visitConvertedGoalName", ["Signed up"], id="names-of-goals"),
        pytest.param("visitDuration", ["0"], id="numbers"),
        pytest.param("daysSinceLastVisit", ["1"], id="days"),
        pytest.param("dimension2", ["gold"], id="dimension-of-visits"),
        pytest.param("dimension1", ["red"], id="dimension-of-actions"),
        pytest.param("customVariableName1", ["Age"], id="variable"),
        pytest.param("entryPageTitle", ["Home"], id="entry-pages"),
        pytest.param("pageUrl", ["example.org/b", "example.org/a"], id="pages-by-visits"),
        pytest.param("pageTitle", ["B", "A"], id="titles-of-pages-only"),
        pytest.param("actionUrl", ["example.org/b", "example.org/a", "https://elsewhere.example/"], id="urls"),
        pytest.param("outlinkUrl", ["https://elsewhere.example/"], id="outlinks"),
        pytest.param("siteSearchKeyword", ["shoes"], id="keywords"),
        pytest.param("siteSearchCount", ["3"], id="counts"),
        pytest.param("eventValue", ["2.5"], id="values"),
        pytest.param("productViewCategory", ["Clothes", "Feet"], id="categories-looked-at"),
        pytest.param("productCategory", ["Clothes", "Feet"], id="categories"),
        pytest.param("productSku", ["S1", "S2"], id="articles-that-were-not-taken-out"),
        pytest.param("productPrice", ["9.5", "10"], id="prices"),
        *(pytest.param(name, [], id=f"nobody-in-particular-{name}") for name in sorted(PERSONAL)),
        pytest.param("revenueOrder", [], id="not-listed"),
    ],
)
def test_values(asked: Api, name: str, expected: list[str]) -> None:
    assert suggested(asked, name) == expected


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_answered(asked: Api, name: str) -> None:
    assert isinstance(suggested(asked, name), list)


def test_values_of_too_few_visitors_are_not_told(asked: Api) -> None:
    asked.registry.update_site(replace(asked.registry.site(1), fewest_visitors=2))
    assert suggested(asked, "countryCode") == ["de"]
    assert suggested(asked, "pageUrl") == ["example.org/b"]
    assert suggested(asked, "productSku") == []


def test_values_are_those_of_one_site(asked: Api) -> None:
    assert suggested(asked, "pageUrl", idSite=2) == ["example.org/elsewhere"]
    assert asked.call("API.getSuggestedValuesForSegment", "stranger", segmentName="city", idSite=1).status_code == 401


@pytest.mark.parametrize("name", ["colour", "dimension3", "visitors; select 1", "{column:Identifier}"])
def test_unknown_names_are_refused(asked: Api, name: str) -> None:
    refusal = asked.refused("API.getSuggestedValuesForSegment", segmentName=name, idSite=1)
    assert refusal == f"Segment '{name}' is not a supported segment."
