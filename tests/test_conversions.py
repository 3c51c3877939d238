"""Conversions: what goals, orders and carts leave behind, and who gets the credit."""

from collections.abc import Mapping
from typing import Any

import pytest

from ingest.conversions import Conversions, credit_of, to_cents
from ingest.device import UNKNOWN
from ingest.goals import Goals
from ingest.parts import Credit, Purchase
from ingest.referrer import DIRECT, Referrer
from ingest.visits import Arrival, Visit
from sql.goals import Goal, NewGoal
from tests.hits import NOON_MS, a_hit, a_visit, an_action
from tests.test_goals import a_goal
from tests.tracked import OTHER_VISITOR, VISITOR, Tracked

MINUTE = 60_000
CREDIT = Referrer("search", "Google", "tea", "https://www.google.com/")


class Taken:
    """The numbers of orders that were counted."""

    def __init__(self) -> None:
        self.numbers: set[tuple[int, str]] = set()

    def order_taken(self, site: int, order_id: str) -> bool:
        return (site, order_id) in self.numbers

    def take_order(self, site: int, order_id: str) -> None:
        self.numbers.add((site, order_id))


class Shop:
    """The conversions of a batch on a site with goals, and one visit."""

    def __init__(self, *goals: Goal, visit: Visit | None = None, taken: Taken | None = None) -> None:
        self.conversions = Conversions(taken or Taken(), {1: Goals(goals)} if goals else {})
        self.visit = visit or a_visit()

    def take(self, kind: str = "pageview", position: int = 1, **changes: Any) -> str:
        """Take a hit of a kind, as it comes out of the spool."""
        sent = "page" if kind in ("pageview", "search") else kind
        arrival = Arrival(a_hit(**{"kind": sent} | changes), an_action(kind), DIRECT, UNKNOWN)
        return self.conversions.take(arrival, self.visit, position, lambda: CREDIT)

    def buy(self, order_id: str, *items: list[Any], position: int = 1, **changes: Any) -> str:
        """Take an order, or the state of a cart if there is no order number."""
        values = {"revenue": 10.0, "subtotal": None, "tax": None, "shipping": None, "discount": None} | changes
        purchase = [order_id, *values.values(), items]
        return self.take("order" if order_id else "cart", position, purchase=purchase, at=NOON_MS + position)

    def rows(self) -> list[dict[str, Any]]:
        return rows_of(self.conversions.columns(5)) if self.conversions.rows else []

    def items(self) -> dict[str, dict[str, Any]]:
        rows = rows_of(self.conversions.item_columns(5)) if self.conversions.items else []
        return {row["sku"]: row for row in rows}


