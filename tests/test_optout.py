"""The opt-out over HTTP: addresses, parameters, languages, cookies, and whom a choice is taken from."""

import json
import re
import string
from collections.abc import Iterator, Mapping
from email.message import Message
from html.parser import HTMLParser
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import quote, urlencode

import pytest

from ingest.optout.endpoint import built as built_script
from ingest.optout.options import readable_on
from ingest.settings import Settings
from sql.clickhouse import Database
from sql.optout_texts import language_of, texts
from tests.tracked import Tracked, tracked

FRAME = "/index.php?module=CoreAdminHome&action=optOut"
SCRIPT = "/index.php?module=CoreAdminHome&action=optOutJS"
OUT = "matomo_ignore=ignore%3DKg%3D%3D; Max-Age=946080000; Path=/"
FORM = "application/x-www-form-urlencoded"
HOST = "stats.example"
BUILT_OPT_OUT = bool(built_script("script"))
built = pytest.mark.skipif(not BUILT_OPT_OUT, reason="browser files not built: npm ci && npm run build")


class Answer(NamedTuple):
    """What came back, with each line of a header that has several."""

    status: int
    headers: Message
    text: str

    @property
    def cookies(self) -> list[str]:
        return self.headers.get_all("set-cookie") or []


def ask(pegel: Tracked, method: str, path: str, body: str | None = None, **headers: str) -> Answer:
    connection = HTTPConnection("127.0.0.1", pegel.port, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, {"Host": HOST, **named})
    response = connection.getresponse()
    answer = Answer(response.status, response.headers, response.read().decode("utf-8", "replace"))
    connection.close()
    return answer


def get(pegel: Tracked, path: str, **headers: str) -> Answer:
    return ask(pegel, "GET", path, **headers)


def choose(pegel: Tracked, body: str, path: str = "/opt-out", **headers: str) -> Answer:
    """Send a choice as our own page does on https, unless headers say otherwise."""
    return ask(pegel, "POST", path, body, **{"Content_Type": FORM, "Origin": f"https://{HOST}", **headers})


def settings_in(script: str) -> dict[str, object]:
    """Return what the script was handed."""
    settings: dict[str, object] = json.loads(script.rpartition("})(")[2].removesuffix(");\n"))
    return settings


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory, database: Database) -> Iterator[Tracked]:
    """A collector behind a proxy on this machine."""
    settings = Settings(trusted_proxies=("127.0.0.0/8",))
    with tracked(tmp_path_factory.mktemp("proxied"), database, settings) as running:
        yield running


