"""What the tests in a browser stand on: names, certificates, cookies and signals are those of a real web."""

import pytest
from starlette.responses import Response

from tests.browsing import NEEDED
from tests.hosts import Hosts, document
from tests.visitors import Browsers, Visitor

pytestmark = NEEDED

BEACON = """<script>
navigator.sendBeacon("https://stats.example/matomo.php?idsite=77&rec=1&send_image=0&_id=0123456789abcdef&url="
  + encodeURIComponent(location.href), "");
document.cookie = "kept=1;secure;samesite=none";
</script>"""
KEEPING = {"set-cookie": "third=1; Secure; SameSite=None; Max-Age=100"}


def test_pages_are_secure_and_hits_arrive(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("shop.example/", document(BEACON))
    page = visitor.open("https://shop.example/?a=1", referer="https://shop2.example/")
    assert page.evaluate("[isSecureContext, document.cookie, document.referrer, location.origin]") == [
        *(True, "kept=1", "https://shop2.example/", "https://shop.example"),
    ]
    hit = hosts.hit()
    assert (hit.method, hit.scheme, hit.host, hit.path, hit.status) == (
        "POST",
        "https",
        "stats.example",
        "/matomo.php",
        204,
    )
    assert hit.pairs[-1] == ("url", "https://shop.example/?a=1")
    assert visitor.cookies("https://shop.example/")["kept"].secure
    assert visitor.errors == []
    hosts.pegel.load()
    rows = hosts.pegel.rows("select page from hits where visitor = 0x0123456789abcdef")
    assert {"page": "shop.example/?a=1"} in rows


def test_there_are_pages_without_encryption(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("plain.example/", document(BEACON))
    page = visitor.open("http://plain.example/")
    assert page.evaluate("[isSecureContext, document.cookie, location.origin]") == [False, "", "http://plain.example"]
    assert hosts.hit().parameters["url"] == "http://plain.example/"


@pytest.mark.parametrize(
    ("allowed", "sent"),
    [
        pytest.param(True, {"third": "1"}, id="allowed"),
        pytest.param(False, {}, id="blocked"),
    ],
)
def test_third_party_cookies(browsers: Browsers, hosts: Hosts, allowed: bool, sent: dict[str, str]) -> None:
    hosts.put("frame.example/", document(body="<iframe src='https://stats.example/set'></iframe>"))
    hosts.put("stats.example/set", Response("<p>here", headers=KEEPING, media_type="text/html"))
    with browsers.visitor(third_party_cookies=allowed) as visitor:
        visitor.open("https://frame.example/").reload()
        assert [asked.cookies for asked in hosts.record.which(lambda asked: asked.path == "/set")] == [{}, sent]
        assert visitor.cookies("https://stats.example/").keys() == sent.keys()


def test_cookies_of_a_site_are_its_own_wherever_third_parties_are_blocked(browsers: Browsers, hosts: Hosts) -> None:
    hosts.put("shop.example/", document(body="<iframe src='https://stats.shop.example/set'></iframe>"))
    hosts.put("stats.shop.example/set", Response("<p>here", headers=KEEPING, media_type="text/html"))
    with browsers.visitor(third_party_cookies=False) as visitor:
        visitor.open("https://shop.example/")
        assert visitor.cookies()["third"].domain == "stats.shop.example"


def test_signals(browsers: Browsers, hosts: Hosts) -> None:
    hosts.put("shop.example/", document(BEACON))
    with browsers.visitor("dnt", "gpc") as visitor:
        page = visitor.open("https://shop.example/")
        assert page.evaluate("[navigator.doNotTrack, navigator.globalPrivacyControl]") == ["1", True]
        headers = hosts.hit().headers
        assert (headers["dnt"], headers["sec-gpc"]) == ("1", "1")


def test_no_signals_unless_told(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("shop.example/", document(BEACON))
    page = visitor.open("https://shop.example/")
    assert page.evaluate("[navigator.doNotTrack, navigator.globalPrivacyControl]") == [None, None]
    assert {"dnt", "sec-gpc"} & hosts.hit().headers.keys() == set()
