"""Request in, hit out: what the collector understands of each parameter before anything is stored."""

from typing import Any, NamedTuple

import pytest

from ingest.exclusions import Exclusions
from ingest.geo import Places
from ingest.hit import Decider, Hit, Ignored
from ingest.lists.folder import ListsFolder
from ingest.parts import Content, Credit, Fetch, Item, Product, Purchase
from ingest.privacy import Visitors
from ingest.sender import Sender
from ingest.tracking import BadRequest, TrackingRequest
from sql.goals import NewGoal
from sql.registry import NewSite, Registry
from tests.tracked import FIREFOX, NOON, VISITOR

CHATBOT = "Mozilla/5.0 (compatible; ChatGPT-User/1.0; +https://openai.com/bot)"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
NOW = NOON.timestamp()
CART: dict[str, Any] = {"idgoal": "0"}
ORDER: dict[str, Any] = {"idgoal": "0", "ec_id": "O1"}
EVENT: dict[str, Any] = {"e_c": "Video", "e_a": "Play"}
CONTENT: dict[str, Any] = {"c_n": "Ad"}
ENDLESS = "9" * 400


class Tracking(NamedTuple):
    """A decider of three sites, and a token: 1 has a goal, 2 keeps bots, 3 has no search."""

    decider: Decider
    token: str

    def decide(self, parameters: dict[str, Any], user_agent: str = FIREFOX) -> Hit | Ignored:
        """Decide a page view of https://example.org/ changed by parameters; None drops one."""
        given = {"idsite": "1", "rec": "1", "url": "https://example.org/", **parameters}
        request = TrackingRequest({name: value for name, value in given.items() if value is not None})
        sender = Sender("203.0.113.9", user_agent, "en-gb", "", "https://example.org/image", "", False)
        return self.decider.decide(request, sender, NOW)


@pytest.fixture(scope="module")
def tracking(tmp_path_factory: pytest.TempPathFactory) -> Tracking:
    registry = Registry(tmp_path_factory.mktemp("hit") / "registry.sqlite", lambda: NOON)
    registry.add_site(NewSite(name="Example", urls=("https://example.org",)))
    registry.add_site(NewSite(name="Bots", urls=("https://example.org",), keep_bots=True))
    registry.add_site(NewSite(name="Quiet", urls=("https://example.org",), search=False))
    registry.add_goal(NewGoal(site=1, name="Newsletter"))
    token = registry.add_token("test", "write", None)
    snapshot = registry.snapshot()
    registry.close()
    exclusions = Exclusions(snapshot.sites.values(), (), ListsFolder(None))
    return Tracking(Decider(snapshot, Visitors(2, Places(None)), exclusions), token)


