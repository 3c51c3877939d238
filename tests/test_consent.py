"""What a visitor agreed to decides what is kept: cookies, signals and a site's policy in, counters and rows out."""

from typing import Any
from urllib.parse import urlencode

import pytest

from ingest.consent import tracker_flags
from sql.clickhouse import Database
from sql.registry import Site
from tests.tracked import VISITOR, Row, Tracked, tracked

DAY = 86_400
NUMBER = int(VISITOR, 16)
REMOVED, CONSENT, COOKIES = "mtm_consent_removed=1", "mtm_consent=1779000000000", "mtm_cookie_consent=1779000000000"
REQUIRED = {"consent": "consent-required"}
COOKIE_CONSENT = {"consent": "cookie-consent"}
NO_IDS = {"consent": "without-identifiers"}


def send(pegel: Tracked, site: Site, headers: dict[str, str], **parameters: object) -> str:
    """Send a page view with an id; return why it was ignored, '' if it was not."""
    given = {"idsite": site.id, "rec": 1, "url": "https://example.org/", "_id": VISITOR, **parameters}
    answer = pegel.request("GET", f"/matomo.php?{urlencode(given)}", None, **headers)
    assert answer.status == 200
    return answer.headers.get("x-pegel", "").removeprefix("ignored: ")


@pytest.mark.parametrize(
    ("chosen", "headers", "parameters", "reason"),
    [
        pytest.param({}, {"Cookie": "matomo_ignore=ignore%3DKg%3D%3D"}, {}, "opt-out", id="opted-out"),
        pytest.param({}, {"Cookie": "piwik_ignore=ignore%3Dczox%3A_%3Dab"}, {}, "opt-out", id="opted-out-long-ago"),
        pytest.param({}, {"Cookie": f"a=1; {REMOVED}"}, {}, "opt-out", id="opted-out-on-the-website"),
        pytest.param({}, {"Cookie": f"{REMOVED}; {CONSENT}"}, {}, "opt-out", id="objection-wins-over-consent"),
        pytest.param({}, {"Cookie": "mtm_consent_removed="}, {}, "", id="an-empty-objection-is-none"),
        pytest.param({}, {"Cookie": f"no_{REMOVED}; mtm_consent_removed2=1"}, {}, "", id="other-names"),
        pytest.param({}, {}, {}, "", id="nothing-asked"),
        pytest.param(REQUIRED, {}, {}, "no-consent", id="consent-missing"),
        pytest.param(REQUIRED, {"Cookie": COOKIES}, {}, "no-consent", id="consent-to-cookies-is-not-enough"),
        pytest.param(REQUIRED, {"Cookie": CONSENT}, {}, "", id="consent-by-cookie"),
        pytest.param(REQUIRED, {}, {"consent": 1}, "", id="consent-by-tracker"),
        pytest.param(REQUIRED, {}, {"consent": 0}, "no-consent", id="tracker-says-no"),
        pytest.param(REQUIRED, {"Cookie": REMOVED}, {"consent": 1}, "opt-out", id="objection-wins-over-tracker"),
        pytest.param({"dnt": "drop"}, {"DNT": "1"}, {}, "do-not-track", id="dnt"),
        pytest.param({"dnt": "drop"}, {"X_Do_Not_Track": "1"}, {}, "do-not-track", id="dnt-old-header"),
        pytest.param({"dnt": "drop"}, {"DNT": "0"}, {}, "", id="dnt-off"),
        pytest.param({"dnt": "drop"}, {"Sec_GPC": "1"}, {}, "", id="dnt-is-not-gpc"),
        pytest.param({"gpc": "drop"}, {"Sec_GPC": "1"}, {}, "global-privacy-control", id="gpc"),
        pytest.param({"gpc": "drop"}, {"Sec_GPC": "0"}, {}, "", id="gpc-off"),
        pytest.param({"gpc": "anonymous"}, {"Sec_GPC": "1"}, {}, "", id="gpc-counted"),
        pytest.param({"preset": "tdddg"}, {}, {}, "", id="preset-that-counts"),
    ],
)  # fmt: skip
def test_who_is_counted(
    pegel: Tracked, chosen: dict[str, Any], headers: dict[str, str], parameters: dict[str, Any], reason: str
) -> None:
    site = pegel.add_site(**chosen)
    assert send(pegel, site, headers, **parameters) == reason
    assert pegel.counters(site) == {reason: 1}
    assert len(pegel.hits(site)) == len(pegel.visits(site)) == (not reason)


