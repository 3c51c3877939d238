"""Our tracker in a real browser, T17 to T30: events, searches, goals, shops, dimensions, content, errors, heartbeat.

The numbers are those of a list of test vectors that describes what a tracker of this kind does for websites.
"""

import json
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browsing import TRACKER_NEEDED
from tests.hosts import PV, Asked, Command, Hosts, document, page, snippet
from tests.running import eventually
from tests.tracker_hits import HALF_HOUR, SHOP, assert_cookie, common, leading, the, title, visit
from tests.visitors import Visitor

pytestmark = TRACKER_NEEDED

TARGET = "https://target.example/t"
SHOES: Command = ["trackContentImpression", "N", "P", TARGET]
UNNAMED: Command = ["trackContentImpression", "N2"]
CLICK: Command = ["trackContentInteraction", "click", "N", "P", TARGET]


def test_t17_an_event(hosts: Hosts, visitor: Visitor) -> None:
    visit(hosts, visitor, PV, ["trackEvent", "Cat", "Act", "Nam", 1.5])
    hits = hosts.all_hits(2)
    view, event = the(hits, action_name="Home page"), the(hits, e_c="Cat")
    assert leading(event) == [("e_c", "Cat"), ("e_a", "Act"), ("e_n", "Nam"), ("e_v", "1.5"), ("ca", "1")]
    assert common(event)["pv_id"] == common(view)["pv_id"]


def test_t17_an_event_becomes_a_row(hosts: Hosts, visitor: Visitor) -> None:
    site = hosts.pegel.add_site(urls=("https://shop.example",))
    hosts.put("shop.example/", page(PV, ["trackEvent", "Cat", "Act", "Nam", 1.5], site=site.id))
    visitor.open(SHOP)
    hosts.hits(2)
    found = [(row["action"], row["event_category"], row["event_value"]) for row in hosts.pegel.hits(site)]
    assert sorted(found) == [("event", "Cat", 1.5), ("pageview", "", None)]
    (row,) = hosts.pegel.visits(site)
    assert (row["actions"], row["events"], row["pageviews"]) == (2, 1, 1)


def test_t18_an_event_without_a_category(hosts: Hosts, visitor: Visitor) -> None:
    visit(hosts, visitor, ["trackEvent", "", "x"])
    hosts.no_hit()
    assert len(visitor.errors) == 1


def test_t19_searches(hosts: Hosts, visitor: Visitor) -> None:
    """DO: a number of results that is `false` is no number, and is not sent."""
    visit(hosts, visitor, ["trackSiteSearch", "kw", "cat", 0], ["trackSiteSearch", "kw2", False, False])
    hits = hosts.all_hits(2)
    first, second = the(hits, search="kw"), the(hits, search="kw2")
    assert leading(first) == [("search", "kw"), ("search_cat", "cat"), ("search_count", "0")]
    assert leading(second) == [("search", "kw2")]
    assert common(first).keys() == common(second).keys()


def test_t20_goals(hosts: Hosts, visitor: Visitor) -> None:
    visit(hosts, visitor, ["trackGoal", 3, 12.5], ["trackGoal", 4], ["trackGoal", "7", 0])
    assert sorted(leading(hit) for hit in hosts.all_hits(3)) == [
        [("idgoal", "3"), ("revenue", "12.5")],
        [("idgoal", "4")],
        [("idgoal", "7")],
    ]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(
            ("SKU1", "Prod", "Cat", 9.99),
            [("_pkc", "Cat"), ("_pkp", "9.99"), ("_pks", "SKU1"), ("_pkn", "Prod")],
            id="article",
        ),
        pytest.param(
            ("SKU1", "Prod", ["A", "B"]), [("_pkc", '["A","B"]'), ("_pks", "SKU1"), ("_pkn", "Prod")], id="categories"
        ),
        pytest.param(("", "", "Cat"), [("_pkc", "Cat")], id="page-of-a-category"),
        pytest.param(("SKU1", "Prod"), [("_pkc", ""), ("_pks", "SKU1"), ("_pkn", "Prod")], id="no-category"),
    ],
)
def test_t21_an_article_that_is_looked_at(
    hosts: Hosts, visitor: Visitor, seen: Command, expected: list[tuple[str, str]]
) -> None:
    visit(hosts, visitor, ["setEcommerceView", *seen], PV, ["trackEvent", "Cat", "Act"])
    for hit in hosts.all_hits(2):
        assert [pair for pair in common(hit).items() if pair[0].startswith("_pk")] == expected