def values_of(hit: Hit | Ignored, names: Any) -> dict[str, Any]:
    assert isinstance(hit, Hit)
    return {name: getattr(hit, name) for name in names}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        pytest.param({}, {"kind": "page", "site": 1, "at": int(NOW * 1000), "new_visit": False}, id="page-view"),
        pytest.param({"new_visit": "1"}, {"new_visit": True}, id="new-visit"),
        pytest.param({"new_visit": "yes"}, {"new_visit": False}, id="new-visit-by-a-word"),
        pytest.param({"ping": "1", **CART}, {"kind": "ping", "goal": 0, "purchase": None}, id="ping-is-nothing-else"),
        pytest.param({"ping": "2"}, {"kind": "page"}, id="ping-of-another-number"),
        pytest.param({"bots": "1"}, {"bots_welcome": True}, id="bots"),
        pytest.param({"bots": ["1"]}, {"bots_welcome": False}, id="bots-by-a-list"),
        pytest.param({"queuedtracking": "0", "dp": "1", "gt_ms": "x", "_idvc": []}, {"kind": "page"}, id="old-ones"),
        pytest.param({"cdo": "60"}, {"at": int(NOW - 60) * 1000}, id="seconds-ago"),
        pytest.param({"h": "1", "m": "2", "s": "3"}, {"local_time": 3723}, id="local-time"),
        pytest.param({"h": "25", "m": "-1", "s": "x"}, {"local_time": 0}, id="local-time-out-of-range"),
        pytest.param({"h": ["1"], "m": ENDLESS, "s": "1.5"}, {"local_time": 43200}, id="local-time-of-no-number"),
        pytest.param({"_id": VISITOR}, {"visitor": int(VISITOR, 16), "source": "id"}, id="id"),
        pytest.param({"_id": "abc"}, {"visitor": None, "source": ""}, id="short-id"),
        pytest.param({"cid": VISITOR}, {"visitor": int(VISITOR, 16), "source": "cid"}, id="cid"),
        pytest.param({"cid": "zz" + VISITOR[2:]}, {"visitor": int("00" + VISITOR[2:], 16)}, id="cid-of-other-letters"),
        pytest.param({"uid": "alice"}, {"user_id": "alice", "visitor": 0x522B276A356BDF39, "source": "uid"}, id="uid"),
        pytest.param({"uid": "0", "_id": VISITOR}, {"user_id": "0", "source": "id"}, id="uid-zero"),
        pytest.param({"uid": ["a"]}, {"user_id": "", "source": ""}, id="uid-list"),
        pytest.param({"uid": "ü" * 300}, {"user_id": "ü" * 200}, id="uid-long"),
        pytest.param({"res": "1920x1080x24"}, {"resolution": "1920x1080"}, id="resolution"),
        pytest.param({"res": {"w": 1}}, {"resolution": ""}, id="resolution-object"),
        pytest.param({"lang": "fr-CH,fr;q=0.9"}, {"language": "fr-ch", "country": "ch"}, id="language"),
        pytest.param({"lang": ["fr"]}, {"language": "en-gb"}, id="language-list"),
        pytest.param({"ua": "Other/1"}, {"user_agent": "Other/1"}, id="user-agent"),
        pytest.param({"uadata": '{"mobile":true}'}, {"hints": '{"mobile":true}'}, id="hints"),
        pytest.param({"uadata": {"mobile": True}}, {"hints": '{"mobile":true}'}, id="hints-of-a-bulk-body"),
        pytest.param({"uadata": ["x"]}, {"hints": ""}, id="hints-list"),
        pytest.param({"pdf": "1", "java": "1", "cookie": "1"}, {"plugins": "pdf,java,cookie"}, id="plugins"),
        pytest.param({"pdf": "01", "java": "0", "qt": "2", "fla": "x"}, {"plugins": "pdf"}, id="plugins-odd"),
        pytest.param({"pdf": 1, "java": True, "ag": [1]}, {"plugins": "pdf"}, id="plugins-of-a-bulk-body"),
        pytest.param({"url": None, "urlref": None}, {"url": "https://example.org/image"}, id="no-url"),
        pytest.param({"url": ["https://x.org/"]}, {"url": "https://example.org/image"}, id="url-list"),
        pytest.param({"urlref": "https://news.example/"}, {"referrer": "https://news.example/"}, id="referrer"),
        pytest.param({"action_name": " A\n &amp; B"}, {"title": "A & B"}, id="title"),
        pytest.param({"action_name": {"a": 1}}, {"title": ""}, id="title-object"),
        pytest.param({"cs": "iso-8859-1"}, {"charset": "iso-8859-1"}, id="charset"),
        pytest.param({"pv_id": "abcdefgh"}, {"pageview": "abcdef"}, id="page-view-id"),
        pytest.param({"link": "https://x.org/"}, {"kind": "outlink", "link": "https://x.org/"}, id="outlink"),
        pytest.param({"link": "0"}, {"kind": "page", "link": ""}, id="outlink-zero"),
        pytest.param({"download": "https://x.org/f"}, {"kind": "download", "link": "https://x.org/f"}, id="download"),
        pytest.param({"download": ["https://x.org/f"]}, {"kind": "page", "link": ""}, id="download-list"),
        pytest.param(
            {"search": " foo ", "search_cat": "c" * 300, "search_count": "7"},
            {"kind": "page", "search": "foo", "search_category": "c" * 200, "search_count": 7},
            id="search",
        ),
        pytest.param({"search": "a", "search_count": "-1"}, {"search_count": None}, id="search-count-negative"),
        pytest.param({"search": "a", "search_count": str(2**32)}, {"search_count": None}, id="search-count-huge"),
        pytest.param({"idsite": "3", "search": "a"}, {"search": ""}, id="search-switched-off"),
        pytest.param({"mtm_campaign": "C", "mtm_kwd": "K"}, {"campaign": "C", "campaign_keyword": "K"}, id="campaign"),
        pytest.param({"mtm_kwd": "K"}, {"campaign": "", "campaign_keyword": ""}, id="keyword-of-no-campaign"),
    ],
)
def test_what_every_hit_has(tracking: Tracking, parameters: dict[str, Any], expected: dict[str, Any]) -> None:
    assert values_of(tracking.decide(parameters), expected) == expected


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        pytest.param(EVENT | {"e_n": "Intro", "e_v": "2.5"}, ("Video", "Play", "Intro", 2.5), id="event"),
        pytest.param(EVENT | {"e_n": "  ", "e_v": ""}, ("Video", "Play", "", None), id="name-blank"),
        pytest.param(EVENT | {"e_v": "x"}, ("Video", "Play", "", 0.0), id="value-word"),
        pytest.param(EVENT | {"e_v": "NaN"}, ("Video", "Play", "", 0.0), id="value-nan"),
        pytest.param(EVENT | {"e_v": "-inf"}, ("Video", "Play", "", 0.0), id="value-inf"),
        pytest.param(EVENT | {"e_v": "1e300"}, ("Video", "Play", "", 0.0), id="value-huge"),
        pytest.param(EVENT | {"e_v": "-3"}, ("Video", "Play", "", -3.0), id="value-negative"),
        pytest.param(EVENT | {"e_v": 7, "e_n": 5}, ("Video", "Play", "5", 7.0), id="numbers-of-a-bulk-body"),
        pytest.param({"e_c": "Video", "e_v": "1"}, ("", "", "", None), id="no-action"),
        pytest.param({"e_c": ["Video"], "e_a": "Play"}, ("", "", "", None), id="category-list"),
        pytest.param(CONTENT | {"e_v": "1"}, ("", "", "", None), id="value-without-event"),
    ],
)
def test_events(tracking: Tracking, parameters: dict[str, Any], expected: tuple[Any, ...]) -> None:
    names = ("event_category", "event_action", "event_name", "event_value")
    assert tuple(values_of(tracking.decide(parameters), names).values()) == expected


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        pytest.param(CONTENT, Content("Ad", "", "", ""), id="impression"),
        pytest.param(
            {"c_n": " Ad ", "c_p": "ad.jpg", "c_t": "https://x.org/", "c_i": "click"},
            Content("Ad", "ad.jpg", "https://x.org/", "click"),
            id="interaction",
        ),
        pytest.param({"c_n": "Ad", "c_p": " ", "c_t": ["x"], "c_i": {}}, Content("Ad", "", "", ""), id="junk"),
        pytest.param({"c_n": "Ad", "c_p": "x" * 9999}, Content("Ad", "x" * 4096, "", ""), id="long"),
        pytest.param({"c_n": "0"}, None, id="zero-is-no-name"),
        pytest.param({"c_p": "ad.jpg", "c_i": "click"}, None, id="no-name"),
        pytest.param(CONTENT | EVENT, None, id="an-event-comes-first"),
    ],
)
def test_contents(tracking: Tracking, parameters: dict[str, Any], expected: Content | None) -> None:
    assert values_of(tracking.decide(parameters), ["content"]) == {"content": expected}