def rows_of(columns: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def some(row: Mapping[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


def test_a_reached_goal_leaves_a_row() -> None:
    shop = Shop(a_goal(pattern="example", revenue=5.0), visit=a_visit(pageviews=3, dimensions={"2": "gold"}))
    assert shop.take(position=44, at=NOON_MS + MINUTE) == ""
    (row,) = shop.rows()
    id = row.pop("id")
    assert 0 < id < 2**64
    assert row == {
        "site": 1,
        "started": NOON_MS,
        "visit": 100,
        "version": 5,
        "at": NOON_MS + MINUTE,
        "visitor": 7,
        "goal": 1,
        "order_id": "",
        "revenue": 5.0,
        "subtotal": None,
        "tax": None,
        "shipping": None,
        "discount": None,
        "items": 0,
        "hit": 44,
        "page": "example.org/",
        "prefix": 2,
        "pageviews_before": 3,
        "referrer_type": "search",
        "referrer_name": "Google",
        "referrer_keyword": "tea",
        "dimensions": {"2": "gold"},
    }
    assert (shop.visit.converted, shop.visit.goals, shop.visit.buyer) == (1, [1], 0)


def test_a_hit_that_reaches_nothing_leaves_nothing_and_nobody_asks_for_credit() -> None:
    def never() -> Referrer:
        raise AssertionError

    conversions, visit = Conversions(Taken(), {1: Goals([a_goal()])}), a_visit()
    for site in (1, 2):
        arrival = Arrival(a_hit(site=site), an_action(), DIRECT, UNKNOWN)
        assert conversions.take(arrival, visit, 1, never) == ""
    assert (conversions.rows, visit.converted, visit.goals) == ({}, 0, [])


@pytest.mark.parametrize(
    ("allow_multiple", "expected"),
    [pytest.param(False, 1, id="once-per-visit"), pytest.param(True, 3, id="each-time")],
)
def test_how_often_a_visit_reaches_a_goal(allow_multiple: bool, expected: int) -> None:
    shop = Shop(a_goal(pattern="example", allow_multiple=allow_multiple))
    shop.take(position=1)
    shop.take(position=2)
    shop.take("goal", position=3, goal=1)
    assert len(shop.rows()) == expected
    assert shop.visit.goals == [1]


def test_what_a_visit_reached_in_an_earlier_batch_counts() -> None:
    shop = Shop(a_goal(pattern="example"), visit=a_visit(goals=[1], converted=1))
    shop.take()
    assert shop.rows() == []


def test_one_hit_converts_several_goals() -> None:
    shop = Shop(a_goal(id=1, pattern="example"), a_goal(id=2, pattern="org"), a_goal(id=3, pattern="else"))
    shop.take(position=9)
    assert [some(row, "goal", "hit") for row in shop.rows()] == [(1, 9), (2, 9)]
    assert len({row["id"] for row in shop.rows()}) == 2
    assert shop.visit.goals == [1, 2]


@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [
        pytest.param("goal", {"goal": 2}, [(2, 0)], id="named"),
        pytest.param("goal", {"goal": 9}, [], id="named-and-gone"),
        pytest.param("pageview", {}, [(1, 1)], id="reached"),
        pytest.param("ping", {"goal": 2}, [], id="heartbeat"),
        pytest.param("cart", {}, [], id="cart-of-an-old-record"),
        pytest.param("order", {}, [], id="order-of-an-old-record"),
    ],
)
def test_which_goals_a_request_converts(kind: str, changes: dict[str, Any], expected: list[tuple[int, int]]) -> None:
    """A request that names a goal, buys or is a heartbeat reaches no other goal by its address."""
    shop = Shop(a_goal(id=1, pattern="example"), a_goal(id=2, match_attribute="manually"))
    assert shop.take(kind, **changes) == ""
    assert [some(row, "goal", "hit") for row in shop.rows()] == expected


def test_a_visit_that_lasts_converts_at_its_next_action() -> None:
    shop = Shop(a_goal(match_attribute="visit_duration", pattern="5", pattern_type="greater_than"))
    for position, (kind, after) in enumerate([("pageview", 0), ("ping", 301), ("event", 300), ("event", 301)]):
        shop.take(kind, position=position, at=NOON_MS + 1000 * after)
    assert [row["hit"] for row in shop.rows()] == [3]


EVENT_GOAL = {"match_attribute": "event_category", "pattern": "shop", "revenue": 8.0}
VALUED_GOAL = EVENT_GOAL | {"event_value_as_revenue": True}


@pytest.mark.parametrize(
    ("goal", "sent", "expected"),
    [
        pytest.param(EVENT_GOAL, {}, 8.0, id="the-goals"),
        pytest.param(EVENT_GOAL, {"revenue": 3.14159}, 3.14, id="the-requests"),
        pytest.param(EVENT_GOAL, {"revenue": 0.0}, 0.0, id="the-requests-zero"),
        pytest.param(EVENT_GOAL, {"event_value": 2.0}, 8.0, id="not-the-value"),
        pytest.param(VALUED_GOAL, {"event_value": 2.345}, 2.35, id="the-value"),
        pytest.param(VALUED_GOAL, {"event_value": 0.0}, 0.0, id="the-value-zero"),
        pytest.param(VALUED_GOAL, {"event_value": 2.0, "revenue": 3.0}, 2.0, id="the-value-before-the-requests"),
        pytest.param(VALUED_GOAL, {"revenue": 3.0}, 3.0, id="no-value"),
    ],
)
def test_revenue(goal: dict[str, Any], sent: dict[str, Any], expected: float) -> None:
    shop = Shop(a_goal(**goal))
    shop.take("event", event_category="shop", **sent)
    assert [row["revenue"] for row in shop.rows()] == [expected]


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (2, 2.0),
        (1.005, 1.01),
        (2.675, 2.68),
        (-0.125, -0.13),
        (10000000500.0, 10000000500.0),
        (1e300, 1e300),
        (5e-324, 0.0),
        (float("inf"), float("inf")),
    ],
)
def test_cents(amount: float, expected: float) -> None:
    assert to_cents(amount) == expected