class Page(HTMLParser):
    """The tags of a page, and what its elements with an id say."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def of(self, name: str) -> dict[str, str | None]:
        """Return the attributes of the element with an id."""
        return next(attributes for _, attributes in self.tags if attributes.get("id") == name)


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        pytest.param("GET", FRAME, 200, "text/html; charset=utf-8", id="frame"),
        pytest.param("HEAD", FRAME, 200, "text/html; charset=utf-8", id="frame-head"),
        pytest.param("GET", f"/{FRAME}", 200, "text/html; charset=utf-8", id="doubled-slash"),
        pytest.param("GET", FRAME.replace("index.php", ""), 200, "text/html; charset=utf-8", id="no-file"),
        pytest.param("GET", "/opt-out", 200, "text/html; charset=utf-8", id="modern"),
        pytest.param("GET", "//opt-out", 200, "text/html; charset=utf-8", id="modern-doubled-slash"),
        pytest.param("HEAD", "/opt-out", 200, "text/html; charset=utf-8", id="modern-head"),
        pytest.param(
            *("GET", f"{FRAME}&idsite=1&nonce=x&time=1&fuzz=2&setCookieInNewWindow=1&showConfirmOnly=1&new=1", 200),
            "text/html; charset=utf-8",
            id="parameters-of-old",
        ),
        pytest.param("GET", f"{FRAME}&backgroundColor=&fontColor=&fontSize=&fontFamily=", 200, None, id="empty-styles"),
        pytest.param("GET", SCRIPT, 200, "application/javascript; charset=utf-8", id="script", marks=built),
        pytest.param("GET", f"/{SCRIPT}", 200, None, id="script-doubled-slash", marks=built),
        pytest.param("HEAD", SCRIPT, 200, "application/javascript; charset=utf-8", id="script-head", marks=built),
        pytest.param("GET", SCRIPT.replace("index.php", ""), 200, None, id="script-no-file", marks=built),
        pytest.param("GET", "/opt-out.js", 200, "application/javascript; charset=utf-8", id="modern-js", marks=built),
        pytest.param("GET", "/index.php", 404, "text/html", id="nothing-asked"),
        pytest.param("GET", "/", 404, "text/html", id="nothing-at-all"),
        pytest.param("GET", "/index.php?module=API&method=API.getMatomoVersion", 404, "text/html", id="reports"),
        pytest.param("GET", "/index.php?module=Login&action=optOut", 404, "text/html", id="another-module"),
        pytest.param("GET", "/index.php?module=CoreAdminHome&action=home", 404, "text/html", id="another-action"),
        pytest.param("POST", "/index.php", 405, "text/html", id="post-of-nothing"),
        pytest.param("PUT", "/opt-out", 405, "text/html", id="put"),
        pytest.param("POST", "/opt-out.js", 405, "text/html", id="post-to-script"),
    ],
)
def test_addresses(pegel: Tracked, method: str, path: str, status: int, kind: str | None) -> None:
    answer = ask(pegel, method, path)
    assert answer.status == status
    assert kind in (None, answer.headers["content-type"])
    assert answer.cookies == []
    assert bool(answer.text) == (method != "HEAD")


def test_anybody_may_frame_the_page(pegel: Tracked) -> None:
    answer = get(pegel, FRAME)
    policy = answer.headers["content-security-policy"]
    nonce = re.search("'nonce-([A-Za-z0-9_-]{20,})'", policy)
    assert nonce
    assert policy.replace(nonce[1], "…") == (
        "default-src 'none'; style-src 'nonce-…'; script-src 'nonce-…'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors *"
    )
    assert "x-frame-options" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert get(pegel, FRAME).headers["content-security-policy"] != policy
    unscripted = [tag for tag, attributes in Page(answer.text).tags if "style" in attributes or "onclick" in attributes]
    assert unscripted == []


@built
def test_the_script_is_not_kept_by_caches(pegel: Tracked) -> None:
    answer = get(pegel, SCRIPT)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


@pytest.mark.parametrize(
    ("cookie", "counted"),
    [
        pytest.param("", True, id="none"),
        pytest.param("matomo_ignore=ignore%3DKg%3D%3D", False, id="ours"),
        pytest.param("a=b; piwik_ignore=ignore=czoxOiIqIjs=:_=0123", False, id="of-old"),
        pytest.param("mtm_consent_removed=1700000000000", False, id="of-the-website"),
        pytest.param("not_matomo_ignore=1; _pk_id.1.1fff=1.2.", True, id="others"),
    ],
)
def test_the_page_shows_the_state(pegel: Tracked, cookie: str, counted: bool) -> None:
    page = Page(get(pegel, FRAME, Cookie=cookie).text)
    assert ("checked" in page.of("trackVisits")) == counted
    shown = {name: "hidden" not in page.of(name) for name in ("textOptOut", "labelOptOut", "textOptIn", "labelOptIn")}
    assert shown == {"textOptOut": counted, "labelOptOut": counted, "textOptIn": not counted, "labelOptIn": not counted}
    state = get(pegel, f"{FRAME}&state", Cookie=cookie)
    assert (json.loads(state.text), state.headers["cache-control"]) == ({"counted": counted}, "no-store")
    assert state.cookies == []


def test_an_objection_sets_two_cookies_on_https(pegel: Tracked) -> None:
    answer = choose(pegel, "trackVisits=0", f"{FRAME}&language=de")
    assert answer.status == 303
    assert answer.headers["location"] == "?module=CoreAdminHome&action=optOut&language=de&saved=0"
    assert answer.cookies[:2] == [
        f"{OUT}; Secure; SameSite=None",
        f"{OUT}; Secure; SameSite=None; Partitioned",
    ]
    assert all(line.startswith("_pk_uid=; Max-Age=0") for line in answer.cookies[2:])


def test_an_objection_without_https(pegel: Tracked) -> None:
    answer = choose(pegel, "trackVisits=0", Origin=f"http://{HOST}")
    assert answer.cookies[0] == f"{OUT}; SameSite=Lax"
    assert not any("Secure" in line or "None" in line for line in answer.cookies)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_wanting_to_be_counted_deletes_every_objection(pegel: Tracked, scheme: str) -> None:
    answer = choose(pegel, "trackVisits=0&trackVisits=1", Origin=f"{scheme}://{HOST}")
    deleted = {line.partition("=")[0] for line in answer.cookies}
    assert deleted == {"matomo_ignore", "piwik_ignore", "mtm_consent_removed"}
    assert all("=; Max-Age=0" in line for line in answer.cookies)
    kinds = {line.partition("; Max-Age=0")[2] for line in answer.cookies}
    https = {f"{path}; Secure; SameSite=None{part}" for path in ("; Path=/", "") for part in ("", "; Partitioned")}
    assert kinds == (https if scheme == "https" else {"; Path=/; SameSite=Lax", "; SameSite=Lax"})


def test_scripts_get_their_answer_without_being_sent_on(pegel: Tracked) -> None:
    answer = choose(pegel, "trackVisits=0", Accept="application/json")
    assert (answer.status, json.loads(answer.text)) == (200, {"counted": False})
    assert answer.cookies[0].startswith(OUT)


def test_a_choice_is_no_toggle(pegel: Tracked) -> None:
    """T60, otherwise than there: looking changes nothing, whatever stands in the address, and the same choice twice is
    the same choice."""
    address = f"{FRAME}&setCookieInNewWindow=0&showConfirmOnly=1&nonce=0123456789abcdef0123456789abcdef"
    assert [get(pegel, address, Cookie=cookie).cookies for cookie in ("", "matomo_ignore=x")] == [[], []]
    again = choose(pegel, "trackVisits=0", address, Cookie="matomo_ignore=ignore%3DKg%3D%3D")
    assert again.cookies[0].startswith(OUT)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Origin": "https://evil.example"}, id="another-origin"),
        pytest.param({"Origin": "null"}, id="no-origin-to-name"),
        pytest.param({"Origin": ""}, id="empty-origin"),
        pytest.param({"Origin": f"https://{HOST}.evil.example"}, id="similar-origin"),
        pytest.param({"Sec_Fetch_Site": "cross-site"}, id="cross-site"),
        pytest.param({"Sec_Fetch_Site": "same-site"}, id="same-site"),
        pytest.param({"Sec_Fetch_Site": "none"}, id="typed"),
    ],
)
@pytest.mark.parametrize("choice", ["trackVisits=0", "trackVisits=1"])
def test_others_cannot_choose_in_somebodys_name(pegel: Tracked, headers: Mapping[str, str], choice: str) -> None:
    answer = choose(pegel, choice, **headers)
    assert (answer.status, answer.cookies) == (403, [])
    assert "access-control-allow-origin" not in answer.headers


def test_a_browser_that_says_that_the_page_is_ours_is_believed_behind_any_proxy(pegel: Tracked) -> None:
    answer = choose(pegel, "trackVisits=0", Origin="https://outside.example", Sec_Fetch_Site="same-origin")
    assert answer.cookies[0].startswith(OUT)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="empty"),
        pytest.param("trackVisits=", id="no-value"),
        pytest.param("trackVisits=yes", id="another-value"),
        pytest.param("nonce=1&fuzz=2", id="of-old"),
        pytest.param('{"trackVisits":0}', id="json"),
        pytest.param("trackVisits=0&a=" + "x" * 5000, id="too-long"),
    ],
)
def test_what_is_no_choice_changes_nothing(pegel: Tracked, body: str) -> None:
    answer = choose(pegel, body)
    assert (answer.status, answer.cookies) == (400, [])


@pytest.mark.parametrize(
    ("told", "secure"),
    [
        pytest.param("https", True, id="https"),
        pytest.param("https, http", True, id="two-proxies"),
        pytest.param("http", False, id="http"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_a_trusted_proxy_says_whether_it_is_https(proxied: Tracked, told: str, secure: bool) -> None:
    answer = choose(proxied, "trackVisits=0", Origin="", Sec_Fetch_Site="same-origin", X_Forwarded_Proto=told)
    assert ("Secure" in answer.cookies[0]) == secure


def test_nobody_else_says_that(pegel: Tracked) -> None:
    answer = choose(pegel, "trackVisits=0", Origin="", Sec_Fetch_Site="same-origin", X_Forwarded_Proto="https")
    assert "Secure" not in answer.cookies[0]


@pytest.mark.parametrize(
    ("saved", "cookie", "said", "problem"),
    [
        pytest.param("0", "matomo_ignore=1", "saved_out", False, id="out"),
        pytest.param("0", "", "not_saved", True, id="out-but-not-kept"),
        pytest.param("1", "", "saved_counted", False, id="counted"),
        pytest.param("1", "piwik_ignore=1", "not_saved", True, id="counted-but-not-forgotten"),
        pytest.param("2", "", "", False, id="neither"),
        pytest.param("", "", "", False, id="nothing-chosen"),
    ],
)
def test_without_scripts_the_next_page_says_what_became_of_a_choice(
    pegel: Tracked, saved: str, cookie: str, said: str, problem: bool
) -> None:
    answer = get(pegel, f"{FRAME}&language=en&saved={saved}", Cookie=cookie)
    assert f'<p id="message">{texts()["en"][said] if said else ""}</p>' in answer.text
    assert ("hidden" in Page(answer.text).of("elsewhere")) == (not problem)
    assert 'href="?module=CoreAdminHome&amp;action=optOut&amp;language=en"' in answer.text
    alone = get(pegel, f"{FRAME}&saved={saved}", Cookie=cookie, Sec_Fetch_Dest="document")
    assert "hidden" in Page(alone.text).of("elsewhere"), "it is open in a window of its own"


def test_a_hit_with_the_cookie_is_answered_as_usual_and_not_kept(pegel: Tracked) -> None:
    """T59."""
    site = pegel.add_site()
    cookie = choose(pegel, "trackVisits=0").cookies[0].partition(";")[0]
    query = urlencode({"idsite": site.id, "rec": 1, "url": "https://example.org/"})
    image = get(pegel, f"/matomo.php?{query}", Cookie=cookie)
    nothing = get(pegel, f"/matomo.php?{query}&send_image=0", Cookie=cookie)
    assert (image.status, image.headers["content-type"], nothing.status) == (200, "image/gif", 204)
    assert pegel.hits(site) == []
    assert pegel.counters(site) == {"opt-out": 2}


class TestLanguage:
    """Which language the opt-out speaks."""

    @pytest.mark.parametrize(
        ("wanted", "header", "language"),
        [
            pytest.param("de", "fr", "de", id="wanted"),
            pytest.param("DE", "fr", "de", id="upper-case"),
            pytest.param("de-at", "fr", "de", id="region"),
            pytest.param("pt-br", "", "pt", id="brazil"),
            pytest.param("pt_BR", "", "pt", id="underscore"),
            pytest.param("xx", "de", "en", id="unknown"),
            pytest.param("<script>", "de", "en", id="no-language"),
            pytest.param("auto", "fr-CH, fr;q=0.9, en;q=0.8", "fr", id="browser"),
            pytest.param("", "nl", "nl", id="browser-if-nothing-is-said"),
            pytest.param("auto", "de;q=0.5, es;q=0.9", "es", id="weights"),
            pytest.param("auto", "de;q=0, it;q=0.1", "it", id="refused"),
            pytest.param("auto", "de;q=0", "en", id="the-only-one-refused"),
            pytest.param("auto", "xx, zh-Hans-CN, pl;q=0.1", "pl", id="first-known"),
            pytest.param("auto", "*", "en", id="anything"),
            pytest.param("auto", ";;;,,q=1,de;q=nan", "en", id="nonsense"),
            pytest.param("", "", "en", id="nothing"),
            pytest.param("auto", "xx," * 1000 + "de", "en", id="endless"),
        ],
    )
    def test_chosen(self, wanted: str, header: str, language: str) -> None:
        assert language_of(wanted, header) == language

    @pytest.mark.parametrize("language", ["de", "en", "fr", "es", "it", "nl", "pl", "pt", "sv", "da", "cs"])
    def test_spoken(self, pegel: Tracked, language: str) -> None:
        page = get(pegel, f"/opt-out?language={language}").text
        assert f'<html lang="{language}" dir="ltr">' in page
        assert texts()[language]["counted"] in page

    @built
    def test_spoken_by_the_script(self, pegel: Tracked) -> None:
        settings = settings_in(get(pegel, f"{SCRIPT}&language=auto", Accept_Language="it").text)
        assert (settings["language"], settings["texts"]) == ("it", {**texts()["it"], "signal": ""})

    def test_each_language_says_everything(self) -> None:
        english = texts()["en"]
        fields = {key: placeholders(text) for key, text in english.items()}
        for language, said in texts().items():
            assert {key: placeholders(text) for key, text in said.items()} == fields, language
            assert all(text.strip() == text != "" for text in said.values()), language
            same = {key for key in english if language != "en" and said[key] == english[key]}
            assert same == set(), language


def placeholders(text: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]


class TestStyles:
    """Colours and fonts that an embed code asks for."""

    @pytest.mark.parametrize(
        ("query", "css"),
        [
            pytest.param("backgroundColor=FFFFFF&fontColor=333", "background-color:#ffffff;color:#333", id="colours"),
            pytest.param("fontSize=15px", "font-size:15px", id="pixels"),
            pytest.param("fontSize=1.25em", "font-size:1.25em", id="em"),
            pytest.param("fontSize=110%25", "font-size:110%", id="percent"),
            pytest.param("fontFamily=Arial", "font-family:Arial", id="family"),
            pytest.param(
                "fontFamily=%22Open+Sans%22,+'PT+Serif',sans-serif",
                "font-family:'Open Sans', 'PT Serif', sans-serif",
                id="families",
            ),
            pytest.param("fontColor=fff", "background-color:transparent;color:#fff", id="on-the-website's-background"),
            pytest.param("backgroundColor=000", "background-color:#000;color:#ffffff", id="dark-background-alone"),
            pytest.param("backgroundColor=ffe", "background-color:#ffe;color:#000000", id="light-background-alone"),
            pytest.param("backgroundColor=zzz&applyStyling=0", "", id="styles-not-applied"),
            pytest.param("backgroundColor=&fontColor=&fontSize=&fontFamily=", "", id="empty"),
        ],
    )
    def test_of_the_frame(self, pegel: Tracked, query: str, css: str) -> None:
        page = get(pegel, f"/opt-out?{query}").text
        assert f"body{{{css}}}\n</style>" in page

    @built
    def test_of_the_script(self, pegel: Tracked) -> None:
        query = "backgroundColor=000&fontColor=abcdef&fontSize=2rem&fontFamily=Georgia,serif"
        style = settings_in(get(pegel, f"/opt-out.js?{query}").text)["style"]
        assert style == {
            "background-color": "#000",
            "color": "#abcdef",
            "font-size": "2rem",
            "font-family": "Georgia, serif",
        }

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            *(("backgroundColor", value) for value in ("red", "#fff", "ffff", "fffffff", "12345g", "fff;", "fff\nfff")),
            *(("fontColor", value) for value in ("rgb(1,2,3)", "url(x)", "#000000")),
            *(("fontSize", value) for value in ("12", "12 px", "large", "-1px", "1e3px", "12px;color:red", "12vw")),
            *(("fontFamily", value) for value in ("a;b", "a{b}", "'a", "a,,b", "url(x)", "a\\b", "<b>", "a" * 400)),
            *(("divId", value) for value in ("a b", "<b>", "a'b", 'a"b', "-x", "a" * 200)),
            *(("cookiePath", value) for value in ("shops", "/;domain=x", "/a b", "/<b>", "/\r\nX: y")),
            *(("cookieDomain", value) for value in ("a;b", "https://a.example", "a b", "--")),
            ("cookieSameSite", "Lax;secure"),
        ],
    )
    @built
    def test_what_is_none_is_refused_in_plain_text(self, pegel: Tracked, name: str, value: str) -> None:
        script = get(pegel, f"{SCRIPT}&{name}={quote(value)}")
        answers = [script, get(pegel, f"{FRAME}&{name}={quote(value)}")] if name in STYLES else [script]
        for answer in answers:
            assert (answer.status, answer.headers["content-type"]) == (400, "text/plain; charset=utf-8")
            assert f"parameter {name} " in answer.text
            assert value not in answer.text

    @pytest.mark.parametrize("background", ["#000", "#fff", "#808080", "#767676", "#777777", "#00f", "#f00", "#0f0"])
    def test_text_is_legible_on_a_background_that_comes_alone(self, background: str) -> None:
        assert contrast(background, readable_on(background)) >= 4.5


STYLES = ("backgroundColor", "fontColor", "fontSize", "fontFamily")


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2)."""
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@built
class TestScriptOptions:
    """What an embed code asks of the script."""

    def test_usual(self, pegel: Tracked) -> None:
        settings = settings_in(get(pegel, SCRIPT).text)
        assert {name: value for name, value in settings.items() if name != "texts"} == {
            "divId": "matomo-opt-out",
            "showIntro": True,
            "useCookiesIfNoTracker": True,
            "useCookiesTimeout": 10,
            "useSecureCookies": True,
            "cookiePath": "",
            "cookieDomain": "",
            "cookieSameSite": "Lax",
            "style": {},
            "language": "en",
        }

    @pytest.mark.parametrize(
        ("query", "name", "value"),
        [
            pytest.param("divId=my-box_1", "divId", "my-box_1", id="divId"),
            pytest.param("div=other", "divId", "matomo-opt-out", id="a-name-that-is-not-read"),
            pytest.param("showIntro=0", "showIntro", False, id="showIntro"),
            pytest.param("useCookiesIfNoTracker=0", "useCookiesIfNoTracker", False, id="useCookiesIfNoTracker"),
            pytest.param("useCookiesTimeout=0", "useCookiesTimeout", 0, id="no-waiting"),
            pytest.param("useCookiesTimeout=2.5", "useCookiesTimeout", 2.5, id="seconds"),
            pytest.param("useCookieTimeout=3", "useCookiesTimeout", 3, id="misspelt"),
            pytest.param("useCookiesTimeout=soon", "useCookiesTimeout", 10, id="no-number"),
            pytest.param("useSecureCookies=0", "useSecureCookies", False, id="useSecureCookies"),
            pytest.param("cookiePath=/shop/a", "cookiePath", "/shop/a", id="cookiePath"),
            pytest.param("cookieDomain=*.shop.example", "cookieDomain", "*.shop.example", id="cookieDomain"),
            pytest.param("cookieSameSite=none", "cookieSameSite", "None", id="cookieSameSite"),
        ],
    )
    def test_asked_for(self, pegel: Tracked, query: str, name: str, value: object) -> None:
        assert settings_in(get(pegel, f"{SCRIPT}&{query}").text)[name] == value


