"""The page "Opt-out": embed codes, their preview in a real browser, and texts that follow from the configuration."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from starlette.testclient import TestClient

from dashboard.app import create_app
from dashboard.assets import Assets
from dashboard.configuration import Configuration, configuration_of
from dashboard.notices import LANGUAGES, TEXTS, notice
from dashboard.opt_out_codes import Look, code_of, fits, snippet_code
from dashboard.settings import Settings
from dashboard.surroundings import Surroundings
from ingest.optout.options import BadOption, ScriptOptions
from ingest.optout.options import Look as CollectorsLook
from sql.clickhouse import Database
from sql.dimensions import NewDimension
from sql.optout_texts import texts
from sql.registry import Registry
from tests.administered import Api
from tests.browsing import NEEDED, chromium
from tests.conftest import NOW, a_site, emptied, fixed_clock
from tests.test_dashboard_browser import WATCH
from tests.tracked import Tracked, listening, tracked

EMAIL, PASSWORD = "boss@example.org", "correct horse battery"
COLLECTOR = "https://stats.example.org"
PAGE = "/sites/1/opt-out"
STYLED = "shown=1&styled=1&background=%23ffeecc&colour=%23663300&size=18&unit=px&family=Georgia%2C+serif"
EVIL = """x"'><script>alert(1)</script>"""
BUILT = pytest.mark.skipif(not Assets().names, reason="browser files not built: npm ci && npm run build")


@pytest.fixture
def client(clean_database: Database, registry: Registry) -> TestClient:
    """A browser in which a superuser signed in, with one site."""
    a_site(registry, name="Example")
    registry.add_user(EMAIL, PASSWORD, "superuser")
    settings = Settings(collector_url=f"{COLLECTOR}/")
    app = create_app(settings, clean_database, registry, fixed_clock, Surroundings(lambda: {"ok": True}))
    client = TestClient(app, headers={"Origin": "http://testserver"})
    client.post("/login", data={"email": EMAIL, "password": PASSWORD})
    return client


def shown_code(page: str) -> str:
    found = re.search(r'<code id="code"[^>]*>(.*?)</code>', page, re.DOTALL)
    assert found
    return unescape(found[1])


def address_in(code: str) -> str:
    """Return the address that an embed code loads, as a browser reads it."""
    found = re.search(r'src="([^"]*)"', code)
    assert found
    return unescape(found[1])


# Codes


@pytest.mark.parametrize(
    ("query", "address"),
    [
        pytest.param("", "/opt-out.js?divId=matomo-opt-out&language=auto&showIntro=1&idsite=1", id="usual"),
        pytest.param(
            "?shown=1&kind=script&language=de",
            "/opt-out.js?divId=matomo-opt-out&language=de&showIntro=0&idsite=1",
            id="german",
        ),
        pytest.param(
            "?shown=1&kind=frame&intro=1&language=pl", "/opt-out?language=pl&showIntro=1&idsite=1", id="frame"
        ),
        pytest.param(
            f"?kind=frame&{STYLED}",
            "/opt-out?language=auto&showIntro=0&backgroundColor=ffeecc&fontColor=663300&fontSize=18px"
            "&fontFamily=Georgia%2C+serif&idsite=1",
            id="styled",
        ),
        pytest.param(
            "?shown=1&background=%23ffeecc&language=xx&kind=other",
            "/opt-out.js?divId=matomo-opt-out&language=auto&showIntro=0&idsite=1",
            id="unknown",
        ),
    ],
)
def test_the_code(client: TestClient, query: str, address: str) -> None:
    answer = client.get(PAGE + query)
    assert answer.status_code == 200
    code = shown_code(answer.text)
    assert address_in(code) == COLLECTOR + address
    assert ('<div id="matomo-opt-out"></div>' in code) == ("opt-out.js" in code)