SHOPPING: list[Command] = [
    ["addEcommerceItem", "SKU1", "Prod", ["A", "B"], 9.99, 2],
    ["addEcommerceItem", "SKU2"],
    ["trackEcommerceCartUpdate", 19.98],
    ["trackEcommerceOrder", "ORD1", 24.98, 19.98, 3, 2, False],
    ["trackEcommerceOrder", "ORD2", 10],
]
ITEMS = '[["SKU1","Prod",["A","B"],9.99,2],["SKU2","","",0,1]]'


def test_t22_a_cart_and_orders(hosts: Hosts, visitor: Visitor) -> None:
    """DO: sums that nobody gave, or that are `false`, are not sent."""
    visit(hosts, visitor, *SHOPPING)
    hits = hosts.all_hits(3)
    cart, order, empty = the(hits, revenue="19.98"), the(hits, ec_id="ORD1"), the(hits, ec_id="ORD2")
    assert leading(cart) == [("idgoal", "0"), ("revenue", "19.98"), ("ec_items", ITEMS)]
    assert leading(order) == [
        *[("idgoal", "0"), ("ec_id", "ORD1"), ("revenue", "24.98")],
        *[("ec_st", "19.98"), ("ec_tx", "3"), ("ec_sh", "2"), ("ec_items", ITEMS)],
    ]
    assert leading(empty) == [("idgoal", "0"), ("ec_id", "ORD2"), ("revenue", "10"), ("ec_items", "[]")]
    assert common(cart).keys() == common(order).keys()


def test_t22_orders_become_rows(hosts: Hosts, visitor: Visitor) -> None:
    site = hosts.pegel.add_site(urls=("https://shop.example",), ecommerce=True)
    hosts.put("shop.example/", page(*SHOPPING, site=site.id))
    visitor.open(SHOP)
    hosts.hits(3)
    hosts.pegel.load()
    rows = hosts.pegel.rows(f"select * from conversions final where site = {site.id} and order_id != ''")
    orders = {row["order_id"]: (row["revenue"], row["subtotal"], row["discount"], row["items"]) for row in rows}
    assert orders == {"ORD1": (24.98, 19.98, None, 3), "ORD2": (10, None, None, 0)}
    rows = hosts.pegel.rows(f"select * from order_items final where site = {site.id} and order_id = 'ORD1'")
    assert {(row["sku"], *row["categories"]): row["quantity"] for row in rows} == {("SKU1", "A", "B"): 2, ("SKU2",): 1}


DIMENSIONS: list[Command] = [
    *(["setCustomDimension", 1, "one"], ["setCustomDimension", 2, 5]),
    ["setCustomVariable", 1, "who", "me", "visit"],
    ["setCustomVariable", 2, "what", "page", "page"],
    ["setCustomVariable", 1, "how", "so", "event"],
    ["storeCustomVariablesInCookie"],
    ["trackPageView", None, {"dimension3": "three", "other": "y"}],
    ["trackEvent", "Cat", "Act", "Nam", 1, {"dimension1": "over"}],
    ["deleteCustomDimension", 1],
    ["trackEvent", "Cat", "Last"],
]


def extras(hit: Asked) -> list[tuple[str, str]]:
    """Return dimensions, data and variables in the order in which they came."""
    common(hit)
    return [
        pair for pair in hit.pairs if pair[0].startswith("dimension") or pair[0] in ("data", "cvar", "e_cvar", "_cvar")
    ]


