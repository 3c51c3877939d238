"""Our tracker and consent in a real browser, T38 to T50: what is sent and stored before, after and without it.

Where it differs on purpose from the tracker that it takes the place of, a test says so: «differs».
"""

import re
import time
from collections.abc import Iterable

import pytest
from playwright.sync_api import Page

from tests.browsing import TRACKER_NEEDED
from tests.hosts import PV, Asked, Command, Hosts, page
from tests.tracker_hits import SHOP, push, visit
from tests.visitors import Browsers, Cookie, Visitor

pytestmark = TRACKER_NEEDED

EVENT: Command = ("trackEvent", "Video", "play")
SITE_COOKIES = {"_pk_id.77.f399", "_pk_ses.77.f399"}
ID = re.compile(r"[0-9a-f]{16}")
MILLISECONDS = re.compile(r"\d{13}")
DAY = 86_400
MOST_DAYS = 400  # Chromium keeps no cookie longer.
LEEWAY = 600  # Seconds; nothing here is about speed.


def kind(hit: Asked) -> str:
    """Return what a hit is about, such as `Home page` or `play`, or `ping`."""
    said = hit.parameters
    return "ping" if "ping" in said else said.get("action_name") or said.get("e_a") or ""


def by_kind(hits: Iterable[Asked]) -> dict[str, dict[str, str]]:
    """Return what hits say, by what they are about: what is sent at once may arrive in any order."""
    hits = list(hits)
    found = {kind(hit): hit.parameters for hit in hits}
    assert len(found) == len(hits), f"twice: {sorted(map(kind, hits))}"
    return found


def days_left(cookie: Cookie) -> float:
    return (cookie.expires - time.time()) / DAY


def opened(hosts: Hosts, visitor: Visitor, *commands: Command) -> Page:
    """Open a page with these commands; return when the tracker has run them."""
    tab = visit(hosts, visitor, *commands)
    assert tab.evaluate("Matomo.initialized")
    return tab


def reloaded(hosts: Hosts, tab: Page) -> Page:
    """Load the page again, forgetting what arrived before."""
    hosts.record.clear()
    tab.reload()
    assert tab.evaluate("Matomo.initialized")
    return tab


def assert_made(cookie: Cookie, days: float) -> None:
    """Compare a cookie that notes a decision with the moment of now, and with how long it is to last."""
    assert MILLISECONDS.fullmatch(cookie.value)
    assert abs(int(cookie.value) / 1000 - time.time()) < LEEWAY
    assert abs(days_left(cookie) - days) * DAY < LEEWAY
    assert (cookie.domain, cookie.path, cookie.same_site, cookie.secure) == ("shop.example", "/", "Lax", False)


def test_t38_nothing_is_sent_or_stored_before_consent(hosts: Hosts, visitor: Visitor) -> None:
    tab = opened(hosts, visitor, ["requireConsent"], PV, EVENT)
    hosts.no_hit()
    assert visitor.cookies() == {}
    push(tab, ["setConsentGiven"])
    said = by_kind(hosts.all_hits(3))
    assert said.keys() == {"Home page", "play", "ping"}
    assert [said[name]["consent"] for name in said] == ["1", "1", "1"]
    assert (said["Home page"]["_id"], said["Home page"]["_idn"]) == ("", "1")
    cookies = visitor.cookies()
    assert cookies.keys() == SITE_COOKIES
    assert ID.fullmatch(said["ping"]["_id"])
    assert cookies["_pk_id.77.f399"].value.startswith(f"{said['ping']['_id']}.")


def test_t38_the_hits_of_before_become_one_visit(hosts: Hosts, visitor: Visitor) -> None:
    """What was held back says when it happened by its order; nothing of it is counted twice."""
    site = hosts.pegel.add_site(urls=("https://shop.example",))
    hosts.put("shop.example/", page(["requireConsent"], PV, EVENT, site=site.id))
    tab = visitor.open(SHOP)
    hosts.no_hit()
    push(tab, ["setConsentGiven"])
    hosts.all_hits(3)
    (row,) = hosts.pegel.visits(site)
    assert (row["pageviews"], row["events"]) == (1, 1)


def test_t39_consent_in_the_first_commands(hosts: Hosts, visitor: Visitor) -> None:
    """In whatever order: what decides about consent is looked at first."""
    opened(hosts, visitor, PV, ["setConsentGiven"], ["requireConsent"])
    said = hosts.hit().parameters
    assert said["consent"] == "1"
    assert ID.fullmatch(said["_id"])
    assert visitor.cookies().keys() == SITE_COOKIES


