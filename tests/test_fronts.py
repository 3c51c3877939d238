"""Web servers in front of Pegel as `deploy/` has them: who answers what, who is believed, what is logged."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

import pytest

from ingest.settings import Settings
from tests.fronts import PROGRAMS, STATS, Front, asked, running, socket_to
from tests.running import HOST, eventually
from tests.upstreams import BREAK, Upstream, upstream

VISITOR = "127.55.66.77"
FORGED = "198.51.100.23"
SECRET = "a-secret-in-a-query"
OPT_OUT = "/index.php?module=CoreAdminHome&action=optOut"


class Fronted(NamedTuple):
    """A web server, and what is behind it."""

    front: Front
    collector: Upstream
    dashboard: Upstream


@pytest.fixture(scope="module", params=PROGRAMS)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fronted]:
    directory = tmp_path_factory.mktemp(request.param)
    with (
        upstream("collector") as collector,
        upstream("dashboard") as dashboard,
        running(request.param, directory, (collector.port,), dashboard.port) as front,
    ):
        yield Fronted(front, collector, dashboard)


@pytest.fixture
def fronted(served: Fronted) -> Fronted:
    """A web server behind which nobody asked for anything yet."""
    served.collector.forget()
    served.dashboard.forget()
    return served


@pytest.mark.parametrize(
    ("target", "by"),
    [
        pytest.param("/matomo.php?idsite=1&rec=1", "collector", id="hit"),
        pytest.param("/piwik.php", "collector", id="old-name"),
        pytest.param("//matomo.php?idsite=1", "collector", id="doubled-slash"),
        pytest.param("/matomo.js", "collector", id="script"),
        pytest.param("/piwik.js", "collector", id="old-script"),
        pytest.param("/js/", "collector", id="short"),
        pytest.param("/js", "collector", id="shorter"),
        pytest.param("/js/tracker.php?idsite=1", "collector", id="tracker"),
        pytest.param("/opt-out?language=de", "collector", id="opt-out"),
        pytest.param("/opt-out.js", "collector", id="opt-out-script"),
        pytest.param(OPT_OUT, "collector", id="old-opt-out"),
        pytest.param(f"{OPT_OUT}JS&divId=box", "collector", id="old-opt-out-script"),
        pytest.param("/?module=CoreAdminHome&action=optOut", "collector", id="old-opt-out-without-file"),
        pytest.param("/index.php?action=optOut&language=de&module=CoreAdminHome", "collector", id="any-order"),
        pytest.param("/.well-known/gpc.json", "collector", id="gpc"),
        pytest.param("/", "dashboard", id="home"),
        pytest.param("/login", "dashboard", id="login"),
        pytest.param("/index.php?module=API&method=VisitsSummary.get", "dashboard", id="reports"),
        pytest.param("/?module=API&method=VisitsSummary.get", "dashboard", id="reports-without-file"),
        pytest.param("/index.php?module=CoreAdminHome&action=optOutElse", "dashboard", id="no-opt-out"),
        pytest.param("/login?module=CoreAdminHome&action=optOut", "dashboard", id="no-opt-out-either"),
        pytest.param("/api/v1/query", "dashboard", id="api"),
        pytest.param("/sites/1/opt-out", "dashboard", id="page-about-the-opt-out"),
        pytest.param("/static/app.js", "dashboard", id="static"),
        pytest.param("/matomo.phpx", "dashboard", id="no-hit"),
    ],
)
def test_who_answers(fronted: Fronted, target: str, by: str) -> None:
    assert fronted.front.get(target).by == by
    reached = fronted.collector if by == "collector" else fronted.dashboard
    assert [found.replace("//", "/") for found in reached.targets] == [target.replace("//", "/")]


@pytest.mark.parametrize("target", ["/healthz", "/metrics"])
def test_what_is_for_the_machine_alone_is_not_there(fronted: Fronted, target: str) -> None:
    assert fronted.front.get(target).status == 404
    assert fronted.collector.targets + fronted.dashboard.targets == []


@pytest.mark.parametrize("target", ["/matomo.php", "/login"])
def test_nobody_speaks_for_the_visitor(fronted: Fronted, target: str) -> None:
    claimed = {"X_Forwarded_For": FORGED, "X_Forwarded_Proto": "http"}
    assert fronted.front.get(target, VISITOR, **claimed).status == 200
    (reached,) = fronted.collector.reached + fronted.dashboard.reached
    told = {name: reached.headers[name] for name in ("x-forwarded-for", "x-forwarded-proto", "host")}
    assert told == {"x-forwarded-for": VISITOR, "x-forwarded-proto": "https", "host": STATS}


def test_the_largest_body_that_a_collector_reads_comes_through(fronted: Fronted) -> None:
    largest = Settings().body_max_bytes
    assert fronted.front.ask("POST", "/matomo.php", b"x" * largest).by == "collector"
    assert [each.length for each in fronted.collector.reached] == [largest]


def test_no_body_waits_in_a_file(fronted: Fronted) -> None:
    """A body holds what a database must never see."""
    for folder in fronted.front.directory.glob("bodies*"):
        folder.rmdir()
    assert fronted.front.ask("POST", "/matomo.php", b"x" * 1_000_000).by == "collector"


def test_long_addresses_of_pages_come_through(fronted: Fronted) -> None:
    target = f"/matomo.php?url=https://example.org/{'x' * 60_000}"
    assert fronted.front.get(target).by == "collector"
    assert fronted.collector.targets == [target]


def test_a_hit_that_failed_is_not_sent_again(fronted: Fronted) -> None:
    targets = ["/matomo.php?n=1", "/matomo.php?n=2", f"/matomo.php?n=3&{BREAK}"]
    assert [fronted.front.get(target).status for target in targets] == [200, 200, 502]
    assert fronted.collector.targets == targets


def test_connections_to_the_dashboard_are_kept(fronted: Fronted) -> None:
    for _ in range(5):
        assert fronted.front.get("/login").by == "dashboard"
    assert fronted.dashboard.connections <= 2


def test_browsers_get_http2(fronted: Fronted) -> None:
    with fronted.front.encrypted(HOST, "h2", "http/1.1") as connection:
        assert connection.selected_alpn_protocol() == "h2"


def test_who_comes_without_encryption_comes_again_with_it(fronted: Fronted) -> None:
    if fronted.front.program == "caddy":
        pytest.skip("Caddy redirects by itself, on a port that tests do not have")
    connection = HTTPConnection(HOST, fronted.front.plain)
    answer = asked(connection, "POST", f"/matomo.php?{SECRET}", b"url=x", {"Host": STATS})
    connection.close()
    assert (answer.status, answer.headers["location"]) == (308, f"https://{STATS}/matomo.php?{SECRET}")


def test_logs_name_no_visitor(fronted: Fronted) -> None:
    front = fronted.front
    told = {"User_Agent": "agent-of-somebody", "Referer": f"https://example.org/{SECRET}", "Cookie": f"a={SECRET}"}
    for target in ("/matomo.php?", "/login?", f"/matomo.php?{BREAK}&", f"/login?{BREAK}&"):
        front.get(f"{target}token_auth={SECRET}", VISITOR, X_Forwarded_For=FORGED, **told)
    too_large = Settings().body_max_bytes + 1
    with suppress(OSError):  # Who is refused on the way need not be heard to the end.
        front.ask("POST", f"/matomo.php?{SECRET}", b"x" * too_large, VISITOR)
    with socket_to(front.port, VISITOR) as confused:
        confused.sendall(f"GET /matomo.php?{SECRET} HTTP/1.1\r\n\r\n".encode())
        confused.recv(100)
    eventually(lambda: front.written().count("/matomo.php") > 1)
    written = front.written()
    assert [found for found in (VISITOR, FORGED, SECRET, "agent-of-somebody") if found in written] == []


def test_visitors_stay_with_their_collector(tmp_path: Path) -> None:
    visitors = [f"127.{number}.3.1" for number in range(1, 41)]
    with ExitStack() as first, upstream("two") as two, upstream("dashboard") as dashboard:
        one = first.enter_context(upstream("one"))
        with running("haproxy", tmp_path, (one.port, two.port), dashboard.port) as front:
            before = collectors_of(front, visitors)
            assert set(before.values()) == {"one", "two"}
            assert collectors_of(front, visitors[::-1]) == before
            first.close()
            assert set(collectors_of(front, visitors).values()) == {"two"}


def collectors_of(front: Front, visitors: Sequence[str]) -> dict[str, str]:
    """Return who answers each visitor."""
    return {visitor: front.get("/matomo.php", visitor).by for visitor in visitors}