PARAMETERS = (
    *STYLES,
    *("language", "showIntro", "applyStyling", "idsite", "nonce", "time", "fuzz", "saved", "state", "unknown"),
    *("setCookieInNewWindow", "showConfirmOnly", "trackVisits"),
    *("divId", "useCookiesIfNoTracker", "useCookiesTimeout", "useSecureCookies"),
    *("cookiePath", "cookieDomain", "cookieSameSite"),
)
PAYLOADS = (
    "<script>_x(1)</script>",
    '"><img src=x onerror=_x(1)>',
    "</style><script>_x(1)</script>",
    "</script><script>_x(1)</script>",
    "fff}*{background:url(//evil.example)}",
    '"});_x(1);({"',
    "';_x(1);'",
    "\u2028_x(1)\u2028",
    "javascript:_x(1)",
    "{{191*7}}",
    "x\r\nSet-Cookie: evil=1",
)


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("name", PARAMETERS)
def test_nothing_in_a_parameter_becomes_a_tag_or_code(pegel: Tracked, name: str, payload: str) -> None:
    query = f"{name}={quote(payload)}"
    frame, script = get(pegel, f"{FRAME}&{query}"), get(pegel, f"{SCRIPT}&{query}")
    assert {frame.status, script.status} <= {200, 400, 503}
    assert frame.cookies + script.cookies == []
    if frame.status == 200 and frame.headers["content-type"].startswith("text/html"):
        usual = get(pegel, FRAME).text
        assert [tag for tag, _ in Page(frame.text).tags] == [tag for tag, _ in Page(usual).tags]
        assert payload not in frame.text
        assert "1337" not in frame.text
    if script.status == 200:
        assert script.text.partition("})(")[0] == get(pegel, SCRIPT).text.partition("})(")[0]
        assert payload not in script.text
        assert settings_in(script.text).keys() == settings_in(get(pegel, SCRIPT).text).keys()
    assert frame.headers["content-type"].startswith("text/html") or frame.status == 400 or name == "state"


