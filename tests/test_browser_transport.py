"""How hits of our tracker leave a real browser, T61 to T69, and what becomes of them when the server cannot be reached.

Where it differs on purpose from the tracker that it takes the place of, a test says so: «differs».
"""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from playwright.sync_api import Page
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tests.browsing import TRACKER_NEEDED
from tests.hosts import PV, Asked, Command, Hosts, document, page
from tests.running import PATIENCE, eventually
from tests.tracked import NOON
from tests.tracker_hits import SHOP, TIMINGS, push, visit
from tests.visitors import Visitor

pytestmark = TRACKER_NEEDED

EVENT: Command = ("trackEvent", "Video", "play")
ID = re.compile(r"[0-9a-f]{16}")
NO_BEACON = "Object.defineProperty(Navigator.prototype, 'sendBeacon', {value: undefined})"
NO_KEEPALIVE = "delete Request.prototype.keepalive"
# All that a website may store besides cookies.
STORED = """async () => JSON.stringify([
  {...localStorage}, {...sessionStorage}, await indexedDB.databases(), await caches.keys(), window.name,
])"""
NOTHING_STORED = '[{},{},[],[],""]'
LATER = NOON + timedelta(minutes=10)


def said(hit: Asked) -> dict[str, str]:
    """Return what a hit says, in its address or its body."""
    return {**hit.form, **hit.parameters}


def opened(hosts: Hosts, visitor: Visitor, *commands: Command) -> Page:
    tab = visit(hosts, visitor, *commands)
    assert tab.evaluate("Matomo.initialized")
    return tab


@pytest.mark.parametrize("command", [("setRequestMethod", "GET"), ("disableAlwaysUseSendBeacon",)])
def test_t61_an_image(hosts: Hosts, visitor: Visitor, command: Command) -> None:
    opened(hosts, visitor, command, PV)
    hit = hosts.hit()
    assert (hit.method, hit.parameters["send_image"], hit.status) == ("GET", "1", 200)


@pytest.mark.parametrize(
    "commands",
    [
        pytest.param([["setRequestMethod", "POST"]], id="beacon"),
        pytest.param([["setRequestMethod", "POST"], ["disableAlwaysUseSendBeacon"]], id="no-beacon"),
    ],
)
def test_t62_a_form(hosts: Hosts, visitor: Visitor, commands: list[Command]) -> None:
    """With the cookies of the server, such as an opt-out there, and without asking whether it may be sent."""
    ignored = {
        "name": "matomo_ignore",
        "value": "1",
        "url": "https://stats.example",
        "secure": True,
        "sameSite": "None",
    }
    visitor.context.add_cookies([ignored])  # type: ignore[list-item]
    opened(hosts, visitor, *commands, PV)
    hit = hosts.hit()
    assert (hit.method, hit.query, hit.form["action_name"]) == ("POST", "", "Home page")
    assert hit.headers["content-type"].lower() == "application/x-www-form-urlencoded; charset=utf-8"
    assert hit.cookies == {"matomo_ignore": "1"}
    assert hit.answer["x-pegel"] == "ignored: opt-out"
    assert hosts.record.which(lambda request: request.method == "OPTIONS") == []


@pytest.mark.parametrize("length", [2100, 70_000])
def test_t63_a_long_hit(hosts: Hosts, visitor: Visitor, length: int) -> None:
    opened(hosts, visitor, ["setDocumentTitle", "x" * length], PV)
    hit = hosts.hit()
    assert (hit.method, hit.query, len(hit.form["action_name"])) == ("POST", "", length)


def test_t64_several_hits_at_once(hosts: Hosts, visitor: Visitor) -> None:
    """«differs»: they need not wait for each other, since the server puts them into one visit all the same."""
    site = hosts.pegel.add_site(urls=("https://shop.example",))
    events: list[Command] = [("trackEvent", "Video", name) for name in ("one", "two", "three")]
    hosts.put("shop.example/", page(PV, *events, site=site.id))
    visitor.open(SHOP)
    assert sorted(said(hit).get("e_a", "") for hit in hosts.all_hits(4)) == ["", "one", "three", "two"]
    (row,) = hosts.pegel.visits(site)
    assert (row["pageviews"], row["events"], row["actions"]) == (1, 3, 4)