TEA, CUP, POT = ["tea", "Tea", ["Food"], 5.0, 1], ["cup", "Cup", [], 7.5, 2], ["pot", "Pot", ["A", "B"], 30.0, 1]
ORDER_NAMES = ("goal", "order_id", "revenue", "subtotal", "tax", "shipping", "discount", "items", "hit")


def test_an_order() -> None:
    shop = Shop(visit=a_visit(pageviews=0))
    assert shop.buy("O1", TEA, CUP, revenue=20.0, subtotal=18.005, tax=2.0, shipping=0.0, discount=1.0) == ""
    (row,) = shop.rows()
    assert some(row, *ORDER_NAMES) == (0, "O1", 20.0, 18.01, 2.0, 0.0, 1.0, 3, 0)
    assert some(row, "page", "pageviews_before", "referrer_name") == ("example.org/", 0, "Google")
    assert (shop.visit.converted, shop.visit.buyer, shop.visit.goals, shop.visit.cart) == (1, 1, [], 0)
    names = ("conversion", "order_id", "name", "categories", "price", "quantity", "deleted", "visitor", "at")
    conversion, at = row["id"], NOON_MS + 1
    assert {sku: some(item, *names) for sku, item in shop.items().items()} == {
        "tea": (conversion, "O1", "Tea", ["Food"], 5.0, 1, 0, 7, at),
        "cup": (conversion, "O1", "Cup", [], 7.5, 2, 0, 7, at),
    }


def test_a_cart() -> None:
    shop = Shop()
    assert shop.buy("", TEA, CUP, revenue=20.001, tax=2.0) == ""
    (row,) = shop.rows()
    assert some(row, *ORDER_NAMES) == (-1, "", 20.0, None, None, None, None, 3, 0)
    assert (shop.visit.converted, shop.visit.buyer, shop.visit.cart) == (0, 2, row["id"])
    assert [item["order_id"] for item in shop.items().values()] == ["", ""]


def test_a_purchase_without_items() -> None:
    shop = Shop()
    shop.buy("O1")
    assert [some(row, "order_id", "items") for row in shop.rows()] == [("O1", 0)]
    assert shop.items() == {}


@pytest.mark.parametrize(
    ("orders", "buyer"),
    [
        pytest.param([""], 2, id="cart"),
        pytest.param(["O1"], 1, id="order"),
        pytest.param(["", "O1"], 1, id="cart-then-order"),
        pytest.param(["O1", ""], 3, id="order-then-cart"),
        pytest.param(["O1", "", ""], 3, id="order-then-carts"),
        pytest.param(["O1", "", "O2"], 1, id="order-cart-order"),
    ],
)
def test_what_a_buyer_is(orders: list[str], buyer: int) -> None:
    shop = Shop()
    for position, order_id in enumerate(orders):
        shop.buy(order_id, position=position)
    assert shop.visit.buyer == buyer


def test_a_cart_changes_in_its_row_and_becomes_the_order() -> None:
    shop = Shop()
    shop.buy("", TEA, position=1)
    (cart,) = shop.rows()
    shop.buy("", TEA, CUP, position=2, revenue=20.0)
    (changed,) = shop.rows()
    shop.buy("O1", CUP, position=3, revenue=15.0)
    (order,) = shop.rows()
    assert cart["id"] == changed["id"] == order["id"]
    assert [some(row, "goal", "revenue", "items", "at") for row in (cart, changed, order)] == [
        (-1, 10.0, 1, NOON_MS + 1),
        (-1, 20.0, 3, NOON_MS + 2),
        (0, 15.0, 2, NOON_MS + 3),
    ]
    assert (shop.visit.cart, shop.visit.cart_items) == (0, [])


