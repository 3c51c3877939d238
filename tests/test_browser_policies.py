"""What a site's policy does in a real browser: what is sent, which cookies there are, and which row it ends in.

The tracker is told the policy by the server, in front of the script; a page need not know of it.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.browsing import TRACKER_NEEDED
from tests.hosts import PV, Command, Hosts, page
from tests.running import eventually
from tests.tracker_hits import push
from tests.visitors import Browsers, Visitor

pytestmark = TRACKER_NEEDED

ID = re.compile(r"[0-9a-f]{16}")
# A campaign, and a click that an advertising network marked.
LANDING = "https://shop.example/?utm_campaign=Spring&utm_term=shoes&gclid=abc&a=1"
CONSENTS: tuple[Command, ...] = (("rememberCookieConsentGiven",), ("rememberConsentGiven",))


@dataclass(frozen=True)
class Case:
    """A policy, somebody's browser, and what comes of a page view, and of all consent that a page can tell of."""

    settings: dict[str, Any]
    letters: str
    signals: tuple[str, ...] = ()
    sent: bool = True  # Before any consent.
    known: bool = False  # By an identifier, before any consent.
    consenting: str = "known"  # After consent: "known", "nobody", or "silent".


CASES = {
    "as-the-tracker-says": Case({}, "", known=True),
    "signals-ignored": Case({}, "", ("dnt", "gpc"), known=True),
    "cookie-consent": Case({"consent": "cookie-consent"}, "k"),
    "consent-required": Case({"consent": "consent-required"}, "r", sent=False),
    "without-identifiers": Case({"consent": "without-identifiers"}, "c", consenting="nobody"),
    "french": Case({"preset": "cnil"}, "mGN", known=True),
    "french-with-signal": Case({"preset": "cnil"}, "mGN", ("gpc",), consenting="nobody"),
    "german": Case({"preset": "tdddg"}, "kdGN"),
    "german-with-signal": Case({"preset": "tdddg"}, "kdGN", ("dnt",), consenting="nobody"),
    "british": Case({"preset": "uk"}, "G", known=True),
    "british-with-signal": Case({"preset": "uk"}, "G", ("gpc",), consenting="nobody"),
    "british-with-another-signal": Case({"preset": "uk"}, "G", ("dnt",), known=True),
    "dnt-anonymous": Case({"dnt": "anonymous"}, "N", ("dnt",), consenting="nobody"),
    "dnt-anonymous-unsaid": Case({"dnt": "anonymous"}, "N", ("gpc",), known=True),
    "dnt-drop": Case({"dnt": "drop"}, "n", ("dnt",), sent=False, consenting="silent"),
    "dnt-drop-unsaid": Case({"dnt": "drop"}, "n", known=True),
    "gpc-anonymous": Case({"gpc": "anonymous"}, "G", ("gpc",), consenting="nobody"),
    "gpc-drop": Case({"gpc": "drop"}, "g", ("gpc",), sent=False, consenting="silent"),
    "gpc-drop-unsaid": Case({"gpc": "drop"}, "g", ("dnt",), known=True),
}


@dataclass
class Look:
    """One page of one site, opened by one visitor."""

    hosts: Hosts
    visitor: Visitor
    case: Case
    commands: tuple[Command, ...] = (PV,)
    address: str = "https://shop.example/"
    site: Any = field(init=False)

    def __post_init__(self) -> None:
        self.site = self.hosts.pegel.add_site(urls=("https://shop.example",), **self.case.settings)
        self.hosts.pegel.refresh()
        self.hosts.put("shop.example/", page(*self.commands, site=self.site.id))
        self.tab = self.visitor.open(self.address)
        assert self.tab.evaluate("Matomo.initialized")
        assert self.tab.evaluate(f"(window.pegelSites || {{}})['{self.site.id}'] || ''") == self.case.letters

    def tracking_cookies(self) -> set[str]:
        return {name.split(".")[0] for name in self.visitor.cookies() if name.startswith("_pk_")}

    def assert_sent(self, known: bool, page_views: int = 1) -> None:
        """Compare what was sent, what is stored and what was counted: with an identifier, or without any."""
        hits = [hit for hit in self.hosts.hits(page_views) if "ping" not in hit.parameters]
        ids = {hit.parameters["_id"] for hit in hits[-1:]}
        assert all(ID.fullmatch(each) for each in ids) if known else ids == {""}
        assert self.tracking_cookies() == ({"_pk_id", "_pk_ses"} if known else set())
        self.assert_counted(known, page_views)

    def assert_counted(self, known: bool, page_views: int) -> None:
        rows = eventually(lambda: found if len(found := self.hosts.pegel.hits(self.site)) >= page_views else [])
        assert [row["action"] for row in rows] == ["pageview"] * page_views
        sent = self.hosts.hits(1)[-1].parameters["_id"]
        assert (sent != "" and rows[-1]["visitor"] == int(sent, 16)) is known


