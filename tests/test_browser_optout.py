"""The opt-out in a real browser: framed by websites and loaded by them, with our tracker, with Matomo's, with none."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest.optout.endpoint import built
from sql.optout_texts import texts
from tests.browsing import NEEDED
from tests.hosts import PV, Hosts, document, page
from tests.test_optout import FRAME, PARAMETERS, PAYLOADS, SCRIPT, contrast
from tests.visitors import Browsers, Visitor

pytestmark = [
    *NEEDED,
    pytest.mark.skipif(not built("script"), reason="browser files not built: npm ci && npm run build"),
]
EN = texts()["en"]
SHOP = "https://shop.example/"
OUT = "ignore%3DKg%3D%3D"
BOX = "<div id=matomo-opt-out></div>"
DOCUMENT_COOKIES = "document.cookie.split('; ').map(pair => pair.split('=')[0])"

# What Matomo's tracker does with the commands that an opt-out gives: a stand-in, for nothing of it is ours to copy.
MATOMO = """<script>
let optedOut = %s;
const matomo = {
  isUserOptedOut: () => optedOut,
  optUserOut: () => { optedOut = true; },
  forgetUserOptOut: () => { optedOut = false; },
  setCookieDomain: (domain) => { window.cookieDomain = domain; },
  setCookiePath: (path) => { window.cookiePath = path; },
};
const queued = window._paq || [];
window._paq = {push: (...commands) => commands.forEach(([command, ...values]) =>
  typeof command == "function" ? command.apply(matomo, values) : matomo[command](...values))};
