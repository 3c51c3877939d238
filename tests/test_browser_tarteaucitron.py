"""Consent managers in a real browser, against our tracker and collector: tarteaucitron as it is published, and others.

The others are calls in the order in which managers of that kind make them, from a banner with two buttons.
"""

import json
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Page
from starlette.responses import Response

from sql.registry import Site
from tests.browsing import TRACKER_NEEDED
from tests.hosts import PV, STATS, Command, Hosts, document, snippet
from tests.running import ROOT, eventually
from tests.tracker_hits import SHOP, push
from tests.visitors import Browsers, Visitor

PACKAGE = ROOT / "node_modules/tarteaucitronjs"
pytestmark = [
    *TRACKER_NEEDED,
    pytest.mark.skipif(not PACKAGE.exists(), reason=f"no consent manager at {PACKAGE}: npm ci"),
]
FILES = (
    *("tarteaucitron.js", "tarteaucitron.services.js", "advertising.js"),
    *("css/tarteaucitron.css", "lang/tarteaucitron.en.js"),
)
TYPES = {".js": "application/javascript", ".css": "text/css"}
SETUP = """<script src="/consent/tarteaucitron.js"></script>
<script>
tarteaucitronForceLanguage = "en";
tarteaucitron.init({"alwaysNeedConsent": true, "orientation": "bottom"});
Object.assign(tarteaucitron.user, %(user)s);
tarteaucitron.events.load = () => { window.listens = true; };
tarteaucitron.job = ["%(service)s"];
</script>"""
# What it lets cookies live, counted from their first day on.
SECONDS = 33_696_000
DAY = 86_400


class Service(NamedTuple):
    """One of its services, and what it does that others do not."""

    name: str
    script: str = "piwik.js"
    removes: bool = True  # All cookies of the tracker when it is refused later.
    respects_signal: bool = False
    views: int = 1  # Of the page on which somebody accepts.


SERVICES = {
    "matomo": Service("matomo", respects_signal=True),
    # It notes the names of cookies for the service above, so it removes none unless that is there.
    "matomohightrack": Service("matomohightrack", removes=False),
    # It has the tracker wait for consent with a page view, and tells of that page once more when it comes.
    "matomocloud": Service("matomocloud", script="matomo.js", views=2),
}


class Shop:
    """A website with the consent manager on its pages."""

    def __init__(self, hosts: Hosts, service: Service, **user: object) -> None:
        self.hosts = hosts
        self.service = service
        self.site: Site = hosts.pegel.add_site(urls=("https://shop.example",))
        for name in FILES:
            content = Response((PACKAGE / name).read_bytes(), media_type=TYPES[Path(name).suffix])
            hosts.put(f"shop.example/consent/{name}", content)
        given = {"matomoId": self.site.id, "matomoHost": STATS, "matomoCustomJSPath": f"{STATS}matomo.js", **user}
        body = "<h1>Shop</h1><a id=away href='https://other.example/'>away</a>"
        for path in ("", "second"):
            head = SETUP % {"user": json.dumps(given), "service": service.name}
            hosts.put(f"shop.example/{path}", document(head, body=body))

    def asked_collector(self) -> list[str]:
        return [asked.path for asked in self.hosts.record.which(lambda asked: asked.host == "stats.example")]

    def wait(self, tab: Page) -> None:
        """Wait until the manager listens to its buttons: they are there half a second before."""
        tab.wait_for_function("window.listens")

    def accept(self, tab: Page) -> None:
        self.wait(tab)
        tab.click("#tarteaucitronPersonalize2")
        tab.wait_for_function("window.Matomo && Matomo.initialized")

    def refuse_later(self, tab: Page) -> None:
        """Open the panel, refuse, and close it: the manager loads the page again then."""
        self.wait(tab)
        tab.click("#tarteaucitronManager")
        tab.click(f"#{self.service.name}Denied")
        with tab.expect_navigation():
            tab.click("#tarteaucitronClosePanel")

    def page_views(self) -> int:
        return sum(row["action"] == "pageview" for row in self.hosts.pegel.hits(self.site))


def tracking_cookies(visitor: Visitor) -> set[str]:
    return {name for name in visitor.cookies() if name.startswith("_pk_")}


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_happens_before_consent(hosts: Hosts, visitor: Visitor, name: str) -> None:
    shop = Shop(hosts, SERVICES[name])
    tab = visitor.open(SHOP)
    shop.wait(tab)
    hosts.no_hit()
    # The last of the services loads the tracker and tells it to wait; the others do not load it.
    assert shop.asked_collector() == (["/matomo.js"] if name == "matomocloud" else [])
    assert visitor.cookies().keys() == {"tarteaucitron"}