@pytest.mark.parametrize("name", CASES)
def test_before_anybody_consents(hosts: Hosts, browsers: Browsers, name: str) -> None:
    case = CASES[name]
    with browsers.visitor(*case.signals) as visitor:
        look = Look(hosts, visitor, case)
        if case.sent:
            look.assert_sent(case.known)
            hosts.hit()
        else:
            hosts.no_hit()
            assert visitor.cookies() == {}
            assert hosts.pegel.hits(look.site) == []


@pytest.mark.parametrize("name", CASES)
def test_after_consent(hosts: Hosts, browsers: Browsers, name: str) -> None:
    """However the page tells of it, a policy that wants no identifiers is not talked out of it."""
    case = CASES[name]
    with browsers.visitor(*case.signals) as visitor:
        look = Look(hosts, visitor, case, CONSENTS)
        push(look.tab, PV)
        if case.consenting == "silent":
            hosts.no_hit()
            assert look.tracking_cookies() == set()
            assert hosts.pegel.hits(look.site) == []
        else:
            look.assert_sent(case.consenting == "known")


@pytest.mark.parametrize(
    ("preset", "device", "campaign"),
    [
        pytest.param("matomo", True, True, id="as-the-tracker-says"),
        pytest.param("cnil", True, False, id="french"),
        pytest.param("tdddg", False, True, id="german"),
        pytest.param("uk", True, True, id="british"),
    ],
)
def test_what_a_preset_reads_of_devices_and_campaigns(
    hosts: Hosts, visitor: Visitor, preset: str, device: bool, campaign: bool
) -> None:
    letters = {"matomo": "", "cnil": "mGN", "tdddg": "kdGN", "uk": "G"}[preset]
    look = Look(hosts, visitor, Case({"preset": preset}, letters), address=LANDING)
    said = hosts.hit().parameters
    assert ({"res", "cookie"} <= said.keys(), said["uadata"] != "{}") == (device, device)
    assert "utm_campaign" in said["url"] or not campaign
    (row,) = hosts.pegel.visits(look.site)
    assert (row["resolution"] != "unknown", row["plugins"] != "") == (device, device)
    assert (row["referrer_type"], row["referrer_name"]) == (("campaign", "spring") if campaign else ("direct", ""))
    (hit,) = hosts.pegel.hits(look.site)
    assert ("utm_campaign" in hit["page"]) is False
    assert "gclid" not in hit["page"] or preset == "matomo"


def test_consent_is_remembered_under_a_policy(hosts: Hosts, visitor: Visitor) -> None:
    """A site whose pages know nothing of consent but a button in a banner."""
    look = Look(hosts, visitor, Case({"consent": "consent-required"}, "r"))
    hosts.no_hit()
    push(look.tab, ["rememberConsentGiven"])
    hosts.all_hits(2)
    hosts.record.clear()
    look.tab.reload()
    assert hosts.hit().parameters["consent"] == "1"
    push(look.tab, ["forgetConsentGiven"])
    hosts.record.clear()
    look.tab.reload()
    hosts.no_hit()
    assert visitor.cookies().keys() == {"mtm_consent_removed"}
    assert [row["action"] for row in hosts.pegel.hits(look.site)].count("pageview") == 2


@pytest.mark.parametrize(
    ("policy", "letter", "command"),
    [("consent-required", "r", "rememberConsentGiven"), ("cookie-consent", "k", "rememberCookieConsentGiven")],
)
def test_what_is_sent_together_tells_of_consent_as_well(
    hosts: Hosts, visitor: Visitor, policy: str, letter: str, command: str
) -> None:
    """The server sees no cookies of the website, so what it is not told it does not count, or not as somebody's."""
    shown: list[Command] = [("trackContentImpression", "Offer", piece) for piece in ("one", "two")]
    look = Look(hosts, visitor, Case({"consent": policy}, letter), ((command,), *shown))
    look.tab.close()
    (bulk,) = hosts.all_hits(1)
    known = {re.search("&_id=([0-9a-f]{16})&", query)[1] for query in json.loads(bulk.body)["requests"]}  # type: ignore[index]
    rows = hosts.pegel.hits(look.site)
    assert len(rows) == 2
    assert {f"{row['visitor']:016x}" for row in rows} == known


def test_a_policy_holds_for_its_site_only(hosts: Hosts, visitor: Visitor) -> None:
    look = Look(hosts, visitor, Case({"consent": "consent-required"}, "r"))
    hosts.no_hit()
    other = hosts.pegel.add_site(urls=("https://shop.example",))
    hosts.put("shop.example/", page(PV, site=other.id))
    look.tab.reload()
    assert ID.fullmatch(hosts.hit().parameters["_id"])