@pytest.mark.parametrize(
    ("parameters", "goal", "revenue"),
    [
        pytest.param({"idgoal": "1"}, 1, None, id="goal"),
        pytest.param({"idgoal": "1", "revenue": "9.995"}, 1, 9.995, id="revenue"),
        pytest.param({"idgoal": "1", "revenue": "0"}, 1, 0.0, id="revenue-zero-is-one"),
        pytest.param({"idgoal": "1", "revenue": "-5"}, 1, -5.0, id="revenue-negative"),
        pytest.param({"idgoal": "1", "revenue": "abc"}, 1, None, id="revenue-word"),
        pytest.param({"idgoal": "1", "revenue": "nan"}, 1, None, id="revenue-nan"),
        pytest.param({"idgoal": "1", "revenue": "1e999"}, 1, None, id="revenue-huge"),
        pytest.param({"idgoal": "1", "revenue": "1,5"}, 1, 1.0, id="revenue-is-cut-at-a-comma"),
        pytest.param({"idgoal": "1", "revenue": ["5"]}, 1, None, id="revenue-list"),
        pytest.param({"revenue": "5"}, 0, 5.0, id="revenue-for-goals-by-address"),
        pytest.param({"idgoal": "-1"}, 0, None, id="goal-negative"),
        pytest.param({"idgoal": "1.5"}, 0, None, id="goal-of-no-number"),
    ],
)
def test_goals(tracking: Tracking, parameters: dict[str, Any], goal: int, revenue: float | None) -> None:
    hit = tracking.decide(parameters)
    assert values_of(hit, ["goal", "revenue"]) == {"goal": goal, "revenue": revenue}
    assert values_of(hit, ["kind"]) == {"kind": "goal" if goal else "page"}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        pytest.param(ORDER, Purchase("O1", 0.0, None, None, None, None, []), id="bare-order"),
        pytest.param(
            ORDER | {"revenue": "10", "ec_st": "8", "ec_tx": "1.5", "ec_sh": "0", "ec_dt": "2"},
            Purchase("O1", 10.0, 8.0, 1.5, 0.0, 2.0, []),
            id="amounts",
        ),
        pytest.param(
            ORDER | {"revenue": "x", "ec_st": "x", "ec_tx": "", "ec_sh": "1,5", "ec_dt": "inf"},
            Purchase("O1", 0.0, 0.0, None, 1.0, 0.0, []),
            id="amounts-unusable",
        ),
        pytest.param(
            CART | {"revenue": "10", "ec_st": "8", "ec_tx": "1", "ec_sh": "1", "ec_dt": "1"},
            Purchase("", 10.0, None, None, None, None, []),
            id="a-cart-has-a-sum-only",
        ),
        pytest.param(CART | {"ec_id": "0"}, Purchase("", 0.0, None, None, None, None, []), id="order-zero-is-a-cart"),
        pytest.param(CART | {"ec_id": ["O1"]}, Purchase("", 0.0, None, None, None, None, []), id="order-list"),
        pytest.param(
            CART | {"ec_id": "ä" * 150}, Purchase("ä" * 100, 0.0, None, None, None, None, []), id="long-order"
        ),
        pytest.param({"ec_id": "O1", "ec_items": '[["S"]]'}, None, id="no-ecommerce-request"),
    ],
)
def test_purchases(tracking: Tracking, parameters: dict[str, Any], expected: Purchase | None) -> None:
    assert values_of(tracking.decide(parameters), ["purchase"]) == {"purchase": expected}


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param('[["S","N","C",10,2]]', [Item("S", "N", ["C"], 10.0, 2)], id="one"),
        pytest.param([["S", "N", ["C", "D"], 10, 2]], [Item("S", "N", ["C", "D"], 10.0, 2)], id="of-a-bulk-body"),
        pytest.param('{"0":["S"],"2":["T"]}', [Item(s, "", [], 0.0, 1) for s in "ST"], id="list-with-a-gap"),
        pytest.param('[["S",null,null,null,null,9]]', [Item("S", "", [], 0.0, 1)], id="nulls"),
        pytest.param('[[" ","N"],[null],[],7,"S",{"sku":"S"}]', [], id="no-sku"),
        pytest.param('[[["A","B"],["x","y"]]]', [Item("A, B", "x, y", [], 0.0, 1)], id="texts-in-lists"),
        pytest.param(
            '[["S","N",["a",""," ","0","b","c","d","e","f"]]]', [Item("S", "N", list("abcde"), 0.0, 1)], id="categories"
        ),
        pytest.param('[["S","N",{"a":1}]]', [Item("S", "N", [], 0.0, 1)], id="category-object"),
        pytest.param('[["S","","","9.995","2.9"]]', [Item("S", "", [], 9.995, 2)], id="numbers-as-texts"),
        pytest.param('[["S","","","9,99","x"]]', [Item("S", "", [], 0.0, 1)], id="no-numbers"),
        pytest.param('[["S","","",-5,-3]]', [Item("S", "", [], -5.0, -3)], id="negative"),
        pytest.param('[["S","","",NaN,Infinity]]', [Item("S", "", [], 0.0, 1)], id="nan-and-infinity"),
        pytest.param('[["S","","",1e400,1e400]]', [Item("S", "", [], 0.0, 1)], id="too-large-for-a-number"),
        pytest.param('[["S","","",1,1e18]]', [Item("S", "", [], 1.0, 2**32 - 1)], id="quantity-huge"),
        pytest.param('[["S","","",1,0]]', [Item("S", "", [], 1.0, 1)], id="quantity-zero"),
        pytest.param('[["S","","",true,true]]', [Item("S", "", [], 0.0, 1)], id="truth-values"),
        pytest.param('[["&lt;S&gt;","a\\nb"]]', [Item("<S>", "ab", [], 0.0, 1)], id="texts-are-cleaned"),
        pytest.param('[["S"', [], id="broken"),
        pytest.param("5", [], id="number"),
        pytest.param('"S"', [], id="text"),
        pytest.param("[" * 100_000, [], id="too-deep"),
        pytest.param('[["S",' + "[" * 60 + "]" * 60 + "]]", [Item("S", "", [], 0.0, 1)], id="deep"),
        pytest.param([["S"]] * 5000, [Item("S", "", [], 0.0, 1)] * 1000, id="at-most-a-thousand"),
    ],
)
def test_items(tracking: Tracking, sent: object, expected: list[Item]) -> None:
    purchase = values_of(tracking.decide(ORDER | {"ec_items": sent}), ["purchase"])["purchase"]
    assert purchase.items == expected


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        pytest.param(
            {"_pks": "S", "_pkn": "N", "_pkc": "C", "_pkp": "9.99"}, Product("S", "N", ["C"], 9.99), id="product"
        ),
        pytest.param({"_pkc": "Shoes"}, Product("", "", ["Shoes"], None), id="category"),
        pytest.param({"_pkc": '["a","","b"]'}, Product("", "", ["a", "b"], None), id="categories"),
        pytest.param({"_pkc": ["a", "b"]}, Product("", "", ["a", "b"], None), id="categories-of-a-bulk-body"),
        pytest.param({"_pkc": '["a","b","c","d","e","f"]'}, Product("", "", list("abcde"), None), id="six-categories"),
        pytest.param({"_pkc": '["a"'}, Product("", "", ['["a"'], None), id="categories-broken"),
        pytest.param({"_pkc": "[1,2]"}, Product("", "", ["[1,2]"], None), id="a-text-in-brackets"),
        pytest.param({"_pks": "S", "_pkp": "x"}, Product("S", "", [], 0.0), id="price-word"),
        pytest.param({"_pks": "S", "_pkp": ""}, Product("S", "", [], None), id="price-empty"),
        pytest.param({"_pks": "S", "_pkp": "1e999"}, Product("S", "", [], 0.0), id="price-huge"),
        pytest.param({"_pks": "S", "_pkp": -1}, Product("S", "", [], -1.0), id="price-negative"),
        pytest.param({"_pks": {}, "_pkn": True, "_pkp": []}, None, id="junk"),
        pytest.param(
            {"cvar": '{"2":["_pkp","5"],"3":["_pks","S"],"4":["_pkn","N"],"5":["_pkc","[\\"a\\",\\"b\\"]"]}'},
            Product("S", "N", ["a", "b"], 5.0),
            id="page-variables",
        ),
        pytest.param({"cvar": '{"1":["_pks","S"],"6":["_pkn","N"]}'}, None, id="page-variables-of-other-slots"),
        pytest.param({"_pkn": "N", "cvar": '{"3":["_pks","S"]}'}, Product("", "N", [], None), id="parameters-first"),
        pytest.param({"_pks": "S", "e_c": "V", "e_a": "P"}, Product("S", "", [], None), id="with-an-event"),
    ],
)
def test_products(tracking: Tracking, parameters: dict[str, Any], expected: Product | None) -> None:
    assert values_of(tracking.decide(parameters), ["product"]) == {"product": expected}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        pytest.param({"dimension1": " a ", "dimension999": "b"}, {"1": "a", "999": "b"}, id="texts"),
        pytest.param({"dimension1": ""}, {"1": ""}, id="empty-on-purpose"),
        pytest.param({"dimension1": 5, "dimension2": 0}, {"1": "5", "2": "0"}, id="numbers-of-a-bulk-body"),
        pytest.param({"dimension1": "ü" * 300}, {"1": "ü" * 250}, id="long"),
        pytest.param(
            {"dimension1": ["a"], "dimension2": {}, "dimension3": None, "dimension4": True}, None, id="no-texts"
        ),
        pytest.param(
            dict.fromkeys(("dimension0", "dimension01", "dimension1000", "dimension", "dimension-1"), "a"),
            None,
            id="no-ids",
        ),
        pytest.param({"dimension1\n": "a", "dimension١": "a"}, None, id="odd-digits"),
    ],
)
def test_dimensions(tracking: Tracking, parameters: dict[str, Any], expected: dict[str, str] | None) -> None:
    assert values_of(tracking.decide(parameters), ["dimensions"]) == {"dimensions": expected}