@pytest.mark.parametrize(
    ("chosen", "headers", "parameters", "kept"),
    [
        pytest.param({}, {}, {}, (NUMBER, ""), id="as-the-tracker-says"),
        pytest.param({}, {"DNT": "1", "Sec_GPC": "1"}, {}, (NUMBER, ""), id="signals-ignored"),
        pytest.param({"dnt": "anonymous"}, {"DNT": "1"}, {"uid": "anna"}, (None, ""), id="dnt"),
        pytest.param({"gpc": "anonymous"}, {"Sec_GPC": "1"}, {"uid": "anna"}, (None, ""), id="gpc"),
        pytest.param({"gpc": "anonymous"}, {"Sec_GPC": "1"}, {"cid": VISITOR}, (None, ""), id="gpc-and-cid"),
        pytest.param({"gpc": "anonymous"}, {}, {}, (NUMBER, ""), id="gpc-off"),
        pytest.param(NO_IDS, {}, {}, (None, ""), id="nobody-s-id"),
        pytest.param(NO_IDS, {"Cookie": CONSENT}, {}, (None, ""), id="nobody-s-id-even-with-consent"),
        pytest.param(COOKIE_CONSENT, {}, {}, (None, ""), id="no-consent-to-cookies"),
        pytest.param(COOKIE_CONSENT, {"Cookie": COOKIES}, {}, (NUMBER, ""), id="consent-to-cookies"),
        pytest.param(COOKIE_CONSENT, {"Cookie": CONSENT}, {}, (NUMBER, ""), id="consent-to-everything"),
        pytest.param(COOKIE_CONSENT, {}, {"consent": 1}, (NUMBER, ""), id="tracker-tells-of-consent"),
        pytest.param(COOKIE_CONSENT, {}, {"cookie_consent": 1}, (NUMBER, ""), id="tracker-tells-of-cookies"),
        pytest.param(REQUIRED, {"Cookie": CONSENT}, {}, (NUMBER, ""), id="consent"),
        pytest.param({"preset": "cnil"}, {}, {"uid": "anna"}, (NUMBER, ""), id="preset-without-user-ids"),
        pytest.param({"preset": "tdddg"}, {}, {"uid": "anna", "cid": VISITOR}, (None, ""), id="preset-without-ids"),
        pytest.param({"preset": "tdddg"}, {"Cookie": COOKIES}, {}, (NUMBER, ""), id="preset-and-consent"),
    ],
)  # fmt: skip
def test_whose_identifiers_are_kept(
    pegel: Tracked,
    chosen: dict[str, Any],
    headers: dict[str, str],
    parameters: dict[str, Any],
    kept: tuple[int | None, str],
) -> None:
    site = pegel.add_site(**chosen)
    assert send(pegel, site, headers, **parameters) == ""
    (visit,) = pegel.visits(site)
    number, user = kept
    assert visit["user_id"] == user
    assert (visit["visitor"] == number) == (number is not None)
    assert visit["profilable"] == (number is not None)


def test_visitors_without_identifiers_are_told_apart_for_a_visit(pegel: Tracked) -> None:
    site = pegel.add_site(consent="without-identifiers")
    for browser in (
        "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Firefox/140.0",
        "Mozilla/5.0 (X11; rv:140.0) Firefox/140.0",
    ):
        for _ in range(2):
            send(pegel, site, {"User_Agent": browser})
    assert [visit["actions"] for visit in pegel.visits(site)] == [2, 2]


@pytest.mark.parametrize(("signal", "header"), [("dnt", "DNT"), ("gpc", "Sec_GPC")])
@pytest.mark.parametrize("more", [{}, {"new_visit": 1}], ids=["visit-goes-on", "new-visit"])
def test_who_signals_never_gets_the_id_of_an_earlier_visit(
    pegel: Tracked, signal: str, header: str, more: dict[str, Any]
) -> None:
    site = pegel.add_site(**{signal: "anonymous"})
    for headers, parameters in (({}, {}), ({header: "1"}, more), ({header: "1"}, {})):
        assert send(pegel, site, headers, **parameters) == ""
    before, after = sorted(pegel.visits(site), key=lambda visit: -visit["profilable"])
    assert (before["visitor"], before["actions"]) == (NUMBER, 1)
    assert (after["visitor"] == NUMBER, after["actions"], after["returning"]) == (False, 2, 0)
    assert sum(hit["visitor"] == NUMBER for hit in pegel.hits(site)) == 1


