"""Our tracker in a real browser, T01 to T16: a page view, its cookies, its address, and where the visitor came from.

The numbers are those of a list of test vectors that describes what a tracker of this kind does for websites.
"""

import json
import re
import time
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page

from tests.browsing import TRACKER_NEEDED
from tests.hosts import PV, Command, Hosts, page
from tests.tracker_hits import HALF_HOUR, MONTHS_6, MONTHS_13, SHOP, assert_cookie, common, leading, the, title, visit
from tests.visitors import Visitor

pytestmark = TRACKER_NEEDED

ID = re.compile(r"[0-9a-f]{16}")
PAGEVIEW = re.compile(r"[a-zA-Z0-9]{6}")
FIRST_HIT = re.compile(
    r"action_name=Home%20page&idsite=77&rec=1&r=\d{6}&h=\d{1,2}&m=\d{1,2}&s=\d{1,2}"
    r"&url=https%3A%2F%2Fshop\.example%2F%3Fa%3D1%23frag&_id=[0-9a-f]{16}&_idn=1&send_image=0&_refts=0"
    r"&pv_id=[a-zA-Z0-9]{6}(&pf_(net|srv|tfr|dm1)=\d+)*&uadata=%7B[^&]+%7D(&(pdf|qt|realp|wma|fla|java|ag)=[01])*"
    r"&cookie=1&res=\d+x\d+"
)
SPRING = SHOP + "?utm_campaign=Spring&utm_term=shoes&utm_source=news&x=1"
OTHER_SHOP = "https://shop2.example/"
SEARCH = "https://search.example/"
DAY = 86_400


def test_t01_a_first_page_view(hosts: Hosts, visitor: Visitor) -> None:
    visit(hosts, visitor, PV, address=SHOP + "?a=1#frag")
    hit, now = hosts.hit(), time.time()
    assert (hit.method, hit.host, hit.path, hit.body) == ("POST", "stats.example", "/matomo.php", "")
    assert FIRST_HIT.fullmatch(hit.query), hit.query
    said = common(hit)
    cookies = visitor.cookies()
    assert cookies.keys() == {"_pk_id.77.f399", "_pk_ses.77.f399"}
    visitor_id, created, rest = cookies["_pk_id.77.f399"].value.split(".")
    assert (visitor_id, rest) == (said["_id"], "")
    assert abs(int(created) - now) < 60
    assert cookies["_pk_ses.77.f399"].value == "1"
    assert_cookie(cookies["_pk_id.77.f399"], MONTHS_13, now)
    assert_cookie(cookies["_pk_ses.77.f399"], HALF_HOUR, now)
    assert visitor.errors == []


def test_t01_a_first_page_view_becomes_rows(hosts: Hosts, visitor: Visitor) -> None:
    site = hosts.pegel.add_site(urls=("https://shop.example",))
    hosts.put("shop.example/", page(PV, site=site.id))
    visitor.open(SHOP)
    said = common(hosts.hit())
    (row,) = hosts.pegel.hits(site)
    assert (row["action"], row["page"], row["prefix"], row["title"]) == ("pageview", "shop.example/", 2, "Home page")
    assert (row["visitor"], row["pageview"]) == (int(said["_id"], 16), said["pv_id"])
    (row,) = hosts.pegel.visits(site)
    assert (row["referrer_type"], row["resolution"], row["returning"]) == ("direct", said["res"], 0)
    assert (row["browser"], row["os"]) == ("Headless Chrome", "GNU/Linux")


def test_t02_a_second_page_view(hosts: Hosts, visitor: Visitor) -> None:
    opened = visit(hosts, visitor, PV)
    first = common(hosts.hits(1)[0])
    before = visitor.cookies()["_pk_id.77.f399"]
    opened.goto(SHOP + "?a=2")
    second = common(hosts.all_hits(2)[1])
    assert (second["_id"], second["_idn"], second["url"]) == (first["_id"], "0", SHOP + "?a=2")
    assert PAGEVIEW.fullmatch(second["pv_id"])
    assert second["pv_id"] != first["pv_id"]
    assert visitor.cookies()["_pk_id.77.f399"].value == before.value