@pytest.mark.parametrize(
    ("sent", "of_visit", "of_page"),
    [
        pytest.param('{"1":["n","v"]}', {"1": ["n", "v"]}, {"1": ["n", "v"]}, id="text"),
        pytest.param({"1": ["n", 5]}, {"1": ["n", "5"]}, {"1": ["n", "5"]}, id="of-a-bulk-body"),
        pytest.param('{"1":["",""]}', {"1": ["", ""]}, None, id="emptied-slot"),
        pytest.param('{"07":["n","v"]}', {"7": ["n", "v"]}, {"7": ["n", "v"]}, id="slot-with-a-zero"),
        pytest.param('{"0":["n","v"],"21":["n","v"],"-1":["n","v"],"x":["n","v"]}', None, None, id="no-slots"),
        pytest.param('{"1":"n","2":["n"],"3":["n","v","w"],"4":{"n":"v"},"5":null}', None, None, id="no-pairs"),
        pytest.param('{"1":[["n"],{"v":1}]}', {"1": ["", ""]}, None, id="nested"),
        pytest.param('[["n","v"]]', None, None, id="list"),
        pytest.param('{"1":', None, None, id="broken"),
        pytest.param("x", None, None, id="word"),
        pytest.param({"1": ["n" * 300, "v" * 300]}, {"1": ["n" * 200, "v" * 200]}, ..., id="long"),
    ],
)
def test_variables(tracking: Tracking, sent: object, of_visit: object, of_page: object) -> None:
    expected = {"visit_variables": of_visit, "page_variables": of_visit if of_page is ... else of_page}
    assert values_of(tracking.decide({"_cvar": sent, "cvar": sent}), expected) == expected


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        pytest.param({"pf_srv": "120"}, [None, 120, None, None, None, None], id="one"),
        pytest.param(
            dict(zip(("pf_net", "pf_srv", "pf_tfr", "pf_dm1", "pf_dm2", "pf_onl"), "012345", strict=True)),
            [0, 1, 2, 3, 4, 5],
            id="all-in-order",
        ),
        pytest.param({"pf_net": "-1", "pf_srv": "x", "pf_tfr": "1.5", "pf_dm1": ["1"]}, None, id="none-usable"),
        pytest.param({"pf_net": "", "pf_srv": ""}, None, id="empty"),
        pytest.param({"pf_net": "20000000", "pf_srv": "12"}, [None, 12, None, None, None, None], id="too-long"),
        pytest.param({"pf_net": "16777215"}, [16777215, None, None, None, None, None], id="just-not-too-long"),
        pytest.param({"pf_net": "1.0", "pf_srv": 7}, [1, 7, None, None, None, None], id="other-spellings"),
        pytest.param(EVENT | {"pf_net": "-5", "pf_srv": "3"}, [None, 3, None, None, None, None], id="late-negative"),
        pytest.param({"search": "a", "pf_net": "-5"}, None, id="search-negative"),
        pytest.param({"url": "https://example.org/?q=a", "pf_net": "-5"}, None, id="search-in-the-url-negative"),
    ],
)
def test_timings(tracking: Tracking, parameters: dict[str, Any], expected: list[int | None] | None) -> None:
    assert values_of(tracking.decide(parameters), ["timings"]) == {"timings": expected}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        pytest.param(
            {"_rcn": "News%20Letter", "_rck": "a%2Bb", "_ref": "https://x.org/a%20b"},
            Credit("News Letter", "a+b", "https://x.org/a%20b"),
            id="decoded-once-more",
        ),
        pytest.param({"_ref": "https://x.org/"}, Credit("", "", "https://x.org/"), id="referrer"),
        pytest.param({"_rcn": " ", "_ref": ["x"]}, None, id="nothing-usable"),
        pytest.param({"_rcn": "%zz%00", "_ref": ""}, Credit("%zz", "", ""), id="broken"),
        pytest.param({}, None, id="none"),
    ],
)
@pytest.mark.parametrize("beside", [{}, {"revenue": "1"}], ids=["plain", "with-more"])
def test_credits(
    tracking: Tracking, parameters: dict[str, Any], expected: Credit | None, beside: dict[str, Any]
) -> None:
    assert values_of(tracking.decide(parameters | beside), ["credit"]) == {"credit": expected}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        pytest.param(
            {"country": "DE", "region": "BYX1", "city": "Köln"}, ("de", "BYX", "Köln", None, None), id="names"
        ),
        pytest.param({"lat": "50.9412784", "long": "6.9582814"}, ("gb", "", "", 50.941278, 6.958281), id="degrees"),
        pytest.param({"city": "Köln"}, ("gb", "", "Köln", None, None), id="a-city-completes-what-was-found"),
        pytest.param({"lat": "91", "long": "-181"}, ("gb", "", "", None, None), id="off-the-globe"),
        pytest.param({"lat": "north", "long": "nan"}, ("gb", "", "", None, None), id="no-degrees"),
        pytest.param({"lat": "-90", "long": "180"}, ("gb", "", "", -90.0, 180.0), id="at-the-edge"),
        pytest.param({"lat": ["1"], "long": "5", "country": ["de"]}, ("gb", "", "", None, None), id="lists"),
    ],
)
def test_places(tracking: Tracking, parameters: dict[str, Any], expected: tuple[Any, ...]) -> None:
    hit = tracking.decide(parameters | {"token_auth": tracking.token})
    assert tuple(values_of(hit, ("country", "region", "city", "latitude", "longitude")).values()) == expected
    assert values_of(hit, ["placed"]) == {"placed": True}