@pytest.mark.parametrize("query", ["", f"?kind=frame&{STYLED}", "?shown=1&language=pt&kind=script"])
def test_the_collector_takes_every_code(client: TestClient, query: str) -> None:
    given = dict(parse_qsl(urlsplit(address_in(shown_code(client.get(PAGE + query).text))).query))
    assert ScriptOptions.of(given).showIntro == (given["showIntro"] == "1")
    assert bool(CollectorsLook.of(given).css) == ("styled" in query)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("backgroundColor", ("fff", "a1B2c3"), ("#fff", "ffff", "red", "fff;", "")),
        ("fontColor", ("000",), ("00", "expression(1)")),
        ("fontSize", ("16px", "1.5em", "120%"), ("16", "16 px", "-1px", "1px;x", "12345px")),
        ("fontFamily", ("Georgia, 'Times New Roman', serif", "Arial"), ("a;b", "url(x)", "'a", 'a"', ",", EVIL)),
    ],
)
def test_what_a_style_may_be(name: str, good: tuple[str, ...], bad: tuple[str, ...]) -> None:
    """What the dashboard lets through is what the collector takes."""
    assert [value for value in good if not fits(name, value)] == []
    assert [value for value in bad if fits(name, value)] == []
    for value in good:
        assert CollectorsLook.of({name: value}).css
    for value in filter(None, bad):
        with pytest.raises(BadOption):
            CollectorsLook.of({name: value})


@pytest.mark.parametrize("field", ["background", "colour", "size", "unit", "family", "language", "kind"])
def test_nothing_that_is_sent_becomes_code(client: TestClient, field: str) -> None:
    given = {**dict(parse_qsl(STYLED)), "size": "1", field: EVIL}
    for path in (PAGE, f"{PAGE}/preview"):
        answer = client.get(path, params=given)
        assert "<script>alert" not in answer.text
        assert EVIL not in answer.text
    if field not in ("language", "kind"):
        answer = client.get(PAGE, params=given)
        assert answer.status_code == 400
        assert "expected" in answer.text


@BUILT
def test_the_snippet() -> None:
    code = snippet_code(Look("de", False, (("fontColor", "333"), ("fontSize", "16px"))))
    assert code.startswith('<div id="matomo-opt-out"></div>\n<script>\n')
    assert code.count("<script>") == code.count("</script>") == 1
    assert texts()["de"]["counted_action"] in code
    assert texts()["fr"]["counted_action"] not in code
    assert '"style": {"color": "#333", "font-size": "16px"}' in code
    assert "://" not in code, "nothing is loaded from elsewhere"
    everywhere = snippet_code(Look())
    assert [language for language in texts() if texts()[language]["out_action"] not in everywhere] == []


# The page


def test_only_this_page_may_show_a_frame(client: TestClient) -> None:
    policy = client.get(PAGE).headers["content-security-policy"]
    assert policy.endswith(f"; frame-src 'self' {COLLECTOR}")
    assert "frame-ancestors 'none'" in policy
    assert "frame-src" not in client.get("/sites/1/privacy").headers["content-security-policy"]


def test_a_strange_collector_adds_nothing_to_the_policy(clean_database: Database, registry: Registry) -> None:
    a_site(registry)
    registry.add_user(EMAIL, PASSWORD, "superuser")
    settings = Settings(collector_url="https://stats.example;script-src'unsafe-inline'")
    app = create_app(settings, clean_database, registry, fixed_clock, Surroundings(lambda: {"ok": True}))
    client = TestClient(app, headers={"Origin": "http://testserver"})
    client.post("/login", data={"email": EMAIL, "password": PASSWORD})
    assert client.get(PAGE).headers["content-security-policy"].endswith("; frame-src 'self'")


def test_the_preview_is_out_of_reach(client: TestClient) -> None:
    answer = client.get(f"{PAGE}/preview?shown=1&language=de")
    policy = answer.headers["content-security-policy"]
    nonce = re.search(r"script-src 'nonce-([\w-]+)'", policy)
    assert nonce
    assert policy.startswith("sandbox allow-scripts; default-src 'none';")
    assert "frame-ancestors 'self'" in policy
    scripts = re.findall(r"<script[^>]*>", answer.text)
    assert scripts
    assert all(f'nonce="{nonce[1]}"' in script for script in scripts)
    assert parse_qs(urlsplit(address_in(scripts[-1])).query)["useCookiesTimeout"] == ["0"]
    assert "set-cookie" not in answer.headers
    again = client.get(f"{PAGE}/preview?shown=1&language=de")
    assert nonce[1] not in again.headers["content-security-policy"]


# Texts for the privacy notice