def test_the_cart_after_an_order_is_another_one() -> None:
    shop = Shop()
    for position, order_id in enumerate(("", "O1", "", "O2")):
        shop.buy(order_id, TEA, position=position)
    first, second = shop.rows()
    assert [first["order_id"], second["order_id"]] == ["O1", "O2"]
    assert len(shop.conversions.items) == 2


def test_a_cart_goes_on_in_a_later_batch() -> None:
    first = Shop()
    first.buy("", TEA, CUP, position=1)
    second = Shop(visit=first.visit)
    second.buy("O1", POT, position=2)
    assert [row["id"] for row in second.rows()] == [row["id"] for row in first.rows()]
    assert {sku: some(item, "order_id", "deleted") for sku, item in second.items().items()} == {
        "tea": ("O1", 1),
        "cup": ("O1", 1),
        "pot": ("O1", 0),
    }
    assert {sku: item["id"] for sku, item in first.items().items()}.items() <= {
        sku: item["id"] for sku, item in second.items().items()
    }.items()


DEAR_TEA, MORE_TEA = ["tea", "Tea", ["Food"], 6.0, 1], ["tea", "Tea", ["Food"], 5.0, 9]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param([("", TEA, CUP), ("", CUP)], {"tea": (5.0, 1, "", 1), "cup": (7.5, 2, "", 0)}, id="taken-out"),
        pytest.param([("", TEA), ("",), ("", TEA)], {"tea": (5.0, 1, "", 0)}, id="taken-out-and-put-back"),
        pytest.param([("", TEA), ("", DEAR_TEA)], {"tea": (6.0, 1, "", 0)}, id="changed"),
        pytest.param([("", TEA), ("O1", MORE_TEA)], {"tea": (5.0, 9, "O1", 0)}, id="moved-to-the-order"),
        pytest.param([("", TEA, MORE_TEA)], {"tea": (5.0, 1, "", 0)}, id="twice-and-new-the-first-wins"),
        pytest.param(
            [("", TEA), ("", DEAR_TEA, MORE_TEA)], {"tea": (5.0, 9, "", 0)}, id="twice-and-known-the-last-wins"
        ),
    ],
)
def test_items_follow_the_cart(steps: list[tuple[Any, ...]], expected: dict[str, tuple[Any, ...]]) -> None:
    shop = Shop()
    for position, (order_id, *items) in enumerate(steps):
        shop.buy(order_id, *items, position=position)
    names = ("price", "quantity", "order_id", "deleted")
    assert {sku: some(item, *names) for sku, item in shop.items().items()} == expected


def test_items_that_come_twice_are_counted_twice() -> None:
    shop = Shop()
    shop.buy("", TEA, MORE_TEA)
    assert shop.rows()[0]["items"] == 10


def test_numbers_beyond_a_column_are_cut() -> None:
    shop = Shop()
    shop.buy("", ["a", "A", [], 1.0, 2**80], ["b", "B", [], 1.0, -3])
    assert shop.rows()[0]["items"] == 2**32 - 1
    assert [item["quantity"] for item in shop.items().values()] == [2**32 - 1, 0]


def test_an_order_counts_once_on_its_site() -> None:
    taken = Taken()
    first, again = Shop(taken=taken), Shop(taken=taken, visit=a_visit(id=200))
    assert first.buy("O1", TEA) == ""
    assert again.buy("O1", CUP, position=2) == "duplicate-order"
    assert (again.rows(), again.items()) == ([], {})
    assert (again.visit.converted, again.visit.buyer) == (1, 1)
    assert again.take("order", site=2, purchase=Purchase("O1", 1.0, None, None, None, None, ())) == ""


def test_a_repeated_order_leaves_the_open_cart_alone() -> None:
    shop = Shop()
    shop.buy("O1", TEA, position=1)
    shop.buy("", CUP, position=2)
    assert shop.buy("O1", TEA, position=3) == "duplicate-order"
    shop.buy("O2", CUP, position=4)
    assert [row["order_id"] for row in shop.rows()] == ["O1", "O2"]


