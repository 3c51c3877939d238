"""Every route of both listeners: for whom it answers, of which site, and what other websites can make of it."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from httpx2 import Response

from dashboard.matomo_api import METHODS
from dashboard.security import POLICY
from ingest.app import Resources, create_app
from ingest.lists.folder import ListsFolder
from ingest.settings import Settings
from sql.clickhouse import Database
from sql.registry import Registry, Role
from tests.administered import PASSWORD, Api, World, administered, world
from tests.conftest import fixed_clock
from tests.surface import COLLECTOR, DASHBOARD, PRIVATE, of, routes_of, starlette_in, target
from tests.tracked import Tracked

ORIGIN = "http://testserver"
EVIL = "https://evil.example"
PEOPLE: dict[str, tuple[Role, tuple[int, ...]]] = {
    "viewer": ("view", (1,)),
    "writer": ("write", (1,)),
    "admin": ("admin", (1,)),
    "stranger": ("admin", (2,)),
    "everywhere": ("admin", ()),
    "superuser": ("superuser", ()),
}
SEES = {
    1: {"viewer", "writer", "admin", "everywhere", "superuser"},
    2: {"stranger", "everywhere", "superuser"},
    99: set[str](),
}
ADMINISTERS = {"admin", "stranger", "everywhere", "superuser"}
TO_LOGIN, REFUSED, NOTHING, IN = "sent to the login", "refused", "nothing there", "let in"
# The one page that is framed, by a page of ours, and runs codes for other websites: out of reach of everything else.
PREVIEW = "GET /sites/{site}/opt-out/preview"
FOREIGN = [
    pytest.param({"Origin": EVIL}, id="another-origin"),
    pytest.param({"Origin": "null"}, id="no-origin-to-name"),
    pytest.param({}, id="nothing-said"),
    pytest.param({"Origin": f"{ORIGIN}.evil.example"}, id="similar-origin"),
    pytest.param({"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"}, id="browser-says-cross-site"),
    pytest.param({"Origin": ORIGIN, "Sec-Fetch-Site": "same-site"}, id="browser-says-same-site"),
]

LOOKS = [route for route in DASHBOARD if route.startswith("GET")]
FORMS = [route for route in DASHBOARD if route.startswith("POST") and route not in of("programs")]
OF_PEOPLE = of("people", "viewers", "administrators", "superusers")
CALLS = ("POST /", "POST /index.php")  # Of the API, by the name of a method.

Send = Callable[..., Response]


class Peopled(NamedTuple):
    """A world with people in it, and a session's secret for each of them; nobody has none."""

    world: World
    sessions: dict[str, str]


@pytest.fixture(scope="module")
def peopled(tmp_path_factory: pytest.TempPathFactory) -> Peopled:
    made, lifetime = world(tmp_path_factory.mktemp("peopled"), fixed_clock), timedelta(hours=1)
    with closing(Registry(made.file, fixed_clock)) as registry:
        users = {name: registry.add_user(f"{name}@example.org", PASSWORD, *given) for name, given in PEOPLE.items()}
        return Peopled(made, {"": "", **{name: registry.start_session(user, lifetime) for name, user in users.items()}})


@pytest.fixture
def sessions(peopled: Peopled) -> dict[str, str]:
    return peopled.sessions


@pytest.fixture
def api(peopled: Peopled, tmp_path: Path, database: Database) -> Iterator[Api]:
    with administered(peopled.world, tmp_path, database) as served:
        yield served


@pytest.fixture
def send(api: Api, sessions: dict[str, str]) -> Send:
    """Send a request to a route as somebody who is signed in, from a page of ours unless headers say otherwise."""

    def sent(route: str, who: str = "superuser", site: int = 1, query: str = "", **headers: str) -> Response:
        method, path = target(route, site)
        headers = headers or {"Origin": ORIGIN}
        if sessions[who]:
            headers["Cookie"] = f"pegel_session={sessions[who]}"
        return api.client.request(method, f"{path}?{query}" if query else path, headers=headers)

    return sent


