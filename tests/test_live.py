"""Live: hand-written visits, and the visitor log, the counters and the profiles that they make."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dashboard.api_parameters import Parameters
from dashboard.reporting.live_columns import shown
from dashboard.reporting.live_log import LogOff, TooMuch, Window, log, visits
from dashboard.reporting.live_profile import profile
from dashboard.reporting.part import Part
from sql.clickhouse import Database
from sql.policies import POLICIES, why_no_profiles, why_no_visits
from sql.settings import PRESETS
from tests.administered import Api
from tests.conftest import Values, emptied, hit_row, item_row
from tests.conversion_parts import SITE, at, conversion, filled_with, part_of, visit

BY_GOOGLE = {"referrer_type": "search", "referrer_name": "Google", "referrer_keyword": "shoes"}
ANNA = {"visitor": 0xA, "user_id": "anna", "ip": "203.0.113.0"}
SHOPPING = visit(
    1, "13T10:00", 661, **ANNA, **BY_GOOGLE,
    actions=3, interactions=2, events=1, converted=1, buyer=3, returning=1, visit_count=2,
    seconds_since_first=2 * 86400 + 5, seconds_since_last=86400, seconds_since_order=0,
    dimensions={"1": "gold", "3": "old"}, variables={"2": ("Plan", "free")},
)  # fmt: skip
READING = visit(
    2, "13T09:00", 31, actions=4, interactions=2, searches=1, device_type="tablet", os="iOS", os_version="17"
)
LATE = visit(3, "13T08:00", 1, local_time=3 * 3600 + 62, device_model="generic desktop", returning=2, country="xx")
EARLIER = visit(4, "12T12:00", 0, **ANNA)
ELSEWHERE = visit(5, "13T12:00", site=2)
VISITS = [SHOPPING, READING, LATE, EARLIER, ELSEWHERE]


def hit(of: Values, when: str, seconds: int = 0, **changes: object) -> Values:
    """Return a hit of a visit; `seconds` have gone by since the one before."""
    own = {"visit": of["id"], "visitor": of["visitor"], "seconds_since_previous": seconds, "at": at(when)}
    return hit_row(**{**own, **changes})


CONTENT = {"content_name": "Ad", "content_piece": "a.jpg", "content_target": "", "content_interaction": "click"}
EVENT = {"event_category": "Film", "event_action": "play", "event_name": "", "event_value": 0.0}
HITS = [
    hit(SHOPPING, "13T10:00", page="example.org/shoes", product_sku="S1", product_price=10.0, dimensions={"2": "Eva"}),
    hit(SHOPPING, "13T10:02", 120, action="event", title="", **EVENT),
    hit(SHOPPING, "13T10:03", 60, action="pageview", page="example.org/cart", prefix=0, position=2, id=77),
    hit(SHOPPING, "13T10:05", 120, action="order", page=""),
    hit(SHOPPING, "13T10:11", 360, action="cart", page=""),
    hit(READING, "13T09:00", title="", position=1),
    hit(READING, "13T09:00:10", 10, action="search", page="", prefix=255, keyword="tea", search_count=0, position=2),
    hit(READING, "13T09:00:20", 10, action="outlink", page="https://elsewhere.example/", prefix=255, title=""),
    hit(READING, "13T09:00:30", 10, action="content", **CONTENT),
    hit(READING, "13T09:00:30", 0, action="ping", page=""),
    hit(LATE, "13T07:50", page="example.org/before"),  # Came after the visit began, and is from before.
    hit(LATE, "13T08:00"),
    hit(EARLIER, "12T12:00"),
    hit(ELSEWHERE, "13T12:00", site=2),
]
ORDER = conversion(SHOPPING, 0, "13T10:05", 99.5, subtotal=80.0, tax=15.2, items=3, order_id="A7", id=500)
CONVERSIONS = [
    conversion(SHOPPING, 1, "13T10:03", 2.5, hit=77, page="example.org/cart", prefix=0, **BY_GOOGLE),
    ORDER,
    conversion(SHOPPING, -1, "13T10:11", 20.0, items=1),
    conversion(SHOPPING, 9, "13T10:04", 7.0),  # A goal that was deleted.
    conversion(EARLIER, 0, "12T12:00", 0.1, items=1),
]
OF_ORDER = {"conversion": 500, "visit": SHOPPING["id"], "started": SHOPPING["started"]}
ITEMS = [
    item_row(**OF_ORDER, sku="S1", quantity=2),
    item_row(**OF_ORDER, sku="S0", name="Socks", categories=[], price=3.0),
    item_row(**OF_ORDER, sku="S2", deleted=1),
]


@pytest.fixture(scope="module")
def filled(database: Database) -> Iterator[Database]:
    yield filled_with(emptied(database), visits=VISITS, hits=HITS, conversions=CONVERSIONS, order_items=ITEMS)
    emptied(database)


def rows(part: Part, limit: int = 10, **changes: Any) -> list[dict[str, Any]]:
    return log(part, visits(part, Window(limit=limit, **changes)))


def ids(part: Part, limit: int = 10, **changes: Any) -> list[int]:
    return [row["id"] for row in visits(part, Window(limit=limit, **changes))]


def only(row: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


# Which visits


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, [1, 2, 3], id="newest-first"),
        pytest.param({"ascending": True}, [3, 2, 1], id="oldest-first"),
        pytest.param({"limit": 1}, [1], id="first"),
        pytest.param({"limit": 2, "offset": 1}, [2, 3], id="slice"),
        pytest.param({"limit": 1, "offset": 1, "ascending": True}, [2], id="slice-of-the-oldest"),
        pytest.param({"visitor": 0xA}, [1], id="visitor"),
        pytest.param({"since": at("13T09:00:31")}, [1, 2], id="last-action-since"),
        pytest.param({"since": at("13T09:00:32")}, [1], id="last-action-before"),
    ],
)
def test_which_visits(filled: Database, changes: dict[str, Any], expected: list[int]) -> None:
    assert ids(part_of(filled), **changes) == expected


def test_visits_of_a_visitor_over_days(filled: Database) -> None:
    assert ids(part_of(filled, kind="week"), visitor=0xA) == [1, 4]
    assert ids(part_of(filled, site=replace(SITE, id=2))) == [5]
    assert rows(part_of(filled, site=replace(SITE, id=3))) == []


# A visit


def test_a_visit_tells_who_and_when(filled: Database) -> None:
    shopping, reading, late = rows(part_of(filled))
    assert only(shopping, "idSite", "idVisit", "visitIp", "visitorId", "userId") == (
        1, "1", "203.0.113.0", "000000000000000a", "anna",
    )  # fmt: skip
    assert only(shopping, "serverDate", "serverTimePretty", "serverTimePrettyFirstAction", "visitServerHour") == (
        "2026-05-13", "10:11:01", "10:00:00", "8",
    )  # fmt: skip
    assert only(shopping, "serverDatePretty", "lastActionDateTime") == (
        "Wednesday, May 13, 2026",
        "2026-05-13 08:11:01",
    )
    began = int(datetime(2026, 5, 13, 8, 0, tzinfo=UTC).timestamp())
    assert only(shopping, "firstActionTimestamp", "lastActionTimestamp", "serverTimestamp") == (
        began, began + 661, began + 661,
    )  # fmt: skip
    assert only(shopping, "visitDuration", "visitDurationPretty") == (661, "11 min 1s")
    assert only(late, "visitLocalTime", "visitLocalHour") == ("03:01:02", "3")
    assert only(reading, "userId", "siteCurrency", "siteCurrencySymbol", "siteName") == (None, "USD", "$", "Shop")


def test_a_visit_tells_past_and_worth(filled: Database) -> None:
    shopping, reading, late = rows(part_of(filled))
    types = [
        (row["visitorType"], row["visitEcommerceStatus"], row["visitConverted"]) for row in (shopping, reading, late)
    ]
    assert types == [
        ("returning", "orderedThenAbandonedCart", 1), ("new", "none", 0), ("returningCustomer", "none", 0),
    ]  # fmt: skip
    assert only(shopping, "daysSinceFirstVisit", "daysSinceLastVisit", "daysSinceLastEcommerceOrder") == (2, 1, 0)
    assert only(reading, "secondsSinceFirstVisit", "daysSinceFirstVisit") == (None, 0)
    assert only(shopping, "goalConversions", "actions", "interactions", "events", "searches") == (1, 3, 2, 1, 0)
    totals = ("totalEcommerceRevenue", "totalEcommerceConversions", "totalEcommerceItems")
    carts = ("totalAbandonedCartsRevenue", "totalAbandonedCarts", "totalAbandonedCartsItems")
    assert only(shopping, *totals, *carts) == (99.6, 2, 4, 20, 1, 1)  # With what was bought the day before.
    assert only(reading, *totals, *carts) == (0, 0, 0, 0, 0, 0)
    assert totals[0] not in rows(part_of(filled, site=replace(SITE, ecommerce=False)))[0]


def test_a_visit_tells_device_and_extras(filled: Database) -> None:
    shopping, reading, late = rows(part_of(filled))
    device = ("deviceType", "deviceModel", "operatingSystem", "operatingSystemCode", "browser", "browserCode")
    assert only(shopping, *device) == ("Desktop", "Generic Desktop", "Windows 11", "WIN", "Firefox 150.0", "FF")
    assert only(reading, *device[:4]) == ("Tablet", "Generic Tablet", "iOS 17", "IPA")
    assert only(late, "deviceModel", "deviceBrand") == ("Generic Desktop", "Unknown")
    assert only(shopping, "browserFamily", "browserFamilyDescription", "plugins") == (
        "Gecko", "Gecko (Firefox)", "pdf, cookie",
    )  # fmt: skip
    assert only(shopping, "country", "countryCode", "city", "location") == ("Switzerland", "ch", None, "Switzerland")
    assert only(shopping, "referrerType", "referrerTypeName", "referrerName", "referrerKeyword", "referrerUrl") == (
        "search", "Search Engines", "Google", "shoes", None,
    )  # fmt: skip
    assert shopping["customVariables"] == {"2": {"customVariableName2": "Plan", "customVariableValue2": "free"}}
    assert only(shopping, "referrerSearchEngineUrl", "referrerSocialNetworkUrl") == ("http://google.com", None)
    assert only(reading, "referrerSearchEngineUrl", "referrerKeyword") == (None, "")
    assert only(shopping, "dimension1") == ("gold",)
    assert only(reading, "dimension1", "customVariables") == (None, {})
    assert "dimension3" not in shopping  # It is switched off.


# What happened in it


def actions(part: Part) -> list[list[dict[str, Any]]]:
    return [row["actionDetails"] for row in rows(part)]


def test_actions_come_in_order_with_what_they_led_to(filled: Database) -> None:
    shopping, reading, late = actions(part_of(filled))
    assert [action["type"] for action in shopping] == [
        "action", "event", "action", "goal", "ecommerceOrder", "ecommerceAbandonedCart",
    ]  # fmt: skip
    assert [action["type"] for action in reading] == ["action", "search", "outlink", 13]
    assert [action["url"] for action in late] == ["https://example.org/before", "https://example.org/"]


def test_time_passes_until_the_next_action_that_lasts(filled: Database) -> None:
    """What is in between takes no time of its own, and what conversions waited for is lost."""
    shopping, reading, late = actions(part_of(filled))
    assert [action.get("timeSpent") for action in shopping] == [180, None, 481, None, None, None]
    assert [action.get("timeSpent") for action in reading] == [10, 10, 11, None]
    assert [action.get("timeSpent") for action in late] == [0, 0]
    assert shopping[0]["timeSpentPretty"] == "3 min 0s"


def test_an_action_tells_what_it_was(filled: Database) -> None:
    shopping, reading, _ = actions(part_of(filled))
    page, event, *_ = shopping
    assert only(page, "url", "pageTitle", "pageviewPosition", "dimension2", "productViewSku", "productViewPrice") == (
        "https://example.org/shoes", "Home", 1, "Eva", "S1", 10,
    )  # fmt: skip
    assert only(event, "eventCategory", "eventAction", "eventValue", "subtitle") == ("Film", "play", 0, "Film - play")
    assert "eventName" not in event
    _, search, link, content = reading
    assert only(search, "url", "siteSearchKeyword", "siteSearchCategory", "siteSearchCount") == (None, "tea", None, 0)
    assert only(link, "url", "pageTitle") == ("https://elsewhere.example/", None)
    assert only(content, "contentName", "contentPiece", "contentInteraction") == ("Ad", "a.jpg", "click")
    assert "contentTarget" not in content


def test_an_action_tells_the_time_of_the_site(filled: Database) -> None:
    """Matomo's clients know the timestamp of an action as the site's clock."""
    page = actions(part_of(filled))[0][0]
    assert page["serverTimePretty"] == "May 13, 2026 10:00:00"
    assert page["timestamp"] == int(datetime(2026, 5, 13, 10, 0, tzinfo=UTC).timestamp())


def test_a_goal_an_order_and_a_cart(filled: Database) -> None:
    *_, goal, order, cart = actions(part_of(filled))[0]
    assert only(goal, "goalName", "goalId", "revenue", "url", "goalPageId") == (
        "Newsletter", 1, 2.5, "http://example.org/cart", "77",
    )  # fmt: skip
    assert only(goal, "referrerType", "referrerName", "referrerKeyword") == ("search", "Google", "shoes")
    assert only(order, "orderId", "revenue", "revenueSubTotal", "revenueTax", "revenueShipping", "items") == (
        "A7", 99.5, 80, 15.2, 0, 3,
    )  # fmt: skip
    assert order["itemDetails"] == [
        {"itemSKU": "S0", "itemName": "Socks", "itemCategory": "", "price": 3, "quantity": 1, "categories": []},
        {
            "itemSKU": "S1", "itemName": "Shoes", "itemCategory": "Clothes", "price": 10, "quantity": 2,
            "categories": ["Clothes"],
        },
    ]  # fmt: skip
    assert only(cart, "revenue", "items", "itemDetails") == (20, 1, [])
    assert "orderId" not in cart


def test_without_actions(filled: Database) -> None:
    part = part_of(filled)
    (shopping,) = log(part, visits(part, Window(limit=1)), with_actions=False)
    assert only(shopping, "actionDetails", "goalConversions", "totalEcommerceConversions") == ([], 1, 2)


def test_the_log_speaks_of_a_segment(filled: Database) -> None:
    part = part_of(filled)
    google = replace(part.segment, condition="referrer_name = {name:String}", parameters={"name": "Google"})
    assert ids(part.of(google)) == [1]


def test_an_answer_has_a_bound(filled: Database) -> None:
    part = part_of(filled)
    found = visits(part, Window(limit=3))
    with pytest.raises(TooMuch, match=r"more than 8 actions.*doNotFetchActions=1"):
        log(part, found, most=8)
    assert len(log(part, found, most=9)) == 3


# What may be seen


def test_every_preset_has_a_policy() -> None:
    assert POLICIES.keys() == set(PRESETS)
    assert POLICIES["matomo"].visitor_log


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param(
            {"preset": "strict"}, "its privacy preset 'strict' keeps it so; presets with one: matomo", id="preset"
        ),
        pytest.param({"fewest_visitors": 5}, "rows must have 5 visitors", id="floor"),
    ],
)
def test_a_log_that_is_off(filled: Database, changes: dict[str, Any], why: str) -> None:
    site = replace(SITE, **changes)
    with pytest.raises(LogOff, match=why):
        rows(part_of(filled, site=site))
    assert why in why_no_visits(site)
    assert why_no_profiles(site)


# Which columns


ROW = {"a": 1, "list": [{"a": 2, "b": [{"a": 3}]}, {"b": []}], "map": {"a": 4}}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param({}, ROW, id="all"),
        pytest.param({"showColumns": "a,map"}, {"a": 1, "map": {"a": 4}}, id="shown"),
        pytest.param({"hideColumns": "a"}, {"list": [{"b": [{}]}, {"b": []}], "map": {}}, id="hidden-inside-too"),
        pytest.param(
            {"hideColumns": "a", "hideColumnsRecursively": "0"}, {"list": ROW["list"], "map": {"a": 4}}, id="hidden"
        ),
        pytest.param(
            {"flat": "1"},
            {"a": 1, "a (list 0)": 2, "a (list 0 b 0)": 3, "a (map)": 4},
            id="flat",
        ),
    ],
)
def test_columns(query: dict[str, str], expected: dict[str, Any]) -> None:
    assert shown(dict(ROW), Parameters(query.items())) == expected


# Profiles


def test_a_profile_adds_up_visits(filled: Database) -> None:
    part = part_of(filled, kind="week")
    found = profile(part, rows(part, visitor=0xA), most=5)
    assert only(found, "visitorId", "userId", "hasMoreVisits", "visitsAggregated") == ("000000000000000a", "anna", 0, 2)
    names = (
        "totalVisits",
        "totalVisitDuration",
        "totalActions",
        "totalPageViews",
        "totalEvents",
        "totalGoalConversions",
    )
    assert only(found, *names) == (2, 661, 4, 3, 1, 1)
    assert only(found, "totalUniquePageViews", "totalRevisitedPages", "totalEcommerceRevenue") == (3, 0, 99.6)
    assert found["totalConversionsByGoal"] == {"idgoal=1": 1}
    assert found["countries"] == [{"country": "ch", "nb_visits": 2, "prettyName": "Switzerland", "cities": []}]
    assert found["devices"] == [
        {"type": "Desktop", "count": 2, "devices": [{"name": "Unknown Generic Desktop", "count": 2}]}
    ]
    assert only(found["firstVisit"], "date", "daysAgo", "referralSummary") == ("2026-05-12", 1, "Direct Entry")
    assert found["lastVisit"]["referralSummary"] == "Search Engines - Google - shoes"
    assert [visit["idVisit"] for visit in found["lastVisits"]] == ["1", "4"]


def test_a_profile_knows_that_there_is_more(filled: Database) -> None:
    part = part_of(filled, kind="week")
    found = profile(part, rows(part, visitor=0xA), most=1)
    assert only(found, "hasMoreVisits", "totalVisits", "visitsAggregated") == (1, 1, 1)


def test_counters(filled: Database) -> None:
    asked = {"since": at("13T10:03"), "until": at("13T12:30"), "goals": [0, 1]}
    assert part_of(filled).rows("live_counters", **asked) == [
        {"nb_visits": 1, "nb_visitors": 1, "nb_actions": 1, "nb_conversions": 2}
    ]


# As programs ask for it


DETAILS, MONTH = "Live.getLastVisitsDetails", {"period": "month", "date": "2026-05-13"}


def told(api: Api, method: str, *names: str, **given: Any) -> list[Any]:
    """Return a column, or several ones, of what the superuser is told."""
    found = api.done(method, **{"idSite": 1, **given})
    return [row[names[0]] if len(names) == 1 else only(row, *names) for row in found]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({}, ["1", "2", "3", "4"], id="without-period-all-there-are"),
        pytest.param({"period": "day", "date": "2026-05-12"}, ["4"], id="day"),
        pytest.param({"period": "day", "date": "2026-05-12,2026-05-13"}, ["1", "2", "3", "4"], id="days-in-one-table"),
        pytest.param({**MONTH, "idSite": "1,2"}, ["5", "1", "2", "3", "4"], id="sites-in-one-table"),
        pytest.param({**MONTH, "idSite": "all", "filter_limit": 2}, ["5", "1"], id="first-of-all-sites"),
        pytest.param({"idSite": "all", "filter_limit": 2, "filter_offset": 1}, ["1", "2"], id="slice-of-all-sites"),
        pytest.param({"idSite": "all", "filter_sort_order": "asc", "filter_limit": 1}, ["4"], id="oldest-of-all-sites"),
        pytest.param({**MONTH, "filter_limit": -1}, ["1", "2", "3", "4"], id="all"),
        pytest.param({"countVisitorsToFetch": 1}, ["1"], id="old-name-of-the-limit"),
        pytest.param({"minTimestamp": int(at("13T09:00:31").timestamp())}, ["1"], id="since-exclusive"),
        pytest.param({"minTimestamp": int(at("13T09:00:30").timestamp())}, ["1", "2"], id="since"),
        pytest.param({"segment": "userId==anna"}, ["1", "4"], id="segment"),
        pytest.param({"segment": "eventAction==play"}, ["1"], id="segment-of-actions"),
    ],
)
def test_which_visits_programs_get(filled: Database, api: Api, given: dict[str, Any], expected: list[str]) -> None:
    assert told(api, DETAILS, "idVisit", **given) == expected


@pytest.mark.parametrize(
    ("method", "given", "word"),
    [
        pytest.param(DETAILS, {"filter_limit": 10001}, "more than 10000 visits", id="too-many-visits"),
        pytest.param(DETAILS, {"filter_sort_order": "up"}, "filter_sort_order", id="order"),
        pytest.param(DETAILS, {"minTimestamp": "yesterday"}, "minTimestamp", id="time"),
        pytest.param(DETAILS, {"segment": "nothing==1"}, "'nothing' is not a supported segment", id="segment"),
        pytest.param("Live.getCounters", {"lastMinutes": 0}, "lastMinutes", id="no-minutes"),
        pytest.param("Live.getCounters", {"lastMinutes": 2881}, "1 to 2880", id="too-many-minutes"),
        pytest.param("Live.getVisitorProfile", {"visitorId": "anna"}, "visitorId", id="visitor"),
    ],
)
def test_what_is_refused(api: Api, method: str, given: dict[str, Any], word: str) -> None:
    assert word in api.refused(method, **{"idSite": 1, **given})


def test_columns_that_programs_want(filled: Database, api: Api) -> None:
    (row,) = api.done(
        DETAILS, idSite=1, filter_limit=1, showColumns="idVisit,actionDetails", hideColumns="url,timestamp"
    )
    assert row.keys() == {"idVisit", "actionDetails"}
    assert {"url", "timestamp"} & row["actionDetails"][0].keys() == set()
    (flat,) = api.done(DETAILS, idSite=1, filter_limit=1, flat=1)
    assert flat["url (actionDetails 0)"] == "https://example.org/shoes"
    assert api.done(DETAILS, idSite=1, filter_limit=1, doNotFetchActions=1)[0]["actionDetails"] == []


@pytest.mark.parametrize("written", ["xml", "csv", "tsv", "html"])
def test_a_log_in_other_formats(filled: Database, api: Api, written: str) -> None:
    answer = api.call(DETAILS, idSite=1, format=written, convertToUnicode=0)
    assert answer.status_code == 200
    assert "000000000000000a" in answer.text


def test_counters_of_the_last_minutes(filled: Database, api: Api) -> None:
    names = ("visits", "actions", "visitors", "visitsConverted")
    now = {"lastMinutes": 240}  # It is 14:00 in Berlin.
    assert told(api, "Live.getCounters", *names, **now) == [(1, 3, 1, 2)]
    assert told(api, "Live.getCounters", *names, **now, idSite="all") == [(2, 4, 2, 2)]
    assert told(api, "Live.getCounters", *names, lastMinutes=60) == [(0, 0, 0, 0)]
    assert told(api, "Live.getCounters", *names, lastMinutes=24 * 60, segment="userId==") == [(2, 5, 2, 0)]
    assert api.done("Live.getCounters", idSite=1, **now, showColumns="visits") == [{"visits": 1}]


def test_counters_tell_no_single_visitor_where_rows_must_have_more(filled: Database, api: Api) -> None:
    api.registry.update_site(replace(api.registry.site(1), fewest_visitors=3))
    asked = {"idSite": 1, "lastMinutes": 2880}
    assert api.done("Live.getCounters", **asked)[0]["visitors"] == 3
    assert "Fewer than 3 visitors" in api.refused("Live.getCounters", **asked, segment="userId==anna")
    answer = api.call(DETAILS, idSite=1)
    assert (answer.status_code, "a floor of 0 turns it on" in answer.text) == (403, True)
    assert api.done("Live.isVisitorProfileEnabled", idSite=1) == 0
    assert told(api, DETAILS, "idVisit", idSite="all") == ["5"]  # The other site has a log.


def test_visitors(filled: Database, api: Api) -> None:
    anna = {"visitorId": "000000000000000A"}
    assert api.done("Live.getMostRecentVisitorId", idSite=1) == "000000000000000a"
    assert (
        api.done("Live.getMostRecentVisitsDateTime", idSite=1, period="day", date="2026-05-12") == "2026-05-12 10:00:00"
    )
    assert api.done("Live.getMostRecentVisitsDateTime", idSite=1, period="day", date="2026-05-11") is False
    assert told(api, "Live.getLastVisitsForVisitor", "idVisit", **anna) == ["1", "4"]
    assert told(api, "Live.getFirstVisitForVisitorId", "idVisit", **anna) == ["4"]
    assert api.done("Live.isVisitorProfileEnabled", idSite=1) == 1


def test_profiles_that_programs_get(filled: Database, api: Api) -> None:
    recent = api.done("Live.getVisitorProfile", idSite=1)
    assert only(recent, "visitorId", "totalVisits", "hasMoreVisits") == ("000000000000000a", 2, 0)
    assert recent == api.done("Live.getVisitorProfile", idSite=1, visitorId="000000000000000a")
    short = api.done("Live.getVisitorProfile", idSite=1, limitVisits=1, showColumns="totalVisits,hasMoreVisits")
    assert short == {"totalVisits": 1, "hasMoreVisits": 1}
    assert api.done("Live.getVisitorProfile", idSite=1, visitorId="0" * 16) == []
    assert api.done("Live.getVisitorProfile", idSite=1, segment="userId==nobody") == []


# The last ones: they empty the tables


def test_usually_ten_visits(clean_database: Database, api: Api) -> None:
    filled_with(clean_database, visits=[visit(n, "13T08:00", n) for n in range(1, 13)])
    assert told(api, DETAILS, "idVisit") == [str(n) for n in range(12, 2, -1)]
    assert len(told(api, DETAILS, "idVisit", filter_limit=-1)) == 12


def test_a_log_reaches_to_the_stroke_of_midnight(clean_database: Database) -> None:
    visits = [visit(1, "13T23:50", 600), visit(2, "14T00:00:01"), visit(3, "13T00:00"), visit(4, "12T23:59:59")]
    filled_with(clean_database, visits=visits)
    assert ids(part_of(clean_database)) == [1, 3]
    assert ids(part_of(clean_database, day="2026-05-14")) == [2, 1]