def test_a_repeated_batch_makes_the_same_rows() -> None:
    def rows() -> tuple[Any, ...]:
        shop = Shop(a_goal(pattern="example", allow_multiple=True))
        for position, order_id in enumerate(("", "O1", "")):
            shop.buy(order_id, TEA, CUP, position=position)
        shop.take(position=8)
        return shop.rows(), shop.items()

    assert rows() == rows()


CAMPAIGN = {"referrer_type": "campaign", "referrer_name": "spring", "referrer_keyword": "sale"}
SEARCH = {"referrer_type": "search", "referrer_name": "Google", "referrer_keyword": "tea"}
KNOWN = {
    "https://wiki.example/": Referrer("website", "wiki.example", "", "https://wiki.example/"),
    "https://bing.example/": Referrer("search", "Bing", "pots", "https://bing.example/"),
    "https://social.example/": Referrer("social", "Social", "", "https://social.example/"),
    "https://chat.example/": Referrer("assistant", "Chat", "", "https://chat.example/"),
    "https://example.org/": DIRECT._replace(url="https://example.org/"),
}


@pytest.mark.parametrize(
    ("credit", "visit", "expected"),
    [
        pytest.param(None, SEARCH, ("search", "Google", "tea"), id="the-visit"),
        pytest.param(None, {}, ("direct", "", ""), id="the-direct-visit"),
        pytest.param(("News", "Top", "https://wiki.example/"), CAMPAIGN, ("campaign", "news", "top"), id="campaign"),
        pytest.param(("News", "", ""), SEARCH, ("campaign", "news", ""), id="campaign-without-keyword"),
        pytest.param(("x" * 300, "", ""), SEARCH, ("campaign", "x" * 255, ""), id="campaign-cut"),
        pytest.param(("", "Top", ""), SEARCH, ("search", "Google", "tea"), id="keyword-alone"),
        pytest.param(("", "", "https://wiki.example/"), CAMPAIGN, ("campaign", "spring", "sale"), id="visits-campaign"),
        pytest.param(("", "", "https://wiki.example/"), SEARCH, ("website", "wiki.example", ""), id="earlier-website"),
        pytest.param(("", "", "https://bing.example/"), {}, ("search", "Bing", "pots"), id="earlier-search"),
        pytest.param(("", "", "https://social.example/"), {}, ("social", "Social", ""), id="earlier-network"),
        pytest.param(("", "", "https://chat.example/"), {}, ("assistant", "Chat", ""), id="earlier-assistant"),
        pytest.param(("", "", "https://example.org/"), SEARCH, ("search", "Google", "tea"), id="own-page"),
    ],
)
def test_credit(credit: tuple[str, str, str] | None, visit: dict[str, Any], expected: tuple[str, str, str]) -> None:
    hit = a_hit(credit=Credit(*credit) if credit else None)
    assert credit_of(hit, a_visit(**visit), KNOWN.__getitem__)[:3] == expected


class Tables:
    """A site with one goal, `/thanks` in the address for 5, and what hits on it leave in the database."""

    def __init__(self, pegel: Tracked, **goal: Any) -> None:
        self.pegel = pegel
        self.site = pegel.add_site(search_keywords=("find",))
        wanted: dict[str, Any] = {"name": "Thanks", "match_attribute": "url", "pattern": "/thanks", "revenue": 5.0}
        pegel.registry.add_goal(NewGoal(**wanted | goal, site=self.site.id))

    def send(self, after: float = 0, **parameters: Any) -> int:
        """Send a hit of visitor A, unless told otherwise, some seconds after noon; return the status."""
        return self.pegel.get(self.site, after, **{"_id": VISITOR} | parameters).status

    def rows(self, table: str, *names: str) -> list[tuple[Any, ...]]:
        self.pegel.load()
        order = {"visits": "started, id", "order_items": "sku"}.get(table, "at, goal, id")
        rows = self.pegel.rows(f"select * from {table} final where site = {self.site.id} order by {order}")
        return [tuple(row[name] for name in names) for row in rows]


