"""Request in, row out: what one tracking request leaves in ClickHouse."""

from typing import Any

import pytest

from tests.tracked import OTHER_VISITOR, VISITOR, Tracked

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
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
        pytest.param({"c_n": "Ad", "c_p": "img.jpg"}, {"action": "content", "position": 0}, id="content"),
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


@pytest.mark.parametrize(
    ("given", "expected"),
    [
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