@pytest.fixture(scope="module")
def obeying(tmp_path_factory: pytest.TempPathFactory, database: Database) -> Iterator[Tracked]:
    """A collector whose first site drops hits with DNT, and whose second one drops those with DNT or GPC."""
    with tracked(tmp_path_factory.mktemp("obeying"), database) as running:
        running.add_site(id=1, dnt="drop")
        running.add_site(id=2, dnt="drop", gpc="drop")
        yield running


@pytest.mark.parametrize(
    ("site", "headers", "told"),
    [
        pytest.param("", {}, False, id="no-signal"),
        pytest.param("", {"DNT": "1"}, True, id="dnt-everywhere"),
        pytest.param("", {"X_Do_Not_Track": "1"}, True, id="dnt-by-its-older-name"),
        pytest.param("", {"DNT": "0"}, False, id="dnt-off"),
        pytest.param("", {"Sec_GPC": "1"}, False, id="gpc-on-one-site-of-two"),
        pytest.param("2", {"Sec_GPC": "1"}, True, id="gpc-on-the-site-meant"),
        pytest.param("1", {"Sec_GPC": "1"}, False, id="gpc-not-on-the-site-meant"),
        pytest.param("77", {"DNT": "1"}, True, id="unknown-site"),
        pytest.param("x", {"DNT": "1"}, True, id="no-site"),
    ],
)
def test_a_signal_that_is_obeyed_leaves_nothing_to_choose(
    obeying: Tracked, site: str, headers: Mapping[str, str], told: bool
) -> None:
    page = get(obeying, f"{FRAME}&language=en&idsite={site}", **headers).text
    assert ('id="textSignal"' in page) == told
    assert ('id="trackVisits"' in page) != told
    if BUILT_OPT_OUT:
        said = settings_in(get(obeying, f"{SCRIPT}&idsite={site}", **headers).text)["texts"]
        assert isinstance(said, dict)
        assert bool(said["signal"]) == told


def test_a_signal_that_nobody_obeys_changes_nothing(pegel: Tracked) -> None:
    pegel.add_site()
    assert 'id="trackVisits"' in get(pegel, FRAME, DNT="1", Sec_GPC="1").text


def test_the_intro_can_be_left_out(pegel: Tracked) -> None:
    page = get(pegel, f"{FRAME}&showIntro=0").text
    assert 'id="trackVisits"' in page
    assert 'id="textOptOut"' not in page
