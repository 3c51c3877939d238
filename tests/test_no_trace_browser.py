"""Who opts out in a real browser leaves no trace: what no-trace tests search is what browsers did, by https."""

import asyncio
from collections.abc import Callable
from functools import partial
from http.client import HTTPConnection

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tests.browsing import TRACKER_NEEDED
from tests.hosts import PV, STATS, Asked, Command, Hosts, document, page
from tests.people import SITE_IDS, Kept, Person, kept_of
from tests.running import HOST, PATIENCE, Server, eventually
from tests.test_optout import FRAME, SCRIPT
from tests.traces import assert_no_address
from tests.visitors import Browsers, Visitor

pytestmark = TRACKER_NEEDED

SHOP = "https://shop.example/"
NOTICE = "privacy"
OPT_OUT = ("optUserOut",)
HOP_BY_HOP = {"host", "connection", "content-length", "transfer-encoding"}

FRAMED = f"<iframe src='{STATS}%s' width=600 height=200></iframe>"
LOADED = f"<div id=matomo-opt-out></div><script src='{STATS}%s'></script>"


class Front:
    """A web server in front of the collectors: it ends https, and says whose request it hands on."""

    def __init__(self, pegel: Server) -> None:
        self.port = pegel.collect_port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        answer = await asyncio.to_thread(self.ask, request, await request.body())
        await answer(scope, receive, send)

    def ask(self, request: Request, body: bytes) -> Response:
        headers = {name: value for name, value in request.headers.items() if name not in HOP_BY_HOP}
        address = next(each.address for each in PEOPLE.values() if each.browser in headers["user-agent"])
        headers |= {"x-forwarded-for": address, "x-forwarded-proto": "https"}
        connection = HTTPConnection(HOST, self.port, timeout=PATIENCE)
        target = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        connection.request(request.method, target, body, headers)
        found = connection.getresponse()
        answer = Response(found.read(), found.status)
        answer.raw_headers = [(k.lower().encode(), v.encode("latin-1")) for k, v in found.getheaders()]
        connection.close()
        return answer


PEOPLE = {
    "opt-out-frame": Person(),
    "opt-out-frame-at-its-new-address": Person(),
    "opt-out-script": Person(),
    "opt-out-script-at-its-new-address": Person(),
    "opt-out-command": Person(),
    "consent-never-given": Person("consent-required"),
    "do-not-track": Person("dnt-drop"),
    "global-privacy-control": Person("gpc-drop"),
    "nobody-objects": Person(),
    "consent-given": Person("consent-required"),
}
SIGNALS = {"do-not-track": ("dnt",), "global-privacy-control": ("gpc",)}
COMMANDS: dict[str, tuple[Command, ...]] = {
    "opt-out-command": (OPT_OUT,),
    "consent-given": (("rememberConsentGiven",),),
}
NOTICES = {
    "opt-out-frame": FRAMED % FRAME,
    "opt-out-frame-at-its-new-address": FRAMED % "opt-out",
    "opt-out-script": LOADED % f"{SCRIPT}&useCookiesTimeout=0",
    "opt-out-script-at-its-new-address": LOADED % "opt-out.js?useCookiesTimeout=0",
}
COUNTED = ("nobody-objects", "consent-given")
# What the collector says of hits that are sent: of most people, none is. No script sees the cookie that a frame sets.
ANSWERED = {
    **dict.fromkeys(COUNTED, ""),
    **dict.fromkeys(("opt-out-frame", "opt-out-frame-at-its-new-address"), "ignored: opt-out"),
}


def object_on_notice(hosts: Hosts, visitor: Visitor, notice: str) -> None:
    """Clear the tick of an opt-out, and wait until the browser has what keeps it."""
    hosts.put(f"shop.example/{NOTICE}", document(body=notice, title="Privacy"))
    tab = visitor.open(SHOP + NOTICE)
    framed = "<iframe" in notice
    box = tab.frame_locator("iframe").locator("#trackVisits") if framed else tab.locator("#trackVisits")
    box.click()
    wanted = "matomo_ignore" if framed else "mtm_consent_removed"
    eventually(lambda: wanted in visitor.cookies())
    tab.close()


def look_around(hosts: Hosts, visitor: Visitor, person: Person, commands: tuple[Command, ...]) -> None:
    """Look at a page twice, click, and go."""
    hosts.put(f"shop.example/{person.page}", page(*commands, PV, title=person.page, site=SITE_IDS[person.site]))
    tab = visitor.open(SHOP + person.page)
    for _ in range(2):
        tab.reload()
        assert tab.evaluate("Matomo.initialized")
        tab.evaluate("_paq.push(['trackEvent', 'Video', 'play', document.title])")
    tab.wait_for_timeout(300)


def concerns(person: Person, asked: Asked) -> bool:
    return asked.tracks and person.page in asked.query


def everybody_browses(hosts: Hosts, browsers: Browsers) -> Callable[[Server], None]:
    def browse(pegel: Server) -> None:
        hosts.apps["stats.example"] = Front(pegel)
        for name, person in PEOPLE.items():
            with browsers.visitor(*SIGNALS.get(name, ()), user_agent=person.user_agent) as visitor:
                if name in NOTICES:
                    object_on_notice(hosts, visitor, NOTICES[name])
                look_around(hosts, visitor, person, COMMANDS.get(name, ()))
            said = {hit.answer.get("x-pegel", "") for hit in hosts.record.which(partial(concerns, person))}
            assert said == ({ANSWERED[name]} if name in ANSWERED else set()), name

    return browse


@pytest.fixture(scope="module")
def kept(browsers: Browsers, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return kept_of(tmp_path_factory.mktemp("kept"), everybody_browses(browsers.hosts, browsers))


@pytest.mark.parametrize("name", [name for name in PEOPLE if name not in COUNTED])
def test_who_objects_leaves_no_trace(kept: Kept, name: str) -> None:
    assert kept.of(PEOPLE[name], "page", "browser") == {}


@pytest.mark.parametrize("name", COUNTED)
def test_who_does_not_object_is_found(kept: Kept, name: str) -> None:
    found = kept.of(PEOPLE[name], "page", "browser")
    assert {"page waiting", "browser waiting", "page loaded"} <= found.keys()
    assert "default.hits JSONEachRow" in found["page loaded"]


def test_no_full_address_is_kept(kept: Kept) -> None:
    addresses = [person.address for person in PEOPLE.values()]
    assert_no_address(kept.waiting, addresses)
    assert_no_address(kept.loaded, addresses)