# The inventory


def test_the_dashboard_has_these_routes_and_no_others(api: Api) -> None:
    app = starlette_in(api.client.app)
    assert sorted(routes_of(app.routes)) == sorted(DASHBOARD)
    assert not app.debug


def test_the_collector_has_these_routes_and_no_others(tmp_path: Path, api: Api) -> None:
    app = starlette_in(create_app(Settings(), Resources(tmp_path / "spool", api.registry, ListsFolder(None))))
    assert sorted(routes_of(app.routes)) == sorted(COLLECTOR)
    assert not app.debug


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/console", "/debug", "/admin", "/.git/config"])
def test_nothing_else_is_served(api: Api, pegel: Tracked, path: str) -> None:
    assert api.client.get(path).status_code == 404
    assert pegel.request("GET", path).status == 404


@pytest.mark.parametrize("header", ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP"])
@pytest.mark.parametrize("path", PRIVATE)
def test_what_is_private_is_not_there_behind_a_proxy(api: Api, path: str, header: str) -> None:
    node = api.registry.add_token("node", "view", None, ["registry:read"])
    asked = {"Authorization": f"Bearer {node}"}
    assert api.client.get(path, headers=asked).status_code == 200
    assert api.client.get(path, headers={**asked, header: "203.0.113.9"}).status_code == 404


# Whose site it is


def outcome(answer: Response) -> str:
    if answer.status_code == 303 and answer.headers["location"].startswith("/login"):
        return TO_LOGIN
    return {403: REFUSED, 404: NOTHING}.get(answer.status_code, IN)


def expected(route: str, who: str, site: int) -> str:
    whom = DASHBOARD[route]
    if whom == "anybody":
        return NOTHING if "static" in route else TO_LOGIN if route == "POST /logout" else IN
    if not who:
        return TO_LOGIN
    if whom == "people":
        return NOTHING if route == "GET /sites" else IN  # Which of them was not said.
    if whom == "superusers":
        return IN if who == "superuser" else NOTHING
    if who not in SEES[site]:
        return NOTHING
    return IN if whom == "viewers" or who in ADMINISTERS else REFUSED


# Telling who somebody is takes more than a look: tests/test_dashboard.py is about that.
PAGES = [route for route in DASHBOARD if route not in (*of("programs"), "POST /login")]


@pytest.mark.parametrize("site", SEES)
@pytest.mark.parametrize("who", ["", *PEOPLE])
def test_whom_a_page_lets_in(send: Send, who: str, site: int) -> None:
    found = {route: outcome(send(route, who, site)) for route in PAGES if route != "POST /logout"}
    found["POST /logout"] = outcome(send("POST /logout", who))
    assert found == {route: expected(route, who, site) for route in PAGES}


def test_no_cookie_is_a_token(send: Send) -> None:
    """Also not the cookie of somebody who may do everything."""
    query = "module=API&method=SitesManager.getAllSites&format=json"
    answers = {route: send(route, query=query if route in CALLS else "") for route in of("programs")}
    assert {route: answer.status_code for route, answer in answers.items()} == dict.fromkeys(of("programs"), 401)
    assert not [route for route, answer in answers.items() if "Site 1" in answer.text]


@pytest.mark.parametrize("token", ["view", "write", "stranger", "admin", "superuser"])
def test_no_token_is_a_session(send: Send, api: Api, token: str) -> None:
    plain = api.tokens[token]
    ways = [{"Authorization": f"Bearer {plain}"}, {"Cookie": f"pegel_session={plain}"}]
    for way in ways:
        headers = {"Origin": ORIGIN, **way}
        found = {route: outcome(send(route, "", 1, f"token_auth={plain}", **headers)) for route in OF_PEOPLE}
        assert found == dict.fromkeys(OF_PEOPLE, TO_LOGIN)


def test_no_session_is_a_token(api: Api, sessions: dict[str, str]) -> None:
    plain = sessions["superuser"]
    assert api.client.get("/api/v1/sites", headers={"Authorization": f"Bearer {plain}"}).status_code == 401
    call = {"module": "API", "method": "SitesManager.getAllSites", "token_auth": plain}
    assert api.client.post("/index.php", data=call).status_code == 401


@pytest.mark.parametrize("token", ["view", "write", "stranger", "admin", "superuser", "wrong"])
def test_no_role_is_leave_to_take_every_secret(api: Api, token: str) -> None:
    answer = api.client.get("/registry/snapshot", headers={"Authorization": f"Bearer {api.tokens[token]}"})
    assert answer.status_code == (401 if token == "wrong" else 403)


def test_who_follows_the_registry_may_do_nothing_else(api: Api) -> None:
    node = {"Authorization": f"Bearer {api.registry.add_token('node', 'view', None, ['registry:read'])}"}
    asked = "module=API&method=VisitsSummary.get&idSite=1&period=day&date=today&format=json"
    params = {route: asked if route in CALLS else None for route in of("programs")}
    statuses = {
        route: api.client.request(*target(route), headers=node, params=query).status_code
        for route, query in params.items()
    }
    assert {route for route, status in statuses.items() if status == 200} == {"GET /registry/snapshot"}


def test_guessing_tokens_ends_wherever_it_is_tried(api: Api) -> None:
    """Wrong ones count together; afterwards not even a right one is looked at."""
    wrong, right = ({"Authorization": f"Bearer {api.tokens[name]}"} for name in ("wrong", "superuser"))
    asked = {"module": "API", "method": "API.getMatomoVersion", "format": "json"}
    routes = [target(route) for route in of("programs")]
    tried = [api.client.request(*routes[number % len(routes)], headers=wrong, params=asked) for number in range(60)]
    assert [answer.status_code for answer in tried] == [401] * 50 + [429] * 10
    answers = {path: api.client.request(method, path, headers=right, params=asked) for method, path in routes}
    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(answers, 429)


# What other websites can make of it


@pytest.mark.parametrize("headers", FOREIGN)
def test_no_other_website_sends_our_forms(send: Send, api: Api, headers: dict[str, str]) -> None:
    before = api.registry.version()
    answers = {route: send(route, **(headers or {"X-Nothing": "said"})) for route in FORMS}
    assert {route: answer.status_code for route, answer in answers.items()} == dict.fromkeys(FORMS, 403)
    assert {"another website" in answer.text for answer in answers.values()} == {True}
    assert (api.registry.version(), api.registry.cases()) == (before, [])
    assert outcome(send("GET /sites/{site}")) == IN  # Nobody was signed out.


def test_looking_changes_nothing(send: Send, api: Api) -> None:
    """Whatever an address says, somebody who was made to open it has done nothing."""
    before = api.registry.version()
    for query in ("", "sure=yes&kind=visitor&id=0123456789abcdef&saved=1&erased=1&preset=uk&consent=tracker"):
        for route in LOOKS:
            send(route, query=query)
    assert (api.registry.version(), api.registry.cases()) == (before, [])
    assert outcome(send("GET /sites/{site}")) == IN


def test_no_address_changes_anything_by_a_cookie(send: Send, api: Api) -> None:
    before = api.registry.version()
    changing = sorted(name for name, method in METHODS.items() if method.changes)
    given = "idSite=1&userLogin=viewer@example.org&siteName=x&name=x&urls=https://x.example"
    for method in changing:
        answers = [send(route, query=f"module=API&method={method}&{given}") for route in ("GET /index.php", *CALLS)]
        assert {answer.status_code for answer in answers} <= {400, 401}, method
    assert api.registry.version() == before
    assert "SitesManager.deleteSite" in changing


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE"])
def test_no_other_method_does_anything(send: Send, api: Api, sessions: dict[str, str], method: str) -> None:
    paths = {target(route)[1] for route in DASHBOARD}
    headers = {"Origin": ORIGIN, "Cookie": f"pegel_session={sessions['superuser']}"}
    assert {api.client.request(method, path, headers=headers).status_code for path in paths} <= {404, 405}


def test_no_other_website_reads_answers(send: Send) -> None:
    for method, path in map(target, DASHBOARD):
        asks = {"Origin": EVIL, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "x-token"}
        for answer in (send(f"{method} {path}", Origin=EVIL), send(f"OPTIONS {path}", **asks)):
            assert [name for name in answer.headers if name.lower().startswith("access-control-")] == [], path


@pytest.mark.parametrize("route", COLLECTOR)
def test_what_other_websites_may_read_of_the_collector(pegel: Tracked, route: str) -> None:
    method, path = target(route)
    answer = pegel.request("POST" if method == "ANY" else method, path, Origin=EVIL, Accept_Encoding="identity")
    found = {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}
    credentials = {"access-control-allow-credentials": "true", "access-control-allow-origin": EVIL}
    assert found == {"track": credentials, "load": {"access-control-allow-origin": "*"}, "none": {}}[COLLECTOR[route]]


def test_nothing_runs_that_is_not_ours_and_nobody_frames_it(send: Send) -> None:
    policies = {route: directives(send(route).headers["content-security-policy"]) for route in LOOKS}
    preview = policies.pop(PREVIEW)
    policies["GET /sites/{site}/opt-out"].pop("frame-src")  # The preview, and the collector's page.
    assert {route for route, policy in policies.items() if policy != directives(POLICY)} == set()
    ours = directives(POLICY)
    assert (ours["default-src"], ours["base-uri"], ours["frame-ancestors"]) == ("'none'",) * 3
    assert not [words for words in ours.values() if "unsafe" in words or "*" in words]
    assert (preview["sandbox"], preview["frame-ancestors"], preview["default-src"]) == (
        "allow-scripts",
        "'self'",
        "'none'",
    )
    assert re.fullmatch("'nonce-[A-Za-z0-9_-]{24}'", preview["script-src"])


def directives(policy: str) -> dict[str, str]:
    return {name: words for name, _, words in (part.strip().partition(" ") for part in policy.split(";"))}


# What a request says of the host it was sent to


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80@testserver", 'evil.example"><x-evil>'])
@pytest.mark.parametrize("who", ["", "superuser"])
def test_nothing_leads_to_the_host_that_a_request_names(send: Send, who: str, host: str) -> None:
    """Also not where a slash too many, or one too few, is all that is wrong."""
    forwarded = {"X-Forwarded-Host": host, "Forwarded": f"host={host}", "X-Original-URL": f"//{host}/"}
    paths = [f"{method} {path}{slash}" for method, path in map(target, DASHBOARD) for slash in ("", "/")]
    for path in [*paths, "GET /api/v1", "GET /static"]:
        answer = send(path, "" if path.startswith("POST /logout") else who, Origin=ORIGIN, Host=host, **forwarded)
        assert "evil" not in answer.headers.get("location", ""), path
        assert not re.search('(href|src|action)="[^"]*evil|<x-evil>', answer.text), path


@pytest.mark.parametrize("route", COLLECTOR)
def test_nothing_of_the_collector_leads_there_either(pegel: Tracked, route: str) -> None:
    method, path = target(route)
    query = "module=CoreAdminHome&action=optOut&language=en"
    for slash in ("", "/"):
        headers = {"Host": "evil.example", "X_Forwarded_Host": "evil.example", "Origin": "https://evil.example"}
        asked = f"{path}{slash}?{query}"
        answer = pegel.request("POST" if method == "ANY" else method, asked, b"trackVisits=0", **headers)
        assert "evil" not in answer.headers.get("location", "")
        assert "evil" not in answer.body.decode("utf-8", "replace").lower()