NOTICES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "usual": ({}, {}),
    "french": ({"preset": "cnil", "ecommerce": True}, {"precision": "city"}),
    "german": ({"preset": "tdddg", "dnt": "drop", "gpc": "drop"}, {}),
    "british": ({"preset": "uk", "exact_places": True, "ecommerce": True}, {"precision": "none"}),
    "consent": ({"consent": "consent-required", "referrers": "without-query", "retention_months": 0}, {}),
    "nothing": ({"consent": "without-identifiers", "referrers": "none"}, {"masked_bytes": 4}),
    "whole": ({"exact_places": True, "dnt": "anonymous"}, {"masked_bytes": 0, "precision": "city"}),
    "other-tracker": ({"consent": "without-identifiers"}, {"own_tracker": False}),
    "together": ({"urls": ("https://example.org", "https://example.com")}, {}),
}


def configured(registry: Registry, site: dict[str, Any], server: dict[str, Any]) -> Configuration:
    surroundings = Surroundings(lambda: {"ok": True}, **server)
    return configuration_of(a_site(registry, **site), registry, surroundings, NOW)


def told(configuration: Configuration, language: str = "en", frame: str = "") -> str:
    parts = notice(configuration, language, frame)
    lines = (line for part in parts for line in (*part.sentences, *part.items, *part.after))
    return " ".join("".join(piece.text for piece in line) for line in lines)


@pytest.mark.parametrize(
    ("name", "said", "unsaid"),
    [
        pytest.param(
            "usual",
            ["shortened by 2 of its 4 bytes", "13 months after the first visit", "30 minutes", "after 6 months",
             "after 25 months at the latest", "the address of the page", "from the IP address, browser, language and",
             "the country, estimated from the shortened IP address", "Article 6(1)(f)"],
            ["Do Not Track", "Global Privacy Control", "orders", "we do not look at the visits of single"],
            id="usual",
        ),
        pytest.param(
            "french",
            ["the name of the website from which", "country, region and city", "that something was ordered",
             "If your browser sends Do Not Track, no cookie is set", "we do not look at the visits of single persons",
             "from the shortened IP address, browser, language and plugins"],
            ["name of a campaign", "advertising network", "id of your account", "with their number", "in memory"],
            id="french",
        ),
        pytest.param(
            "german",
            ["Cookies are set only if you accepted them", "mtm_cookie_consent", "Section 25(1) TDDDG",
             "name of a campaign", "Do Not Track, nothing is recorded", "Control, nothing is recorded", "14 months"],
            ["size of the screen", "plugins"],
            id="german",
        ),
        pytest.param(
            "british", ["orders with their number", "without its parameters"], ["estimated from"], id="british"
        ),
        pytest.param(
            "consent",
            ["Nothing is recorded and no cookie is set before you consented", "not deleted by themselves"],
            ["after 25 months"],
            id="consent",
        ),
        pytest.param(
            "nothing",
            ["No cookie is set", "but not from which page", "Your IP address is not stored at all"],
            ["_pk_id", "13 months"],
            id="nothing",
        ),
        pytest.param("whole", ["Your IP address is stored. [Explain why.]"], ["shortened"], id="whole"),
        pytest.param("other-tracker", ["_pk_id", "use cookies of our website"], ["No cookie is set"], id="other"),
        pytest.param("together", ["[The statistics also cover example.com."], [], id="together"),
    ],
)  # fmt: skip
def test_a_text_follows_the_configuration(registry: Registry, name: str, said: list[str], unsaid: list[str]) -> None:
    text = told(configured(registry, *NOTICES[name]))
    assert [part for part in said if part not in text] == []
    assert [part for part in unsaid if part in text] == []


def test_both_languages_say_the_same() -> None:
    assert TEXTS.keys() == LANGUAGES.keys()
    assert TEXTS["en"].keys() == TEXTS["de"].keys()
    for key, english in TEXTS["en"].items():
        german = TEXTS["de"][key]
        for part in (r"\{\w+\}", r"\[", r"_pk_\w+|mtm_\w+|matomo_ignore"):
            assert sorted(re.findall(part, english)) == sorted(re.findall(part, german)), key


def test_every_text_is_used(registry: Registry) -> None:
    """Each in some configuration, in both languages."""
    everything = ""
    for site, server in NOTICES.values():
        configuration = configured(registry, site, server)
        registry.add_dimension(NewDimension(site=configuration.site.id, name="Author", scope="visit"))
        again = configuration_of(configuration.site, registry, Surroundings(lambda: {"ok": True}, **server), NOW)
        everything += "".join(told(again, language, frame) for language in LANGUAGES for frame in ("", "h.example"))
        everything += "".join(part.title for language in LANGUAGES for part in notice(again, language))
    for language in LANGUAGES:
        for key, text in TEXTS[language].items():
            assert any(piece in everything for piece in longest_pieces(text)), key