@pytest.mark.parametrize(
    ("parameters", "refused"),
    [
        pytest.param({"idsite": None}, "idsite", id="no-site"),
        pytest.param({"idsite": "99"}, "idsite", id="unknown-site"),
        pytest.param({"idsite": "1abc"}, "idsite", id="site-of-no-number"),
        pytest.param({"cid": "abc"}, "cid", id="short-cid"),
        pytest.param({"cip": "198.51.100.7"}, "cip", id="address-without-token"),
        pytest.param({"cdt": "2026-05-10"}, "cdt", id="time-without-token"),
        pytest.param({"country": "de"}, "country", id="country-without-token"),
        pytest.param({"lat": "5", "token_auth": "wrong"}, "lat", id="latitude-with-a-wrong-token"),
        pytest.param({"e_c": " ", "e_a": "x"}, "e_c", id="blank-category"),
        pytest.param({"e_c": "x", "e_a": "\t"}, "e_a", id="blank-action"),
        pytest.param({"c_n": "  "}, "c_n", id="blank-content"),
        pytest.param({"idgoal": "7"}, "idgoal", id="unknown-goal"),
        pytest.param({"idsite": "2", "idgoal": "1"}, "idgoal", id="goal-of-another-site"),
        pytest.param({"pf_srv": "-2"}, "pf_srv", id="time-below-minus-one"),
        pytest.param({"pf_onl": -7}, "pf_onl", id="time-below-minus-one-in-a-bulk-body"),
        pytest.param({"ca": "1"}, "ca", id="custom-action-alone"),
        pytest.param({"ca": "1", "e_c": "V"}, "ca", id="half-an-event-as-custom-action"),
        pytest.param({"idsite": "3", "ca": "1", "search": "a"}, "ca", id="search-that-is-switched-off"),
    ],
)
def test_refusals(tracking: Tracking, parameters: dict[str, Any], refused: str) -> None:
    with pytest.raises(BadRequest) as caught:
        tracking.decide(parameters)
    assert caught.value.name == refused


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        pytest.param({"rec": None}, "no-rec", id="no-rec"),
        pytest.param({"rec": "true"}, "no-rec", id="rec-of-no-number"),
        pytest.param({"tracker_install_check": "a"}, "install-check", id="install-check"),
        pytest.param({"ca": "1", "ma_id": "x"}, "unknown-action", id="media"),
        pytest.param({"ca": "1", "cra": "x"}, "unknown-action", id="crash"),
        pytest.param({"ca": "1", "fa_vid": "x"}, "unknown-action", id="form"),
        pytest.param({"ca": "1", "hsr_vid": "x"}, "unknown-action", id="heatmap"),
        pytest.param({"recMode": "1"}, "bot", id="bot-only"),
        pytest.param({"recMode": "2", "ua": CHATBOT}, "bot", id="chatbot"),
    ],
)
def test_what_is_ignored(tracking: Tracking, parameters: dict[str, Any], reason: str) -> None:
    assert tracking.decide(parameters) == Ignored(1, reason)