def test_t65_an_unknown_command(hosts: Hosts, visitor: Visitor) -> None:
    """«differs»: it is told, and skipped; what comes after it is done."""
    tab = opened(hosts, visitor, ["madeUp", 1], ["HeatmapSessionRecording::enable"], ["media.scan"], PV)
    push(tab, ["madeUpLater"], EVENT)
    assert sorted(said(hit).get("e_a", "") for hit in hosts.all_hits(2)) == ["", "play"]
    assert ["madeUp" in error for error in visitor.errors] == [True, True]


def test_t65_a_command_that_fails(hosts: Hosts, visitor: Visitor) -> None:
    """«differs»: as an unknown one."""
    hosts.put(
        "shop.example/", page(PV).replace("_paq.push", "_paq.push([() => { throw Error('broken') }]); _paq.push", 1)
    )
    visitor.open(SHOP)
    hosts.hit()
    assert len(visitor.errors) == 1
    assert "broken" in visitor.errors[0]


def test_t66_two_trackers(hosts: Hosts, visitor: Visitor) -> None:
    opened(hosts, visitor, ["addTracker", "https://second.example/matomo.php", 99], PV)
    one, other = sorted(hosts.all_hits(2), key=lambda hit: hit.parameters["idsite"])
    assert [(hit.host, hit.parameters["idsite"]) for hit in (one, other)] == [
        ("stats.example", "77"),
        ("second.example", "99"),
    ]
    assert one.parameters["_id"] != other.parameters["_id"]
    assert one.parameters["pv_id"] != other.parameters["pv_id"]
    cookies = visitor.cookies()
    assert cookies.keys() == {f"_pk_{name}.{site}.f399" for name in ("id", "ses") for site in (77, 99)}
    assert cookies["_pk_id.99.f399"].value.startswith(f"{other.parameters['_id']}.")


@pytest.mark.parametrize(
    ("commands", "count"), [([PV], 0), ([["enableFileTracking"], PV], 1)], ids=["usually", "if-told"]
)
def test_t67_a_file(hosts: Hosts, visitor: Visitor, tmp_path: Path, commands: list[Command], count: int) -> None:
    (tmp_path / "page.html").write_text(page(*commands), "utf-8")
    tab = visitor.open((tmp_path / "page.html").as_uri())
    assert tab.evaluate("Matomo.initialized")
    assert len(hosts.all_hits(count)) == count


def test_t68_a_page_without_commands(hosts: Hosts, visitor: Visitor) -> None:
    script = "<script>var _paq = [];</script><script src='https://stats.example/matomo.js'></script>"
    hosts.put("shop.example/", document(script))
    tab = visitor.open(SHOP)
    assert tab.evaluate("[Matomo.initialized, Matomo.getAsyncTrackers().length]") == [True, 0]
    assert visitor.errors == []
    push(tab, PV)
    hosts.no_hit()
    assert len(visitor.errors) == 1


def test_t69_an_application_of_one_page(hosts: Hosts, visitor: Visitor) -> None:
    """Timings of the page are sent as soon as all are known, with whatever comes next; and then never again."""
    tab = opened(hosts, visitor, PV)
    tab.wait_for_timeout(50)  # The end of loading is known a moment after the event that says so.
    changed: list[Command] = [["setCustomUrl", "/second"], ["setReferrerUrl", SHOP], ["setDocumentTitle", "Second"]]
    steps: list[list[Command]] = [
        [*changed, PV],
        [["setDocumentTitle", "Third"], PV],
        [EVENT],
        [["setDocumentTitle", "Last"], PV],
    ]
    hosts.hit()
    hits = []
    for number, step in enumerate(steps):
        hosts.record.clear()
        if number == 1:
            tab.evaluate("_paq.push(['setPagePerformanceTiming', 10, 20, undefined, 5])")
        push(tab, *step)
        hits.append(hosts.hit().parameters)
    assert (hits[0]["url"], hits[0]["urlref"], hits[0]["action_name"]) == (f"{SHOP}second", SHOP, "Second")
    assert {"pf_dm2", "pf_srv"} <= timings(hits[0]).keys()
    assert timings(hits[1]) == {"pf_net": "10", "pf_srv": "20", "pf_dm1": "5"}
    assert (timings(hits[2]), timings(hits[3])) == ({}, {})