def test_t02_the_cookie_of_a_visitor_does_not_slide_and_that_of_a_session_does(hosts: Hosts, visitor: Visitor) -> None:
    now = int(time.time())
    created = now - 100 * DAY
    known = {"name": "_pk_id.77.f399", "value": f"ee69bba1268e88c4.{created}.", "url": SHOP, "expires": now + 200 * DAY}
    session = {"name": "_pk_ses.77.f399", "value": "1", "url": SHOP, "expires": now + 300}
    visitor.context.add_cookies([known, session])  # type: ignore[list-item]
    visit(hosts, visitor, PV)
    said = common(hosts.hit())
    assert (said["_id"], said["_idn"]) == ("ee69bba1268e88c4", "0")
    cookies = visitor.cookies()
    assert cookies["_pk_id.77.f399"].value == known["value"]
    assert_cookie(cookies["_pk_id.77.f399"], MONTHS_13 - 100 * DAY, now)
    assert_cookie(cookies["_pk_ses.77.f399"], HALF_HOUR, now)


def test_t03_a_page_without_encryption(hosts: Hosts, visitor: Visitor) -> None:
    visit(hosts, visitor, PV, address="http://plain.example/")
    hit, now = hosts.hit(), time.time()
    assert common(hit)["uadata"] == "{}"
    cookies = visitor.cookies()
    assert cookies.keys() == {"_pk_id.77.69bf", "_pk_ses.77.69bf"}
    assert_cookie(cookies["_pk_id.77.69bf"], MONTHS_13, now, domain="plain.example")


def test_t04_cookies_for_all_sub_domains(hosts: Hosts, visitor: Visitor) -> None:
    visit(hosts, visitor, ["setCookieDomain", "*.shop.example"], PV, address="https://www.shop.example/")
    hosts.hit()
    cookies = visitor.cookies()
    assert cookies.keys() == {"_pk_id.77.31be", "_pk_ses.77.31be"}
    assert_cookie(cookies["_pk_id.77.31be"], MONTHS_13, time.time(), domain=".shop.example")
    assert visitor.cookies("https://sub.shop.example/").keys() == cookies.keys()


def test_t05_a_domain_that_is_not_ours(hosts: Hosts, visitor: Visitor) -> None:
    visit(hosts, visitor, ["setCookieDomain", ".other.example"], PV)
    hosts.hit()
    cookies = visitor.cookies()
    assert cookies.keys() == {"_pk_id.77.f399", "_pk_ses.77.f399"}
    assert_cookie(cookies["_pk_id.77.f399"], MONTHS_13, time.time())
    assert len(visitor.errors) == 1


def test_t06_cookies_of_a_path_that_frames_may_send(hosts: Hosts, visitor: Visitor) -> None:
    commands: list[Command] = [["setCookiePath", "/sub"], ["setCookieSameSite", "none"], PV]
    visit(hosts, visitor, *commands, address=SHOP + "sub/")
    hosts.hit()
    cookies = visitor.cookies()
    assert cookies.keys() == {"_pk_id.77.5f85", "_pk_ses.77.5f85"}
    for cookie, lifetime in ((cookies["_pk_id.77.5f85"], MONTHS_13), (cookies["_pk_ses.77.5f85"], HALF_HOUR)):
        assert_cookie(cookie, lifetime, time.time(), path="/sub", secure=True, same_site="None")


def test_t07_cookies_that_want_encryption(hosts: Hosts, visitor: Visitor) -> None:
    visit(hosts, visitor, ["setSecureCookie", True], PV)
    hosts.hit()
    assert_cookie(visitor.cookies()["_pk_id.77.f399"], MONTHS_13, time.time(), secure=True)


def test_t08_no_cookies(hosts: Hosts, visitor: Visitor) -> None:
    visit(hosts, visitor, ["disableCookies"], PV)
    said = common(hosts.hit())
    assert (said["_id"], said["_idn"], said["cookie"]) == ("", "1", "1")
    assert visitor.cookies() == {}


