"""A whole server is given secrets wherever one can stand, and addresses that it might ask: it keeps and asks none."""

import json
import socket
import stat
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from urllib.parse import quote, urlencode

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboard.download import DownloadFailed, Wanted, download
from dashboard.person_client import Client, DashboardAway
from sql.entries import ROLES
from sql.registry import NewSite, Registry
from tests.running import HOST, Answer, Server, ask, server
from tests.traces import Remains, found_in, trace_of_text
from tests.tracked import FIREFOX, VISITOR, listening

PASSWORD = "correct horse battery staple"
EMAIL = "anna@example.org"
WRONG = "0f" * 16
IN_ADDRESS = "5ec12e7a" * 4  # What a website has put into addresses of its own.
NOTHING: Mapping[str, str] = {}
FORM = "application/x-www-form-urlencoded"
# Python says so whenever a connection is made or a name looked up; every process of the server writes it down.
WATCHING = """
import os, sys
WATCHED = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.bind")
def hook(event, arguments):
    if event in WATCHED:
        with open(os.environ["WATCHED_FILE"], "a") as file:
            file.write(f"{event} {arguments[-1] if 'addr' not in event else arguments[0]}\\n")
sys.addaudithook(hook)
"""


class Trap:
    """Listens where nobody should come; notes who does."""

    def __init__(self) -> None:
        self.listener = socket.create_server((HOST, 0))
        self.port = self.listener.getsockname()[1]
        self.caught = 0
        self.thread = Thread(target=self.wait, daemon=True)
        self.thread.start()

    def wait(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.caught += 1
            connection.close()

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()


@dataclass
class Served:
    """What is left of the server when it has stopped, and what it was given."""

    pegel: Server
    remains: Remains
    secrets: dict[str, str]
    trap: Trap
    connections: list[str]
    answers: list[str]
    listed: str
    before: list[object]  # Who and what was there when nobody had added anything.


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    directory = tmp_path_factory.mktemp("served")
    watched, seen = directory / "watched", directory / "connections"
    watched.mkdir()
    (watched / "sitecustomize.py").write_text(WATCHING, "utf-8")
    environ = {"PEGEL_COLLECTORS": "1", "PYTHONPATH": str(watched), "WATCHED_FILE": str(seen)}
    with trapping() as trap, server(directory / "server", **environ) as pegel:
        pegel.say("migrate")
        with closing(Registry(pegel.data / "registry.sqlite")) as registry:
            before = [*registry.users(), *registry.tokens(), *registry.sites()]
            site, secrets = administer(registry, f"http://{HOST}:{trap.port}")
        session, answers = live(pegel, site, secrets, f"http://{HOST}:{trap.port}")
        listed = pegel.say("token", "list", "--json")
        assert pegel.stop() == 0
        connections = seen.read_text("utf-8").splitlines()
        with pegel.tables() as database:
            remains = Remains().add_tables(database)
        remains.add_files(pegel.directory)
        yield Served(pegel, remains, {**secrets, "session": session}, trap, connections, answers, listed, before)


@contextmanager
def trapping() -> Iterator[Trap]:
    trap = Trap()
    yield trap
    trap.close()


def administer(registry: Registry, address: str) -> tuple[int, dict[str, str]]:
    """Add a site, somebody, and tokens; return the site, and all secrets."""
    site = registry.add_site(NewSite(name="Trap", urls=(address,)))
    registry.add_user(EMAIL, PASSWORD, "superuser")
    tokens: dict[str, str] = {role: registry.add_token(role, role, None) for role in ROLES}
    return site.id, {"password": PASSWORD, "wrong": WRONG, "in an address": IN_ADDRESS, **tokens}


def live(pegel: Server, site: int, secrets: dict[str, str], address: str) -> tuple[str, list[str]]:
    """Serve while hits come and people look, and take files away; return a session's secret, and all answers."""
    pegel.start()
    answers = [*tracking(pegel, site, secrets, address), *looking(pegel, site, secrets["superuser"], address)]
    pegel.flush()
    session, pages = signing_in(pegel, site)
    answers += [*looking(pegel, site, secrets["superuser"], address), *pages]
    token_file = pegel.directory.parent / "token"
    token_file.write_text(secrets["superuser"], "utf-8")
    today = str(datetime.now(UTC).date())
    dated = ("--site", str(site), "--from", today, "--to", today, "--token-file", str(token_file))
    pegel.say("export", "visits", *dated, str(pegel.directory / "visits.ndjson"))
    pegel.say("person", "export", "--site", str(site), "--visitor", VISITOR, str(pegel.directory / "person.json"))
    return session, [answer.body.decode("utf-8", "replace") for answer in answers]


def tracking(pegel: Server, site: int, secrets: Mapping[str, str], address: str) -> Iterator[Answer]:
    """Send a hit with each token in each place; all addresses that it names are those of the trap."""
    port = address.rpartition(":")[2]
    urlref = f"http://localhost:{port}/from?password={IN_ADDRESS}"
    own = {"idsite": site, "rec": 1, "_id": VISITOR, "url": f"{address}/?token_auth={IN_ADDRESS}", "urlref": urlref}
    named = {"action_name": address, "link": f"{address}/out", "cip": "198.51.100.7"}
    query, more = urlencode(own), urlencode({**own, **named})
    for token in (*(secrets[role] for role in ROLES), WRONG):
        yield public(pegel, f"/matomo.php?{query}&download={quote(address)}/file.zip")
        yield public(pegel, f"/matomo.php?{query}&c_n=a&c_p={quote(address)}/a.png&c_t={quote(address)}")
        yield public(pegel, f"/matomo.php?{more}&token_auth={token}")
        yield public(pegel, f"/matomo.php?{more}", {"Authorization": f"Bearer {token}"})
        yield public(pegel, f"/matomo.php?{more}", {"Content_Type": FORM}, f"token_auth={token}".encode())
        bulk = {"requests": [f"?{more}&token_auth={token}", f"?{query}"], "token_auth": token}
        yield public(pegel, "/matomo.php", body=json.dumps(bulk).encode())
        yield public(pegel, f"/js/?{query}&token_auth={token}&url=%zz")
        yield public(pegel, f"/no-such-page/{token}?token_auth={token}")


def looking(pegel: Server, site: int, token: str, address: str) -> Iterator[Answer]:
    """Ask for reports with tokens where they belong and where they do not."""
    asked = {"idSite": site, "period": "day", "date": "today", "format": "json", "segment": f"pageUrl=@{address}"}
    call = urlencode({"module": "API", "method": "Live.getLastVisitsDetails", **asked})
    of_person = json.dumps({"kind": "visitor", "id": VISITOR, "site": site}).encode()
    for given in (token, WRONG):
        bearer = {"Authorization": f"Bearer {given}"}
        yield private(pegel, f"/index.php?{call}&token_auth={given}")
        yield private(pegel, f"/index.php?{call}", bearer)
        yield private(pegel, f"/index.php?{call}", {"Content_Type": FORM}, f"token_auth={given}".encode())
        yield private(pegel, f"/api/v1/sites?token_auth={given}")
        yield private(pegel, f"/api/v1/sites/{site}", bearer)
        yield private(pegel, f"/api/v1/query?site={site}&metrics=nb_visits&order={quote(address)}", bearer)
        yield private(pegel, "/api/person/find", bearer, of_person)
        yield private(pegel, f"/sites/{site}?token_auth={given}", {"Cookie": f"pegel_session={given}"})
        yield private(pegel, f"/nothing/{given}?{given}", {"Referer": f"http://x/?token_auth={given}"})


def signing_in(pegel: Server, site: int) -> tuple[str, list[Answer]]:
    """Sign in as a person does, once wrongly; return the session's secret, and the pages that were seen."""
    sent = {"Origin": f"http://{HOST}:{pegel.private_port}", "Content_Type": FORM}
    form = {"email": EMAIL, "password": PASSWORD}
    private(pegel, "/login", sent, urlencode({**form, "password": WRONG}).encode())
    entered = private(pegel, "/login", sent, urlencode(form).encode())
    session = entered.headers["set-cookie"].partition("=")[2].partition(";")[0]
    paths = ("", "/live", "/pages", "/referrers", "/tracking", "/privacy", "/opt-out", "/people")
    pages = [private(pegel, f"/sites/{site}{path}", {"Cookie": f"pegel_session={session}"}) for path in paths]
    assert {page.status for page in pages} == {200}
    return session, pages


def private(pegel: Server, target: str, headers: Mapping[str, str] = NOTHING, body: bytes | None = None) -> Answer:
    """Ask the dashboard; a body is posted."""
    return ask(pegel.private_port, "GET" if body is None else "POST", target, body, headers)


def public(pegel: Server, target: str, headers: Mapping[str, str] = NOTHING, body: bytes | None = None) -> Answer:
    """Send something to the collector, likewise."""
    return ask(pegel.collect_port, "GET" if body is None else "POST", target, body, {"User_Agent": FIREFOX, **headers})


def test_no_secret_is_left_in_any_file_table_or_log(served: Served) -> None:
    """The log is among the files: no token, no password, no session, wherever it was sent."""
    traces = {name: trace_of_text(secret) for name, secret in served.secrets.items()}
    assert found_in(served.remains, traces) == {}
    assert str(served.pegel.log) in "".join(served.remains.contents)
    assert len(served.secrets) == 8


def test_no_secret_comes_back(served: Served) -> None:
    """Neither in an answer, nor where tokens are listed."""
    said = [*served.answers, served.listed]
    assert len(said) > 50
    given = {name: secret for name, secret in served.secrets.items() if name != "wrong"}
    assert {name for name, secret in given.items() for text in said if secret in text} == set()


def test_nobody_and_nothing_is_there_from_the_start(served: Served) -> None:
    assert served.before == []


def test_no_tracked_address_is_asked_for_anything(served: Served) -> None:
    """Not by the collector, the loader, the database, the dashboard; not when reports are looked at."""
    assert served.trap.caught == 0
    with socket.create_connection((HOST, served.trap.port)) as proof:
        proof.recv(1)
    assert served.trap.caught == 1, "the trap works"
    assert str(served.trap.port) in "".join(served.answers), "the addresses were kept and shown"


def test_no_process_of_the_server_connects_to_anybody(served: Served) -> None:
    """But a command may ask the server on the same machine."""
    ours = {f"('{HOST}', {port})" for port in (served.pegel.private_port, served.pegel.collect_port)}
    events = [line.split(" ", 1) for line in served.connections]
    assert ["socket.bind", f"('{HOST}', {served.pegel.collect_port})"] in events, "Python was watched"
    outside = [(event, where) for event, where in events if event != "socket.bind" and where not in ours]
    assert [(event, where) for event, where in outside if where not in (HOST, "localhost")] == []


def test_files_are_for_whoever_runs_it_alone(served: Served) -> None:
    """Spool, registry, journal, tables, and what commands write: all of it is about visitors."""
    written = [*served.pegel.data.rglob("*"), *served.pegel.directory.glob("*.*json")]
    modes = {path: path.stat().st_mode for path in written if path.exists() and not path.is_symlink()}
    assert {str(path) for path, mode in modes.items() if stat.S_IMODE(mode) & 0o077} == set()
    names = {path.name for path in written}
    assert {"registry.sqlite", "loader.sqlite", "visits.ndjson", "person.json"} <= names


def test_a_token_goes_to_the_address_that_was_given_and_nowhere_else(tmp_path: Path) -> None:
    """Whoever answers there may send commands on; they do not go."""
    heard: list[str | None] = []

    async def elsewhere(request: Request) -> Response:
        heard.append(request.headers.get("authorization"))
        return Response("{}")

    with listening(Starlette(routes=[Route("/{path:path}", elsewhere, methods=["GET", "POST"])])) as other:

        async def onward(request: Request) -> Response:
            return RedirectResponse(f"http://localhost:{other}/", 302)

        with listening(Starlette(routes=[Route("/{path:path}", onward, methods=["GET", "POST"])])) as port:
            address = f"http://{HOST}:{port}"
            wanted = Wanted(address, "hits", {"site": "1"}, "secret")
            with pytest.raises(DownloadFailed):
                download(wanted, tmp_path / "hits.ndjson", lambda _: None, wait=lambda _: None)
            with pytest.raises(DashboardAway):
                Client(address, "secret").ask("find", {})
    assert heard == []


def test_no_file_is_written_over(tmp_path: Path) -> None:
    """Also not the one that a link leads to, which somebody has laid there."""
    kept = tmp_path / "kept"
    kept.write_text("mine", "utf-8")
    link = tmp_path / "link"
    link.symlink_to(kept)
    for file in (kept, link):
        with pytest.raises(DownloadFailed):
            download(Wanted("http://127.0.0.1:1", "hits", {}, ""), file, lambda _: None)
    assert kept.read_text("utf-8") == "mine"
