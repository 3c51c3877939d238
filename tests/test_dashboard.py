"""The dashboard through its front door: who gets in, what they see, and what no page ever lets through."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser
from itertools import count
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from dashboard.app import create_app
from dashboard.assets import Assets
from dashboard.attempts import Attempts
from dashboard.guessing import network
from dashboard.security import POLICY
from dashboard.settings import Settings
from dashboard.surroundings import Surroundings
from sql.clickhouse import Database
from sql.registry import Registry
from sql.settings import BadSetting
from tests.conftest import NOW, a_site, emptied, fixed_clock, hit_row, insert_rows, visit_row

PASSWORD = "correct horse battery"
BOSS, GUEST = "boss@example.org", "guest@example.org"
ORIGIN = "http://testserver"
EVIL = """'"><img src=x onerror=alert(1)><script>alert(1)</script>{{7*7}}javascript:alert(1)"""
SITE_PAGES = ("/sites/1", "/sites/1/live", *(f"/sites/1/{panel}" for panel in ("pages", "referrers", "countries")))


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def filled(database: Database) -> Iterator[Database]:
    """Site 1 with visits today and yesterday, one of them hostile; site 2 with a visit; site 3 never seen."""
    emptied(database)
    yesterday = NOW - timedelta(days=1)
    visits = [
        visit_row(started=NOW - timedelta(hours=2), duration=90, actions=2, pageviews=2),
        visit_row(
            started=NOW - timedelta(minutes=3), referrer_type="website", referrer_name="news.example", country="fr"
        ),
        visit_row(started=yesterday - timedelta(hours=2)),
        visit_row(started=yesterday + timedelta(hours=2)),  # Later than now is today: not compared with.
        visit_row(started=NOW - timedelta(hours=1), referrer_type=EVIL, referrer_name=EVIL, browser=EVIL, country=EVIL),
        visit_row(started=NOW - timedelta(hours=1), entry_page=f"example.org/{EVIL}", entry_prefix=77),
        visit_row(site=2, started=NOW - timedelta(hours=1)),
    ]
    hits = [
        hit_row(at=NOW - timedelta(hours=2)),
        hit_row(at=NOW - timedelta(hours=2), page="example.org/shop"),
        hit_row(at=NOW - timedelta(minutes=3)),
        hit_row(at=yesterday - timedelta(hours=2)),
        hit_row(at=NOW - timedelta(hours=1), page=f"example.org/{EVIL}", title=EVIL),
        hit_row(at=NOW - timedelta(hours=1), page=f"javascript:alert(1)//{EVIL}", prefix=255),
        hit_row(site=2, at=NOW - timedelta(hours=1)),
        *(hit_row(at=yesterday - timedelta(hours=3), page=f"example.org/{number:03}") for number in range(120)),
    ]
    insert_rows(database, "visits", visits)
    insert_rows(database, "hits", hits)
    yield database
    emptied(database)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """Three sites; a boss who sees all of them, a guest who sees the first."""
    registry = Registry(tmp_path_factory.mktemp("people") / "registry.sqlite", fixed_clock)
    for number, name in ((1, "Example"), (2, "Second & <b>best</b>"), (3, "Never seen")):
        a_site(registry, id=number, name=name)
    registry.add_user(BOSS, PASSWORD, "superuser")
    registry.add_user(GUEST, PASSWORD, "view", [1])
    yield registry
    registry.close()


@pytest.fixture
def app(filled: Database, people: Registry, time: Time) -> Starlette:
    return create_app(Settings(), filled, people, time, Surroundings(lambda: {"ok": True}))


@pytest.fixture
def client(app: Starlette) -> TestClient:
    return TestClient(app, follow_redirects=False, headers={"Origin": ORIGIN})


def sign_in(client: TestClient, email: str = BOSS, password: str = PASSWORD, **more: str) -> int:
    return client.post("/login", data={"email": email, "password": password, **more}).status_code


