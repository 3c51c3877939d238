"""Trackers that others wrote, from their own calls to rows: they run as in anybody's server, app or page.

`make test-clients` installs them into `.clients`, the programs around them are in `tests/clients`.
"""

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from sql.dimensions import NewDimension
from sql.goals import NewGoal
from sql.registry import Site
from tests.browsing import NEEDED, chromium
from tests.tracked import FIREFOX, NOON, Row, Tracked

HERE = Path(__file__).parent / "clients"
CLIENTS = HERE.parent.parent / ".clients"
PYTHON = str(CLIENTS / "venv/bin/python")
PATIENCE = 60.0  # Seconds.
ADDRESS = "203.0.113.9"
HEADERS = {"User-Agent": FIREFOX, "Accept-Language": "de-CH,de;q=0.9", "Referer": "https://www.example.net/links"}
OPERATORS_LINE = "programs that others wrote are not installed: make test-clients"
pytestmark = pytest.mark.skipif(not (CLIENTS / ".installed").exists(), reason=OPERATORS_LINE)

# What a hit is unless a test says otherwise: a view of the front page. Left out are times, ids and what came before.
HIT: Row = {
    "action": "pageview",
    "page": "example.org/",
    "prefix": 2,
    "title": "",
    "keyword": "",
    "search_category": "",
    "search_count": None,
    "event_category": "",
    "event_action": "",
    "event_name": "",
    "event_value": None,
    "content_name": "",
    "content_piece": "",
    "content_target": "",
    "content_interaction": "",
    "product_sku": "",
    "product_name": "",
    "product_categories": [],
    "product_price": None,
    "dimensions": {},
    "variables": {},
    "pageview": "",
}
# And a visit: one of somebody with Firefox, who followed a link.
VISIT: Row = {
    "ip": "203.0.0.0",
    "user_id": "",
    "actions": 1,
    "interactions": 1,
    "pageviews": 1,
    "searches": 0,
    "events": 0,
    "converted": 0,
    "buyer": 0,
    "goals": [],
    "entry_page": "example.org/",
    "entry_title": "",
    "exit_page": "example.org/",
    "exit_title": "",
    "referrer_type": "website",
    "referrer_name": "www.example.net",
    "referrer_keyword": "",
    "referrer_url": "https://www.example.net/links",
    "ad_network": "",
    "browser": "Firefox",
    "browser_version": "145.0",
    "os": "GNU/Linux",
    "device_type": "desktop",
    "client_type": "browser",
    "language": "de-ch",
    "country": "ch",
    "dimensions": {},
    "variables": {},
}
UNKNOWN_CLIENT: Row = {
    **dict.fromkeys(("browser", "browser_version", "os", "device_type", "client_type", "language"), ""),
    "country": "xx",
}
DIRECT: Row = {"referrer_type": "direct", "referrer_name": "", "referrer_url": ""}


@pytest.fixture
def site(pegel: Tracked) -> Site:
    pegel.now = NOON
    return pegel.add_site()


