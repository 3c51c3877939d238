"""What is not counted, and why: a polite answer, the reason in a header, a counter, and nothing else."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.endpoint import GIF
from ingest.exclusions import Addresses
from ingest.request_rules import BadRule, RequestRule
from ingest.settings import Settings
from sql.clickhouse import Database
from sql.registry import Site
from sql.settings import BadSetting
from tests.tracked import FIREFOX, Tracked, tracked

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def assert_excluded(pegel: Tracked, site: Site, reason: str, **parameters: Any) -> None:
    answer = pegel.get(site, **parameters)
    assert (answer.status, answer.body) == (200, GIF)
    assert answer.headers.get("x-pegel") == f"ignored: {reason}"
    assert pegel.hits(site) == []
    assert pegel.visits(site) == []
    assert pegel.counters(site) == {reason: 1}


def assert_counted(pegel: Tracked, site: Site, **parameters: Any) -> None:
    answer = pegel.get(site, **parameters)
    assert (answer.status, answer.headers.get("x-pegel")) == (200, None)
    assert pegel.counters(site) == {"": 1}


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory, database: Database) -> Iterator[Tracked]:
    """A collector behind a proxy, which says who sends; and with spam lists of its own."""
    folder = tmp_path_factory.mktemp("lists")
    (folder / "spammers.txt").write_text("cheap-seo.example\nfree-clicks.example\n")
    settings = Settings(trusted_proxies=("127.0.0.1",), lists=str(folder))
    with tracked(tmp_path_factory.mktemp("proxied"), database, settings) as running:
        yield running


@pytest.mark.parametrize(
    ("entries", "address", "excluded"),
    [
        pytest.param(["203.0.113.77"], "203.0.113.77", True, id="one"),
        pytest.param(["203.0.113.77"], "203.0.113.78", False, id="its-neighbour-of-the-same-masked-address"),
        pytest.param(["203.0.113.64/28"], "203.0.113.77", True, id="network"),
        pytest.param(["203.0.113.77/28"], "203.0.113.65", True, id="network-by-any-of-its-addresses"),
        pytest.param(["203.0.113.*"], "203.0.113.77", True, id="star"),
        pytest.param(["203.0.*.*"], "203.0.113.77", True, id="two-stars"),
        pytest.param(["203.0.114.*"], "203.0.113.77", False, id="another-star"),
        pytest.param(["2001:db8::/32"], "2001:db8:1::7", True, id="v6"),
        pytest.param(["2001:db8::7"], "2001:db8:0:0::7", True, id="v6-in-another-spelling"),
        pytest.param(["203.0.113.77"], "::ffff:203.0.113.77", True, id="v4-in-v6"),
        pytest.param(["::/0"], "203.0.113.77", False, id="v6-is-not-v4"),
    ],
)
def test_excluded_addresses(proxied: Tracked, entries: list[str], address: str, excluded: bool) -> None:
    site = proxied.add_site(excluded_addresses=tuple(entries))
    path = f"/matomo.php?idsite={site.id}&rec=1"
    answer = proxied.request("GET", path, X_Forwarded_For=address)
    assert answer.headers.get("x-pegel") == ("ignored: excluded-address" if excluded else None)
    assert proxied.counters(site) == {"excluded-address" if excluded else "": 1}
    assert len(proxied.hits(site)) == (0 if excluded else 1)


def test_what_was_entered_before_it_was_checked_spoils_no_other(caplog: pytest.LogCaptureFixture) -> None:
    addresses = Addresses(["nonsense", "203.*.113.77", "203.0.114.*.*", "*x", "203.0.113.77", "198.51.*"])
    found = [addresses.hold(text) for text in ("203.0.113.77", "198.51.100.1", "203.9.113.77", "203.0.114.1", "")]
    assert found == [True, True, False, False, False]
    assert "count=4" in caplog.text
    assert "203.0.113.77" not in caplog.text.replace("expected=203.0.113.9", "")


def test_an_excluded_address_is_the_one_that_a_token_names(pegel: Tracked) -> None:
    site = pegel.add_site(excluded_addresses=("198.51.100.0/24",))
    assert_excluded(pegel, site, "excluded-address", cip="198.51.100.7", token_auth=pegel.token())


@pytest.mark.parametrize(
    ("entries", "user_agent", "excluded"),
    [
        pytest.param(["OurMonitor"], "Mozilla/5.0 ourmonitor/2", True, id="part-in-any-capitals"),
        pytest.param(["OurMonitor"], "Mozilla/5.0 OurMoni/2", False, id="another"),
        pytest.param(["nothing", "r:145"], FIREFOX, False, id="none-of-them"),
        pytest.param(["/Firefox\\/1[0-9]{2}/"], FIREFOX, True, id="expression"),
        pytest.param(["/firefox/"], FIREFOX, False, id="expression-with-capitals"),
        pytest.param(["/firefox/i"], FIREFOX, True, id="expression-without-capitals"),
        pytest.param(["/nothing/", "Firefox"], FIREFOX, True, id="an-expression-does-not-end-the-list"),
        pytest.param(["/(/", "/Firefox/"], FIREFOX, True, id="a-broken-expression-spoils-no-other"),
        pytest.param(["", " "], FIREFOX, False, id="nothing-is-not-everything"),
        pytest.param(["/(a+)+$/"], "a" * 1000 + "!", False, id="a-hungry-expression-ends-in-time"),
    ],
)
def test_excluded_user_agents(pegel: Tracked, entries: list[str], user_agent: str, excluded: bool) -> None:
    site = pegel.add_site(excluded_user_agents=tuple(entries))
    if excluded:
        assert_excluded(pegel, site, "excluded-user-agent", ua=user_agent)
    else:
        assert_counted(pegel, site, ua=user_agent)


@pytest.mark.parametrize(
    ("urls", "url", "known"),
    [
        pytest.param(["https://example.org"], "https://example.org/any/page?a=1", True, id="host"),
        pytest.param(["https://example.org"], "http://WWW.Example.org:8080/", True, id="scheme-www-port-and-capitals"),
        pytest.param(["https://www.example.org"], "https://example.org/", True, id="www-in-the-settings"),
        pytest.param(["https://example.org"], "https://sub.example.org/", False, id="another-host"),
        pytest.param(["https://example.org"], "https://example.org.evil.example/", False, id="only-its-beginning"),
        pytest.param(["https://.example.org"], "https://a.b.example.org/", True, id="everything-below"),
        pytest.param(["https://.example.org"], "https://example.org/", True, id="everything-below-and-itself"),
        pytest.param(["https://.example.org"], "https://notexample.org/", False, id="not-below"),
        pytest.param(["https://example.org/Shop"], "https://example.org/shop", True, id="folder"),
        pytest.param(["https://example.org/shop"], "https://example.org/Shop/a.html", True, id="in-a-folder"),
        pytest.param(["https://example.org/shop"], "https://example.org/shopping", False, id="not-in-the-folder"),
        pytest.param(["https://example.org/shop"], "https://example.org/", False, id="above-the-folder"),
        pytest.param(["https://a.example", "https://example.org"], "https://example.org/x", True, id="second-address"),
        pytest.param(["https://example.org"], "", False, id="no-page"),
        pytest.param(["https://example.org"], "example.org/x", False, id="no-url"),
        pytest.param(["https://example.org"], "javascript:alert(1)", False, id="a-script"),
    ],
)
def test_unknown_urls(pegel: Tracked, urls: list[str], url: str, known: bool) -> None:
    site = pegel.add_site(urls=tuple(urls), exclude_unknown_urls=True)
    if known:
        assert_counted(pegel, site, url=url)
    else:
        assert_excluded(pegel, site, "unknown-url", url=url)


def test_unknown_urls_are_counted_unless_the_site_says_so(pegel: Tracked) -> None:
    assert_counted(pegel, pegel.add_site(), url="https://elsewhere.example/")


def test_an_image_without_javascript_stands_where_its_referer_says(pegel: Tracked) -> None:
    site = pegel.add_site(exclude_unknown_urls=True)
    path = f"/matomo.php?idsite={site.id}&rec=1"
    assert "x-pegel" not in pegel.request("GET", path, Referer="https://example.org/a").headers
    assert pegel.request("GET", path, Referer="https://a.example/").headers["x-pegel"] == "ignored: unknown-url"
    assert pegel.counters(site) == {"": 1, "unknown-url": 1}


@pytest.mark.parametrize(
    ("referrer", "spam"),
    [
        pytest.param("https://cheap-seo.example/offer", True, id="host"),
        pytest.param("https://WWW.Cheap-SEO.example/", True, id="any-capitals"),
        pytest.param("https://hop.example/?to=free-clicks.example", True, id="anywhere"),
        pytest.param("https://seo.example/", False, id="another"),
        pytest.param(None, False, id="none"),
    ],
)
def test_spam_referrers(proxied: Tracked, referrer: str | None, spam: bool) -> None:
    site = proxied.add_site()
    if spam:
        assert_excluded(proxied, site, "spam-referrer", urlref=referrer)
    else:
        assert_counted(proxied, site, urlref=referrer)


def test_a_list_of_spammers_that_changes_is_read_again(tmp_path: Path, clean_database: Database) -> None:
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "spammers.txt").write_text("old-spam.example\n")
    with tracked(tmp_path, clean_database, Settings(lists=str(folder))) as pegel:
        site = pegel.add_site()
        (folder / "new").write_text("new-spam.example\n")
        os.replace(folder / "new", folder / "spammers.txt")
        pegel.refresh()
        assert "x-pegel" not in pegel.get(site, urlref="https://old-spam.example/").headers
        assert pegel.get(site, urlref="https://new-spam.example/").headers["x-pegel"] == "ignored: spam-referrer"


@pytest.fixture(scope="module")
def ruled(tmp_path_factory: pytest.TempPathFactory, database: Database) -> Iterator[Tracked]:
    """A collector whose operator excludes requests by their parameters."""
    settings = Settings(exclude_requests=("e_c==Test%2CTest", "url=@/admin", "action_name=^draft+", "urlref=$.test/"))
    with tracked(tmp_path_factory.mktemp("ruled"), database, settings) as running:
        yield running


@pytest.mark.parametrize(
    ("parameters", "excluded"),
    [
        pytest.param({"e_c": "TEST,test", "e_a": "a"}, True, id="is"),
        pytest.param({"e_c": "Test", "e_a": "a"}, False, id="is-not"),
        pytest.param({"url": "https://example.org/Admin/users"}, True, id="contains"),
        pytest.param({"action_name": "Draft of a page"}, True, id="begins"),
        pytest.param({"action_name": "A draft of a page"}, False, id="does-not-begin"),
        pytest.param({"urlref": "https://our.test/"}, True, id="ends"),
        pytest.param({"urlref": "https://our.test/x"}, False, id="does-not-end"),
    ],
)
def test_excluded_requests(ruled: Tracked, parameters: dict[str, Any], excluded: bool) -> None:
    site = ruled.add_site()
    if excluded:
        assert_excluded(ruled, site, "excluded-request", **parameters)
    else:
        assert_counted(ruled, site, **parameters)


def test_a_request_that_lacks_a_parameter_has_an_empty_one(tmp_path: Path, clean_database: Database) -> None:
    with tracked(tmp_path, clean_database, Settings(exclude_requests=("pv_id==", "uid!@@example.org"))) as pegel:
        site = pegel.add_site()
        assert pegel.get(site, uid="a@example.org").headers["x-pegel"] == "ignored: excluded-request"
        assert pegel.get(site, pv_id="abcdef", uid="a@other.example").headers["x-pegel"] == "ignored: excluded-request"
        assert "x-pegel" not in pegel.get(site, pv_id="abcdef", uid="a@example.org").headers


@pytest.mark.parametrize("rule", ["", "e_c", "e_c=Test", "==Test", "e_c>Test", "=@", "!"])
def test_a_rule_that_is_none_is_refused_at_start(rule: str) -> None:
    with pytest.raises(BadRule, match="expected a parameter, one of =="):
        RequestRule.of(rule)
    with pytest.raises(BadSetting, match="PEGEL_EXCLUDE_REQUESTS"):
        Settings(exclude_requests=("e_c==Test", rule))


def test_a_bot_is_counted_where_a_request_welcomes_it(pegel: Tracked) -> None:
    assert_excluded(pegel, pegel.add_site(), "bot", ua=GOOGLEBOT)
    assert_counted(pegel, pegel.add_site(), ua=GOOGLEBOT, bots=1)


def test_a_site_may_keep_bots_in_a_stream_of_their_own(pegel: Tracked) -> None:
    """In no visit; and what the site excludes is excluded for bots, too."""
    site = pegel.add_site(keep_bots=True, exclude_unknown_urls=True)
    assert "x-pegel" not in pegel.get(site, ua=GOOGLEBOT).headers
    answer = pegel.get(site, ua=GOOGLEBOT, url="https://a.example/")
    assert answer.headers["x-pegel"] == "ignored: unknown-url"
    assert (pegel.hits(site), pegel.visits(site)) == ([], [])
    assert [bot["page"] for bot in pegel.rows(f"select page from bots where site = {site.id}")] == ["example.org/"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"url": "https://example.org/admin", "ua": GOOGLEBOT, "rec": 0}, "bot", id="bot"),
        pytest.param({"url": "https://example.org/admin", "rec": 0}, "no-rec", id="no-rec"),
        pytest.param({"url": "https://example.org/admin", "tracker_install_check": "x"}, "install-check", id="check"),
        pytest.param({"url": "https://a.example/admin"}, "excluded-request", id="rule"),
        pytest.param({"url": "https://a.example/", "cookie": "matomo_ignore=1"}, "opt-out", id="opt-out"),
        pytest.param({"url": "https://a.example/"}, "excluded-address", id="address"),
    ],
)
def test_the_first_reason_counts(ruled: Tracked, changes: dict[str, Any], reason: str) -> None:
    site = ruled.add_site(
        excluded_addresses=("127.0.0.1",), excluded_user_agents=("Firefox",), exclude_unknown_urls=True
    )
    cookie = {"Cookie": changes.pop("cookie")} if "cookie" in changes else {}
    query = "&".join(f"{name}={value}" for name, value in {"rec": 1, "idsite": site.id, **changes}.items())
    path = f"/matomo.php?{query.replace(' ', '+')}"
    assert ruled.request("GET", path, None, X_Moz="prefetch", **cookie).headers["x-pegel"] == f"ignored: {reason}"


def test_the_last_reasons_count_in_their_order(proxied: Tracked) -> None:
    changes: dict[str, Any] = {"excluded_user_agents": ("Firefox",), "exclude_unknown_urls": True}
    for reason in ("excluded-user-agent", "spam-referrer", "unknown-url", "prefetch"):
        site = proxied.add_site(**changes)
        referrer = "https://cheap-seo.example/" if reason in ("excluded-user-agent", "spam-referrer") else ""
        path = f"/matomo.php?idsite={site.id}&rec=1&url=https://a.example/&urlref={referrer}"
        assert proxied.request("GET", path, X_Moz="prefetch").headers["x-pegel"] == f"ignored: {reason}"
        changes = {} if reason == "unknown-url" else {"exclude_unknown_urls": True}


@pytest.mark.parametrize("name", ["Purpose", "Sec_Purpose"])
def test_a_browser_that_fetches_ahead_counts(pegel: Tracked, name: str) -> None:
    """As on Matomo: only the old names of these headers say that a page may never be seen."""
    site = pegel.add_site()
    path = f"/matomo.php?idsite={site.id}&rec=1"
    assert "x-pegel" not in pegel.request("GET", path, None, **{name: "prefetch"}).headers
    assert pegel.request("GET", path, X_Purpose="instant").headers["x-pegel"] == "ignored: prefetch"


def test_an_opt_out_counts_in_whichever_cookie_line_it_stands(pegel: Tracked) -> None:
    site = pegel.add_site()
    path = f"/matomo.php?idsite={site.id}&rec=1"
    answer = pegel.lines(path, ("Cookie", "matomo_ignore=1"), ("Cookie", "other=2"))
    assert answer.headers["x-pegel"] == "ignored: opt-out"