EVERYTHING = {
    "uid": "anna",
    "res": "1920x1080",
    "pdf": 1,
    "uadata": '{"platform":"Linux"}',
    "h": 3, "m": 4, "s": 5,
    "url": "https://example.org/a?utm_campaign=Spring&utm_term=shoes&gclid=1&x=1",
    "urlref": "https://partner.example/path?who=anna",
}  # fmt: skip
ORDER = {"idgoal": 0, "ec_id": "A-4711", "revenue": 20, "ec_items": '[["S1","Shoe",["Shoes"],10,2]]'}


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        pytest.param(
            "matomo",
            {"user_id": "anna", "resolution": "1920x1080", "plugins": "pdf", "local_time": 11045,
             "referrer_type": "campaign", "referrer_name": "spring", "referrer_keyword": "shoes",
             "referrer_url": "https://partner.example/path?who=anna", "ad_network": "Google Ads"},
            id="matomo",
        ),
        pytest.param(
            "cnil",
            {"user_id": "", "resolution": "1920x1080", "plugins": "pdf", "local_time": 11045,
             "referrer_type": "website", "referrer_name": "partner.example", "referrer_keyword": "",
             "referrer_url": "https://partner.example/", "ad_network": ""},
            id="cnil",
        ),
        pytest.param(
            "tdddg",
            {"user_id": "", "resolution": "unknown", "plugins": "", "local_time": 43200,
             "referrer_type": "campaign", "referrer_name": "spring", "referrer_keyword": "shoes",
             "referrer_url": "https://partner.example/", "ad_network": ""},
            id="tdddg",
        ),
        pytest.param(
            "uk",
            {"user_id": "", "resolution": "1920x1080", "plugins": "pdf", "local_time": 11045,
             "referrer_type": "campaign", "referrer_name": "spring", "referrer_keyword": "shoes",
             "referrer_url": "https://partner.example/path", "ad_network": ""},
            id="uk",
        ),
    ],
)  # fmt: skip
def test_what_a_preset_keeps_of_a_visit(pegel: Tracked, preset: str, expected: Row) -> None:
    site = pegel.add_site(preset=preset)
    send(pegel, site, {}, **EVERYTHING)
    (visit,) = pegel.visits(site)
    assert {name: visit[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("preset", "number", "articles"),
    [
        pytest.param("matomo", "A-4711", 1, id="matomo"),
        pytest.param("cnil", None, 0, id="cnil"),
        pytest.param("tdddg", None, 0, id="tdddg"),
        pytest.param("uk", "A-4711", 1, id="uk"),
    ],
)
def test_what_a_preset_keeps_of_an_order(pegel: Tracked, preset: str, number: str | None, articles: int) -> None:
    site = pegel.add_site(preset=preset, ecommerce=True)
    for _ in range(2):
        send(pegel, site, {}, **ORDER)
    pegel.load()
    (order,) = pegel.rows(f"select order_id, revenue from conversions final where site = {site.id}")
    assert order["revenue"] == 20
    assert order["order_id"] == number or (number is None and len(order["order_id"]) == 16)
    assert len(pegel.rows(f"select sku from order_items final where site = {site.id}")) == articles


def test_a_hashed_order_is_another_one_tomorrow(pegel: Tracked) -> None:
    site = pegel.add_site(preset="cnil", ecommerce=True)
    send(pegel, site, {}, **ORDER)
    pegel.load()
    pegel.get(site, DAY, **ORDER)
    pegel.load()
    numbers = pegel.rows(f"select distinct order_id from conversions final where site = {site.id}")
    assert len(numbers) == 2


@pytest.mark.parametrize(
    ("chosen", "letters"),
    [
        pytest.param({}, "", id="default"),
        pytest.param({"consent": "cookie-consent"}, "k", id="cookie-consent"),
        pytest.param({"consent": "without-identifiers", "gpc": "drop"}, "cg", id="cookieless-and-gpc"),
        pytest.param({"consent": "consent-required", "dnt": "drop"}, "rn", id="consent-and-dnt"),
        pytest.param({"preset": "cnil"}, "mGN", id="cnil"),
        pytest.param({"preset": "tdddg"}, "kdGN", id="tdddg"),
        pytest.param({"preset": "uk"}, "G", id="uk"),
    ],
)
def test_what_the_tracker_is_told(pegel: Tracked, chosen: dict[str, Any], letters: str) -> None:
    assert tracker_flags(pegel.add_site(**chosen)) == letters


def test_gpc_is_said_to_be_honoured_if_every_site_does(
    tmp_path_factory: pytest.TempPathFactory, database: Database
) -> None:
    with tracked(tmp_path_factory.mktemp("gpc"), database) as alone:
        first = alone.add_site(gpc="anonymous")
        answer = alone.request("GET", "/.well-known/gpc.json")
        assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
        assert answer.body.startswith(b'{"gpc":true,"lastUpdate":"20')
        alone.add_site()
        assert alone.request("GET", "/.well-known/gpc.json").body.startswith(b'{"gpc":false,')
        assert first.gpc == "anonymous"