def test_t40_consent_is_remembered(hosts: Hosts, visitor: Visitor) -> None:
    tab = opened(hosts, visitor, ["requireConsent"], PV, EVENT)
    push(tab, ["rememberConsentGiven"])
    first = by_kind(hosts.all_hits(3))
    cookies = visitor.cookies()
    assert cookies.keys() == SITE_COOKIES | {"mtm_consent"}
    assert_made(cookies["mtm_consent"], MOST_DAYS)
    reloaded(hosts, tab)
    again = by_kind(hosts.all_hits(2))
    assert [(again[name]["consent"], again[name]["_id"], again[name]["_idn"]) for name in ("Home page", "play")] == [
        ("1", first["ping"]["_id"], "0")
    ] * 2


def test_t41_consent_is_withdrawn_and_given_again(hosts: Hosts, visitor: Visitor) -> None:
    tab = opened(hosts, visitor, ["requireConsent"], PV)
    push(tab, ["rememberConsentGiven"])
    hosts.all_hits(2)
    hosts.record.clear()
    push(tab, ["forgetConsentGiven"])
    assert visitor.cookies().keys() == {"mtm_consent_removed"}
    push(tab, EVENT)
    reloaded(hosts, tab)
    hosts.no_hit()
    assert visitor.cookies().keys() == {"mtm_consent_removed"}
    push(tab, ["rememberConsentGiven", 24])
    said = by_kind(hosts.all_hits(2))
    assert said.keys() == {"Home page", "ping"}
    cookies = visitor.cookies()
    assert cookies.keys() == SITE_COOKIES | {"mtm_consent"}
    assert_made(cookies["mtm_consent"], 1)


def test_t42_who_opts_out_is_neither_followed_nor_given_cookies(hosts: Hosts, visitor: Visitor) -> None:
    """«differs»: nothing but the opt-out itself is stored after it, also not by later pages."""
    tab = opened(hosts, visitor, PV)
    hosts.hit()
    push(tab, ["optUserOut"], EVENT)
    assert visitor.cookies().keys() == {"mtm_consent_removed"}
    assert_made(visitor.cookies()["mtm_consent_removed"], MOST_DAYS)
    hosts.hit()  # The one of before.
    reloaded(hosts, tab)
    push(tab, EVENT)
    hosts.no_hit()
    assert visitor.cookies().keys() == {"mtm_consent_removed"}
    push(tab, ["forgetUserOptOut"])
    said = by_kind(hosts.all_hits(2))
    assert said.keys() == {"Home page", "play"}
    assert [name for name in said if "consent" in said[name]] == []
    assert {"mtm_consent", "mtm_consent_removed"} & visitor.cookies().keys() == set()


def test_t43_of_two_decisions_the_refusal_counts(hosts: Hosts, visitor: Visitor) -> None:
    given = [{"name": name, "value": "1763900000123", "url": SHOP} for name in ("mtm_consent", "mtm_consent_removed")]
    visitor.context.add_cookies(given)  # type: ignore[arg-type]
    opened(hosts, visitor, ["requireConsent"], PV)
    hosts.no_hit()
    assert visitor.cookies().keys() == {"mtm_consent_removed"}


def test_t44_consent_for_cookies(hosts: Hosts, visitor: Visitor) -> None:
    tab = opened(hosts, visitor, ["requireCookieConsent"], PV)
    assert hosts.hit().parameters["_id"] == ""
    assert visitor.cookies() == {}
    push(tab, ["setCookieConsentGiven"])
    said = by_kind(hosts.all_hits(2))
    cookies = visitor.cookies()
    assert cookies.keys() == SITE_COOKIES
    assert ID.fullmatch(said["ping"]["_id"])
    assert cookies["_pk_id.77.f399"].value.startswith(f"{said['ping']['_id']}.")


def test_t45_consent_for_cookies_is_remembered_and_withdrawn(hosts: Hosts, visitor: Visitor) -> None:
    tab = opened(hosts, visitor, ["requireCookieConsent"], PV)
    push(tab, ["rememberCookieConsentGiven", 10])
    known = by_kind(hosts.all_hits(2))["ping"]["_id"]
    cookies = visitor.cookies()
    assert cookies.keys() == SITE_COOKIES | {"mtm_cookie_consent"}
    assert_made(cookies["mtm_cookie_consent"], 10 / 24)
    reloaded(hosts, tab)
    assert hosts.hit().parameters["_id"] == known
    push(tab, ["forgetCookieConsentGiven"], EVENT)
    said = by_kind(hosts.all_hits(2))
    assert said["play"]["_id"] == ""
    assert visitor.cookies() == {}