def timings(parameters: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in parameters.items() if name in TIMINGS}


def test_what_is_clicked_is_recorded_though_the_page_is_left(hosts: Hosts, visitor: Visitor) -> None:
    leave_by_link(hosts, visitor)


@pytest.mark.parametrize("lacking", [NO_BEACON, NO_KEEPALIVE], ids=["no-beacon", "no-fetch-that-outlives-the-page"])
def test_either_way_of_sending_is_enough(hosts: Hosts, visitor: Visitor, lacking: str) -> None:
    visitor.context.add_init_script(lacking)
    leave_by_link(hosts, visitor)


def leave_by_link(hosts: Hosts, visitor: Visitor) -> None:
    site = hosts.pegel.add_site(urls=("https://shop.example",))
    links = "<a id=away href='https://other.example/p?q=1'>away</a>"
    hosts.put("shop.example/", page(PV, ["enableLinkTracking"], body=links, site=site.id))
    hosts.put("other.example/p", document(title="Elsewhere"))
    tab = visitor.open(SHOP)
    hosts.hit()
    tab.click("#away")
    tab.wait_for_url("https://other.example/p?q=1")
    hosts.all_hits(2)
    assert sorted(row["action"] for row in hosts.pegel.hits(site)) == ["outlink", "pageview"]


def test_a_last_hit_leaves_with_the_page(hosts: Hosts, visitor: Visitor) -> None:
    script = "<script>addEventListener('pagehide', () => _paq.push(['trackEvent', 'Page', 'left']));</script>"
    hosts.put("shop.example/", page(PV, body=script))
    tab = visitor.open(SHOP)
    hosts.hit()
    tab.close(run_before_unload=True)
    assert [said(hit).get("e_a") for hit in hosts.all_hits(2)] == [None, "left"]


class Away:
    """In the place of a collector that cannot take hits now; with status 0, in front of one that takes its time."""

    def __init__(self, hosts: Hosts, status: int) -> None:
        self.status = status
        self.hosts = hosts
        self.collector = hosts.apps["stats.example"]
        self.waiting = 0
        self.released = Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        tracks = not scope["path"].endswith(".js")
        if tracks and not self.status:
            self.waiting += 1
            await asyncio.to_thread(self.released.wait, PATIENCE)
        app = Response("", self.status) if tracks and self.status else self.collector
        await app(scope, receive, send)

    def __enter__(self) -> "Away":
        self.hosts.apps["stats.example"] = self
        return self

    def __exit__(self, *error: object) -> None:
        self.released.set()
        self.hosts.apps["stats.example"] = self.collector


class Shop:
    """A website of two pages, and somebody who looks at them on a clock that is ours and the collector's."""

    def __init__(self, hosts: Hosts, visitor: Visitor, *commands: Command) -> None:
        self.hosts = hosts
        self.visitor = visitor
        self.site = hosts.pegel.add_site(urls=("https://shop.example",))
        for path, title in (("", "First"), ("second", "Second")):
            hosts.put(f"shop.example/{path}", page(*commands, PV, title=title, site=self.site.id))
        self.tab = visitor.context.new_page()
        self.set_clock(NOON)

    def set_clock(self, now: datetime) -> None:
        self.hosts.pegel.now = now
        self.visitor.context.clock.set_fixed_time(now)

    def open(self, path: str = "") -> None:
        self.tab.goto(SHOP + path)
        assert self.tab.evaluate("Matomo.initialized")

    def lose(self, count: int) -> None:
        """Wait until so many hits have failed, and their page knows."""
        self.hosts.hits(count)
        self.tab.wait_for_timeout(50)

    def stored(self) -> str:
        return str(self.tab.evaluate(STORED))

    def rows(self) -> list[tuple[str, datetime]]:
        """Return what was counted, and when that was."""
        found = sorted(self.hosts.pegel.hits(self.site), key=lambda row: row["sequence"])
        times = [(row["title"] if row["action"] == "pageview" else row["event_action"], row["at"]) for row in found]
        return sorted(((name, at.replace(tzinfo=UTC)) for name, at in times), key=lambda each: (each[1], each[0]))

    def counted(self, count: int) -> list[tuple[str, datetime]]:
        """Wait until so many hits are counted, and that there come no others."""
        eventually(lambda: len(self.rows()) >= count)
        self.tab.wait_for_timeout(300)
        return self.rows()


