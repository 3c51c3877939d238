"""What did not arrive, in a real browser: it is sent again, also from the next page, and nobody is harmed by that."""

import json
from collections.abc import Sequence

import pytest
from playwright.sync_api import Page
from starlette.responses import Response

from tests.browsing import TRACKER_NEEDED
from tests.hosts import PV, Asked, Command, Hosts, page
from tests.visitors import Visitor

pytestmark = TRACKER_NEEDED

SHOP = "https://shop.example/"
COLLECTOR = "stats.example/matomo.php"
EVENT: Command = ("trackEvent", "Cat", "Act")
READABLE = {"access-control-allow-origin": "https://shop.example", "access-control-allow-credentials": "true"}
DOWN = Response("", 503, READABLE)


def push(tab: Page, *commands: Command) -> None:
    tab.evaluate(f"_paq.push(...{json.dumps(commands)})")


def shop(hosts: Hosts, *commands: Command) -> None:
    for path in ("", "next"):
        hosts.put(f"shop.example/{path}", page(*commands, PV))


def kept(tab: Page) -> str:
    text: str = tab.evaluate("sessionStorage.getItem('pegel.77') || ''")
    return text


def taken(requests: Sequence[Asked]) -> list[Asked]:
    """Return the requests that the collector counted, without questions that say nothing of the visitor."""
    return [request for request in requests if request.query and request.status == 204]


def test_a_request_without_a_network_waits_for_it(hosts: Hosts, visitor: Visitor) -> None:
    shop(hosts)
    tab = visitor.open(SHOP)
    hosts.hit()
    visitor.context.set_offline(True)
    push(tab, EVENT)
    hosts.all_hits(1)
    assert "e_c=Cat" in kept(tab)
    visitor.context.set_offline(False)
    question, event = hosts.all_hits(3)[1:]
    assert (question.query, question.body, "cookie" in question.headers) == ("", "", False)
    assert event.parameters["e_c"] == "Cat"
    assert kept(tab) == ""


def test_a_server_that_is_down_is_asked_again_after_a_while(hosts: Hosts, visitor: Visitor) -> None:
    shop(hosts)
    hosts.put(COLLECTOR, DOWN)
    tab = visitor.context.new_page()
    tab.clock.install()
    tab.goto(SHOP)
    first = hosts.hits(1)[0]
    tab.wait_for_function("sessionStorage.getItem('pegel.77')")
    tab.clock.fast_forward(5500)
    assert hosts.hits(2)[1].query == ""
    del hosts.pages["stats.example"]
    tab.clock.fast_forward(10_500)
    again = hosts.all_hits(4)[3]
    assert again.status == 204
    assert int(again.parameters["cdo"]) >= 16
    assert again.parameters == first.parameters | {"cdo": again.parameters["cdo"]}


def test_the_next_page_sends_what_the_last_one_could_not(hosts: Hosts, visitor: Visitor) -> None:
    shop(hosts)
    hosts.put(COLLECTOR, DOWN)
    tab = visitor.context.new_page()
    tab.clock.install()
    tab.goto(SHOP)
    hosts.hits(1)
    tab.wait_for_function("sessionStorage.getItem('pegel.77')")
    push(tab, EVENT)
    hosts.hits(2)
    tab.wait_for_function("sessionStorage.getItem('pegel.77').includes('e_c=Cat')")
    tab.clock.fast_forward(3000)
    del hosts.pages["stats.example"]
    tab.goto(SHOP + "next")
    view, others = hosts.all_hits(4)[2:]
    assert view.parameters["url"] == SHOP + "next"
    assert [sent.get("e_c") for sent in others.bulk] == [None, "Cat"]
    assert all(int(sent["cdo"]) >= 3 for sent in others.bulk)
    assert kept(tab) == ""


@pytest.mark.parametrize("command", ["disableCookies", "requireCookieConsent"])
def test_without_cookies_only_the_page_remembers(hosts: Hosts, visitor: Visitor, command: str) -> None:
    shop(hosts, [command])
    tab = visitor.open(SHOP)
    hosts.hit()
    visitor.context.set_offline(True)
    push(tab, EVENT)
    hosts.all_hits(1)
    assert kept(tab) == ""
    visitor.context.set_offline(False)
    assert taken(hosts.all_hits(3))[1].parameters["e_c"] == "Cat"


def test_cookies_that_are_no_longer_wanted_take_it_along(hosts: Hosts, visitor: Visitor) -> None:
    shop(hosts)
    tab = visitor.open(SHOP)
    hosts.hit()
    visitor.context.set_offline(True)
    push(tab, EVENT)
    tab.wait_for_function("sessionStorage.getItem('pegel.77')")
    push(tab, ["disableCookies"])
    assert kept(tab) == ""


@pytest.mark.parametrize("how", ["tracker", "other-script"])
def test_who_objects_meanwhile_is_forgotten(hosts: Hosts, visitor: Visitor, how: str) -> None:
    shop(hosts)
    tab = visitor.open(SHOP)
    hosts.hit()
    visitor.context.set_offline(True)
    push(tab, EVENT)
    tab.wait_for_function("sessionStorage.getItem('pegel.77')")
    if how == "tracker":
        push(tab, ["optUserOut"])
        assert kept(tab) == ""
    else:
        tab.evaluate("document.cookie = 'mtm_consent_removed=1'")
    visitor.context.set_offline(False)
    assert len(taken(hosts.all_hits(1 if how == "tracker" else 2))) == 1
    assert kept(tab) == ""


def test_nothing_is_kept_before_consent(hosts: Hosts, visitor: Visitor) -> None:
    shop(hosts, ["requireConsent"])
    tab = visitor.open(SHOP)
    visitor.context.set_offline(True)
    push(tab, EVENT)
    hosts.no_hit()
    assert tab.evaluate("sessionStorage.length + document.cookie.length") == 0


def test_a_server_whose_answers_nobody_may_read_gets_nothing_twice(hosts: Hosts, visitor: Visitor) -> None:
    shop(hosts)
    hosts.put(COLLECTOR, Response(status_code=204))
    tab = visitor.context.new_page()
    tab.clock.install()
    tab.goto(SHOP)
    hosts.hits(1)
    tab.clock.fast_forward(5500)
    hosts.hits(2)
    tab.goto(SHOP + "next")
    views = [request.parameters["url"] for request in hosts.all_hits(3) if request.query]
    assert views == [SHOP, SHOP + "next"]


def test_no_more_is_kept_than_fifty_requests(hosts: Hosts, visitor: Visitor) -> None:
    shop(hosts)
    tab = visitor.open(SHOP)
    hosts.hit()
    visitor.context.set_offline(True)
    push(tab, *(("trackEvent", "Cat", f"Act {number}") for number in range(60)))
    tab.wait_for_function("(sessionStorage.getItem('pegel.77') || '').includes('Act%2059')")
    requests = json.loads(kept(tab))
    assert 0 < len(requests) <= 50
    assert len(kept(tab)) <= 65_536