queued.forEach((command) => _paq.push(command));
</script>"""


def framing(host: str = "stats.example", scheme: str = "https", more: str = "", attributes: str = "") -> str:
    return f"<iframe src='{scheme}://{host}{FRAME}&language=en{more}' width=600 height=200 {attributes}></iframe>"


def script(more: str = "", attributes: str = "", scheme: str = "https") -> str:
    return f"<script src='{scheme}://stats.example{SCRIPT}&language=en{more}' {attributes}></script>"


def frame_in(opened: Page) -> Frame:
    """Return the opt-out that a page frames, when its script has begun."""
    expect(opened.frame_locator("iframe").locator("#save")).to_be_hidden()
    return opened.frames[1]


def choose(where: Frame | Page, counted: bool, said: str) -> None:
    """Choose, and wait for what the opt-out says then."""
    expect(where.locator("#trackVisits")).to_be_checked(checked=not counted)
    where.locator("#trackVisits").click()
    expect(where.get_by_role("status")).to_contain_text(said)


def says(opened: Page, counted: bool) -> None:
    """Wait until the opt-out script shows this state."""
    label = opened.locator("label[for=trackVisits] > strong > span")
    expect(label).to_have_text(
        f"{EN['counted' if counted else 'out']} {EN['counted_action' if counted else 'out_action']}"
    )
    expect(opened.locator("#trackVisits")).to_be_checked(checked=counted)


def answers(asking: Frame, message: dict[str, bool]) -> dict[str, Any]:
    """Send the page around a frame a message of the protocol, and return its answer."""
    ask = """(message) => new Promise((resolve) => {
      addEventListener("message", ({data}) => resolve(JSON.parse(data)), {once: true});
      setTimeout(resolve, 700, {});
      parent.postMessage(JSON.stringify(message), "*");
    })"""
    answer: dict[str, Any] = asking.evaluate(ask, message)
    return answer


# --- The tracker of the page and the frame: T51 to T53 ---


STATES = {"maq_url": "https://stats.example/", "maq_optout_by_default": False}


def quiet_frame(hosts: Hosts, visitor: Visitor, host: str = "stats.example") -> Frame:
    """Open a page with a tracker, and in it a frame of some host that sends only what a test wants."""
    hosts.put(f"{host}/frame", document(title="frame"))
    hosts.put("shop.example/", page(PV, body=f"<iframe src='https://{host}/frame'></iframe>"))
    opened = visitor.open(SHOP)
    hosts.hits(1)
    return opened.frames[1]


def test_t51_the_tracker_tells_the_frame_its_state(hosts: Hosts, visitor: Visitor) -> None:
    frame = quiet_frame(hosts, visitor)
    assert answers(frame, {"maq_initial_value": True}) == {**STATES, "maq_opted_in": True}
    assert answers(frame, {"maq_initial_value": False}) == {**STATES, "maq_opted_in": False}


def test_t52_the_tracker_does_what_the_frame_says(hosts: Hosts, visitor: Visitor) -> None:
    frame = quiet_frame(hosts, visitor)
    assert answers(frame, {"maq_opted_in": False}) == {
        **{"maq_confirm_opted_in": False, "maq_url": "https://stats.example/", "maq_optout_by_default": True}
    }
    assert visitor.cookies(SHOP).keys() == {"mtm_consent_removed"}
    assert answers(frame, {"maq_initial_value": True})["maq_opted_in"] is False
    assert answers(frame, {"maq_opted_in": True})["maq_confirm_opted_in"] is True
    kept = visitor.cookies(SHOP).keys()
    assert "mtm_consent" in kept
    assert "mtm_consent_removed" not in kept
    _, ping = hosts.all_hits(2)
    assert ping.parameters["ping"] == ping.parameters["consent"] == "1"


def test_t53_the_tracker_does_not_listen_to_other_hosts(hosts: Hosts, visitor: Visitor) -> None:
    frame = quiet_frame(hosts, visitor, "third.example")
    assert answers(frame, {"maq_initial_value": True}) == {}
    assert answers(frame, {"maq_opted_in": False}) == {}
    assert "mtm_consent_removed" not in visitor.cookies(SHOP)


# --- The script: T54 to T58 ---


def test_t54_without_a_tracker_the_script_keeps_the_choice(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("shop.example/", document(body=BOX + script("&useCookiesTimeout=1")))
    opened = visitor.open(SHOP)
    expect(opened.get_by_role("status")).to_have_text(EN["waiting"])
    says(opened, counted=True)
    choose(opened, False, EN["saved_out"])
    says(opened, counted=False)
    removed = visitor.cookies(SHOP)["mtm_consent_removed"]
    assert re.fullmatch("[0-9]{13}", removed.value)
    assert (removed.secure, removed.same_site, removed.path, removed.domain) == (True, "Lax", "/", "shop.example")
    choose(opened, True, EN["saved_counted"])
    says(opened, counted=True)
    assert visitor.cookies(SHOP).keys() == {"mtm_consent"}
    assert visitor.errors == []


def test_t55_without_https_the_script_says_so(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("plain.example/", document(body=BOX + script("&useCookiesTimeout=0", scheme="http")))
    opened = visitor.open("http://plain.example/")
    expect(opened.get_by_role("alert")).to_have_text(EN["not_https"])
    first, form = opened.locator("[role=alert]").bounding_box(), opened.locator("#trackVisits").bounding_box()
    assert first
    assert form
    assert first["y"] < form["y"]
    choose(opened, False, EN["saved_out"])
    assert not visitor.cookies("http://plain.example/")["mtm_consent_removed"].secure


def test_t56_with_our_tracker_the_script_lets_it_keep_the_choice(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("shop.example/", page(PV, body=BOX + script()))
    opened = visitor.open(SHOP)
    says(opened, counted=True)
    hosts.hits(1)
    choose(opened, False, EN["saved_out"])
    removed = visitor.cookies(SHOP)
    assert removed.keys() == {"mtm_consent_removed"}
    assert (removed["mtm_consent_removed"].secure, removed["mtm_consent_removed"].same_site) == (False, "Lax")
    choose(opened, True, EN["saved_counted"])
    assert {"mtm_consent", "mtm_consent_removed"} & visitor.cookies(SHOP).keys() == set()
    assert visitor.errors == []


def test_t57_where_the_tracker_is_blocked_the_script_keeps_the_choice(hosts: Hosts, visitor: Visitor) -> None:
    """Otherwise than there: the box does not stay empty."""
    visitor.context.route("**/matomo.js", lambda route: route.abort())
    hosts.put("shop.example/", page(PV, body=BOX + script("&useCookiesTimeout=1")))
    opened = visitor.open(SHOP)
    says(opened, counted=True)
    choose(opened, False, EN["saved_out"])
    assert visitor.cookies(SHOP).keys() == {"mtm_consent_removed"}


def test_t58_the_script_says_which_element_is_missing(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("shop.example/", document(body="<p>Notice</p>" + script("&divId=nope")))
    opened = visitor.open(SHOP)
    expect(opened.locator("body > :first-child")).to_have_attribute("id", "nope-warning")
    expect(opened.locator("#nope-warning")).to_have_text(EN["no_box"].replace("{id}", "nope"))
    assert ["nope" in error for error in visitor.errors] == [True]


# --- The frame ---


def test_the_frame_keeps_the_choice_on_the_collectors_domain(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("shop.example/", document(body=framing()))
    opened = visitor.open(SHOP)
    frame = frame_in(opened)
    assert visitor.cookies() == {}, "nothing is kept before somebody chose"
    choose(frame, False, EN["saved_out"])
    found = visitor.context.cookies()
    assert [(one["name"], one["value"], one["secure"], one["sameSite"], one["path"]) for one in found] == (
        [("matomo_ignore", OUT, True, "None", "/")] * 2
    )
    assert {one.get("partitionKey") for one in found} == {None, "https://shop.example"}
    expect(frame.locator("#labelOptIn")).to_be_visible()
    expect(frame.locator("#textOptOut")).to_be_hidden()
    opened.reload()
    expect(frame_in(opened).locator("#trackVisits")).not_to_be_checked()
    choose(frame_in(opened), True, EN["saved_counted"])
    assert visitor.cookies() == {}
    assert visitor.errors == []


def test_old_cookies_go_when_somebody_wants_to_be_counted(hosts: Hosts, visitor: Visitor) -> None:
    address = "https://stats.example/"
    for name in ("matomo_ignore", "piwik_ignore", "_pk_uid"):
        visitor.context.add_cookies([{"name": name, "value": "ignore=x:_=y", "url": address, "sameSite": "None"}])
    opened = visitor.open("https://stats.example/opt-out?language=en")
    expect(opened.locator("#trackVisits")).not_to_be_checked()
    choose(opened, True, EN["saved_counted"])
    assert visitor.cookies().keys() == {"_pk_uid"}
    choose(opened, False, EN["saved_out"])
    assert visitor.cookies().keys() == {"matomo_ignore"}


def test_where_third_party_cookies_are_blocked_one_is_kept_for_this_website(browsers: Browsers, hosts: Hosts) -> None:
    hosts.put("shop.example/", document(body=framing()))
    hosts.put("other.example/", document(body=framing()))
    with browsers.visitor(third_party_cookies=False) as visitor:
        opened = visitor.open(SHOP)
        choose(frame_in(opened), False, EN["saved_out"])
        assert [one.get("partitionKey") for one in visitor.context.cookies()] == ["https://shop.example"]
        opened.evaluate("navigator.sendBeacon('https://stats.example/matomo.php?idsite=77&rec=1&url=' + location.href)")
        assert hosts.hit().answer["x-pegel"] == "ignored: opt-out"
        expect(frame_in(visitor.open("https://other.example/")).locator("#trackVisits")).to_be_checked()
        choose(frame_in(opened), True, EN["saved_counted"])
        assert visitor.cookies() == {}


class Unpartitioned:
    """A collector for browsers that do not know partitioned cookies: they never get one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if "headers" in message:
                message["headers"] = [line for line in message["headers"] if not line[1].endswith(b"Partitioned")]
            await send(message)

        await self.app(scope, receive, sending)