@pytest.mark.parametrize(
    ("parameters", "kind"),
    [
        pytest.param({"ca": "1", "ma_id": "x", **EVENT}, "event", id="event"),
        pytest.param({"ca": "1", "ma_id": "x", "search": "a"}, "page", id="search"),
        pytest.param({"ca": "1", "url": "https://example.org/?q=a"}, "page", id="search-in-the-url"),
        pytest.param({"ca": "0", "ma_id": "x"}, "page", id="no-custom-action"),
    ],
)
def test_foreign_parameters_do_not_hide_an_action(tracking: Tracking, parameters: dict[str, Any], kind: str) -> None:
    assert values_of(tracking.decide(parameters), ["kind"]) == {"kind": kind}


@pytest.mark.parametrize(
    ("parameters", "user_agent", "bot", "fetch"),
    [
        pytest.param({}, FIREFOX, False, None, id="visitor"),
        pytest.param({}, GOOGLEBOT, True, None, id="bot"),
        pytest.param({"bots": "1"}, GOOGLEBOT, False, None, id="welcome-bot"),
        pytest.param(
            {"recMode": "1", "http_status": "404", "bw_bytes": "1024", "pf_srv": "35", "source": "s" * 99},
            CHATBOT,
            True,
            Fetch(404, 1024, 35, "s" * 50),
            id="bot-only",
        ),
        pytest.param(
            {"recMode": "1", "http_status": "99999", "bw_bytes": "-1", "pf_srv": "x", "source": ["s"]},
            CHATBOT,
            True,
            Fetch(None, None, None, ""),
            id="junk",
        ),
        pytest.param({"recMode": "2"}, CHATBOT, True, Fetch(None, None, None, ""), id="chatbot-or-visitor"),
        pytest.param({"recMode": "2"}, FIREFOX, False, None, id="visitor-or-chatbot"),
        pytest.param({"recMode": "3"}, FIREFOX, False, None, id="no-such-mode"),
    ],
)
def test_sites_that_keep_bots(
    tracking: Tracking, parameters: dict[str, Any], user_agent: str, bot: bool, fetch: Fetch | None
) -> None:
    hit = tracking.decide({"idsite": "2", **parameters}, user_agent)
    assert values_of(hit, ["bot", "fetch"]) == {"bot": bot, "fetch": fetch}


