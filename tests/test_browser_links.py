"""Our tracker in a real browser, T31 to T37: clicks on links that leave, files, and links between domains of one site.

The numbers are those of a list of test vectors that describes what a tracker of this kind does for websites.
"""

import re
import time
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from tests.browsing import TRACKER_NEEDED
from tests.hosts import PV, Command, Hosts, page
from tests.tracker_hits import MONTHS_13, SHOP, assert_cookie, common, leading, the
from tests.visitors import Visitor

pytestmark = TRACKER_NEEDED

OUT = "https://other.example/out"
# Nobody leaves a page while it is tested: the tracker has seen the click before this does.
STAY = """<script>
for (const name of ["click", "auxclick", "contextmenu"]) addEventListener(name, (event) => event.preventDefault());
</script>"""
CONTROL = f'<p><a id=control href="{OUT}">Out</a></p>'  # Counts in any case.
MAP = """<img src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=" id=it width=90 height=30 usemap="#map">
<map name=map><area shape=rect coords=0,0,90,30 href="https://other.example/area"></map>"""


def linked(hosts: Hosts, visitor: Visitor, body: str, every_button: bool = True) -> Page:
    """Open a page with links that are tracked and do not lead away."""
    tracking: Command = ["enableLinkTracking"] if every_button else ["enableLinkTracking", False]
    hosts.put("shop.example/", page(tracking, body=STAY + body + CONTROL))
    return visitor.open(SHOP)


def test_t31_a_link_to_another_website(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("shop.example/", page(["enableLinkTracking"], body="<a href='https://Other.Example/p?q=ä#x'>Out</a>"))
    opened = visitor.open(SHOP)
    opened.click("a")
    opened.wait_for_url("https://other.example/p**")
    hit = hosts.hit()
    assert leading(hit) == [("link", "https://other.example/p?q=ä#x")]
    assert hit.query.startswith("link=" + quote("https://other.example/p?q=ä#x", safe="") + "&idsite=77&")
    assert common(hit)["url"] == SHOP


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("<a id=it href='/files/report.pdf?x=1'>It</a>", SHOP + "files/report.pdf?x=1", id="T32-extension"),
        pytest.param("<a id=it href='/get' download>It</a>", SHOP + "get", id="T32-attribute"),
        pytest.param("<a id=it href='/page3' class='a piwik-download'>It</a>", SHOP + "page3", id="T32-class"),
        pytest.param(
            "<a id=it href='https://other.example/pic.PNG'>It</a>", "https://other.example/pic.PNG", id="T32-elsewhere"
        ),
    ],
)
def test_downloads(hosts: Hosts, visitor: Visitor, body: str, expected: str) -> None:
    linked(hosts, visitor, body).click("#it")
    assert leading(hosts.hit()) == [("download", expected)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("<a id=it href='/page3' class=matomo_link>It</a>", SHOP + "page3", id="T33-class"),
        pytest.param("<a id=it href='ftp://f.example/x'>It</a>", "ftp://f.example/x", id="T35-ftp"),
        pytest.param(
            "<a id=it href='https://sub.shop.example/'>It</a>", "https://sub.shop.example/", id="T35-sub-domain"
        ),
        pytest.param(MAP, "https://other.example/area", id="T35-area"),
        pytest.param(f"<a href='{OUT}?b'>a <b><span id=it>It</span></b></a>", OUT + "?b", id="T35-inside-a-link"),
        pytest.param(
            "<a id=it href='https://other.example/a.zip/b'>It</a>", "https://other.example/a.zip/b", id="T35-folder"
        ),
    ],
)
def test_outlinks(hosts: Hosts, visitor: Visitor, body: str, expected: str) -> None:
    linked(hosts, visitor, body).click("#it")
    assert leading(hosts.hit()) == [("link", expected)]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<a id=it href='/page2'>It</a>", id="T34-internal"),
        pytest.param("<a id=it href='mailto:a@shop.example'>It</a>", id="T34-mail"),
        pytest.param("<a id=it href='tel:+49301'>It</a>", id="T34-telephone"),
        pytest.param("<a id=it href='javascript:void(0)'>It</a>", id="T34-script"),
        pytest.param(f"<a id=it href='{OUT}' class='a piwik_ignore b'>It</a>", id="T34-ignored"),
        pytest.param("<a id=it href='https://stats.example/matomo.php?idsite=1'>It</a>", id="T34-tracker"),
        pytest.param("<a id=it href='https://shop.example:444/'>It</a>", id="T34-port"),
        pytest.param(f"<svg width=90 height=30><a href='{OUT}'><text id=it y=20>It</text></a></svg>", id="T34-svg"),
    ],
)
def test_links_that_do_not_count(hosts: Hosts, visitor: Visitor, body: str) -> None:
    opened = linked(hosts, visitor, body)
    opened.click("#it")
    opened.click("#control")
    assert leading(hosts.hit()) == [("link", OUT)]