def test_t46_in_a_single_page_only_what_belongs_to_the_last_view_waits(hosts: Hosts, visitor: Visitor) -> None:
    first, second = ["trackEvent", "Video", "first"], ["trackEvent", "Video", "second"]
    tab = opened(hosts, visitor, ["requireConsent"], PV, first)
    push(tab, ["setCustomUrl", "/v2"], PV, second, ["setConsentGiven"])
    said = by_kind(hosts.all_hits(3))
    assert said.keys() == {"Home page", "second", "ping"}
    assert said["Home page"]["url"] == "https://shop.example/v2"


@pytest.mark.parametrize("command", ["requireCookieConsent", "disableCookies"])
def test_t47_both_kinds_of_consent_at_once(hosts: Hosts, visitor: Visitor, command: str) -> None:
    """«differs»: who consented is measured on later pages, too, though cookies were off when consent was looked up."""
    tab = opened(hosts, visitor, ["requireConsent"], [command], PV)
    hosts.no_hit()
    push(tab, ["rememberConsentGiven"])
    hosts.hits(2)  # The page view, and what tells of the identifier.
    reloaded(hosts, tab)
    assert by_kind(hosts.hits(1))["Home page"]["consent"] == "1"


def test_t48_what_another_script_decides_counts_at_once(hosts: Hosts, visitor: Visitor) -> None:
    tab = opened(hosts, visitor, PV)
    hosts.hit()
    hosts.record.clear()
    tab.evaluate("document.cookie = 'mtm_consent_removed=1763900000123;path=/'")
    push(tab, ["trackEvent", "Video", "after a refusal"])
    hosts.no_hit()
    tab.evaluate("document.cookie = 'mtm_consent_removed=;path=/;max-age=0'")
    push(tab, ["trackEvent", "Video", "after its end"])
    hosts.no_hit()
    tab.evaluate("document.cookie = 'mtm_consent=1763900000123;path=/'")
    push(tab, ["trackEvent", "Video", "after consent"])
    assert kind(hosts.hit()) == "after consent"


@pytest.mark.parametrize("signals", [("dnt",), ("dnt", "gpc")])
def test_t49_do_not_track(hosts: Hosts, browsers: Browsers, signals: tuple[str, ...]) -> None:
    with browsers.visitor(*signals) as visitor:
        opened(hosts, visitor, ["setDoNotTrack", True], PV, EVENT)
        hosts.no_hit()
        assert visitor.cookies() == {}


def test_t49_without_the_signal_all_is_as_usual(hosts: Hosts, visitor: Visitor) -> None:
    opened(hosts, visitor, ["setDoNotTrack", True], PV)
    assert ID.fullmatch(hosts.hit().parameters["_id"])
    assert visitor.cookies().keys() == SITE_COOKIES


def test_t50_an_opt_out_holds_for_every_tracker(hosts: Hosts, visitor: Visitor) -> None:
    tab = opened(hosts, visitor, ["addTracker", "https://second.example/matomo.php", 99], PV)
    assert {hit.host for hit in hosts.all_hits(2)} == {"stats.example", "second.example"}
    assert {name.split(".")[1] for name in visitor.cookies()} == {"77", "99"}
    hosts.record.clear()
    push(tab, ["optUserOut"], EVENT)
    hosts.no_hit()
    assert visitor.cookies().keys() == {"mtm_consent_removed"}


def test_a_form_of_the_website_opts_out_and_in_again(hosts: Hosts, visitor: Visitor) -> None:
    """What many privacy notices hold: a check box that asks a tracker, also before the tracker is there."""
    asking = "window.states = []; _paq.push([function () { states.push(this.isUserOptedOut()); }])"
    hosts.put("shop.example/", page(PV).replace("</body>", f"<script>{asking}</script></body>"))
    tab = visitor.open(SHOP)
    hosts.hit()
    for command in ("optUserOut", "forgetUserOptOut"):
        push(tab, [command])
        tab.evaluate("_paq.push([function () { states.push(this.isUserOptedOut()); }])")
    assert tab.evaluate("states") == [False, True, False]