@pytest.mark.parametrize("granted", [True, False])
def test_where_there_are_no_partitioned_cookies_the_browser_is_asked(
    browsers: Browsers, hosts: Hosts, granted: bool
) -> None:
    """What it allows then, it allows the frame; whether hits of the page have the cookie, the frame cannot know."""
    hosts.apps["old.example"] = Unpartitioned(hosts.pegel.app)
    hosts.put("shop.example/", document(body=framing("old.example")))
    with browsers.visitor(third_party_cookies=False) as visitor:
        if granted:
            visitor.context.grant_permissions(["storage-access"])
        frame = frame_in(visitor.open(SHOP))
        choose(frame, False, EN["half_saved" if granted else "not_saved"])
        expect(frame.get_by_role("link", name=EN["own_window"])).to_be_visible()
        expect(frame.locator("#trackVisits")).to_be_checked(checked=not granted)
        assert visitor.cookies().keys() == ({"matomo_ignore"} if granted else set())


@pytest.mark.parametrize("third_party_cookies", [True, False])
def test_a_frame_of_the_same_site_needs_no_favour(browsers: Browsers, hosts: Hosts, third_party_cookies: bool) -> None:
    hosts.put("shop.example/", document(body=framing("stats.shop.example")))
    hosts.put("plain.shop.example/", document(body=framing("stats.shop.example", "http")))
    with browsers.visitor(third_party_cookies=third_party_cookies) as visitor:
        for address, secure in ((SHOP, True), ("http://plain.shop.example/", False)):
            choose(frame_in(visitor.open(address)), False, EN["saved_out"])
            assert visitor.cookies()["matomo_ignore"].secure == secure
            visitor.context.clear_cookies()