def test_plugins_tell_visitors_without_an_id_apart(tracking: Tracking) -> None:
    sent: list[dict[str, Any]] = [{}, {"pdf": "0"}, {"pdf": "1"}, {"pdf": 1}, {"pdf": "1", "java": "1"}]
    prints = [values_of(tracking.decide(parameters), ["fingerprint"])["fingerprint"] for parameters in sent]
    assert prints[2] == prints[3]
    assert len({prints[0], prints[2], prints[4]}) == 3


def test_a_hit_repeats_no_parameter_that_must_not_be_kept(tracking: Tracking) -> None:
    hit = tracking.decide({"token_auth": tracking.token, "cip": "198.51.100.7", "uid": "alice", "revenue": "1"})
    assert tracking.token not in repr(hit)
    assert "198.51.100.7" not in repr(hit)
    assert values_of(hit, ["address"]) == {"address": "198.51.0.0"}


def test_every_field_of_a_hit_survives_the_spool_by_its_name() -> None:
    """What was added later has a default: segments that older versions wrote stay readable."""
    assert set(list(Hit._fields)[:32]) >= {"site", "at", "kind", "visitor", "event_value"}
    assert not {"site", "at", "event_value"} & Hit._field_defaults.keys()
    assert set(Hit._fields[32:]) == Hit._field_defaults.keys()