def test_t09_an_identifier_of_the_website(hosts: Hosts, visitor: Visitor) -> None:
    visit(hosts, visitor, ["setVisitorId", "0123456789abcdef"], PV)
    assert common(hosts.hit())["_id"] == "0123456789abcdef"
    assert visitor.cookies()["_pk_id.77.f399"].value.startswith("0123456789abcdef.")


def test_t10_addresses_are_cleaned(hosts: Hosts, visitor: Visitor) -> None:
    commands: list[Command] = [
        ["setExcludedQueryParams", ["sid", "tok"]],
        ["discardHashTag", True],
        ["appendToTrackingUrl", "new_visit=1&lat=1"],
    ]
    visit(hosts, visitor, *commands, PV, address=SHOP + "?sid=1&a=2&tok=3&pk_vid=zz&ignore_referer=1#sec")
    hit = hosts.hit()
    assert common(hit)["url"] == SHOP + "?a=2"
    assert re.search(r"&pv_id=\w{6}&new_visit=1&lat=1(&pf_\w+=\d+)*&uadata=", hit.query), hit.query


def test_t10_names_of_parameters_are_no_patterns(hosts: Hosts, visitor: Visitor) -> None:
    commands: list[Command] = [["setExcludedQueryParams", ["a[]", "c++", "."]], PV]
    visit(hosts, visitor, *commands, address=SHOP + "?a[]=1&b=2&c++=3&d=4#a[]=5")
    assert common(hosts.hit())["url"] == SHOP + "?b=2&d=4"


def test_t11_an_address_a_title_and_a_user_of_the_website(hosts: Hosts, visitor: Visitor) -> None:
    """The user is known to the first page view, too, because that command is done before others."""
    later: list[Command] = [["setCustomUrl", "/virtual?x=1"], ["setDocumentTitle", "T2"], ["setUserId", "late"]]
    visit(hosts, visitor, PV, *later, PV)
    hits = hosts.all_hits(2)
    first, second = the(hits, action_name="Home page"), the(hits, action_name="T2")
    assert (title(first), common(first)["url"], common(first)["uid"]) == ("Home page", SHOP, "late")
    assert (title(second), common(second)["url"], common(second)["uid"]) == ("T2", SHOP + "virtual?x=1", "late")
    assert common(first)["pv_id"] != common(second)["pv_id"]


def test_t12_an_identifier_of_page_views(hosts: Hosts, visitor: Visitor) -> None:
    visit(hosts, visitor, ["trackEvent", "Cat", "Act"], ["setPageViewId", "abc123"], PV, PV)
    event, *views = sorted(
        hosts.all_hits(3), key=lambda hit: leading(hit) != [("e_c", "Cat"), ("e_a", "Act"), ("ca", "1")]
    )
    assert "pv_id" not in common(event)
    assert [(title(view), common(view)["pv_id"]) for view in views] == [("Home page", "abc123")] * 2


def attribution(hit_parameters: dict[str, str]) -> list[tuple[str, str]]:
    return [pair for pair in hit_parameters.items() if pair[0].startswith("_r")]


def stored_attribution(visitor: Visitor) -> list[object]:
    stored: list[object] = json.loads(unquote(visitor.cookies()["_pk_ref.77.f399"].value))
    return stored