def test_t23_dimensions_and_variables(hosts: Hosts, visitor: Visitor) -> None:
    visit(hosts, visitor, *DIMENSIONS)
    hits = hosts.all_hits(3)
    view, event, last = the(hits, action_name="Home page"), the(hits, e_n="Nam"), the(hits, e_a="Last")
    variables = [("cvar", '{"2":["what","page"]}'), ("e_cvar", '{"1":["how","so"]}'), ("_cvar", '{"1":["who","me"]}')]
    one, two, three = ("dimension1", "one"), ("dimension2", "5"), ("dimension3", "three")
    assert extras(view) == [three, one, two, ("data", '{"other":"y"}'), *variables]
    assert extras(event) == [("dimension1", "over"), two, *variables]
    assert extras(last) == [two, *variables]
    names = [name for name, _ in view.pairs]
    assert names.index("_refts") < names.index("dimension3") < names.index("_cvar") < names.index("pv_id")
    assert_cookie(visitor.cookies()["_pk_cvar.77.f399"], HALF_HOUR, time.time())


def in_bulk(hit: Asked) -> list[dict[str, str]]:
    """Return the requests of a bulk body, after looking at how it is sent."""
    assert (hit.method, hit.query, json.loads(hit.body)["send_image"]) == ("POST", "", 0)
    assert hit.headers["content-type"].lower().startswith("application/x-www-form-urlencoded")
    return hit.bulk


def content_of(parameters: dict[str, str]) -> list[tuple[str, str]]:
    return list(parameters.items())[: list(parameters).index("idsite")]


def test_t24_an_impression_of_content(hosts: Hosts, visitor: Visitor) -> None:
    visit(hosts, visitor, SHOES)
    hosts.no_hit()  # It waits for others.
    hit = hosts.hit()
    assert (hit.method, hit.body) == ("POST", "")
    assert leading(hit) == [("c_n", "N"), ("c_p", "P"), ("c_t", TARGET), ("ca", "1")]
    assert "pv_id" not in common(hit)


IN_BULK = [
    [("c_n", "N"), ("c_p", "P"), ("c_t", TARGET), ("ca", "1")],
    [("c_n", "N2"), ("c_p", "Unknown"), ("ca", "1")],
    [("c_i", "click"), ("c_n", "N"), ("c_p", "P"), ("c_t", TARGET), ("ca", "1")],
]


def test_t25_content_in_bulk(hosts: Hosts, visitor: Visitor) -> None:
    visit(hosts, visitor, SHOES, UNNAMED, CLICK)
    entries = in_bulk(hosts.hit())
    assert [content_of(entry) for entry in entries] == IN_BULK
    assert all(entry["rec"] == "1" and "res" in entry and "uadata" in entry for entry in entries)


def test_t25_content_in_bulk_becomes_rows(hosts: Hosts, visitor: Visitor) -> None:
    site = hosts.pegel.add_site(urls=("https://shop.example",))
    hosts.put("shop.example/", page(SHOES, UNNAMED, CLICK, site=site.id))
    visitor.open(SHOP)
    hosts.hits(1)
    found = [(row["content_name"], row["content_piece"], row["content_interaction"]) for row in hosts.pegel.hits(site)]
    assert sorted(found) == [("N", "P", ""), ("N", "P", "click"), ("N2", "Unknown", "")]


def test_t26_many_requests_in_a_queue(hosts: Hosts, visitor: Visitor) -> None:
    visit(hosts, visitor, *(["queueRequest", f"e_c=Queue&e_a={number}"] for number in range(60)))
    entries = sorted((in_bulk(hit) for hit in hosts.all_hits(2)), key=len, reverse=True)
    assert [len(part) for part in entries] == [50, 10]
    assert [entry["e_a"] for part in entries for entry in part] == [str(number) for number in range(60)]


