"""Vectors 18 to 46: parameters, page addresses, searches, links and contents."""

from tests.vectors import GOOGLEBOT, NUMBER_OF_A, TOKEN, A, Vector, hit, ignored, refused

NOW = "2026-05-13 12:00:00"
HOUR_FROM_NOW = "2026-05-13 13:00:00"
HOURS_AGO_23 = "2026-05-12 13:00:00"
HOURS_AGO_25 = "2026-05-12 11:00:00"
ONE = ({"actions": 1},)
EVENT = {"actions": 1, "interactions": 0, "events": 1, "entry_action": "", "entry_page": ""}
ALICE = 0x522B276A356BDF39


def page_vector(number: int, name: str, url: str, page: str, prefix: int) -> Vector:
    return Vector(number=number, name=name, steps=(hit(url=url),), visits=ONE, hits=({"page": page, "prefix": prefix},))


PARAMETERS = (
    Vector(
        number=18,
        name="place-without-token-even-if-not-recorded",
        steps=(hit(rec=None, country="de", answer=refused("country")),),
    ),
    Vector(
        number=19,
        name="place-with-token",
        steps=(hit(country="de", city="Köln", token_auth=TOKEN),),
        visits=({"country": "de", "city": "Köln"},),
    ),
    Vector(number=20, name="address-without-token", steps=(hit(cip="198.51.100.77", answer=refused("cip")),)),
    Vector(
        number=20,
        name="address-with-token",
        steps=(hit(cip="198.51.100.77", token_auth=TOKEN),),
        visits=({"ip": "198.51.0.0"},),
    ),
    Vector(number=21, name="time-23-hours-ago", steps=(hit(cdt=HOURS_AGO_23),), visits=({"started": HOURS_AGO_23},)),
    Vector(number=22, name="time-25-hours-ago", steps=(hit(cdt=HOURS_AGO_25, answer=refused("cdt")),)),
    Vector(
        number=22,
        name="time-25-hours-ago-with-token",
        steps=(hit(cdt=HOURS_AGO_25, token_auth=TOKEN),),
        visits=({"started": HOURS_AGO_25},),
    ),
    Vector(number=23, name="time-to-come", steps=(hit(cdt=HOUR_FROM_NOW),), visits=({"started": NOW},)),
    Vector(number=23, name="time-that-is-none", steps=(hit(cdt="garbage"),), visits=({"started": NOW},)),
    Vector(number=24, name="short-visitor-id", steps=(hit(cid="abc", answer=refused("cid")),)),
    Vector(number=24, name="short-visitor-id-of-a-bot", steps=(hit(cid="abc", ua=GOOGLEBOT, answer=ignored("bot")),)),
    Vector(
        number=25,
        name="user-id",
        steps=(hit(uid="alice"),),
        visits=({"visitor": ALICE, "user_id": "alice", "profilable": 1},),
    ),
    Vector(
        number=26,
        name="long-visitor-id",
        steps=(hit(_id="1234567890ABCDEFXX"),),
        visits=({"visitor": 0x1234567890ABCDEF, "profilable": 1},),
    ),
    Vector(number=27, name="visitor-id-too-short-to-be-one", steps=(hit(_id="abc"),), visits=({"profilable": 0},)),
    Vector(
        number=28,
        name="event-value-with-comma",
        steps=(hit(e_c="V", e_a="Play", e_v="1,5"),),
        visits=(EVENT,),
        hits=({"action": "event", "event_value": 1.0},),
    ),
    Vector(
        number=28,
        name="event-value-that-is-no-number",
        steps=(hit(e_c="V", e_a="Play", e_v="abc"),),
        visits=(EVENT,),
        hits=({"action": "event", "event_value": 0.0},),
    ),
    Vector(
        number=28,
        name="event-value-empty",
        steps=(hit(e_c="V", e_a="Play", e_v=""),),
        visits=(EVENT,),
        hits=({"action": "event", "event_value": None},),
    ),
    Vector(number=29, name="half-an-event", steps=(hit(e_c="V"),), visits=ONE, hits=({"action": "pageview"},)),
    Vector(number=29, name="half-an-event-as-custom-action", steps=(hit(e_c="V", ca=1, answer=refused("ca")),)),
    Vector(number=30, name="blank-event", steps=(hit(e_c=" ", e_a="x", answer=refused("e_c")),)),
    Vector(
        number=31,
        name="negative-time-of-the-server",
        steps=(hit(pf_srv=-5, answer=refused("pf_srv")),),
        differs="what is refused leaves nothing, also no visit without a hit",
    ),
    Vector(
        number=32,
        name="time-of-the-network-too-long",
        steps=(hit(pf_net=20_000_000, pf_srv=12),),
        visits=ONE,
        timings=({"network": None, "server": 12},),
    ),
    Vector(
        number=33,
        name="title-is-cleaned",
        steps=(hit(action_name=" A &amp; B\n"),),
        visits=ONE,
        hits=({"title": "A & B"},),
    ),
    Vector(
        number=34,
        name="address-that-is-none",
        steps=(hit(url="example.org/x", action_name="T"),),
        visits=ONE,
        hits=({"action": "pageview", "page": "", "prefix": 255, "title": "T"},),
    ),
    Vector(
        number=35,
        name="campaign-in-the-address",
        steps=(hit(url="https://www.Example.ORG/P/?utm_source=NL&b=2&GCLID=9#f"),),
        visits=({"referrer_type": "campaign", "referrer_name": "nl", "referrer_keyword": ""},),
        hits=({"page": "example.org/P/?b=2", "prefix": 3},),
    ),
    page_vector(36, "matrix-parameters", "http://example.org/a;jsessionid=1;p=2?r=3", "example.org/a?p=2&r=3", 0),
    page_vector(
        37,
        "repeated-parameters",
        "http://example.org/a?x=1&x=2&y&f%5B%5D=1&f%5B%5D=2",
        "example.org/a?x=2&y&f[]=1&f[]=2",
        0,
    ),
    page_vector(38, "address-without-protocol", "//example.org/a", "", 255),
    Vector(
        number=39,
        name="one-page-by-two-addresses",
        steps=(hit(url="http://www.example.org/a", _id=A), hit(5, url="https://example.org/a", _id=A)),
        visits=({"actions": 2, "visitor": NUMBER_OF_A},),
        hits=({"page": "example.org/a", "prefix": 1}, {"page": "example.org/a", "prefix": 2}),
        differs="each hit keeps the address it had; a report has one row for both all the same",
    ),
)
SEARCHES_LINKS_CONTENTS = (
    Vector(
        number=40,
        name="search-by-order-of-the-list",
        steps=(hit(url="https://example.org/?s=a&q=b"),),
        visits=({"actions": 1, "searches": 1},),
        hits=({"action": "search", "keyword": "b", "page": ""},),
    ),
    Vector(
        number=41,
        name="search-in-the-fragment",
        steps=(hit(url="https://example.org/#/find?q=abc"),),
        visits=({"searches": 1},),
        hits=({"action": "search", "keyword": "abc"},),
    ),
    Vector(
        number=42,
        name="search-named-by-the-tracker",
        steps=(hit(search="foo", search_cat="c", search_count=0),),
        visits=({"searches": 1},),
        hits=({"action": "search", "keyword": "foo", "search_category": "c", "search_count": 0},),
    ),
    Vector(
        number=42,
        name="search-for-zero-is-none",
        steps=(hit(search="0"),),
        visits=({"searches": 0, "actions": 1},),
        hits=({"action": "pageview"},),
    ),
    Vector(
        number=43,
        name="search-switched-off",
        steps=(hit(search="foo"),),
        site={"search": False},
        visits=ONE,
        hits=({"action": "pageview", "keyword": ""},),
    ),
    Vector(
        number=44,
        name="outlink-before-event",
        steps=(hit(link="https://x.org/?gclid=1#z", e_c="V", e_a="P"),),
        visits=({"actions": 1, "events": 0},),
        hits=({"action": "outlink", "page": "https://x.org/?gclid=1#z", "event_category": ""},),
    ),
    Vector(
        number=45,
        name="download-before-outlink",
        steps=(hit(link="https://x.org/", download="https://example.org/f.zip"),),
        visits=ONE,
        hits=({"action": "download", "page": "https://example.org/f.zip"},),
    ),
    Vector(
        number=46,
        name="content-is-no-action",
        steps=(hit(_id=A), hit(5, _id=A, c_n="Ad", c_p="img.jpg")),
        visits=ONE,
        hits=({"action": "pageview"}, {"action": "content", "content_name": "Ad", "content_piece": "img.jpg"}),
    ),
)
VECTORS = (*PARAMETERS, *SEARCHES_LINKS_CONTENTS)
