"""Request in, row out: what one tracking request leaves in ClickHouse."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from ingest.settings import Settings
from sql.clickhouse import Database
from sql.dimensions import Extraction, NewDimension
from sql.registry import Site
from tests.tracked import NOON, OTHER_VISITOR, VISITOR, Row, Tracked, tracked

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
CHATBOT = "Mozilla/5.0 (compatible; ChatGPT-User/1.0; +https://openai.com/bot)"
LONG = "é" * 2000


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        pytest.param(
            {"action_name": "Home"},
            {"action": "pageview", "page": "example.org/", "prefix": 2, "title": "Home", "position": 1},
            id="page-view",
        ),
        pytest.param({"action_name": " A &amp; B\n"}, {"title": "A & B"}, id="title-is-cleaned"),
        pytest.param({"action_name": LONG}, {"title": "é" * 512}, id="title-is-cut-at-1024-bytes"),
        pytest.param({"url": "example.org/x", "action_name": "T"}, {"page": "", "title": "T"}, id="url-is-none"),
        pytest.param({"url": "//example.org/a"}, {"page": ""}, id="url-without-protocol"),
        pytest.param({"url": "javascript://example.org/%0aalert(1)"}, {"page": ""}, id="url-is-a-script"),
        pytest.param(
            {"url": "https://www.Example.ORG/P/?utm_source=NL&b=2&GCLID=9#f"},
            {"page": "example.org/P/?b=2", "prefix": 3},
            id="host-lowered-campaign-and-fragment-gone",
        ),
        pytest.param(
            {"url": "http://example.org/a;jsessionid=1;p=2?r=3"},
            {"page": "example.org/a?p=2&r=3", "prefix": 0},
            id="matrix-parameters",
        ),
        pytest.param(
            {"url": "http://example.org/a?x=1&x=2&y&f%5B%5D=1&f%5B%5D=2"},
            {"page": "example.org/a?x=2&y&f[]=1&f[]=2"},
            id="repeated-parameters",
        ),
        pytest.param({"url": None, "urlref": ""}, {"page": ""}, id="no-url-at-all"),
        pytest.param(
            {"e_c": "Video", "e_a": "Play", "e_n": "Intro", "e_v": "2.5"},
            {
                "action": "event",
                "page": "example.org/",
                "event_category": "Video",
                "event_action": "Play",
                "event_name": "Intro",
                "event_value": 2.5,
                "position": 0,
            },
            id="event",
        ),
        pytest.param({"e_c": "V", "e_a": "P", "e_v": "1,5"}, {"event_value": 1.0}, id="event-value-with-comma"),
        pytest.param({"e_c": "V", "e_a": "P", "e_v": "abc"}, {"event_value": 0.0}, id="event-value-is-no-number"),
        pytest.param({"e_c": "V", "e_a": "P", "e_v": ""}, {"event_value": None}, id="event-without-value"),
        pytest.param({"e_c": "V"}, {"action": "pageview", "event_category": ""}, id="half-an-event-is-a-page-view"),
        pytest.param(
            {"url": "https://example.org/?s=a&q=b"},
            {"action": "search", "keyword": "b", "page": "", "position": 1},
            id="search-in-the-url-by-order-of-the-list",
        ),
        pytest.param(
            {"url": "https://example.org/#/find?q=abc"},
            {"action": "search", "keyword": "abc"},
            id="search-in-the-fragment",
        ),
        pytest.param(
            {"search": "foo", "search_cat": "c", "search_count": 0},
            {"action": "search", "keyword": "foo", "search_category": "c", "search_count": 0},
            id="search-named-by-the-tracker",
        ),
        pytest.param(
            {"url": "https://example.org/?q=t%FCte+x", "cs": "iso-8859-15"},
            {"action": "search", "keyword": "tüte x"},
            id="search-in-the-charset-of-the-page",
        ),
        pytest.param({"url": "https://example.org/?q=t%FCte"}, {"keyword": "t%FCte"}, id="search-in-no-known-charset"),
        pytest.param({"search": "foo", "ca": 1}, {"action": "search", "keyword": "foo"}, id="search-as-custom-action"),
        pytest.param({"search": "0"}, {"action": "pageview"}, id="zero-is-no-search"),
        pytest.param(
            {"link": "https://x.org/?gclid=1#z", "e_c": "V", "e_a": "P"},
            {"action": "outlink", "page": "https://x.org/?gclid=1#z", "prefix": 255, "event_category": ""},
            id="outlink-before-event",
        ),
        pytest.param(
            {"link": "https://x.org/", "download": "https://example.org/f.zip"},
            {"action": "download", "page": "https://example.org/f.zip"},
            id="download-before-outlink",
        ),
        pytest.param({"link": "mailto:a@example.org"}, {"action": "outlink", "page": ""}, id="outlink-that-is-no-url"),
        pytest.param({"pv_id": "abcdefgh"}, {"pageview": "abcdef"}, id="page-view-id"),
        pytest.param(
            {"c_n": "Ad", "c_p": "img.jpg", "c_t": "https://x.org/"},
            {
                "action": "content",
                "position": 0,
                "content_name": "Ad",
                "content_piece": "img.jpg",
                "content_target": "https://x.org/",
                "content_interaction": "",
            },
            id="content-seen",
        ),
        pytest.param(
            {"c_n": "Ad", "c_i": "click"}, {"content_name": "Ad", "content_interaction": "click"}, id="content-used"
        ),
        pytest.param(
            {"_pks": "S1", "_pkn": "Shoe", "_pkc": '["Shoes","Sale"]', "_pkp": "9.5"},
            {
                "action": "pageview",
                "product_sku": "S1",
                "product_name": "Shoe",
                "product_categories": ["Shoes", "Sale"],
                "product_price": 9.5,
            },
            id="product",
        ),
        pytest.param(
            {"_pkc": "Shoes"},
            {"product_sku": "", "product_categories": ["Shoes"], "product_price": None},
            id="category",
        ),
        pytest.param(
            {"cvar": '{"1":["team","blue"],"2":["",""]}'},
            {"variables": {"1": {"name": "team", "value": "blue"}}},
            id="variables",
        ),
        pytest.param(
            {}, {"content_name": "", "product_price": None, "dimensions": {}, "variables": {}}, id="nothing-more"
        ),
    ],
)
def test_a_hit(pegel: Tracked, parameters: dict[str, Any], expected: dict[str, Any]) -> None:
    site = pegel.add_site()
    assert pegel.get(site, **parameters).status == 200
    (hit,) = pegel.hits(site)
    assert {name: hit[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        pytest.param(
            {"action_name": "Home"},
            {
                "actions": 1,
                "interactions": 1,
                "pageviews": 1,
                "duration": 0,
                "entry_action": "pageview",
                "entry_page": "example.org/",
                "entry_title": "Home",
                "exit_page": "example.org/",
                "returning": 0,
                "visit_count": 1,
                "referrer_type": "direct",
                "language": "en-us",
                "browser": "Firefox",
                "os": "GNU/Linux",
                "device_type": "desktop",
                "ip": "127.0.0.0",
            },
            id="page-view",
        ),
        pytest.param({"uid": "alice"}, {"visitor": 0x522B276A356BDF39, "user_id": "alice"}, id="user-id"),
        pytest.param({"_id": "1234567890ABCDEFXX"}, {"visitor": 0x1234567890ABCDEF}, id="visitor-id-of-16-digits"),
        pytest.param({"cid": VISITOR, "_id": OTHER_VISITOR}, {"visitor": int(VISITOR, 16)}, id="cid-before-id"),
        pytest.param({"ua": CHROME}, {"browser": "Chrome", "os": "Windows"}, id="user-agent-as-parameter"),
        pytest.param({"lang": "fr-CH,fr;q=0.9"}, {"language": "fr-ch"}, id="language-as-parameter"),
        pytest.param({"res": "1920x1080x24"}, {"resolution": "1920x1080"}, id="resolution"),
        pytest.param({}, {"resolution": "unknown"}, id="no-resolution"),
        pytest.param({"h": 23, "m": 59, "s": 58}, {"local_time": 86398}, id="local-time"),
        pytest.param({"h": 24, "m": 5, "s": 1}, {"local_time": 301}, id="local-time-out-of-range"),
        pytest.param(
            {"e_c": "V", "e_a": "P"}, {"entry_action": "", "actions": 1, "interactions": 0, "events": 1}, id="event"
        ),
        pytest.param({"search": "foo"}, {"entry_action": "search", "exit_title": "foo", "searches": 1}, id="search"),
        pytest.param({"c_n": "Ad"}, {"actions": 0, "entry_action": ""}, id="content-is-no-action"),
        pytest.param({"idgoal": 0, "ec_id": "O1"}, {"actions": 0, "returning": 2}, id="order-makes-a-customer"),
        pytest.param(
            {"urlref": "https://news.example.com/a?utm_source=z&b=1#x"},
            {
                "referrer_type": "website",
                "referrer_name": "news.example.com",
                "referrer_url": "https://news.example.com/a?b=1",
            },
            id="website",
        ),
        pytest.param(
            {"urlref": "https://www.google.com/search?q=Foo+Bar"},
            {"referrer_type": "search", "referrer_name": "Google", "referrer_keyword": "foo bar"},
            id="search-engine",
        ),
        pytest.param(
            {"url": "https://example.org/?utm_source=NL", "urlref": "https://www.bing.com/search?q=zap"},
            {"referrer_type": "campaign", "referrer_name": "nl", "referrer_keyword": "zap"},
            id="campaign",
        ),
        pytest.param(
            {"mtm_campaign": "Direct Param", "mtm_kwd": "KK"},
            {"referrer_type": "campaign", "referrer_name": "direct param", "referrer_keyword": "kk"},
            id="campaign-as-parameter",
        ),
        pytest.param({"urlref": "https://example.org/q"}, {"referrer_type": "direct"}, id="own-domain"),
        pytest.param({"pdf": 1, "java": 1, "cookie": 1, "qt": 0}, {"plugins": "pdf,java,cookie"}, id="plugins"),
        pytest.param({}, {"plugins": "", "profilable": 0, "client_type": "browser"}, id="nothing-said-of-the-client"),
        pytest.param({"_id": VISITOR}, {"profilable": 1}, id="named-by-the-tracker"),
        pytest.param({"ua": "curl/8.5.0"}, {"client_type": "library"}, id="library"),
        pytest.param(
            {"url": "https://example.org/?GCLID=abc"},
            {"ad_network": "Google Ads", "entry_page": "example.org/"},
            id="advertisement",
        ),
        pytest.param({"url": "https://example.org/?gclid="}, {"ad_network": ""}, id="no-advertisement"),
        pytest.param(
            {"_cvar": '{"1":["team","blue"]}'}, {"variables": {"1": {"name": "team", "value": "blue"}}}, id="variables"
        ),
        pytest.param({}, {"latitude": None, "longitude": None, "dimensions": {}, "variables": {}}, id="nothing-more"),
    ],
)
def test_a_visit(pegel: Tracked, parameters: dict[str, Any], expected: dict[str, Any]) -> None:
    site = pegel.add_site()
    assert pegel.get(site, **parameters).status == 200
    (visit,) = pegel.visits(site)
    assert {name: visit[name] for name in expected} == expected


def test_the_referer_header_names_the_page_of_an_image(pegel: Tracked) -> None:
    site = pegel.add_site()
    pegel.request("GET", f"/matomo.php?idsite={site.id}&rec=1", Referer="https://example.org/pixel")
    assert [hit["page"] for hit in pegel.hits(site)] == ["example.org/pixel"]


def test_search_may_be_switched_off(pegel: Tracked) -> None:
    site = pegel.add_site(search=False)
    pegel.get(site, url="https://example.org/?q=x", search="foo")
    assert [hit["action"] for hit in pegel.hits(site)] == ["pageview"]


def test_a_site_has_its_own_parameters(pegel: Tracked) -> None:
    site = pegel.add_site(search_keywords=("find",), excluded_parameters=("ref", "/^x_/"), keep_fragment=True)
    pegel.get(site, url="https://example.org/?find=it&q=no")
    pegel.get(site, 1, url="https://example.org/p?REF=1&x_a=2&q=3#part")
    assert [(hit["keyword"], hit["page"]) for hit in pegel.hits(site)] == [("it", ""), ("", "example.org/p?q=3#part")]


def test_a_place_needs_a_token(pegel: Tracked) -> None:
    site = pegel.add_site()
    pegel.get(site, country="DE", city="Köln", region="05", token_auth=pegel.token("admin", site.id))
    (visit,) = pegel.visits(site)
    assert (visit["country"], visit["region"], visit["city"]) == ("de", "05", "Köln")


def test_coordinates_need_a_token(pegel: Tracked) -> None:
    site = pegel.add_site()
    assert pegel.get(site, lat="50.94", long="6.96").status == 400
    token = pegel.token("write", site.id)
    pegel.get(site, lat="50.9412784", long="6.9582814", token_auth=token)
    pegel.get(site, 1, lat="north", long="6", token_auth=token)
    assert [(visit["latitude"], visit["longitude"]) for visit in pegel.visits(site)] == [(50.941278, 6.958281)]


def test_a_visit_keeps_variables_until_they_are_emptied(pegel: Tracked) -> None:
    site = pegel.add_site()
    pegel.get(site, _cvar='{"1":["team","blue"],"2":["age","7"]}')
    pegel.get(site, 1, _cvar='{"1":["team","red"],"2":["",""]}')
    assert [visit["variables"] for visit in pegel.visits(site)] == [{"1": {"name": "team", "value": "red"}}]


def a_site_with_dimensions(pegel: Tracked) -> Site:
    """1: of a visit, sent only. 2: of an action, sent or the folder. 3: of an action, from a parameter. 4: asleep."""
    site = pegel.add_site()
    folder = (Extraction("url", "example\\.org/([^/?]+)"), Extraction("action_name", "^(.+) page$"))
    for dimension in (
        NewDimension(site=site.id, name="Team", scope="visit"),
        NewDimension(site=site.id, name="Folder", scope="action", extractions=folder),
        NewDimension(site=site.id, name="Tab", scope="action", extractions=(Extraction("urlparam", "tab"),)),
        NewDimension(site=site.id, name="Asleep", scope="action", active=False),
    ):
        pegel.registry.add_dimension(dimension)
    return site


@pytest.mark.parametrize(
    ("parameters", "of_visit", "of_hit"),
    [
        pytest.param({"dimension1": "blue", "dimension2": "x"}, {"1": "blue"}, {"2": "x"}, id="sent"),
        pytest.param({"url": "https://example.org/shop/?tab=a%20b"}, {}, {"2": "shop", "3": "a b"}, id="extracted"),
        pytest.param({"action_name": "News page"}, {}, {"2": "News"}, id="extracted-by-the-second-rule"),
        pytest.param({"url": "https://example.org/shop/", "dimension2": "x"}, {}, {"2": "x"}, id="sent-comes-first"),
        pytest.param({"url": "https://example.org/shop/", "dimension2": ""}, {}, {"2": ""}, id="sent-empty"),
        pytest.param({"dimension4": "x", "dimension9": "y"}, {}, {}, id="asleep-and-unknown"),
        pytest.param({"e_c": "V", "e_a": "P", "dimension2": "x"}, {}, {"2": "x"}, id="of-an-event"),
    ],
)
def test_dimensions(
    pegel: Tracked, parameters: dict[str, Any], of_visit: dict[str, str], of_hit: dict[str, str]
) -> None:
    site = a_site_with_dimensions(pegel)
    pegel.get(site, **parameters)
    assert [hit["dimensions"] for hit in pegel.hits(site)] == [of_hit]
    assert [visit["dimensions"] for visit in pegel.visits(site)] == [of_visit]


def test_a_visit_keeps_a_dimension_until_it_is_overwritten(pegel: Tracked) -> None:
    site = a_site_with_dimensions(pegel)
    seen = []
    requests: list[dict[str, Any]] = [{"dimension1": "blue"}, {}, {"dimension1": "red", "ping": 1}, {"dimension1": ""}]
    for after, sent in enumerate(requests):
        pegel.get(site, after, **sent)
        seen += [visit["dimensions"] for visit in pegel.visits(site)]
    assert seen == [{"1": "blue"}, {"1": "blue"}, {"1": "red"}, {"1": ""}]


def timings_of(pegel: Tracked, site: Site) -> list[Row]:
    pegel.load()
    return pegel.rows(f"select * from timings final where site = {site.id} order by at, id")


SPEED = ("network", "server", "transfer", "dom_processing", "dom_completion", "on_load")


@pytest.mark.parametrize(
    ("requests", "expected"),
    [
        pytest.param([{"pf_net": 1, "pf_srv": 0}], [(1, 0, None, None, None, None)], id="with-the-view"),
        pytest.param(
            [{"pv_id": "aaaaaa"}, {"pf_srv": 2, "pv_id": "aaaaaa", "ping": 1}], [(None, 2, *[None] * 4)], id="late"
        ),
        pytest.param(
            [
                {"pv_id": "aaaaaa", "pf_net": 1, "pf_srv": 2},
                {"pv_id": "aaaaaa", "e_c": "V", "e_a": "P", "pf_srv": 3, "pf_onl": 4},
            ],
            [(1, 3, None, None, None, 4)],
            id="completed-by-an-event",
        ),
        pytest.param(
            [
                {"pv_id": "aaaaaa", "pf_net": 1},
                {"pv_id": "bbbbbb"},
                {"pv_id": "aaaaaa", "pf_srv": -5, "pf_tfr": 6, "ping": 1},
            ],
            [(1, None, 6, None, None, None)],
            id="of-the-page-before",
        ),
        pytest.param([{"pv_id": "aaaaaa"}, {"pv_id": "cccccc", "pf_srv": 3, "ping": 1}], [], id="of-no-known-view"),
        pytest.param([{"search": "a", "pf_srv": 3}], [], id="of-a-search"),
        pytest.param([{"pf_srv": 20_000_000}], [], id="too-long"),
        pytest.param([{"pv_id": "aaaaaa"}], [], id="none"),
    ],
)
@pytest.mark.parametrize("batches", ["one-batch", "many-batches"])
def test_timings(pegel: Tracked, requests: list[dict[str, Any]], expected: list[Any], batches: str) -> None:
    site = pegel.add_site()
    for after, parameters in enumerate(requests):
        assert pegel.get(site, after, _id=VISITOR, **parameters).status == 200
        if batches == "many-batches":
            pegel.load()
    assert [tuple(row[name] for name in SPEED) for row in timings_of(pegel, site)] == expected


def test_timings_belong_to_a_page_view(pegel: Tracked) -> None:
    site = pegel.add_site()
    pegel.get(site, url="https://www.example.org/a?b=1", action_name="A", pf_srv=9)
    (hit,), (row,) = pegel.hits(site), timings_of(pegel, site)
    names = ("site", "at", "id", "visit", "page", "prefix", "title")
    assert {name: row[name] for name in names} == {name: hit[name] for name in names}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        pytest.param({"ua": GOOGLEBOT}, [("Googlebot", "search", "example.org/", None, None, None, "")], id="search"),
        pytest.param(
            {"ua": CHATBOT, "recMode": 1, "http_status": 404, "bw_bytes": 2**40, "pf_srv": 35, "source": "nginx"},
            [("ChatGPT-User", "ai-assistant", "example.org/", 404, 2**40, 35, "nginx")],
            id="assistant",
        ),
        pytest.param(
            {"ua": GOOGLEBOT, "download": "https://example.org/f.zip"},
            [("Googlebot", "search", "example.org/f.zip", None, None, None, "")],
            id="download",
        ),
        pytest.param({"recMode": 1}, [], id="bot-mode-without-a-bot"),
    ],
)
def test_bots_of_a_site_that_keeps_them(pegel: Tracked, parameters: dict[str, Any], expected: list[Any]) -> None:
    site = pegel.add_site(keep_bots=True)
    assert pegel.get(site, **parameters).status == 200
    assert (pegel.hits(site), pegel.visits(site)) == ([], [])
    assert pegel.counters(site) == {"bot": 1}
    rows = pegel.rows(f"select * from bots where site = {site.id}")
    names = ("name", "class", "page", "status", "size", "milliseconds", "source")
    assert [tuple(row[name] for name in names) for row in rows] == expected


def test_a_site_that_keeps_bots_still_counts_people(pegel: Tracked) -> None:
    site = pegel.add_site(keep_bots=True)
    pegel.get(site)
    pegel.get(site, 1, ua=GOOGLEBOT, bots=1)
    assert len(pegel.hits(site)) == 2
    assert pegel.rows(f"select * from bots where site = {site.id}") == []


def test_on_an_intranet_only_ids_tell_people_apart(pegel: Tracked) -> None:
    usual, intranet = pegel.add_site(), pegel.add_site(type="intranet")
    for site in (usual, intranet):
        for after, visitor in enumerate((VISITOR, OTHER_VISITOR, VISITOR)):
            pegel.get(site, after, _id=visitor)
    assert [visit["actions"] for visit in pegel.visits(usual)] == [3]
    assert [visit["actions"] for visit in pegel.visits(intranet)] == [2, 1]


def test_a_hit_from_before_a_site_was_added_moves_its_beginning(pegel: Tracked) -> None:
    site = pegel.add_site(created=NOON)
    old = NOON - timedelta(days=40, hours=3)
    pegel.get(site, cdt=old.isoformat(), token_auth=pegel.token("write", site.id))
    pegel.get(site, 1)
    assert len(pegel.hits(site)) == 2
    assert pegel.registry.site(site.id).created == old.replace(hour=0) - timedelta(days=1)


@pytest.fixture(scope="module")
def otherwise(tmp_path_factory: pytest.TempPathFactory, database: Database) -> Iterator[Tracked]:
    """A collector and loader of an operator who has decided differently wherever that is possible."""
    settings = Settings(title_delimiter="/", new_visit_on_referrer=True, visit_seconds=60)
    with tracked(tmp_path_factory.mktemp("otherwise"), database, settings) as running:
        yield running


def test_titles_may_be_hierarchies(otherwise: Tracked) -> None:
    site = otherwise.add_site()
    for after, title in enumerate(("Help / Install/ Linux ", "/ Help//", "Help", "/")):
        otherwise.get(site, after, action_name=title)
    assert [hit["title"] for hit in otherwise.hits(site)] == ["Help/Install/Linux", "Help", "Help", ""]


@pytest.mark.parametrize(
    ("referrers", "visits"),
    [
        pytest.param(["https://a.net/", "https://b.net/"], ["a.net", "b.net"], id="another-website"),
        pytest.param(["https://a.net/", "https://a.net/2"], ["a.net"], id="the-same-website"),
        pytest.param(["https://a.net/", ""], ["a.net"], id="none"),
        pytest.param(["https://a.net/", "https://example.org/"], ["a.net"], id="the-site-itself"),
        pytest.param(["", "https://b.net/"], ["", "b.net"], id="after-a-direct-entry"),
    ],
)
def test_another_website_may_begin_a_visit(otherwise: Tracked, referrers: list[str], visits: list[str]) -> None:
    site = otherwise.add_site()
    for after, referrer in enumerate(referrers):
        otherwise.get(site, after, urlref=referrer, _id=VISITOR)
    assert [visit["referrer_name"] for visit in otherwise.visits(site)] == visits


def test_another_website_usually_begins_no_visit(pegel: Tracked) -> None:
    site = pegel.add_site()
    for after, referrer in enumerate(("https://a.net/", "https://b.net/")):
        pegel.get(site, after, urlref=referrer, _id=VISITOR)
    assert [visit["referrer_name"] for visit in pegel.visits(site)] == ["a.net"]


def test_a_visit_may_end_sooner(otherwise: Tracked, pegel: Tracked) -> None:
    for running, starts in ((otherwise, 2), (pegel, 1)):
        site = running.add_site()
        for after in (0, 59, 119):
            running.get(site, after, _id=VISITOR)
        assert len(running.visits(site)) == starts


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param("-1 hour", "2026-05-13 11:00:00", id="an-hour-back"),
        pytest.param("3 days ago", "2026-05-10 12:00:00", id="days-ago"),
        pytest.param("yesterday", "2026-05-12 00:00:00", id="yesterday"),
        pytest.param("tomorrow", "2026-05-13 12:00:00", id="tomorrow-means-now"),
        pytest.param("12.05.2026 13:00", "2026-05-12 13:00:00", id="points"),
        pytest.param("2026-05-12 13:00:00", "2026-05-12 13:00:00", id="23-hours-ago"),
        pytest.param("1778587200.7", "2026-05-12 12:00:00", id="unix-seconds-exactly-a-day-ago-need-a-token"),
        pytest.param("2026-05-13T11:00:00+02:00", "2026-05-13 09:00:00", id="with-offset"),
        pytest.param("2026-05-13 13:00:00", "2026-05-13 12:00:00", id="in-the-future-means-now"),
        pytest.param("garbage", "2026-05-13 12:00:00", id="garbage-means-now"),
        pytest.param("1999-01-01", "2026-05-13 12:00:00", id="too-long-ago-means-now"),
    ],
)
def test_custom_times(pegel: Tracked, given: str, expected: str) -> None:
    site = pegel.add_site()
    pegel.get(site, cdt=given, token_auth=pegel.token("write", site.id))
    assert [str(hit["at"])[:19] for hit in pegel.hits(site)] == [expected]


@pytest.mark.parametrize(
    ("sent", "title"),
    [
        pytest.param("%E9t%E9", "été", id="latin-1"),
        pytest.param("%C3%A9t%C3%A9", "été", id="utf-8"),
        pytest.param("a%00b", "ab", id="nul"),
        pytest.param("%zz%", "%zz%", id="broken-percent"),
        pytest.param("%26hellip%3B%26amp%3Bamp%3B%26nosuch%3B", "…&amp;&nosuch;", id="entities-once"),
        pytest.param("%F0%9F%8C%8A", "🌊", id="emoji"),
    ],
)
def test_texts_of_every_kind(pegel: Tracked, sent: str, title: str) -> None:
    site = pegel.add_site()
    pegel.request("GET", f"/matomo.php?idsite={site.id}&rec=1&url=https://example.org/&action_name={sent}")
    assert [hit["title"] for hit in pegel.hits(site)] == [title]


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-7", "zlib", "idna", "no-such", "utf-16"])
def test_a_strange_charset_stops_nobody(pegel: Tracked, charset: str) -> None:
    """Some of Python's codecs make halves of characters; a hit that held one could never be inserted."""
    site = pegel.add_site()
    pegel.get(site, url="https://example.org/?q=%5Cud800%2B2AA-%ff", cs=charset)
    pegel.get(site, 1, url="https://example.org/next")
    assert [hit["action"] for hit in pegel.hits(site)] == ["search", "pageview"]