def test_t13_a_campaign(hosts: Hosts, visitor: Visitor) -> None:
    visit(hosts, visitor, PV, address=SPRING, referer=OTHER_SHOP)
    said, now = common(hosts.hit()), time.time()
    found = attribution(said)
    assert [found[0], found[1], found[3]] == [("_rcn", "Spring"), ("_rck", "shoes"), ("_ref", OTHER_SHOP)]
    assert abs(int(said["_refts"]) - now) < 60
    assert (said["url"], said["urlref"]) == (SPRING, OTHER_SHOP)
    assert stored_attribution(visitor) == ["Spring", "shoes", int(said["_refts"]), OTHER_SHOP]
    assert_cookie(visitor.cookies()["_pk_ref.77.f399"], MONTHS_6, now)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        pytest.param("utm_campaign=Mail%3A%20A%26B", "Mail: A&B", id="signs-that-mean-something-else"),
        pytest.param("utm_campaign=&utm_source=news", "news", id="first-that-is-not-empty"),
        pytest.param("x=1#mtm_campaign=%C3%A4", "ä", id="fragment"),
        pytest.param("mtm_campaign=50%", "50%", id="broken-escape"),
    ],
)
def test_t13_names_of_campaigns(hosts: Hosts, visitor: Visitor, query: str, name: str) -> None:
    visit(hosts, visitor, PV, address=f"{SHOP}?{query}")
    assert common(hosts.hit())["_rcn"] == name
    assert stored_attribution(visitor)[0] == name


def test_t14_another_referrer_within_a_session(hosts: Hosts, visitor: Visitor) -> None:
    visit(hosts, visitor, PV, address=SPRING, referer=OTHER_SHOP)
    first = common(hosts.hits(1)[0])
    visitor.open(SHOP, referer=SEARCH)
    second = common(hosts.all_hits(2)[1])
    assert second["urlref"] == SEARCH
    assert attribution(second) == attribution(first)


def test_t14_a_page_of_our_own_is_no_campaign(hosts: Hosts, visitor: Visitor) -> None:
    visit(hosts, visitor, PV, referer=SHOP + "cart")
    said = common(hosts.hit())
    assert (said["urlref"], said["_refts"]) == (SHOP + "cart", "0")
    assert "_pk_ref.77.f399" not in visitor.cookies()


def test_t15_a_referrer_that_is_none(hosts: Hosts, visitor: Visitor) -> None:
    visit(hosts, visitor, PV, referer="https://www.paypal.com/")
    said = common(hosts.hit())
    assert said.keys() & {"urlref", "_ref"} == set()
    assert "_pk_ref.77.f399" not in visitor.cookies()


def test_t16_a_page_that_does_not_want_its_referrer(hosts: Hosts, visitor: Visitor) -> None:
    visit(hosts, visitor, PV, address=SHOP + "?ignore_referrer=1&z=2", referer=OTHER_SHOP)
    said = common(hosts.hit())
    assert said.keys() & {"urlref", "_ref"} == set()
    assert said["url"] == SHOP + "?z=2"
    assert "_pk_ref.77.f399" not in visitor.cookies()


def come_back_later(visitor: Visitor) -> Page:
    """Open the shop without a referrer, after the session has ended."""
    visitor.context.clear_cookies(name="_pk_ses.77.f399")
    return visitor.open(SHOP)


def test_t16b_a_campaign_is_forgotten_by_the_next_session(hosts: Hosts, visitor: Visitor) -> None:
    visit(hosts, visitor, PV, address=SHOP + "?utm_campaign=Spring", referer=OTHER_SHOP)
    first = common(hosts.hits(1)[0])
    come_back_later(visitor)
    second, now = common(hosts.all_hits(2)[1]), time.time()
    assert first["_rcn"] == "Spring"
    assert second.keys() & {"_rcn", "_rck"} == set()
    assert second["_ref"] == OTHER_SHOP
    assert abs(int(second["_refts"]) - now) < 60
    assert stored_attribution(visitor) == ["", "", int(second["_refts"]), OTHER_SHOP]


def test_t16c_campaigns_are_not_wanted(hosts: Hosts, visitor: Visitor) -> None:
    visit(
        hosts, visitor, ["disableCampaignParameters"], PV, address=SHOP + "?utm_campaign=a&mtm_kwd=b&x=1#utm_source=q"
    )
    hit = hosts.hit()
    said = common(hit)
    assert leading(hit) == [("action_name", "Home page")]
    assert said["url"] == SHOP + "?x=1"
    assert said.keys() & {"_rcn", "_rck"} == set()