def test_where_nothing_is_kept_the_frame_says_so(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("shop.example/", document(body=framing(scheme="http")))
    hosts.put("plain.example/", document(body=framing(scheme="http")))
    opened = visitor.open("http://plain.example/")
    frame = frame_in(opened)
    choose(frame, False, EN["not_saved"])
    expect(frame.get_by_role("status")).to_contain_text(EN["not_https"])
    expect(frame.locator("#trackVisits")).to_be_checked()
    expect(frame.get_by_role("status")).to_contain_text(EN["own_page_note"])
    assert visitor.cookies() == {}
    with visitor.context.expect_page() as own:
        frame.get_by_role("link", name=EN["own_window"]).click()
    choose(own.value, False, EN["saved_out"])
    assert visitor.cookies()["matomo_ignore"].value == OUT


def test_a_frame_in_a_sandbox_says_so(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("shop.example/", document(body=framing(attributes="sandbox='allow-scripts allow-forms allow-popups'")))
    frame = frame_in(visitor.open(SHOP))
    choose(frame, False, EN["not_saved"])
    expect(frame.get_by_role("link", name=EN["own_window"])).to_be_visible()
    expect(frame.locator("#trackVisits")).to_be_checked()
    assert visitor.cookies() == {}


def test_a_server_that_does_not_answer_is_told_apart(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("shop.example/", document(body=framing()))
    frame = frame_in(visitor.open(SHOP))
    visitor.context.route("**/index.php**", lambda route: route.abort())
    choose(frame, False, EN["unreachable"])
    expect(frame.locator("#trackVisits")).to_be_checked()


def test_the_frame_tells_the_tracker_of_the_page(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("shop.example/", page(PV, body=framing()))
    opened = visitor.open(SHOP)
    hosts.hits(1)
    frame = frame_in(opened)
    choose(frame, False, EN["saved_out"])
    assert visitor.cookies(SHOP).keys() == {"mtm_consent_removed"}
    assert visitor.cookies("https://stats.example/").keys() == {"matomo_ignore"}
    hosts.record.clear()
    opened.evaluate("_paq.push(['trackEvent', 'a', 'b'])")
    hosts.no_hit()
    choose(frame, True, EN["saved_counted"])
    assert "mtm_consent" in visitor.cookies(SHOP)
    assert visitor.cookies("https://stats.example/") == {}


def test_the_frame_shows_what_the_tracker_knows(hosts: Hosts, visitor: Visitor) -> None:
    visitor.context.add_cookies([{"name": "mtm_consent_removed", "value": "1700000000000", "url": SHOP}])
    hosts.put("shop.example/", page(PV, body=framing()))
    frame = frame_in(visitor.open(SHOP))
    expect(frame.locator("#trackVisits")).not_to_be_checked()
    expect(frame.locator("#textOptIn")).to_be_visible()


def test_a_tracker_confirms_where_the_collector_can_keep_nothing(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("plain.example/", page(PV, body=framing(scheme="http"), base="http://stats.example/"))
    opened = visitor.open("http://plain.example/")
    hosts.hits(1)
    choose(frame_in(opened), False, EN["saved_out"])
    assert visitor.cookies().keys() == {"mtm_consent_removed"}


def test_a_tracker_that_comes_late_learns_of_the_choice(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("shop.example/", page(body=framing()))
    held: list[Callable[[], None]] = []
    visitor.context.route("**/matomo.js", lambda route: held.append(route.continue_))
    opened = visitor.context.new_page()
    opened.goto(SHOP, wait_until="commit")
    frame = frame_in(opened)
    choose(frame, False, EN["saved_out"])
    assert visitor.cookies(SHOP) == {}
    held[0]()
    opened.wait_for_function("document.cookie.includes('mtm_consent_removed')")


def test_two_choices_in_a_row_end_with_the_second(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("shop.example/", document(body=framing()))
    frame = frame_in(visitor.open(SHOP))
    frame.evaluate("trackVisits.click(); trackVisits.click(); trackVisits.click()")
    expect(frame.locator("#message")).to_have_text(EN["saved_out"])
    sent = [asked.form for asked in hosts.record.which(lambda asked: asked.method == "POST")]
    assert sent == [{"trackVisits": "0"}, {"trackVisits": "1"}, {"trackVisits": "0"}]
    assert "matomo_ignore" in visitor.cookies()


def test_other_messages_do_not_change_the_frame(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("shop.example/", document(body=framing()))
    opened = visitor.open(SHOP)
    frame = frame_in(opened)
    foreign = json.dumps({"maq_opted_in": False, "maq_url": "https://evil.example/"})
    for message in (foreign, "{", json.dumps({"maq_opted_in": False}), {"maq_opted_in": False}):
        opened.evaluate("(message) => frames[0].postMessage(message, '*')", message)
    own = json.dumps({"maq_opted_in": False, "maq_url": "https://stats.example/"})
    frame.evaluate("(message) => postMessage(message, '*')", own)
    frame.evaluate("new Promise((resolve) => setTimeout(resolve, 300))")
    expect(frame.locator("#trackVisits")).to_be_checked()
    opened.evaluate("(message) => frames[0].postMessage(message, '*')", own)
    expect(frame.locator("#trackVisits")).not_to_be_checked()
    assert visitor.errors == []


def test_without_scripts_the_form_does_it(browsers: Browsers, hosts: Hosts) -> None:
    hosts.put("shop.example/", document(body=framing()))
    context = browsers.browser(True).new_context(ignore_https_errors=True, java_script_enabled=False)
    opened = context.new_page()
    opened.goto(SHOP)
    frame = opened.frame_locator("iframe")
    for counted, said in ((False, "saved_out"), (True, "saved_counted")):
        frame.locator("#trackVisits").focus()
        opened.keyboard.press("Space")
        opened.keyboard.press("Tab")
        opened.keyboard.press("Enter")
        expect(frame.locator("#message")).to_have_text(EN[said])
        expect(frame.locator("#trackVisits")).to_be_checked(checked=counted)
        assert bool(context.cookies()) != counted
    context.close()


def test_a_website_cannot_send_the_form(hosts: Hosts, visitor: Visitor) -> None:
    form = (
        f"<form method=post action='https://stats.example{FRAME}'><input name=trackVisits value=0><button>Go</button>"
    )
    hosts.put("shop.example/", document(body=form))
    opened = visitor.open(SHOP)
    opened.get_by_role("button").click()
    opened.wait_for_url("https://stats.example/**")
    assert visitor.cookies() == {}
    assert hosts.record.which(lambda asked: asked.method == "POST")[0].status == 403


def test_a_signal_that_all_sites_obey(browsers: Browsers, hosts: Hosts) -> None:
    hosts.put("shop.example/", document(body=framing(more="&idsite=501")))
    hosts.pegel.add_site(id=501, gpc="drop")
    with browsers.visitor("gpc") as visitor:
        frame = visitor.open(SHOP).frame_locator("iframe")
        expect(frame.locator("#textSignal")).to_have_text(EN["signal"])
        expect(frame.locator("#trackVisits")).to_have_count(0)


# --- The script, further ---


def test_the_script_waits_for_its_element(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("shop.example/", document(head=script("&useCookiesTimeout=0"), body=BOX))
    opened = visitor.open(SHOP)
    says(opened, counted=True)
    assert visitor.errors == []


def test_the_script_may_come_after_everything(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("shop.example/", document(body=BOX))
    opened = visitor.open(SHOP)
    opened.add_script_tag(url=f"https://stats.example{SCRIPT}&language=en&useCookiesTimeout=0")
    says(opened, counted=True)


@pytest.mark.parametrize("opted_out", [False, True])
@pytest.mark.parametrize("before", [True, False], ids=["loaded-before", "loaded-after"])
def test_with_matomos_own_tracker(hosts: Hosts, visitor: Visitor, opted_out: bool, before: bool) -> None:
    matomo = MATOMO % str(opted_out).lower()
    box = BOX + script("&cookieDomain=*.shop.example&cookiePath=/a")
    late = "<script>window._paq = window._paq || []</script>" + box + matomo
    hosts.put("shop.example/", document(body=matomo + box if before else late))
    opened = visitor.open(SHOP)
    says(opened, counted=not opted_out)
    assert opened.evaluate("[cookieDomain, cookiePath]") == ["*.shop.example", "/a"]
    choose(opened, opted_out, EN["saved_counted" if opted_out else "saved_out"])
    says(opened, counted=opted_out)
    assert opened.evaluate("optedOut") != opted_out
    assert visitor.cookies() == {}, "the tracker keeps the choice"


def test_a_tracker_that_comes_after_the_wait_takes_over(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put(
        "shop.example/", document(body="<script>window._paq = []</script>" + BOX + script("&useCookiesTimeout=0"))
    )
    opened = visitor.open(SHOP)
    says(opened, counted=True)
    opened.evaluate(
        "(html) => document.body.append(document.createRange().createContextualFragment(html))", MATOMO % "true"
    )
    says(opened, counted=False)
    choose(opened, True, EN["saved_counted"])
    assert visitor.cookies() == {}


@pytest.mark.parametrize(
    ("given", "counted", "left"),
    [
        pytest.param((), True, set(), id="neither"),
        pytest.param(("mtm_consent_removed",), False, {"mtm_consent_removed"}, id="removed"),
        pytest.param(("mtm_consent",), True, {"mtm_consent"}, id="consent"),
        pytest.param(("mtm_consent", "mtm_consent_removed"), False, {"mtm_consent_removed"}, id="both"),
    ],
)
def test_the_state_in_cookies(
    hosts: Hosts, visitor: Visitor, given: tuple[str, ...], counted: bool, left: set[str]
) -> None:
    visitor.context.add_cookies([{"name": name, "value": "1700000000000", "url": SHOP} for name in given])
    hosts.put("shop.example/", document(body=BOX + script("&useCookiesTimeout=0")))
    says(visitor.open(SHOP), counted)
    assert visitor.cookies().keys() == left


def test_whoever_objects_is_not_recognised_either(hosts: Hosts, visitor: Visitor) -> None:
    """Also cookies of a domain, and of a folder, that were left by trackers of old."""
    hosts.put("www.shop.example/privacy/notice", document(body=BOX + script("&useCookiesTimeout=0")))
    opened = visitor.open("https://www.shop.example/privacy/notice")
    for cookie in (
        "_pk_id.1.31be=a.1.;domain=shop.example;path=/",
        "_pk_ses.1.4a68=1;path=/",
        "_pk_ref.1.4a68=1",
        "basket=1",
    ):
        opened.evaluate("(text) => { document.cookie = text }", cookie)
    assert len(visitor.cookies()) == 4
    choose(opened, False, EN["saved_out"])
    assert visitor.cookies().keys() == {"mtm_consent_removed", "basket"}
    assert visitor.cookies()["mtm_consent_removed"].path == "/"


def test_cookies_as_a_website_wants_them(hosts: Hosts, visitor: Visitor) -> None:
    more = "&useCookiesTimeout=0&cookieDomain=*.shop.example&cookiePath=/shop&cookieSameSite=None&useSecureCookies=0"
    hosts.put("www.shop.example/shop/", document(body=BOX + script(more)))
    opened = visitor.open("https://www.shop.example/shop/")
    choose(opened, False, EN["saved_out"])
    removed = visitor.cookies()["mtm_consent_removed"]
    assert (removed.domain, removed.path, removed.same_site, removed.secure) == (".shop.example", "/shop", "None", True)
    choose(opened, True, EN["saved_counted"])
    assert visitor.cookies().keys() == {"mtm_consent"}


def test_a_choice_that_the_website_cannot_keep_is_told(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("shop.example/", document(body=BOX + script("&useCookiesTimeout=0&cookieDomain=another.example")))
    opened = visitor.open(SHOP)
    choose(opened, False, EN["not_saved"])
    says(opened, counted=True)
    assert visitor.cookies() == {}


def test_without_tracker_and_without_leave_to_keep_cookies(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("shop.example/", document(body=BOX + script("&useCookiesTimeout=0&useCookiesIfNoTracker=0")))
    opened = visitor.open(SHOP)
    expect(opened.get_by_role("status")).to_have_text(EN["no_tracker"])
    expect(opened.locator("#trackVisits")).to_be_hidden()


def test_a_browser_without_cookies(hosts: Hosts, visitor: Visitor) -> None:
    visitor.context.add_init_script("Object.defineProperty(Navigator.prototype, 'cookieEnabled', {get: () => false})")
    hosts.put("shop.example/", document(body=BOX + script()))
    opened = visitor.open(SHOP)
    expect(opened.get_by_role("alert")).to_have_text(EN["no_cookies"])
    expect(opened.locator("#trackVisits")).to_be_hidden()
    alone = visitor.open("https://stats.example/opt-out?language=en")
    expect(alone.get_by_role("status")).to_contain_text(EN["no_cookies"])


def test_the_script_obeys_a_strict_policy(hosts: Hosts, visitor: Visitor) -> None:
    policy = "default-src 'none'; script-src 'nonce-abc'; style-src 'none'"
    html = document(body=BOX + script("&useCookiesTimeout=0&fontColor=336699&fontSize=20px", "nonce=abc"))
    hosts.put("shop.example/", Response(html, headers={"content-security-policy": policy}, media_type="text/html"))
    opened = visitor.open(SHOP)
    choose(opened, False, EN["saved_out"])
    styles = opened.locator("#matomo-opt-out").evaluate(
        "(box) => [getComputedStyle(box).color, getComputedStyle(box).fontSize]"
    )
    assert styles == ["rgb(51, 102, 153)", "20px"]
    assert visitor.errors == []


def test_names_that_websites_know(hosts: Hosts, visitor: Visitor) -> None:
    own = "<script>var settings = 'of the website'</script>"
    hosts.put("shop.example/", document(body=own + BOX + script("&useCookiesTimeout=0")))
    opened = visitor.open(SHOP)
    says(opened, counted=True)
    assert opened.evaluate("[MatomoConsent.CONSENT_COOKIE_NAME, MatomoConsent.CONSENT_REMOVED_COOKIE_NAME]") == [
        *("mtm_consent", "mtm_consent_removed")
    ]
    opened.evaluate(
        "MatomoConsent.init(true, null, null, 'Lax'); MatomoConsent.consentRevoked();"
        "showContent(MatomoConsent.hasConsent())"
    )
    says(opened, counted=False)
    assert opened.evaluate("MatomoConsent.getCookie('mtm_consent_removed') > 1e12")
    assert opened.evaluate("[showContent, optOutInit, showOptOutDirect].map((one) => typeof one)") == ["function"] * 3
    assert opened.evaluate("settings") == "of the website"


def test_the_script_keeps_nothing_before_somebody_chooses(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("shop.example/", document(body=BOX + script("&useCookiesTimeout=0")))
    says(visitor.open(SHOP), counted=True)
    assert visitor.cookies() == {}
    assert visitor.errors == []


# --- For everybody ---


LOOK = """(element) => {
  const behind = (one) => {
    const colour = one ? getComputedStyle(one).backgroundColor : "rgb(255, 255, 255)";
    return colour == "rgba(0, 0, 0, 0)" ? behind(one.parentElement) : colour;
  };
  return [getComputedStyle(element).color, behind(element)];
}"""


def hexadecimal(colour: str) -> str:
    return "#" + "".join(f"{int(part):02x}" for part in re.findall("[0-9]+", colour)[:3])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("colours", ["", "&backgroundColor=123456", "&backgroundColor=ffeecc&fontColor=553300"])
def test_text_stands_out(browsers: Browsers, hosts: Hosts, scheme: Any, colours: str) -> None:
    context = browsers.browser(True).new_context(ignore_https_errors=True, color_scheme=scheme)
    opened = context.new_page()
    opened.goto(f"https://stats.example/opt-out?language=en{colours}")
    choose(opened, False, EN["saved_out"])
    opened.evaluate("elsewhere.hidden = save.hidden = false")
    backgrounds = set()
    for element in opened.locator("p:visible, label, strong:visible, a, button").all():
        colour, background = element.evaluate(LOOK)
        assert contrast(hexadecimal(colour), hexadecimal(background)) >= 4.5
        backgrounds.add(background)
    if not colours:
        assert backgrounds == {"rgb(255, 255, 255)" if scheme == "light" else "rgb(22, 24, 28)"}
    context.close()


@pytest.mark.parametrize("surface", ["frame", "script"])
def test_keyboards_and_screen_readers(hosts: Hosts, visitor: Visitor, surface: str) -> None:
    hosts.put("shop.example/", document(body=BOX + script("&useCookiesTimeout=0")))
    address = SHOP if surface == "script" else "https://stats.example/opt-out?language=en"
    opened = visitor.open(address)
    named = opened.get_by_role("checkbox", name=f"{EN['counted']} {EN['counted_action']}", exact=True)
    expect(named).to_be_checked()
    opened.keyboard.press("Tab")
    expect(named).to_be_focused()
    assert named.evaluate("(box) => getComputedStyle(box).outlineStyle") != "none"
    opened.keyboard.press("Space")
    expect(opened.get_by_role("status")).to_contain_text(EN["saved_out"])
    left = opened.get_by_role("checkbox", name=f"{EN['out']} {EN['out_action']}", exact=True)
    expect(left).to_be_focused()
    expect(left).not_to_be_checked()
    assert opened.locator("#trackVisits").evaluate(
        "(box) => [box.closest('[lang]').lang, getComputedStyle(box).direction]"
    ) == [*("en", "ltr")]


def test_the_frame_has_a_title_and_a_heading(visitor: Visitor) -> None:
    opened = visitor.open("https://stats.example/opt-out?language=de")
    assert opened.title() == texts()["de"]["title"]
    expect(opened.get_by_role("heading", level=1)).to_have_text(texts()["de"]["title"])
    expect(opened.get_by_role("main")).to_have_count(1)


@pytest.mark.parametrize("width", [600, 320])
def test_the_frame_fits_where_it_is_framed(hosts: Hosts, visitor: Visitor, width: int) -> None:
    opened = visitor.context.new_page()
    opened.set_viewport_size({"width": width, "height": 200})
    for language in texts():
        opened.goto(f"https://stats.example/opt-out?language={language}")
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
        if width == 600:
            box = opened.locator("label").bounding_box()
            assert box
            assert box["y"] + box["height"] <= 200, language


# --- Nothing in an address becomes code ---


def test_no_parameter_runs_in_a_browser(hosts: Hosts, visitor: Visitor) -> None:
    visitor.context.add_init_script("window._x = () => { document.title = 'fired' }")
    opened, shop = visitor.context.new_page(), visitor.context.new_page()
    for payload in PAYLOADS:
        query = "".join(f"&{name}={{0}}" for name in PARAMETERS if name not in REFUSING).replace("{0}", quoted(payload))
        opened.goto(f"https://stats.example{FRAME}{query}&applyStyling=0")
        expect(opened.locator("#trackVisits")).to_be_visible()
        hosts.put(
            "shop.example/",
            document(title="quiet", body=BOX + script(f"{query}&applyStyling=0&useCookiesTimeout=0")),
        )
        shop.goto(SHOP)
        says(shop, counted=True)
        assert (opened.title(), shop.title()) == (EN["title"], "quiet")
    assert not [error for error in visitor.errors if "Content Security Policy" in error]


# Their nonsense is refused with a plain text (tests/test_optout.py); `state` asks for JSON.
REFUSING = ("divId", "cookiePath", "cookieDomain", "cookieSameSite", "state")


def quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


@pytest.mark.parametrize("name", ["divId", "fontFamily"])
def test_a_refusal_is_no_page(visitor: Visitor, name: str) -> None:
    visitor.context.add_init_script("window._x = () => { document.title = 'fired' }")
    opened = visitor.context.new_page()
    for payload in PAYLOADS:
        opened.goto(f"https://stats.example{SCRIPT}&{name}={quoted(payload)}")
        assert (opened.title(), opened.evaluate("document.contentType")) == ("", "text/plain")