def play(*command: str | Path, **given: object) -> Any:
    """Run a program with its argument as JSON; it must say nothing but its result."""
    environ = {"NODE_PATH": str(CLIENTS / "node_modules"), "PATH": "/usr/local/bin:/usr/bin:/bin"}
    done = subprocess.run(
        [*map(str, command), json.dumps(given)],
        env=environ, capture_output=True, text=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done
    return json.loads(done.stdout)


def endpoint(pegel: Tracked) -> str:
    return f"http://127.0.0.1:{pegel.port}/matomo.php"


def rows(pegel: Tracked, table: str, site: Site, order: str, usual: Mapping[str, object]) -> list[Row]:
    pegel.load()
    found = pegel.rows(f"select * from {table} where site = {site.id} order by {order}")
    return [{name: row[name] for name in usual} for row in found]


def hits(pegel: Tracked, site: Site) -> list[Row]:
    return rows(pegel, "hits", site, "at, sequence", HIT)


def visits(pegel: Tracked, site: Site) -> list[Row]:
    return rows(pegel, "visits final", site, "started, id", VISIT)


PURCHASE = ("goal", "order_id", "revenue", "subtotal", "tax", "shipping", "discount", "items")


class TestMatomoTracker:
    """npm `matomo-tracker`: a Node server."""

    def test_hits_of_every_kind(self, pegel: Tracked, site: Site) -> None:
        browser = {"ua": FIREFOX, "lang": "de-CH", "urlref": HEADERS["Referer"]}
        event = {"e_c": "Videos", "e_a": "play", "e_n": "Trailer", "e_v": "2.5"}
        variables = json.dumps({"1": ["theme", "dark"]})
        calls = [
            {"url": "https://example.org/shoes?gclid=abc", "action_name": "Shoes – all", "cvar": variables, **browser},
            {"url": "https://example.org/shoes", **event, **browser},
            {"url": "https://example.org/shoes", "link": "https://other.example/?a=b", **browser},
            {"url": "https://example.org/?q=boots", **browser},
        ]
        assert self.play(pegel, site, track=calls) == {"answer": None, "errors": []}
        page = {"page": "example.org/shoes"}
        keyword = {"page": "", "prefix": 255, "keyword": "boots"}
        assert hits(pegel, site) == [
            HIT | page | {"title": "Shoes – all", "variables": {"1": {"name": "theme", "value": "dark"}}},
            HIT | page | {"action": "event", **self.event("play", "Trailer", 2.5)},
            HIT | {"action": "outlink", "page": "https://other.example/?a=b", "prefix": 255},
            HIT | {"action": "search", **keyword},
        ]
        counts = {"actions": 4, "interactions": 2, "searches": 1, "events": 1}
        entry = {"entry_page": "example.org/shoes", "entry_title": "Shoes – all"}
        left = {"exit_page": "", "exit_title": "boots"}
        ours = {"ip": "127.0.0.0", "ad_network": "Google Ads"}
        assert visits(pegel, site) == [VISIT | counts | entry | left | ours]

    def test_a_url_alone(self, pegel: Tracked, site: Site) -> None:
        assert self.play(pegel, site, track=["https://example.org/"]) == {"answer": None, "errors": []}
        assert hits(pegel, site) == [HIT]
        assert visits(pegel, site) == [VISIT | UNKNOWN_CLIENT | DIRECT | {"ip": "127.0.0.0"}]

    def test_bulk_of_another_time_and_address(self, pegel: Tracked, site: Site) -> None:
        """The client's own example: two clicks years ago, by an id that is none; they need a token."""
        clicks = self.clicks(pegel.token("write", site.id))
        answer = self.play(pegel, site, bulk=clicks)
        assert (json.loads(answer["answer"]), answer["errors"]) == (told(tracked=2), [])
        click = HIT | {"action": "event", "page": "", "prefix": 255}
        assert hits(pegel, site) == [
            click | self.event("rightButton", "", 2.0, "Buy"),
            click | self.event("leftButton", "", 4.0, "Buy"),
        ]
        nowhere = dict.fromkeys(("entry_page", "entry_title", "exit_page", "exit_title"), "")
        counts = {"actions": 2, "interactions": 0, "pageviews": 0, "events": 2}
        assert visits(pegel, site) == [VISIT | UNKNOWN_CLIENT | DIRECT | nowhere | counts]
        started, ended = (datetime(2018, 3, 22, 2, *rest, tzinfo=UTC) for rest in ((32, 22), (33, 52)))
        (visit,) = pegel.visits(site)
        assert (visit["started"], visit["last_at"]) == (started.replace(tzinfo=None), ended.replace(tzinfo=None))

    @pytest.mark.parametrize("token", [pytest.param(None, id="no-token"), pytest.param("f" * 32, id="wrong-token")])
    def test_bulk_that_may_not(self, pegel: Tracked, site: Site, token: str | None) -> None:
        """What needs no token is kept beside what does."""
        today = {"url": "https://example.org/"}
        answer = self.play(pegel, site, bulk=[*self.clicks(token), today])
        assert json.loads(answer["answer"]) == told(tracked=1, invalid=2)
        assert hits(pegel, site) == [HIT]
        assert pegel.counters(site) == {"": 1, "cdt": 2}

    @pytest.mark.parametrize(
        ("wrong", "parameter"),
        [
            pytest.param({"cip": ADDRESS}, "cip", id="address-without-token"),
            pytest.param({"cdt": "2018-03-22"}, "cdt", id="time-without-token"),
            pytest.param({"idgoal": 7}, "idgoal", id="unknown-goal"),
            pytest.param({"cid": "short"}, "cid", id="visitor-id-that-is-none"),
        ],
    )
    def test_errors_are_told(self, pegel: Tracked, site: Site, wrong: dict[str, Any], parameter: str) -> None:
        sent = self.play(pegel, site, track=[{"url": "https://example.org/", **wrong}])
        assert sent == {"answer": None, "errors": [400]}
        assert (hits(pegel, site), pegel.counters(site)) == ([], {parameter: 1})

    @staticmethod
    def play(pegel: Tracked, site: Site, **given: object) -> Any:
        return play("node", HERE / "node_site.cjs", url=endpoint(pegel), site=site.id, **given)

    @staticmethod
    def event(action: str, name: str, value: float, category: str = "Videos") -> Row:
        return {"event_category": category, "event_action": action, "event_name": name, "event_value": value}

    @staticmethod
    def clicks(token: str | None) -> list[Row]:
        always = {"_id": "AA814767-7B1F-5C81-8F1D-8E47AD7D2982", "cip": ADDRESS, "e_c": "Buy"}
        always |= {"token_auth": token} if token else {}
        return [
            always | {"cdt": "2018-03-22T02:32:22.867Z", "e_a": "rightButton", "e_v": "2"},
            always | {"cdt": "2018-03-22T02:33:52.962Z", "e_a": "leftButton", "e_v": "4"},
        ]


def told(tracked: int, invalid: int = 0) -> Row:
    return {"status": "success", "tracked": tracked, "invalid": invalid}


def test_matomo_tracker_react_native(pegel: Tracked, site: Site) -> None:
    """An app: the library's class outside React Native, so the user agent is told as user info."""
    page = "https://example.org/player"
    calls: list[tuple[str, dict[str, Any]]] = [
        ("updateUserInfo", {"ua": "okhttp/4.12.0", "lang": "fr-CH"}),
        ("trackAppStart", {}),
        ("trackScreenView", {"name": "Home", "url": "app://org.example/home"}),
        (
            "trackEvent",
            {"category": "Video", "action": "play", "name": "T", "value": 3, "campaign": "May", "url": page},
        ),
        ("trackContent", {"name": "Ad", "piece": "a.png", "target": "/shop", "interaction": "tap", "url": page}),
        ("trackSiteSearch", {"keyword": "boots", "category": "shop", "count": 0, "url": page}),
        ("trackLink", {"link": "https://other.example/x", "url": page}),
        ("trackDownload", {"download": "https://example.org/a.pdf", "url": page}),
    ]
    address = f"http://127.0.0.1:{pegel.port}"
    statuses = play("node", CLIENTS / "app.mjs", url=address, site=site.id, user="anna@example.org", calls=calls)
    assert statuses == [None, *[204] * 7]
    nowhere = {"page": "", "prefix": 255}
    event = {"event_category": "Video", "event_action": "play", "event_name": "T", "event_value": 3.0}
    content = {"content_name": "Ad", "content_piece": "a.png", "content_target": "/shop", "content_interaction": "tap"}
    search = {"keyword": "boots", "search_category": "shop", "search_count": 0}
    assert hits(pegel, site) == [
        HIT | nowhere | {"title": "App / start"},
        HIT | {"page": "app://org.example/home", "prefix": 255, "title": "Screen / Home"},
        HIT | {"action": "event", "page": "example.org/player", **event},
        HIT | {"action": "content", "page": "example.org/player", **content},
        HIT | {"action": "search", **nowhere, **search},
        HIT | {"action": "outlink", "page": "https://other.example/x", "prefix": 255},
        HIT | {"action": "download", "page": "https://example.org/a.pdf", "prefix": 255},
    ]
    counts = {"actions": 6, "interactions": 3, "pageviews": 2, "searches": 1, "events": 1}
    pages = {"entry_page": "", "entry_title": "App / start", "exit_page": "", "exit_title": "boots"}
    who = {"user_id": "anna@example.org", "ip": "127.0.0.0", "language": "fr-ch", "country": "ch"}
    device = {"browser": "OkHttp", "browser_version": "4.12", "os": "Android", "device_type": ""}
    campaign = DIRECT | {"referrer_type": "campaign", "referrer_name": "may"}
    assert visits(pegel, site) == [VISIT | counts | pages | who | device | campaign | {"client_type": "library"}]


def test_asgi_matomo(pegel: Tracked, site: Site) -> None:
    """A Starlette application; the client sends its bytes as Python writes them, so the referrer is no address."""
    pegel.registry.add_dimension(NewDimension(site=site.id, name="Kind of reader", scope="visit"))
    pages = ("/", "/play", "/missing", "/broken", "/health")
    others = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Server": "shop.example.org"}
    given = [{"url": page, "headers": HEADERS} for page in pages] + [{"url": "/", "headers": HEADERS | others}]
    token = pegel.token("write", site.id)
    statuses = play(PYTHON, HERE / "asgi_site.py", url=endpoint(pegel), site=site.id, token=token, visits=given)
    assert statuses == [200, 200, 404, 500, 200, 200]
    event = {"event_category": "Videos", "event_action": "play", "event_name": "Trailer", "event_value": 2.5}
    assert hits(pegel, site) == [
        HIT | {"title": "Front page"},
        HIT | {"action": "event", "page": "example.org/play", **event, "variables": variable("theme", "dark")},
        HIT | {"page": "example.org/missing", "title": "/missing"},
        HIT | {"page": "shop.example.org/", "title": "Front page"},
    ]
    silent = {"language": "", "country": "xx"}
    counts = {"actions": 3, "interactions": 2, "pageviews": 2, "events": 1}
    titles = {"entry_title": "Front page", "exit_page": "example.org/missing", "exit_title": "/missing"}
    proxied = {"ip": "192.0.0.0", "entry_page": "shop.example.org/", "exit_page": "shop.example.org/"}
    assert sorted(visits(pegel, site), key=lambda visit: str(visit["ip"])) == [
        VISIT | DIRECT | silent | proxied | {"entry_title": "Front page", "exit_title": "Front page"},
        VISIT | DIRECT | silent | counts | titles | {"dimensions": {"1": "member"}},
    ]
    assert pegel.counters(site) == {"": 4, "unknown-action": 1}, "the page that failed is a crash report"


def variable(name: str, value: str) -> Row:
    return {"1": {"name": name, "value": value}}


def test_flask_matomo2(pegel: Tracked, site: Site) -> None:
    """A Flask application behind a proxy; monitors and the health page are left out by the client itself."""
    proxied = HEADERS | {"X-Forwarded-For": ADDRESS}
    monitor = {"path": "/shop", "headers": {"User-Agent": "A Monitor"}}
    given = [{"path": path, "headers": proxied} for path in ("/shop?a=b", "/articles/boots", "/missing", "/healthz")]
    token = pegel.token("write", site.id)
    visited = [*given, monitor]
    statuses = play(PYTHON, HERE / "flask_site.py", url=endpoint(pegel), site=site.id, token=token, visits=visited)
    assert statuses == [200, 200, 404, 200, 200]
    assert hits(pegel, site) == [
        HIT | {"page": "example.org/apps/shop", "title": "Our shop"},
        HIT | {"page": "example.org/apps/articles/boots", "title": "/articles/<name>"},
        HIT | {"page": "example.org/apps/missing", "title": "None"},
    ]
    counts = {"actions": 3, "interactions": 3, "pageviews": 3}
    entry = {"entry_page": "example.org/apps/shop", "entry_title": "Our shop"}
    left = {"exit_page": "example.org/apps/missing", "exit_title": "None"}
    assert visits(pegel, site) == [VISIT | counts | entry | left]


def test_matomo_core(pegel: Tracked, site: Site) -> None:
    """A server of somebody's own: a page, an event, a goal, an order and a crash."""
    goal = pegel.registry.add_goal(NewGoal(site=site.id, name="Subscribed", revenue=1))
    page = {
        **{"user_agent": FIREFOX, "lang": "de-CH", "referrer": HEADERS["Referer"], "remote_addr": ADDRESS},
        **{"request_path": "/shop", "request_url": "https://example.org/shop", "request_url_rule": "/shop"},
        **{"method": "GET", "status": 200},
    }
    items = json.dumps([["B-1", "Boots", ["Shoes", "Winter"], 49.5, 2]])
    order = {"idgoal": 0, "ec_id": "A-7", "revenue": 104, "ec_tx": "16.61", "ec_sh": 5, "ec_items": items}
    requests: list[Row] = [
        page | {"custom": {"cvar": {"1": ["theme", "dark"]}}},
        page | {"custom": {"e_c": "Videos", "e_a": "play"}},
        page | {"custom": {"idgoal": goal.id, "revenue": 5}},
        page | {"custom": order},
        page | {"failed": "nothing there", "status": 500},
    ]
    token = pegel.token("write", site.id)
    sent = play(PYTHON, HERE / "core_site.py", url=endpoint(pegel), site=site.id, token=token, requests=requests)
    assert sent == [204] * 5
    shop = {"page": "example.org/shop"}
    assert hits(pegel, site)[:2] == [
        HIT | shop | {"title": "/shop", "variables": variable("theme", "dark")},
        HIT | shop | {"action": "event", "event_category": "Videos", "event_action": "play"},
    ]
    counts = {"actions": 2, "events": 1, "converted": 1, "buyer": 1, "goals": [goal.id]}
    pages = {"entry_page": "example.org/shop", "exit_page": "example.org/shop"}
    titles = {"entry_title": "/shop", "exit_title": "/shop"}
    assert visits(pegel, site) == [VISIT | counts | pages | titles]
    assert purchases(pegel, site) == [
        dict(zip(PURCHASE, (0, "A-7", 104.0, None, 16.61, 5.0, None, 2), strict=True)),
        dict(zip(PURCHASE, (goal.id, "", 5.0, None, None, None, None, 0), strict=True)),
    ]
    assert pegel.counters(site) == {"": 4, "unknown-action": 1}


def purchases(pegel: Tracked, site: Site) -> list[Row]:
    return rows(pegel, "conversions final", site, "goal, order_id", dict.fromkeys(PURCHASE))


FRONT = """<!doctype html><title>Front – Shop</title><script src="/site.js"></script>
<button data-matomo-event="click" data-matomo-category="Basket" data-matomo-action="open"
 data-matomo-name="small" data-matomo-value="3">Basket</button>"""


class Shop(BaseHTTPRequestHandler):
    """A website whose page knows the library, not started yet."""

    def do_GET(self) -> None:
        files: dict[str, bytes | Path] = {
            "/": FRONT.encode(),
            "/site.js": CLIENTS / "browser.js",
            "/paq.js": HERE / "paq.js",
        }
        found = files.get(self.path, b"")
        body = found if isinstance(found, bytes) else found.read_bytes()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", f"text/{'html' if self.path == '/' else 'javascript'}; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def shop() -> Iterator[Page]:
    """The shop's page in a browser; a mistake in its scripts fails the test."""
    mistakes: list[str] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as serving, chromium() as browser:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        page = browser.new_page(locale="de-CH")
        page.on("pageerror", lambda error: mistakes.append(str(error)))
        page.goto(f"http://127.0.0.1:{serving.server_port}/")
        yield page
        serving.shutdown()
    assert mistakes == []


class TestJonkoopsMatomoTracker:
    """npm `@jonkoops/matomo-tracker`: a page's own script; it queues commands and has `matomo.js` send them."""

    pytestmark = NEEDED

    def test_what_it_queues(self, pegel: Tracked, site: Site, shop: Page) -> None:
        address = f"http://127.0.0.1:{pegel.port}"
        with shop.expect_request(f"{address}/matomo.js"):
            self.start(shop, urlBase=address, siteId=site.id, userId="anna", configurations={"disableCookies": True})
        shop.evaluate("tracker.trackPageView()")
        assert shop.evaluate("_paq") == [
            ["setTrackerUrl", f"{address}/matomo.php"],
            ["setSiteId", site.id],
            ["setUserId", "anna"],
            ["disableCookies", True],
            ["enableHeartBeatTimer", 15],
            ["enableLinkTracking", True],
            ["setCustomUrl", shop.url],
            ["setDocumentTitle", "Front – Shop"],
            ["trackPageView"],
        ]

    def test_hits_of_every_kind(self, pegel: Tracked, site: Site, shop: Page) -> None:
        pegel.registry.add_dimension(NewDimension(site=site.id, name="Reader", scope="visit"))
        self.track(pegel, site, shop, PAGES)
        dimensions = {"1": "loggedIn"}
        front = HIT | {"page": shop.url.removeprefix("http://"), "prefix": 0}
        event = {"action": "event", "event_category": "Basket", "event_action": "open", "event_value": 3.0}
        nowhere = {"page": "", "prefix": 255}
        assert hits(pegel, site) == [
            front | {"title": "Front – Shop"},
            HIT | {"page": "example.org/boots", "title": "Boots"},
            front | event | {"event_name": "small"},
            HIT | nowhere | {"action": "search", "keyword": "red boots", "search_category": "shoes", "search_count": 4},
            HIT | {"action": "outlink", "page": "https://other.example/", "prefix": 255},
            HIT | {"action": "download", "page": "https://example.org/boots.pdf", "prefix": 255},
        ]
        (visit,) = visits(pegel, site)
        counts = {"actions": 6, "interactions": 3, "pageviews": 2, "searches": 1, "events": 1}
        entry = {"entry_page": front["page"], "entry_title": "Front – Shop"}
        left = {"exit_page": "", "exit_title": "red boots"}
        ours = {"ip": "127.0.0.0", "user_id": "anna", "dimensions": dimensions}
        version = shop.evaluate("navigator.userAgent.match(/Chrome\\/(\\d+)/)[1]")
        browser = {"browser": "Headless Chrome", "browser_version": f"{version}.0"}
        assert visit == VISIT | DIRECT | counts | entry | left | ours | browser

    def test_a_purchase(self, pegel: Tracked, site: Site, shop: Page) -> None:
        self.track(pegel, site, shop, PURCHASES)
        product = {"product_sku": "B-1", "product_name": "Boots", "product_categories": ["Shoes"]}
        front = HIT | {"page": shop.url.removeprefix("http://"), "prefix": 0, "title": "Front – Shop"}
        views = [hit for hit in hits(pegel, site) if hit["action"] == "pageview"]
        assert views == [front | product | {"product_price": 49.5}, front | {"product_categories": ["Shoes"]}]
        assert purchases(pegel, site) == [
            dict(zip(PURCHASE, (0, "A-7", 104.0, 99.0, 16.61, 5.0, None, 2), strict=True)),
        ]
        items = rows(pegel, "order_items final", site, "sku", dict.fromkeys(ITEM))
        assert items == [
            dict(zip(ITEM, ("A-7", "B-1", "Boots", ["Shoes"], 49.5, 2, 0), strict=True)),
            dict(zip(ITEM, ("A-7", "L-1", "Laces", [], 4.0, 1, 1), strict=True)),
        ]
        (visit,) = visits(pegel, site)
        assert (visit["converted"], visit["buyer"]) == (1, 1)

    @staticmethod
    def start(page: Page, **options: object) -> None:
        page.evaluate("options => startTracker(options)", options)

    def track(self, pegel: Tracked, site: Site, page: Page, script: str) -> None:
        """Run a page's script and wait until all of it is sent."""
        address = f"http://127.0.0.1:{pegel.port}"
        self.start(page, urlBase=address, siteId=site.id, userId="anna", srcUrl=f"{page.url}paq.js")
        page.evaluate(script)
        page.wait_for_function("'sent' in window")
        page.evaluate("sent")


ITEM = ("order_id", "sku", "name", "categories", "price", "quantity", "deleted")
PAGES = """() => {
    tracker.trackEvents();
    tracker.trackPageView();
    tracker.trackPageView({
        documentTitle: "Boots", href: "https://example.org/boots", customDimensions: [{id: 1, value: "loggedIn"}],
    });
    document.querySelector("button").click();
    tracker.trackSiteSearch({keyword: "red boots", category: "shoes", count: 4});
    tracker.trackLink({href: "https://other.example/"});
    tracker.trackLink({href: "https://example.org/boots.pdf", linkType: "download"});
}"""
PURCHASES = """() => {
    const boots = {sku: "B-1", productName: "Boots", productCategory: "Shoes", productPrice: 49.5};
    tracker.setEcommerceView(boots);
    tracker.trackPageView();
    tracker.setEcommerceCategoryView("Shoes");
    tracker.trackPageView();
    tracker.addEcommerceItem({...boots, productQuantity: 2});
    tracker.addEcommerceItem({sku: "L-1", productName: "Laces", productPrice: 4});
    tracker.trackEcommerceCartUpdate(103);
    tracker.removeEcommerceItem({sku: "L-1"});
    tracker.trackEcommerceOrder({
        orderId: "A-7", orderRevenue: 104, orderSubTotal: 99, taxAmount: 16.61, shippingAmount: 5,
    });
}"""