def longest_pieces(text: str) -> list[str]:
    """Return the parts of a text between its values, the longest one."""
    return [max(re.split(r"\{\w+\}", text), key=len)]


def test_the_page_has_both_texts_and_marks_what_is_open(client: TestClient, registry: Registry) -> None:
    registry.update_site(replace(registry.site(1), preset="cnil"))
    page = client.get(PAGE).text
    assert 'id="notice-en" lang="en"' in page
    assert 'id="notice-de" lang="de"' in page
    assert "<mark>[put the opt-out here]</mark>" in page
    assert "mtm_consent_removed" in page
    frame = client.get(f"{PAGE}?shown=1&kind=frame").text
    assert "matomo_ignore on the server of the statistics (stats.example.org)" in frame
    assert "mtm_consent_removed" not in frame


# The API


def test_codes_for_programs(api: Api) -> None:
    code = api.done(
        "CoreAdminHome.getOptOutJSEmbedCode",
        **{"backgroundColor": "FFFFFF", "fontColor": "#333", "fontSize": "12px", "fontFamily": "Arial"},
        **{"applyStyling": 1, "showIntro": 0, "matomoUrl": "https://stats.example.net/", "language": "de-AT"},
    )
    assert address_in(code) == (
        "https://stats.example.net/opt-out.js?divId=matomo-opt-out&language=de&showIntro=0"
        "&backgroundColor=FFFFFF&fontColor=333&fontSize=12px&fontFamily=Arial"
    )
    plain = api.done("CoreAdminHome.getOptOutJSEmbedCode", applyStyling=0, fontColor="nonsense")
    assert address_in(plain) == ("http://127.0.0.1:8000/opt-out.js?divId=matomo-opt-out&language=auto&showIntro=1")


@BUILT
def test_snippets_for_programs(api: Api) -> None:
    code = api.done("CoreAdminHome.getOptOutSelfContainedEmbedCode", language="fr", fontColor="333", showIntro=0)
    assert code == code_of("snippet", "", Look("fr", False, (("fontColor", "333"),)))
    assert "<script>" in code


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"fontColor": "red"}, id="colour"),
        pytest.param({"fontSize": "16px;x"}, id="size"),
        pytest.param({"fontFamily": EVIL}, id="family"),
        pytest.param({"language": "xx"}, id="language"),
        pytest.param({"matomoUrl": "javascript:alert(1)"}, id="address"),
        pytest.param({"showIntro": "maybe"}, id="flag"),
    ],
)
def test_what_programs_cannot_ask_for(api: Api, given: dict[str, str]) -> None:
    refusal = api.refused("CoreAdminHome.getOptOutJSEmbedCode", **given)
    assert "expected" in refusal


# In a real browser


@pytest.fixture(scope="module")
def collector(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tracked]:
    with tracked(tmp_path_factory.mktemp("collector"), database) as running:
        yield running