def test_a_page_view_reaches_a_goal(pegel: Tracked) -> None:
    tables = Tables(pegel)
    tables.send(url="https://example.org/thanks?sid=9#x")
    (hit,) = pegel.hits(tables.site)
    (visit,) = pegel.visits(tables.site)
    names = ("goal", "revenue", "page", "prefix", "hit", "visit", "visitor", "pageviews_before", "started")
    assert tables.rows("conversions", *names) == [
        (1, 5.0, "example.org/thanks", 2, hit["id"], visit["id"], visit["visitor"], 1, visit["started"])
    ]
    assert (visit["converted"], visit["goals"], visit["buyer"]) == (1, [1], 0)


def test_a_goal_may_ask_for_what_is_not_stored(pegel: Tracked) -> None:
    tables = Tables(pegel, pattern="sid=9")
    tables.send(url="https://example.org/thanks?sid=9#x")
    assert tables.rows("conversions", "goal", "page") == [(1, "example.org/thanks")]


@pytest.mark.parametrize(
    ("allow_multiple", "expected"),
    [pytest.param(False, [(1, 1)], id="once-per-visit"), pytest.param(True, [(1, 1), (1, 3)], id="each-time")],
)
def test_the_same_page_again(pegel: Tracked, allow_multiple: bool, expected: list[tuple[int, int]]) -> None:
    tables = Tables(pegel, allow_multiple=allow_multiple)
    for after, page in enumerate(("thanks", "other", "thanks")):
        tables.send(after, url=f"https://example.org/{page}")
    assert tables.rows("conversions", "goal", "pageviews_before") == expected


def test_a_goal_is_reached_once_in_a_visit_also_across_batches(pegel: Tracked) -> None:
    tables = Tables(pegel)
    for after in (0, 10, 4000):
        tables.send(after, url="https://example.org/thanks")
        pegel.load()
    assert tables.rows("visits", "converted", "goals") == [(1, [1]), (1, [1])]
    assert len(tables.rows("conversions", "visit")) == 2


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param({"revenue": "3.14159"}, 3.14, id="sent"),
        pytest.param({"revenue": "0"}, 0.0, id="zero"),
        pytest.param({"revenue": "abc"}, 5.0, id="unusable"),
        pytest.param({}, 5.0, id="none"),
    ],
)
def test_a_named_goal(pegel: Tracked, sent: dict[str, str], expected: float) -> None:
    tables = Tables(pegel)
    assert tables.send(0, idgoal=1, url="https://example.org/pay?sid=9&b=1", **sent) == 200
    names = ("goal", "revenue", "hit", "page", "pageviews_before")
    assert tables.rows("conversions", *names) == [(1, expected, 0, "example.org/pay?b=1", 0)]
    assert tables.rows("visits", "actions", "converted", "entry_page") == [(0, 1, "")]


def test_an_unknown_goal_is_refused(pegel: Tracked) -> None:
    tables = Tables(pegel)
    assert tables.send(idgoal=99) == 400
    assert (tables.rows("conversions", "goal"), tables.rows("visits", "id")) == ([], [])


EVENT = {"e_c": "shop", "e_a": "buy"}


@pytest.mark.parametrize(
    ("goal", "sent", "expected"),
    [
        pytest.param({"match_attribute": "title", "pattern": "bye"}, {"action_name": "Good Bye"}, [5.0], id="title"),
        pytest.param(
            {"match_attribute": "file", "pattern": ".zip"}, {"download": "https://e.org/a.zip"}, [5.0], id="file"
        ),
        pytest.param(
            {"match_attribute": "external_website", "pattern": "other"},
            {"link": "https://other.org/"},
            [5.0],
            id="outlink",
        ),
        pytest.param({"match_attribute": "event_action", "pattern": "buy"}, EVENT, [5.0], id="event"),
        pytest.param(
            {"match_attribute": "event_action", "pattern": "buy", "event_value_as_revenue": True},
            {**EVENT, "e_v": "7.5"},
            [7.5],
            id="event-with-value",
        ),
        pytest.param(
            {"pattern": r"thanks/\d+$", "pattern_type": "regex"},
            {"url": "https://example.org/thanks/42"},
            [5.0],
            id="regex",
        ),
        pytest.param({}, {"url": "https://example.org/thanks?find=x"}, [], id="not-a-site-search"),
        pytest.param({}, {"url": "https://example.org/thanks", **EVENT}, [], id="not-an-event"),
        pytest.param({}, {"url": "https://example.org/thanks", "idgoal": "0"}, [], id="not-a-cart"),
    ],
)
def test_what_reaches_a_goal(pegel: Tracked, goal: dict[str, Any], sent: dict[str, Any], expected: list[float]) -> None:
    tables = Tables(pegel, **goal)
    tables.send(0, **sent)
    assert [revenue for goal, revenue in tables.rows("conversions", "goal", "revenue") if goal > 0] == expected