@pytest.mark.parametrize("status", [503, 500], ids=["refused", "broken"])
def test_what_did_not_arrive_is_sent_from_the_next_page(hosts: Hosts, visitor: Visitor, status: int) -> None:
    shop = Shop(hosts, visitor)
    with Away(hosts, status):
        shop.open()
        push(shop.tab, EVENT)
        shop.lose(2)
    shop.set_clock(LATER)
    shop.open("second")
    assert shop.counted(3) == [("First", NOON), ("play", NOON), ("Second", LATER)]
    assert shop.stored() == NOTHING_STORED
    (row,) = hosts.pegel.visits(shop.site)
    assert (row["pageviews"], row["events"]) == (2, 1)
    shop.open()
    assert len(shop.counted(4)) == 4


def test_what_is_under_way_when_the_page_is_left_is_not_sent_again(hosts: Hosts, visitor: Visitor) -> None:
    """A page that is left is told that it failed, though it arrives."""
    shop = Shop(hosts, visitor)
    with Away(hosts, 0) as slow:
        shop.open()
        push(shop.tab, EVENT)
        eventually(lambda: slow.waiting == 2)
        shop.tab.goto(f"{SHOP}second")
        shop.tab.goto("about:blank")
        eventually(lambda: slow.waiting >= 3)
        slow.released.set()
        hosts.hits(3)
    shop.open()
    assert [name for name, _ in shop.counted(4)] == ["First", "First", "Second", "play"]


def test_what_did_not_arrive_is_sent_when_the_network_is_back(hosts: Hosts, visitor: Visitor) -> None:
    shop = Shop(hosts, visitor)
    shop.open()
    hosts.hits(1)
    visitor.context.set_offline(True)
    push(shop.tab, EVENT, ["trackEvent", "Video", "pause"])
    shop.tab.wait_for_timeout(200)
    assert len(shop.rows()) == 1
    shop.set_clock(LATER)
    visitor.context.set_offline(False)
    assert shop.counted(3) == [("First", NOON), ("pause", NOON), ("play", NOON)]
    assert shop.stored() == NOTHING_STORED


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("requireCookieConsent",), id="no-consent-for-cookies"),
        pytest.param(("disableCookies",), id="no-cookies"),
        pytest.param(("requireConsent",), id="no-consent"),
    ],
)
def test_nothing_is_stored_without_consent(hosts: Hosts, visitor: Visitor, command: Command) -> None:
    """So what does not arrive while its page is open is lost; while it is, it is sent once."""
    shop = Shop(hosts, visitor, command, ("setUserId", "anna"))
    with Away(hosts, 503):
        shop.open()
        if command != ("requireConsent",):
            shop.lose(1)
        assert shop.stored() == NOTHING_STORED
        assert visitor.cookies() == {}
        visitor.context.set_offline(True)
        push(shop.tab, EVENT)
        shop.tab.wait_for_timeout(200)
        assert shop.stored() == NOTHING_STORED
    shop.set_clock(LATER)
    visitor.context.set_offline(False)
    expected = [("First", NOON), ("play", NOON)] if command != ("requireConsent",) else []
    assert shop.counted(len(expected)) == expected
    assert shop.stored() == NOTHING_STORED
    assert visitor.cookies() == {}


def test_what_did_not_arrive_is_kept_while_cookies_are_allowed(hosts: Hosts, visitor: Visitor) -> None:
    """And forgotten, never sent, when the visitor objects: the look at what is stored can fail."""
    shop = Shop(hosts, visitor)
    with Away(hosts, 503):
        shop.open()
        shop.lose(1)
        assert ID.search(shop.stored())
        push(shop.tab, ["optUserOut"])
        assert shop.stored() == NOTHING_STORED
        assert visitor.cookies().keys() == {"mtm_consent_removed"}
    shop.open("second")
    push(shop.tab, EVENT)
    assert shop.counted(0) == []
    assert shop.stored() == NOTHING_STORED