@pytest.fixture(scope="module")
def address(database: Database, collector: Tracked, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard whose collector has another host name."""
    emptied(database)
    registry = Registry(tmp_path_factory.mktemp("people") / "registry.sqlite", fixed_clock)
    a_site(registry, name="Example", created=datetime(2024, 1, 1, tzinfo=UTC))
    registry.add_user(EMAIL, PASSWORD, "superuser")
    settings = Settings(collector_url=f"http://localhost:{collector.port}")
    app = create_app(settings, database, registry, fixed_clock, Surroundings(lambda: {"ok": True}))
    with listening(app) as port:
        yield f"http://127.0.0.1:{port}"
    registry.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=address, locale="en-GB", reduced_motion="reduce")
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    page = context.new_page()
    page.add_init_script(WATCH)
    enter(page)
    return page


def enter(page: Page) -> None:
    page.goto("/")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/sites/1")


def cookies(context: BrowserContext) -> set[str]:
    return {str(cookie.get("name")) for cookie in context.cookies()}


class TestInABrowser:
    """Previews, copying, and all of it without JavaScript."""

    pytestmark = NEEDED

    @pytest.mark.parametrize("kind", ["script", "snippet"])
    def test_a_preview_can_be_tried_and_leaves_nothing(self, page: Page, context: BrowserContext, kind: str) -> None:
        page.get_by_role("link", name="Opt-out").click()
        page.wait_for_url("**/opt-out?**")
        page.locator(f"#kind-{kind}").check()
        page.get_by_label("Language").select_option("de")
        preview = page.frame_locator("iframe[title='Preview of the opt-out']")
        box = preview.get_by_role("checkbox")
        expect(box).to_be_checked()
        expect(preview.get_by_text(texts()["de"]["counted"])).to_be_visible()
        box.uncheck()
        expect(preview.get_by_text(texts()["de"]["saved_out"])).to_be_visible()
        box.check()
        expect(preview.get_by_text(texts()["de"]["saved_counted"])).to_be_visible()
        assert cookies(context) == {"pegel_session"}
        assert page.evaluate("window.refused") == []

    def test_looking_at_the_frame_sets_no_cookie(self, page: Page, context: BrowserContext) -> None:
        page.goto(f"{PAGE}?shown=1&kind=frame&language=fr&intro=1")
        preview = page.frame_locator("iframe[title='Preview of the opt-out']")
        expect(preview.get_by_role("checkbox")).to_be_checked()
        expect(preview.get_by_text(texts()["fr"]["counted_intro"])).to_be_visible()
        assert cookies(context) == {"pegel_session"}
        assert page.evaluate("window.refused") == []

    def test_a_choice_shows_at_once_and_keeps_the_place(self, page: Page) -> None:
        page.get_by_role("link", name="Opt-out").click()
        page.wait_for_url("**/opt-out?**")
        page.evaluate("window.same = true")
        page.get_by_label("Language").focus()
        page.get_by_label("Language").select_option("it")
        page.wait_for_url("**language=it**")
        expect(page.locator("#code")).to_contain_text("language=it")
        expect(page.get_by_label("Language")).to_be_focused()
        page.get_by_label("In colours and type of its own").check()
        expect(page.locator("#code")).to_contain_text("backgroundColor=ffffff")
        assert page.evaluate("window.same")
        page.get_by_role("link", name="Overview").click()
        page.wait_for_url("**/sites/1?**")
        assert page.evaluate("window.same === undefined"), "the next page has a policy of its own"

    def test_copying(self, page: Page, context: BrowserContext) -> None:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.get_by_role("link", name="Opt-out").click()
        page.get_by_role("button", name="Copy the code").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == page.locator("#code").inner_text()
        button = page.locator("[data-copies='#notice-en']")
        button.click()
        expect(button).to_have_text("Copied")
        copied = page.evaluate(
            "navigator.clipboard.read().then(([one]) => one.getType('text/html')).then((blob) => blob.text())"
        )
        assert "<h4" in copied
        assert "Visit statistics" in copied

    def test_without_javascript(self, browser: Browser, address: str) -> None:
        context = browser.new_context(base_url=address, java_script_enabled=False)
        page = context.new_page()
        enter(page)
        page.get_by_role("link", name="Opt-out").click()
        page.locator("#kind-frame").check()
        page.get_by_label("Language").select_option("nl")
        page.get_by_role("button", name="Show").click()
        expect(page.locator("#code")).to_contain_text("/opt-out?language=nl")
        expect(page.get_by_role("button", name="Copy the code")).to_be_hidden()
        page.get_by_role("link", name="Privacy").click()
        page.get_by_label("Consent required").check()
        page.get_by_label("Months until").fill("26")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Visits will be kept for 26 months instead of for 25 months.")).to_be_visible()
        page.get_by_role("button", name="Yes, save it").click()
        expect(page.get_by_text("Saved.")).to_be_visible()
        expect(page.get_by_label("Consent required")).to_be_checked()
        page.get_by_text("France: exemption of the CNIL").click()
        page.get_by_role("link", name="Self-assessment to print and sign").first.click()
        expect(page.get_by_role("heading", name="Self-assessment of audience measurement")).to_be_visible()
        context.close()

    @pytest.mark.parametrize("width", [390, 820, 1280])
    def test_nothing_sticks_out(self, page: Page, width: int) -> None:
        page.set_viewport_size({"width": width, "height": 800})
        for path in (PAGE, f"{PAGE}?shown=1&kind=snippet", "/sites/1/privacy", "/sites/1/privacy/assessment"):
            page.goto(path)
            for summary in page.locator("summary:visible h3").all():
                summary.click()
            assert page.evaluate("document.documentElement.scrollWidth") == width, path