@pytest.fixture
def boss(client: TestClient) -> TestClient:
    assert sign_in(client) == 303
    return client


def attributes_of(html: str) -> list[tuple[str, str, str]]:
    """Return the tag, name and value of every attribute that a browser would see."""
    found: list[tuple[str, str, str]] = []

    class Collector(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.extend((tag, name, value or "") for name, value in [*attrs, ("", "")])

    Collector().feed(html)
    return found


def text_of(html: str) -> str:
    """Return what a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


# Getting in


@pytest.mark.parametrize("path", ["/", "/sites", *SITE_PAGES, "/sites/99", "/sites/1/nothing"])
def test_strangers_are_asked_to_sign_in(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")


def test_a_login_leads_back(client: TestClient) -> None:
    asked = client.get("/sites/1/pages?period=week&date=2026-05-13").headers["location"]
    assert 'name="next" value="/sites/1/pages?period=week&amp;date=2026-05-13"' in client.get(asked).text
    entered = client.post(
        "/login", data={"email": BOSS, "password": PASSWORD, "next": "/sites/1/pages?period=week&date=2026-05-13"}
    )
    assert entered.headers["location"] == "/sites/1/pages?period=week&date=2026-05-13"


@pytest.mark.parametrize(
    "next",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/sites/1\n",
        "/sites/1//\\x",
        "",
    ],
)
def test_a_login_leads_nowhere_else(client: TestClient, next: str) -> None:
    answer = client.post("/login", data={"email": BOSS, "password": PASSWORD, "next": next})
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
def test_the_cookie_is_kept_from_scripts(app: Starlette, scheme: str, secure: bool) -> None:
    client = TestClient(app, base_url=f"{scheme}://testserver", follow_redirects=False)
    answer = client.post(
        "/login", data={"email": BOSS, "password": PASSWORD}, headers={"Origin": f"{scheme}://testserver"}
    )
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert ("Secure" in cookie) is secure
    assert "Max-Age=604800" in cookie


@pytest.mark.parametrize(
    ("email", "password"),
    [
        pytest.param(BOSS, "wrong horse", id="password"),
        pytest.param("nobody@example.org", PASSWORD, id="email"),
        pytest.param("", "", id="nothing"),
        pytest.param(EVIL, EVIL, id="hostile"),
    ],
)
def test_a_wrong_login_says_so(client: TestClient, email: str, password: str) -> None:
    answer = client.post("/login", data={"email": email, "password": password})
    assert answer.status_code == 403
    assert "do not belong together" in answer.text
    assert "<img src=x" not in answer.text
    assert client.get("/").headers["location"] == "/login"


def test_guessing_at_an_account_ends(client: TestClient, time: Time) -> None:
    assert {sign_in(client, password=f"guess {number}") for number in range(10)} == {403}
    assert sign_in(client) == 429
    assert sign_in(client, GUEST) == 303  # Others are not locked out.
    time.now += timedelta(minutes=15)
    assert sign_in(client) == 303


def test_guessing_from_an_address_ends(client: TestClient) -> None:
    emails = (f"user{number}@example.org" for number in count())
    assert {sign_in(client, next(emails)) for _ in range(50)} == {403}
    answer = client.post("/login", data={"email": BOSS, "password": PASSWORD})
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "900"


def test_what_guessing_costs_us_is_bounded(time: Time) -> None:
    attempts = Attempts(limit=1, window=timedelta(minutes=15), clock=time, capacity=2)
    assert [attempts.admit(key) for key in ("a", "b", "b", "c", "a", "c")] == [True, True, False, True, True, False]


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        pytest.param("192.0.2.7", "192.0.2.7", id="ipv4"),
        pytest.param("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", id="ipv6"),
        pytest.param("testclient", "testclient", id="no-address"),
    ],
)
def test_a_subscriber_counts_as_one(host: str, counted: str) -> None:
    assert network(Request({"type": "http", "client": (host, 1234)})) == counted


def test_signing_in_often_is_no_guessing(client: TestClient) -> None:
    assert {sign_in(client) for _ in range(12)} == {303}


def test_signing_out_ends_the_session(boss: TestClient) -> None:
    cookies = dict(boss.cookies)
    assert boss.get("/").headers["location"] == "/sites/1"
    assert boss.post("/logout").headers["location"] == "/login"
    boss.cookies.update(cookies)  # A copy of the cookie is worth nothing.
    assert boss.get("/").headers["location"] == "/login"


def test_a_session_ends_by_itself(filled: Database, people: Registry, time: Time) -> None:
    short = create_app(Settings(session_hours=1), filled, people, time, Surroundings(lambda: {"ok": True}))
    client = TestClient(short, follow_redirects=False, headers={"Origin": ORIGIN})
    answer = client.post("/login", data={"email": BOSS, "password": PASSWORD})
    assert "Max-Age=3600" in answer.headers["set-cookie"]


@pytest.mark.parametrize("path", ["/login", "/logout"])
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Origin": "https://evil.example"}, id="another-origin"),
        pytest.param({"Origin": "null"}, id="no-origin-at-all"),
        pytest.param({"Origin": ""}, id="nothing-said"),
        pytest.param({"Origin": "http://["}, id="no-address"),
        pytest.param({"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"}, id="browser-says-cross-site"),
        pytest.param({"Origin": ORIGIN, "Sec-Fetch-Site": "same-site"}, id="browser-says-same-site"),
    ],
)
def test_other_websites_cannot_send_our_forms(boss: TestClient, path: str, headers: dict[str, str]) -> None:
    assert boss.post(path, data={"email": BOSS, "password": PASSWORD}, headers=headers).status_code == 403
    assert boss.get("/").headers["location"] == "/sites/1"


def test_a_huge_form_is_refused(client: TestClient) -> None:
    assert client.post("/login", data={"email": "x" * 100_000, "password": ""}).status_code == 413


# Seeing


@pytest.mark.parametrize("path", ["/sites/2", "/sites/2/live", "/sites/2/pages", "/sites/99", "/sites/99/live"])
def test_a_guest_sees_no_other_site(client: TestClient, path: str) -> None:
    sign_in(client, GUEST)
    answer = client.get(path)
    assert answer.status_code == 404
    assert "best" not in answer.text
    assert "Second" not in client.get("/sites/1").text


def test_whoever_sees_no_site_is_told_what_to_do(registry: Registry, filled: Database, time: Time) -> None:
    registry.add_user(BOSS, PASSWORD, "superuser")
    client = TestClient(
        create_app(Settings(), filled, registry, time, Surroundings(lambda: {})), headers={"Origin": ORIGIN}
    )
    sign_in(client)
    assert "pegel site add" in client.get("/").text


def test_a_site_in_numbers(boss: TestClient) -> None:
    page = text_of(boss.get("/sites/1?period=day&date=2026-05-13").text)
    assert "Visits 4 +300%" in page
    assert "Page views 5 " in page
    assert "Bounce rate 75% −25 pp" in page
    assert "Visit duration 23s" in page
    assert "Compared with 12 May 2026, to 14:00" in page
    assert "12:00 – 13:00 1 2 " in page
    assert "14:00 – 15:00 so far 0 0 " in page
    assert "15:00 – 16:00" not in page
    assert re.search(r"Referrers .* Direct entry 2 50%", page)
    assert re.search(r"Countries .* Switzerland 2 50%", page)
    assert "All times are those of Europe/Berlin" in page


def test_rows_of_few_visitors_are_one(boss: TestClient, people: Registry) -> None:
    site = people.site(1)
    people.update_site(replace(site, fewest_visitors=2))
    page = text_of(boss.get("/sites/1?period=day&date=2026-05-13").text)
    people.update_site(site)
    assert re.search(r"Top pages .* / 2 \d 40% Fewer than 2 visitors 3", page)
    assert re.search(r"Countries .* Switzerland 2 50% Fewer than 2 visitors 2 50%", page)
    assert "France" not in page
    assert "Visits 4 +300%" in page


def test_every_page_can_be_reached_by_links(boss: TestClient) -> None:
    """Follow every link of a site's page, and every link of those."""
    seen, waiting = set(), ["/sites/1"]
    for _ in range(2):
        found = set()
        for path in waiting:
            answer = boss.get(path)
            assert answer.status_code in (200, 303), path
            found |= {link.replace("&amp;", "&") for link in re.findall(r'href="(/sites/[^"#]*)"', answer.text)}
        seen |= set(waiting)
        waiting = sorted(found - seen)[:30]
    assert any("/pages?" in path for path in seen)


def test_choosing_another_site_keeps_the_period(boss: TestClient) -> None:
    answer = boss.get("/sites?site=2&period=month&date=2026-04-01")
    assert answer.headers["location"] == "/sites/2?period=month&date=2026-04-01"
    assert boss.get("/sites?site=//evil.example").status_code == 404
    assert "Second &amp; &lt;b&gt;best&lt;/b&gt;" in boss.get(answer.headers["location"]).text


def test_a_long_table_goes_on_to_its_end(boss: TestClient) -> None:
    overview = boss.get("/sites/1?period=day&date=2026-05-12").text
    assert "Show all 121" in overview
    first = boss.get("/sites/1/pages?period=day&date=2026-05-12").text
    last = boss.get("/sites/1/pages?period=day&date=2026-05-12&page=2").text
    rows = [row for page in (first, last) for row in re.findall(r'class="text" title="/(\d\d\d)"', page)]
    assert sorted(rows) == [f"{number:03}" for number in range(120)]
    assert "101–121 of 121" in last
    assert "the list is shorter" in boss.get("/sites/1/pages?period=day&date=2026-05-12&page=9").text


def test_who_is_there_now(boss: TestClient, time: Time) -> None:
    assert "1 visitor in the last 5 minutes" in text_of(boss.get("/sites/1").text)
    assert "1 visitor in the last 5 minutes" in text_of(boss.get("/sites/1/live").text)
    time.now += timedelta(minutes=3)
    assert "0 visitors in the last 5 minutes" in text_of(boss.get("/sites/1/live").text)


def test_a_site_never_seen_shows_how_to_begin(boss: TestClient) -> None:
    page = boss.get("/sites/3").text
    assert "Waiting for the first visit" in page
    assert "&lt;script&gt;" in page
    assert "[&#34;setSiteId&#34;, &#34;3&#34;]" in page
    assert "idsite=3&amp;rec=1&amp;url=https%3A%2F%2Fexample.org%2F" in page


def test_an_empty_period_says_so(boss: TestClient) -> None:
    page = text_of(boss.get("/sites/1?period=month&date=2020-02-01").text)
    assert "Visits 0 –" in page
    assert "Nothing to compare with" in page
    assert page.count("Nothing in this period.") == 5


@pytest.mark.parametrize(
    "query",
    ["period=decade", "date=" + quote(EVIL), "period=day&date=9999-12-31", "period=range&date=x,y"],
)
def test_a_period_that_is_none(boss: TestClient, query: str) -> None:
    answer = boss.get(f"/sites/1?{query}")
    assert answer.status_code == 400
    assert "No such period" in answer.text
    assert "<img src=x" not in answer.text


@pytest.mark.parametrize("page", ["0", "-1", "two", "9999999", "٣", ""])
def test_a_page_that_is_none(boss: TestClient, page: str) -> None:
    assert boss.get(f"/sites/1/pages?page={page}").status_code == 400


# What no page lets through

EVERY_PAGE = (
    "/login",
    "/",
    "/sites/1?period=day",
    "/sites/1?period=week",
    "/sites/1?period=year",
    "/sites/2",
    "/sites/3",
    "/sites/1/live",
    "/sites/1/pages?period=day",
    "/sites/1/entry-pages?period=day",
    "/sites/1/referrers?period=day",
    "/sites/1/countries?period=day",
    "/sites/1/browsers?period=day",
    "/nowhere",
    "/sites/1?date=" + quote(EVIL),
    "/sites/1/" + quote(EVIL, safe=""),
)


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_nothing_from_outside_is_markup(boss: TestClient, path: str) -> None:
    for tag, name, value in attributes_of(boss.get(path).text):
        assert not name.startswith("on")
        assert name != "style"
        assert tag != "style"
        if name in ("href", "src", "action"):
            assert re.match(r"/(?!/)|#main$|https://example\.org/|$", value), value
            assert "script" not in value or value.startswith(("/static/", "https://example.org/"))


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_every_script_is_a_file(boss: TestClient, path: str) -> None:
    page = boss.get(path).text
    assert page.count("<script") == page.count('<script type="module" src="/static/')


@pytest.mark.parametrize("path", [*EVERY_PAGE, "/healthz", "/static/nothing.js"])
def test_headers(boss: TestClient, path: str) -> None:
    headers = boss.get(path).headers
    assert headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


@pytest.mark.skipif(not Assets().names, reason="browser files not built: npm ci && npm run build")
def test_built_files_may_be_kept_forever(client: TestClient) -> None:
    for name in ("app.js", "app.css", "favicon.svg", "flags/ch.svg"):
        answer = client.get(Assets().url(name))
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-security-policy"] == POLICY


# When something is wrong


def test_without_database(people: Registry, time: Time) -> None:
    nowhere = Database("clickhouse://127.0.0.1:1/none")
    client = TestClient(
        create_app(Settings(), nowhere, people, time, Surroundings(lambda: {})), headers={"Origin": ORIGIN}
    )
    sign_in(client)
    answer = client.get("/sites/1")
    assert answer.status_code == 503
    assert "Try again" in answer.text
    assert "127.0.0.1" not in answer.text
    assert client.get("/sites/1/live").status_code == 200  # A poll never replaces what is there by an error.


def test_our_own_mistake(filled: Database, people: Registry, time: Time) -> None:
    def broken() -> dict[str, object]:
        raise RuntimeError("secret detail")

    app = create_app(Settings(), filled, people, time, Surroundings(broken))
    answer = TestClient(app, raise_server_exceptions=False).get("/healthz")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert "secret detail" not in answer.text
    assert answer.headers["content-security-policy"] == POLICY


@pytest.mark.parametrize(("state", "status"), [({"ok": True, "age": 1.5}, 200), ({"ok": False}, 503), ({}, 503)])
def test_health(filled: Database, people: Registry, time: Time, state: dict[str, object], status: int) -> None:
    answer = TestClient(create_app(Settings(), filled, people, time, Surroundings(lambda: state))).get("/healthz")
    assert (answer.status_code, answer.json()) == (status, state)


def test_htmx_is_sent_to_the_login(client: TestClient) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": f"{ORIGIN}/sites/1?period=day"}
    answer = client.get("/sites/1/live", headers=headers)
    assert answer.status_code == 204
    assert answer.headers["hx-redirect"] == "/login?next=%2Fsites%2F1%3Fperiod%3Dday"


@pytest.mark.parametrize("page", ["http://[", "http://[::1/sites/1", "//evil.example", "https://evil.example"])
def test_htmx_on_no_page_of_ours(client: TestClient, page: str) -> None:
    answer = client.get("/sites/1/live", headers={"HX-Request": "true", "HX-Current-URL": page})
    assert answer.status_code == 204
    assert "evil" not in answer.headers["hx-redirect"]


@pytest.mark.parametrize("changes", [{"session_hours": 0}, {"collector_url": "stats.example.org"}])
def test_settings_that_make_no_sense(changes: dict[str, str | int]) -> None:
    with pytest.raises(BadSetting):
        Settings(**changes)  # type: ignore[arg-type]