@pytest.mark.parametrize("name", SERVICES)
def test_consent_and_its_end(hosts: Hosts, visitor: Visitor, name: str) -> None:
    service = SERVICES[name]
    shop = Shop(hosts, service)
    tab = visitor.open(SHOP)
    shop.accept(tab)
    eventually(lambda: shop.page_views() == service.views)
    assert f"/{service.script}" in shop.asked_collector()
    assert len(tracking_cookies(visitor)) == 2
    known = set(tab.evaluate("document.cookie.match(/_pk_[^=]*/g)"))
    # It has found `Piwik` or `Matomo`, and asked for a tracker, by now or a moment later.
    noted = "known => known.every(name => tarteaucitron.services.matomo.cookies.includes(name))"
    tab.wait_for_function(noted, arg=[*known])
    hosts.record.clear()
    tab.goto(f"{SHOP}second")
    eventually(lambda: shop.page_views() == service.views + 1)
    shop.refuse_later(tab)
    hosts.record.clear()
    tab.goto(SHOP)
    hosts.no_hit()
    assert shop.page_views() == service.views + 1
    assert (tracking_cookies(visitor) == set()) is service.removes


@pytest.mark.parametrize("name", SERVICES)
def test_refusal_at_once(hosts: Hosts, visitor: Visitor, name: str) -> None:
    shop = Shop(hosts, SERVICES[name])
    tab = visitor.open(SHOP)
    shop.wait(tab)
    tab.click("#tarteaucitronAllDenied2")
    tab.goto(f"{SHOP}second")
    hosts.no_hit()
    assert shop.page_views() == 0
    assert tracking_cookies(visitor) == set()


@pytest.mark.parametrize("name", SERVICES)
def test_a_signal_of_the_browser(hosts: Hosts, browsers: Browsers, name: str) -> None:
    """One of the services asks the tracker to look at it, whatever somebody consented to."""
    service = SERVICES[name]
    with browsers.visitor("dnt") as visitor:
        shop = Shop(hosts, service)
        tab = visitor.open(SHOP)
        shop.accept(tab)
        if service.respects_signal:
            hosts.no_hit()
        eventually(lambda: shop.page_views() == (0 if service.respects_signal else service.views))
        assert len(tracking_cookies(visitor)) == (0 if service.respects_signal else 2)


def test_it_shortens_the_life_of_the_visitors_cookie(hosts: Hosts, visitor: Visitor) -> None:
    """To its own thirteen months from the first day on, which it asks the tracker for; and it sets links aside."""
    shop = Shop(hosts, SERVICES["matomo"])
    tab = visitor.open(SHOP)
    shop.accept(tab)
    hosts.hits(1)
    push(tab, ["trackEvent", "Video", "play"])
    hosts.hits(2)
    name = next(name for name in tracking_cookies(visitor) if name.startswith("_pk_id"))
    assert abs(visitor.cookies()[name].expires - time.time() - SECONDS) < DAY
    hosts.put("other.example/", document(title="Elsewhere"))
    tab.click("#away")
    tab.wait_for_url("https://other.example/")
    assert any("link" in hit.parameters for hit in hosts.hits(3))


def test_full_tracking_without_consent_to_cookies(hosts: Hosts, visitor: Visitor) -> None:
    """What the last service may be told to do: count everybody, and know only those who agree."""
    shop = Shop(hosts, SERVICES["matomocloud"], matomoFullTracking=True)
    tab = visitor.open(SHOP)
    shop.wait(tab)
    assert hosts.hit().parameters["_id"] == ""
    assert tracking_cookies(visitor) == set()
    shop.accept(tab)
    tab.goto(f"{SHOP}second")
    eventually(lambda: len(tracking_cookies(visitor)) == 2)
    shop.refuse_later(tab)
    hosts.record.clear()
    tab.goto(SHOP)
    eventually(lambda: any(hit.parameters["url"] == SHOP for hit in hosts.hits(1)))
    assert {hit.parameters["_id"] for hit in hosts.hits(1)} == {""}
    assert tracking_cookies(visitor) == set()


class Banner(NamedTuple):
    """What a consent manager calls: on every page, when somebody accepts, and when they refuse.

    Some repeat their call on every later page, because they remember the decision themselves.
    """

    always: tuple[str, ...]
    accept: tuple[str, ...]
    refuse: tuple[str, ...]
    repeats: bool = False