def test_links_become_rows(hosts: Hosts, visitor: Visitor) -> None:
    site = hosts.pegel.add_site(urls=("https://shop.example",))
    body = STAY + "<a id=it href='/files/report.pdf'>It</a>" + CONTROL
    hosts.put("shop.example/", page(PV, ["enableLinkTracking"], body=body, site=site.id))
    opened = visitor.open(SHOP)
    opened.click("#it")
    opened.click("#control")
    hosts.hits(3)
    found = {(row["action"], row["page"]) for row in hosts.pegel.hits(site)}
    assert found == {
        ("pageview", "shop.example/"),
        ("download", "https://shop.example/files/report.pdf"),
        ("outlink", OUT),
    }


CLICKED_BY_SCRIPT = "it.dispatchEvent(new MouseEvent('click', {button: 1, bubbles: true, cancelable: true}))"
IT = "<a id=it href='https://other.example/it'>It</a>"


@pytest.mark.parametrize(
    ("every_button", "expected"),
    [
        pytest.param(True, [1, 1, 0], id="T36-every-button"),
        pytest.param(False, [0, 0, 1], id="T36-left-button-only"),
    ],
)
def test_other_buttons(hosts: Hosts, visitor: Visitor, every_button: bool, expected: list[int]) -> None:
    """The middle one, the right one, and a click that says that it was the middle one."""
    opened = linked(hosts, visitor, IT, every_button)
    found = []
    for act in (
        lambda: opened.click("#it", button="middle"),
        lambda: opened.click("#it", button="right"),
        lambda: opened.evaluate(CLICKED_BY_SCRIPT),
    ):
        before = len(hosts.record.which(lambda asked: asked.tracks))
        act()
        found.append(len(hosts.settled()) - before)
    assert found == expected
    assert {tuple(leading(hit)) for hit in hosts.settled()} == {(("link", "https://other.example/it"),)}


ACROSS: list[Command] = [
    ["setDomains", ["*.shop.example", "*.cart.example"]],
    ["enableCrossDomainLinking"],
    ["enableLinkTracking"],
]
CHECKOUT = "https://www.cart.example/checkout?a=1"


def test_t37_a_link_to_another_domain_of_the_site(hosts: Hosts, visitor: Visitor) -> None:
    hosts.put("shop.example/", page(*ACROSS, PV, body=f"<a href='{CHECKOUT}#h'>Buy</a>"))
    hosts.put("www.cart.example/checkout", page(*ACROSS, PV, title="Checkout"))
    opened = visitor.open(SHOP)
    first = common(hosts.hits(1)[0])
    opened.click("a")
    opened.wait_for_url("https://www.cart.example/**")
    assert re.fullmatch(re.escape(CHECKOUT) + r"&pk_vid=[0-9a-f]{16}\d{10}[0-9a-f]{6}#h", opened.url), opened.url
    second = common(the(hosts.all_hits(2), action_name="Checkout"))
    assert (second["_id"], second["_idn"], second["url"]) == (first["_id"], "1", CHECKOUT + "#h")
    stored = visitor.cookies()["_pk_id.77.b8e1"]
    assert stored.value.startswith(first["_id"] + ".")
    assert_cookie(stored, MONTHS_13, time.time(), domain="www.cart.example")


@pytest.mark.parametrize(
    ("seconds", "browser", "taken"),
    [
        pytest.param(100, "", True, id="now"),
        pytest.param(200, "", False, id="long-ago"),
        pytest.param(-100, "", False, id="in-the-future"),
        pytest.param(100, "000000", False, id="another-browser"),
    ],
)
def test_t37_who_takes_an_identifier_along(
    hosts: Hosts, visitor: Visitor, seconds: int, browser: str, taken: bool
) -> None:
    """What was passed on too long ago, or by another browser, is a link that somebody shared."""
    hosts.put("www.cart.example/checkout", page(*ACROSS, PV))
    opened = visitor.open(CHECKOUT)
    first = common(hosts.hits(1)[0])
    ours = opened.evaluate("Matomo.getAsyncTracker().getCrossDomainLinkingUrlParameter()")[-6:]
    shared = f"0123456789abcdef{int(time.time()) - seconds}{browser or ours}"
    opened.goto(f"{CHECKOUT}&pk_vid={shared}")
    hits = hosts.all_hits(2)
    second = common(hits[1])
    assert (second["_id"], second["url"]) == ("0123456789abcdef" if taken else first["_id"], CHECKOUT)
