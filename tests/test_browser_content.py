"""Our tracker in a real browser, and content that markup marks: what it is called, what is seen, what is clicked."""

import pytest
from playwright.sync_api import Page

from tests.browsing import TRACKER_NEEDED
from tests.hosts import PV, Asked, Command, Hosts, page
from tests.tracker_hits import SHOP, leading, push
from tests.visitors import Visitor

pytestmark = TRACKER_NEEDED

AT_ONCE: Command = ["disableQueueRequest"]
ALL: Command = ["trackAllContentImpressions"]
OFFER = """<div data-track-content data-content-name=Offer data-content-piece=Banner title=ignored>
<p id=beside>Buy</p><a id=target data-content-target=/buy href=#><b id=inside>now</b></a></div>"""


def shown(hosts: Hosts, visitor: Visitor, body: str, *commands: Command) -> Page:
    hosts.put("shop.example/", page(AT_ONCE, *(commands or (ALL,)), body=body))
    return visitor.open(SHOP)


def content(hit: Asked) -> dict[str, str]:
    return dict(leading(hit))


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        pytest.param(OFFER, ("Offer", "Banner", SHOP + "buy"), id="told"),
        pytest.param("<p class=matomoTrackContent title=Title>x</p>", ("Title", "Unknown", None), id="title"),
        pytest.param("<p class=piwikTrackContent>x</p>", ("Unknown", "Unknown", None), id="nothing-told"),
        pytest.param(
            "<a data-track-content href=/to><img class=matomoContentPiece src=/a.png></a>",
            ("/a.png", SHOP + "a.png", SHOP + "to"),
            id="picture-in-a-link",
        ),
        pytest.param(
            "<img data-track-content data-content-name=N src=/a.png>", ("N", SHOP + "a.png", None), id="picture"
        ),
        pytest.param(
            "<p data-track-content>x <a class=piwikContentTarget href=https://other.example/>y</a></p>",
            ("Unknown", "Unknown", "https://other.example/"),
            id="target-by-class",
        ),
    ],
)
def test_what_a_block_is_called(
    hosts: Hosts, visitor: Visitor, block: str, expected: tuple[str, str, str | None]
) -> None:
    shown(hosts, visitor, block)
    said = content(hosts.hit())
    assert (said["c_n"], said["c_p"], said.get("c_t"), said["ca"]) == (*expected, "1")


def test_a_block_counts_once_for_each_page_view(hosts: Hosts, visitor: Visitor) -> None:
    tab = shown(hosts, visitor, OFFER + OFFER)
    hosts.hit()
    push(tab, ALL)
    hosts.hit()
    push(tab, PV, ALL)
    assert [content(hit).get("c_n") for hit in hosts.all_hits(3)].count("Offer") == 2


@pytest.mark.parametrize(
    ("clicked", "body", "counts"),
    [
        pytest.param("#inside", OFFER, True, id="in-the-target"),
        pytest.param("#beside", OFFER, False, id="beside-the-target"),
        pytest.param("#it", "<p data-track-content id=it>x</p>", True, id="no-target"),
        pytest.param(
            "#inside", OFFER.replace("id=target", "data-content-ignoreinteraction"), False, id="not-to-be-counted"
        ),
        pytest.param("#it", "<p id=it>x</p>" + OFFER, False, id="elsewhere"),
    ],
)
def test_clicks(hosts: Hosts, visitor: Visitor, clicked: str, body: str, counts: bool) -> None:
    tab = shown(hosts, visitor, body)
    hosts.hit()
    tab.click(clicked)
    clicks = [content(hit) for hit in hosts.all_hits(1 + counts) if "c_i" in content(hit)]
    assert [click["c_i"] for click in clicks] == ["click"] * counts


def test_a_link_that_leaves_tells_of_its_block_itself(hosts: Hosts, visitor: Visitor) -> None:
    away = "<script>addEventListener('click', event => event.preventDefault())</script>"
    block = "<p data-track-content data-content-name=N><a id=it href=https://other.example/>x</a></p>"
    tab = shown(hosts, visitor, away + block, ["enableLinkTracking"], ALL)
    hosts.hit()
    tab.click("#it")
    said = [content(hit) for hit in hosts.all_hits(2)]
    expected = {"link": "https://other.example/", "c_i": "click", "c_n": "N", "c_p": "Unknown", "ca": "1"}
    assert expected in said


def test_only_what_is_seen_counts(hosts: Hosts, visitor: Visitor) -> None:
    first, second = (f"<p data-track-content data-content-name={name} id={name}>x</p>" for name in ("near", "far"))
    body = first + "<div style='height: 5000px'></div>" + second
    tab = shown(hosts, visitor, body, ["trackVisibleContentImpressions", True, 100])
    assert content(hosts.hit())["c_n"] == "near"
    tab.evaluate("far.scrollIntoView()")
    assert sorted(content(hit)["c_n"] for hit in hosts.all_hits(2)) == ["far", "near"]
    tab.evaluate("document.body.insertAdjacentHTML('beforeend', '<p data-track-content data-content-name=late>x</p>')")
    assert "late" in {content(hit)["c_n"] for hit in hosts.all_hits(3)}