BANNERS = {
    "consent": Banner(("requireConsent",), ("setConsentGiven",), ("forgetConsentGiven",), repeats=True),
    "remembered-consent": Banner(("requireConsent",), ("rememberConsentGiven",), ("forgetConsentGiven",)),
    "given-and-remembered": Banner(
        ("requireConsent",), ("setConsentGiven", "rememberConsentGiven"), ("forgetConsentGiven", "deleteCookies")
    ),
    "both-kinds": Banner(
        ("requireConsent", "requireCookieConsent"),
        ("rememberConsentGiven", "rememberCookieConsentGiven"),
        ("forgetConsentGiven", "forgetCookieConsentGiven"),
    ),
    "both-kinds-the-other-way": Banner(
        ("requireCookieConsent", "requireConsent"),
        ("setCookieConsentGiven", "setConsentGiven", "rememberCookieConsentGiven", "rememberConsentGiven"),
        ("forgetCookieConsentGiven", "forgetConsentGiven"),
    ),
    "repeated": Banner(
        ("requireConsent",),
        ("setConsentGiven", "rememberConsentGiven", "setCookieConsentGiven"),
        ("forgetConsentGiven", "forgetCookieConsentGiven", "disableCookies"),
        repeats=True,
    ),
    "cookies": Banner(
        ("requireCookieConsent",), ("setCookieConsentGiven",), ("forgetCookieConsentGiven",), repeats=True
    ),
    "remembered-cookies": Banner(
        ("requireCookieConsent",), ("rememberCookieConsentGiven",), ("forgetCookieConsentGiven",)
    ),
    "cookies-in-a-row": Banner(
        ("requireCookieConsent",),
        ("setCookieConsentGiven", "rememberCookieConsentGiven", "rememberCookieConsentGiven"),
        ("forgetCookieConsentGiven", "deleteCookies"),
        repeats=True,
    ),
    "cookies-off": Banner(("disableCookies",), ("setCookieConsentGiven",), ("disableCookies",), repeats=True),
}
# A manager is there before the tracker: only so is what it repeats known in time.
MANAGER = """<script>
var _paq = window._paq = window._paq || [];
const commands = %s;
const call = (decision) => commands[decision].forEach((name) => _paq.push([name]));
const decide = (decision) => { localStorage.decision = decision; call(decision); };
if (commands.repeats && localStorage.decision) call(localStorage.decision);
</script>"""
BUTTONS = "<button onclick='decide(\"accept\")'>Accept</button> <button onclick='decide(\"refuse\")'>Refuse</button>"


@pytest.mark.parametrize("name", BANNERS)
def test_a_banner(hosts: Hosts, visitor: Visitor, name: str) -> None:
    """Nobody is known before they accept, nor after they refuse; in between, it is one visitor, counted once a page."""
    banner = BANNERS[name]
    silent = "requireConsent" in banner.always
    site = hosts.pegel.add_site(urls=("https://shop.example",))
    first: list[Command] = [(command,) for command in banner.always]
    manager = MANAGER % json.dumps(banner._asdict())
    hosts.put("shop.example/", document(manager + snippet(*first, PV, site=site.id), body=BUTTONS))

    def known(count: int) -> list[str]:
        """Return the identifiers of so many page views, no more being counted."""
        views = eventually(lambda: some if len(some := page_views(hosts, site)) >= count else [])
        assert len(views) == count
        return [hit["_id"] for hit in views]

    tab = visitor.open(SHOP)
    if silent:
        hosts.no_hit()
    else:
        assert known(1) == [""]
    assert tracking_cookies(visitor) == set()
    tab.click("text=Accept")
    known(1)
    for count in (2, 3):
        tab.reload()
        known(count)
    assert len({*known(3)[1:]}) == 1
    assert known(3)[2] != ""
    tab.click("text=Refuse")
    assert tracking_cookies(visitor) == set()
    tab.reload()
    if silent:
        tab.wait_for_timeout(300)
        known(3)
    else:
        assert known(4)[3] == ""
    assert tracking_cookies(visitor) == set()


def page_views(hosts: Hosts, site: Site) -> list[dict[str, str]]:
    found = hosts.record.which(lambda asked: asked.tracks and asked.parameters.get("idsite") == str(site.id))
    return [hit.parameters for hit in found if "action_name" in hit.parameters]
