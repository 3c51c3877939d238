"""Nothing that stands in an address, a form or a header comes back as markup, as a header, or as an error of ours."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from httpx2 import Response

from tests import hostile
from tests.administered import BOSS, Api
from tests.surface import COLLECTOR, DASHBOARD, target
from tests.tracked import Answer, Tracked

ORIGIN = "http://testserver"
# Out of an attribute, an element or a script; a link that is code; out of a header or a line.
PAYLOADS = [
    pytest.param(hostile.text(1), id="markup"),
    pytest.param(hostile.code(2), id="code"),
    pytest.param("../x\r\nX-Evil: 1\r\n\r\n<x-evil>\x00", id="lines"),
]
# What addresses take, by how they begin, the first that fits; `nothing` stands for whatever nobody thought of.
PARAMETERS: Mapping[str, Sequence[str]] = {
    "/api/v1": ("site", "metrics", "dimensions", "filters", "date", "from", "order", "limit", "format", "cursor"),
    "/sites/1/opt-out": ("shown", "kind", "language", "intro", "styled", "background", "size", "unit", "family"),
    "/sites/": ("period", "date", "until", "page", "saved", "erased", "regime", "nothing"),
    "/sites": ("site", "period", "date", "nothing"),
    "/login": ("next", "email", "nothing"),
    "/index.php": ("module", "method", "format", "callback", "token_auth", "nothing"),
    "/": ("module", "method", "period", "date", "page", "nothing"),
}
# What would answer, changed by one parameter after another.
USUAL: Mapping[str, Mapping[str, str]] = {
    "/": {"module": "API", "method": "API.getMatomoVersion", "format": "html"},
    "/index.php": {"module": "API", "method": "API.getMatomoVersion", "format": "html"},
    "/sites": {"site": "1"},
    "/api/v1/query": {"site": "1", "metrics": "nb_visits", "period": "day", "date": "2026-05-13"},
    "/api/v1/export": {"site": "1", "metrics": "nb_visits", "period": "day", "date": "2026-05-13"},
    "/api/v1/raw/hits": {"site": "1", "period": "day", "date": "2026-05-13"},
}
OF_TRACKERS = (
    *(
        "idsite",
        "rec",
        "url",
        "action_name",
        "urlref",
        "cip",
        "cdt",
        "country",
        "send_image",
        "token_auth",
        "_id",
        "res",
    ),
    *("module", "action", "language", "idSite", "divId", "fontFamily", "backgroundColor", "saved", "state", "nothing"),
)
# Answers that a browser never shows as a page.
DATA = re.compile(r"(application/(json|javascript|x-ndjson|vnd)|text/(plain|xml|csv)|image/)")


@pytest.fixture
def boss(api: Api) -> Api:
    (user,) = (user for user in api.registry.users() if user.email == BOSS)
    secret = api.registry.start_session(user, timedelta(hours=1))
    api.client.cookies.set("pegel_session", secret)
    api.client.headers.update({"Origin": ORIGIN})
    return api


def check(content: str, headers: Mapping[str, str], where: object) -> None:
    """Assert that what was sent is text, if it came back at all."""
    assert "x-evil" not in {name.lower() for name in headers}, where
    assert "evil" not in headers.get("set-cookie", ""), where
    assert not headers.get("location", "").startswith(("//", "http", "javascript")), where
    kind = headers.get("content-type", "")
    if DATA.match(kind):
        assert headers.get("x-content-type-options") == "nosniff" or "evil" not in content, where
    elif content:
        assert kind.startswith("text/html"), (where, kind)
        assert hostile.Markup(content).broken == [], where
        assert hostile.CALCULATED not in re.sub(r"/static/\S+", "", content), where


def sound(answer: Response, where: object) -> None:
    assert answer.status_code < 500, (where, answer.text[:2000])
    check(answer.text, answer.headers, where)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_parameters_of_every_page(boss: Api, payload: str) -> None:
    boss.client.headers["Authorization"] = f"Bearer {boss.tokens['superuser']}"
    for route in (route for route in DASHBOARD if route.startswith("GET")):
        path = target(route)[1]
        usual = USUAL.get(path, {})
        names = next(names for beginning, names in PARAMETERS.items() if path.startswith(beginning))
        for name in names:
            sound(boss.client.get(path, params={**usual, name: payload}), (route, name))
    sound(boss.client.get("/sites/1", params={payload: "1"}), "name")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_parts_of_every_path(boss: Api, payload: str) -> None:
    for route in DASHBOARD:
        method, _, path = route.partition(" ")
        parts = dict.fromkeys(("site", "panel", "path"), quote(payload, safe=""))
        for made in (path.format(**parts), f"{path.format(site=1, panel='pages', path='x')}/{parts['path']}"):
            sound(boss.client.request(method, made), (route, made))


@pytest.mark.parametrize("format", ["html", "json", "xml", "csv", "rss", "no-such"])
@pytest.mark.parametrize("payload", PAYLOADS)
def test_refusals_of_the_reporting_api(api: Api, payload: str, format: str) -> None:
    """Each parameter in turn is not understood; the words that say so repeat it."""
    usual = {"module": "API", "method": "Actions.getPageUrls", "idSite": "1", "period": "day", "date": "2026-05-13"}
    names = (*usual, "format", "segment", "filter_limit", "filter_sort_column", "callback", "token_auth", "idGoal")
    for name in names:
        query = {**usual, "format": format, "token_auth": api.tokens["superuser"], name: payload}
        sound(api.client.get("/index.php", params=query), name)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_fields_of_every_form(boss: Api, payload: str) -> None:
    forms: tuple[tuple[str, Mapping[str, Any]], ...] = (
        ("/login", {"email": payload, "password": "x", "next": payload}),
        ("/sites/1/people", {"kind": "user", "id": payload}),
        ("/sites/1/people", {"kind": payload, "id": "1"}),
        ("/sites/1/people/erase", {"kind": payload, "id": payload, "sure": payload}),
        ("/sites/1/people/export", {"kind": payload, "id": payload}),
        *(("/sites/1/privacy", {"preset": "matomo", name: payload}) for name in ("preset", "consent", "dnt", "agreed")),
        *(("/sites/1/privacy", {name: payload}) for name in ("scrubbed-patterns", "retention-months", "referrers")),
    )
    for path, form in forms:
        sound(boss.client.post(path, data=form), (path, form))


@pytest.mark.parametrize("header", ["Host", "Referer", "User-Agent", "Cookie", "HX-Current-URL", "Accept-Language"])
def test_headers_of_every_page(api: Api, header: str) -> None:
    sent = {header: '"><x-evil>', "HX-Request": "true"} if header == "HX-Current-URL" else {header: '"><x-evil>'}
    for route in (route for route in DASHBOARD if route.startswith("GET")):
        sound(api.client.request(*target(route), headers=sent), route)


# The collector


def fine(answer: Answer, where: object) -> None:
    assert answer.status < 500, where
    check(answer.body.decode("latin-1"), answer.headers, where)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_parameters_of_the_collector(pegel: Tracked, payload: str) -> None:
    usual = {"module": "CoreAdminHome", "action": "optOut"}
    for route in COLLECTOR:
        method, path = target(route)
        for name in OF_TRACKERS:
            query = urlencode({**(usual if path in ("/", "/index.php") else {}), name: payload})
            fine(pegel.request("GET" if method == "ANY" else method, f"{path}?{query}"), (route, name))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_paths_of_the_collector(pegel: Tracked, payload: str) -> None:
    for path in ("/", "/opt-out/", "/js/", "/matomo.php/"):
        fine(pegel.request("GET", path + quote(payload, safe="")), path)


# Cookies are names, or words of a list: nothing in them is read as data of a program.


@pytest.mark.parametrize(
    ("cookie", "counted"),
    [
        pytest.param('matomo_ignore=O:8:"stdClass":1:{s:1:"a";i:1;}', False, id="php-object"),
        pytest.param("piwik_ignore=gASVEQAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOULg==", False, id="pickle"),
        pytest.param("matomo_ignore=" + "x" * 60_000, False, id="giant"),
        pytest.param("a=1; " * 4000 + "matomo_ignore=x", False, id="very-many"),
        pytest.param("matomo_ignore=%00\xff\\x00", False, id="no-text"),
        pytest.param("matomo_ignore", True, id="no-value"),
        pytest.param("; ;=;matomo_ignore =;", True, id="broken"),
    ],
)
def test_odd_cookies_of_who_objected(pegel: Tracked, cookie: str, counted: bool) -> None:
    """Its name is all that counts: whoever has it is not counted, whatever it says, and nothing breaks."""
    site = pegel.add_site()
    page = pegel.request("GET", "/opt-out?state", Cookie=cookie)
    assert (page.status, json.loads(page.body)) == (200, {"counted": counted})
    answer = pegel.request("GET", f"/matomo.php?idsite={site.id}&rec=1&url=http://x.example/", Cookie=cookie)
    assert answer.status == 200
    assert len(pegel.hits(site)) == counted


@pytest.mark.parametrize("name", ["pegel_session", "pegel_theme"])
@pytest.mark.parametrize(
    "value",
    [
        'O:8:"stdClass"',
        "x" * 60_000,
        "../../etc/passwd",
        '"><x-evil>',
        "' or 1=1 --",
        "\xff\x00".replace("\x00", ""),
        "",
    ],
    ids=["object", "giant", "path", "markup", "sql", "no-text", "empty"],
)
def test_odd_cookies_of_readers(api: Api, name: str, value: str) -> None:
    for path in ("/", "/login", "/sites/1"):
        answer = api.client.get(path, headers={b"Cookie": f"{name}={value}".encode("latin-1")})
        sound(answer, path)
        assert answer.status_code in (200, 303)
        assert path == "/login" or answer.headers["location"].startswith("/login")