def test_t27_a_queue_when_the_page_is_left(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("shop.example/next", document(title="Next"))
    opened = visit(hosts, visitor, SHOES, UNNAMED, CLICK)
    opened.goto(SHOP + "next")
    left = time.monotonic()
    hit = hosts.hit()
    assert hit.at - left < 1, "the page waited for its timer"
    assert [content_of(entry) for entry in in_bulk(hit)] == IN_BULK


def test_t28_no_queue(hosts: Hosts, visitor: Visitor) -> None:
    visit(hosts, visitor, ["disableQueueRequest"], PV, SHOES, UNNAMED)
    hits = hosts.all_hits(3)
    assert [leading(the(hits, c_n=name)) for name in ("N", "N2")] == IN_BULK[:2]
    assert title(the(hits, action_name="Home page")) == "Home page"


FAULTS = """<script>
function fail() { throw new Error("broken"); }
function failElsewhere() { throw new Error("broken"); }
</script>
<button id="one" onclick="fail()">One</button><button id="other" onclick="failElsewhere()">Other</button>"""


def test_t29_errors_of_scripts(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("shop.example/", document(snippet(["enableJSErrorTracking"]), body=FAULTS))
    opened = visitor.open(SHOP)
    for button in ("#one", "#one", "#other"):
        opened.click(button)
    found = [dict(leading(hit)) for hit in hosts.all_hits(2)]
    assert {event["e_c"] for event in found} == {"JavaScript Errors"}
    assert {event["e_n"] for event in found} == {"Uncaught Error: broken"}
    places = {event["e_a"] for event in found}
    assert len(places) == 2
    assert all(place.startswith(f"{SHOP}:") and len(place.split(":")) == 4 for place in places)


def hide_behind_a_tab(opened: Page) -> Callable[[], None]:
    """Look at another tab; return what comes back."""
    without = opened.context.new_cdp_session(opened)  # Playwright has every page believe that it has the focus.
    without.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    other = opened.context.new_page()
    other.bring_to_front()
    eventually(lambda: not opened.evaluate("document.hasFocus()"))

    def show() -> None:
        opened.bring_to_front()
        eventually(lambda: opened.evaluate("document.hasFocus()"))
        other.close()

    return show


def hide_the_window(opened: Page) -> Callable[[], None]:
    """Have the page hidden as it is in a window that is minimized, which no browser without a screen can do."""
    state = """state => {
      Object.defineProperty(document, "visibilityState", {configurable: true, get: () => state});
      Object.defineProperty(document, "hidden", {configurable: true, get: () => state == "hidden"});
      document.dispatchEvent(new Event("visibilitychange", {bubbles: true}));
    }"""
    opened.evaluate(state, "hidden")
    return lambda: opened.evaluate(state, "visible")


@pytest.mark.parametrize(
    "hide",
    [
        pytest.param(hide_behind_a_tab, id="another-tab"),
        pytest.param(hide_the_window, id="minimized"),
    ],
)
def test_t30_a_heartbeat_when_somebody_leaves(
    hosts: Hosts, visitor: Visitor, hide: Callable[[Page], Callable[[], None]]
) -> None:
    """Of five seconds at least: after 6.5 seconds, not after one more, and after another six."""
    hosts.put("shop.example/", page(["enableHeartBeatTimer", 1], PV))
    hosts.put("shop.example/next", document(title="Next"))
    opened = visitor.context.new_page()
    opened.clock.install()
    opened.goto(SHOP)
    opened.bring_to_front()
    hosts.hits(1)
    opened.clock.fast_forward(6500)
    show = hide(opened)
    hosts.all_hits(2)
    show()
    opened.clock.fast_forward(1000)
    show = hide(opened)
    hosts.all_hits(2)
    show()
    opened.clock.fast_forward(6000)
    opened.goto(SHOP + "next")
    view, first, second = hosts.all_hits(3)
    assert [leading(first), leading(second)] == [[("ping", "1")]] * 2
    assert {common(hit)["pv_id"] for hit in (view, first, second)} == {common(view)["pv_id"]}