def test_a_long_visit_reaches_a_goal(pegel: Tracked) -> None:
    tables = Tables(pegel, match_attribute="visit_duration", pattern="5", pattern_type="greater_than")
    tables.send(0)
    tables.send(301, ping=1)
    assert tables.rows("conversions", "goal") == []
    tables.send(302, **EVENT)
    assert tables.rows("conversions", "goal") == [(1,)]


def test_a_cart_becomes_the_order(pegel: Tracked) -> None:
    tables = Tables(pegel)
    tables.send(0, idgoal=0, revenue=20, ec_items='[["S1","N","C",10,2]]')
    names = ("goal", "order_id", "items", "revenue", "hit")
    assert tables.rows("conversions", *names) == [(-1, "", 2, 20.0, 0)]
    assert tables.rows("visits", "buyer", "converted") == [(2, 0)]
    tables.send(60, idgoal=0, ec_id="O1", revenue=10, ec_tx="1.5", ec_items='[["S1","N","C",10,1]]')
    assert tables.rows("conversions", *names, "tax") == [(0, "O1", 1, 10.0, 0, 1.5)]
    assert tables.rows("visits", "buyer", "converted", "actions") == [(1, 1, 0)]
    items = ("sku", "order_id", "quantity", "price", "categories", "deleted")
    assert tables.rows("order_items", *items) == [("S1", "O1", 1, 10.0, ["C"], 0)]


def test_an_order_number_counts_once(pegel: Tracked) -> None:
    tables = Tables(pegel)
    tables.send(0, idgoal=0, ec_id="O1", revenue=10, ec_items='[["S1","N","C",10,1]]')
    tables.send(60, idgoal=0, ec_id="O1", revenue=10, ec_items='[["S2","N","C",10,1]]', _id=OTHER_VISITOR, lang="fr")
    pegel.load()
    tables.send(120, idgoal=0, ec_id="O1", revenue=30, _id=OTHER_VISITOR, lang="fr")
    assert tables.rows("conversions", "order_id", "revenue") == [("O1", 10.0)]
    assert tables.rows("order_items", "sku") == [("S1",)]
    assert len(tables.rows("visits", "id")) == 2
    assert pegel.counters(tables.site) == {"": 1, "duplicate-order": 2}


GOOGLE = "https://www.google.com/search?q=Foo+Bar"


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param({}, ("search", "Google", "foo bar"), id="the-visit"),
        pytest.param({"_rcn": "News", "_rck": "Top"}, ("campaign", "news", "top"), id="campaign"),
        pytest.param({"_rcn": " a%20B ", "_rck": ""}, ("campaign", "a b", ""), id="campaign-encoded-twice"),
        pytest.param({"_ref": "https://de.wikipedia.org/wiki/X"}, ("website", "de.wikipedia.org", ""), id="website"),
        pytest.param({"_ref": "https://example.org/x"}, ("search", "Google", "foo bar"), id="own-page"),
    ],
)
def test_who_gets_the_credit(pegel: Tracked, sent: dict[str, str], expected: tuple[str, str, str]) -> None:
    tables = Tables(pegel)
    tables.send(0, urlref=GOOGLE)
    tables.send(10, urlref=GOOGLE, idgoal=0, ec_id="O1", revenue=10, **sent)
    names = ("referrer_type", "referrer_name", "referrer_keyword")
    assert tables.rows("conversions", *names) == [expected]
    assert tables.rows("visits", *names) == [("search", "Google", "foo bar")]
