"""Real processes, killed and stopped in the middle of their work: every answered hit is counted once, none twice."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address
from itertools import count, islice
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from sql.clickhouse import Database
from tests.running import HOST, PATIENCE, ROOT, Answer, Server, eventually, free_port, rows, server
from tests.traces import Remains, assert_no_address
from tests.tracked import FIREFOX, VISITOR

CLIENTS = 8
NUMBERS = count(5000)  # Of clients, and of sites where several tests share a ClickHouse.
# Nobody's: networks for documentation. Every second client has an IPv6 address.
IPV4 = [IPv4Address("198.51.177.201") + number for number in range(4)]
IPV6 = [IPv6Address("2001:db8:7a3c:9d15:be46:20f7:c58e:6b91") + number for number in range(4)]
ADDRESSES = [str(address) for pair in zip(IPV4, IPV6, strict=True) for address in pair]


class Ledger:
    """What clients know: which pages were answered, and which may or may not have been counted."""

    def __init__(self) -> None:
        self.sent: set[str] = set()
        self.answered: set[str] = set()

    def __len__(self) -> int:
        return len(self.answered)

    def reaches(self, number: int) -> None:
        """Wait until so many hits have been answered."""
        deadline = time.monotonic() + PATIENCE
        while len(self) < number:
            assert time.monotonic() < deadline, f"{len(self)} of {number} hits were answered"
            time.sleep(0.002)


class Client:
    """A visitor's browser, or a program, behind a trusted proxy; a hit whose connection breaks is not sent again."""

    def __init__(self, running: Server, site: int, ledger: Ledger, number: int) -> None:
        self.port = running.collect_port
        self.site = site
        self.ledger = ledger
        self.name = f"example.org/client-{next(NUMBERS)}"
        self.headers = {"User-Agent": FIREFOX, "X-Forwarded-For": ADDRESSES[number % len(ADDRESSES)]}
        self.numbers = count()
        self.connection = HTTPConnection(HOST, self.port, timeout=PATIENCE)

    def pages(self, number: int) -> list[str]:
        """Return page names that nobody else uses."""
        return [f"{self.name}/{page}" for page in islice(self.numbers, number)]

    def send_pages(self, number: int) -> None:
        for page in self.pages(number):
            query = urlencode({"idsite": self.site, "rec": 1, "url": f"https://{page}", "send_image": 0})
            self.send([page], "GET", f"/matomo.php?{query}")

    def send_bulks(self, token: str, stop: threading.Event) -> None:
        """Send bulk requests until told to stop; their hits lie in many months, and so in many parts of a table."""
        address = self.headers["X-Forwarded-For"]
        now = datetime.now(UTC)
        while not stop.wait(0.02):
            pages = self.pages(20)
            given = [
                {
                    "idsite": self.site,
                    "rec": 1,
                    "url": f"https://{page}",
                    "cip": address,
                    "cdt": days_before(now, index),
                }
                for index, page in enumerate(pages)
            ]
            requests = [f"?{urlencode(each)}" for each in given]
            body = json.dumps({"requests": requests, "token_auth": token}).encode()
            self.send(pages, "POST", "/matomo.php", body)

    def send(self, pages: list[str], method: str, target: str, body: bytes | None = None) -> None:
        """Send one request and note what became of it."""
        self.connect()
        self.ledger.sent.update(pages)
        try:
            self.connection.request(method, target, body, self.headers)
            response = self.connection.getresponse()
            answer = response.read()
        except (OSError, HTTPException):
            self.connection.close()
            return
        assert response.status < 300, response.status
        assert not answer or json.loads(answer)["invalid"] == 0
        self.ledger.answered.update(pages)

    def connect(self) -> None:
        if self.connection.sock is None:
            eventually(self.connected)

    def connected(self) -> bool:
        try:
            self.connection.connect()
        except OSError:
            return False
        return True


def days_before(now: datetime, index: int) -> str:
    return str(int((now - timedelta(days=17 * index)).timestamp()))


@contextmanager
def clients(running: Server, site: int, ledger: Ledger, number: int = CLIENTS) -> Iterator[list[Client]]:
    made = [Client(running, site, ledger, n) for n in range(number)]
    try:
        yield made
    finally:
        for client in made:
            client.connection.close()


@contextmanager
def bulk_load(running: Server, site: int, token: str, ledger: Ledger) -> Iterator[None]:
    """Keep clients sending bulk requests."""
    stop = threading.Event()
    with clients(running, site, ledger, 4) as made, ThreadPoolExecutor(len(made)) as pool:
        done = [pool.submit(client.send_bulks, token, stop) for client in made]
        try:
            yield
        finally:
            stop.set()
        for each in done:
            each.result()


def assert_all_counted_once(pegel: Server, site: int, ledger: Ledger) -> None:
    """Stop the server when everything is loaded; then the tables agree with the ledger, and no address is anywhere."""
    pegel.flush()
    assert pegel.stop() == 0
    with pegel.tables() as database:
        assert_counted_once(database, site, ledger)
        remains = Remains().add_tables(database)
    assert_no_address(remains.add_files(pegel.directory), ADDRESSES)


def assert_counted_once(database: Database, site: int, ledger: Ledger) -> None:
    """Compare all three tables with what the clients know, and with each other."""
    pages = [row["page"] for row in rows(database, f"select page from hits where site = {site}")]
    counted = set(pages)
    assert len(pages) == len(counted), "hits were counted twice"
    assert ledger.answered - counted == set(), "answered hits are missing"
    assert counted - ledger.sent == set()
    (visits,) = rows(database, f"select sum(actions) as actions, count() as n from visits final where site = {site}")
    (hits,) = rows(database, f"select count() as n, uniqExact(visit) as visits from hits where site = {site}")
    (kept,) = rows(database, f"select sum(hits) as n from counters where site = {site} and outcome = 'kept'")
    assert (visits["actions"], visits["n"], kept["n"]) == (hits["n"], hits["visits"], hits["n"])


def test_killed_processes_lose_nothing_and_repeat_nothing(tmp_path: Path) -> None:
    ledger = Ledger()
    with server(tmp_path, PEGEL_COLLECTORS="2", PEGEL_TRUSTED_PROXIES=HOST) as pegel:
        site = pegel.add_site()
        pegel.start()
        with clients(pegel, site, ledger) as made, ThreadPoolExecutor(CLIENTS) as pool:
            done = [pool.submit(client.send_pages, 2000 // CLIENTS) for client in made]
            ledger.reaches(300)
            pegel.kill_worker("collector-1")
            ledger.reaches(700)
            pegel.kill_worker("core")
            ledger.reaches(1100)
            pegel.kill()
            pegel.start()
            ledger.reaches(1500)
            pegel.kill_worker("collector-2")
            for each in done:
                each.result()
        assert_all_counted_once(pegel, site, ledger)
    assert len(ledger.sent) == 2000
    assert len(ledger.sent - ledger.answered) < 200, "each kill costs a client a hit or two, not more"


def test_a_loader_killed_at_any_moment_counts_once(tmp_path: Path) -> None:
    ledger = Ledger()
    with server(tmp_path, PEGEL_COLLECTORS="1", PEGEL_TRUSTED_PROXIES=HOST) as pegel:
        site, token = pegel.add_site(), pegel.add_token()
        pegel.start()
        with bulk_load(pegel, site, token, ledger):
            for _ in range(5):
                time.sleep(random.uniform(0.8, 1.6))  # It begins to load within the first second.
                pegel.kill_worker("core")
        assert_all_counted_once(pegel, site, ledger)


def test_a_server_that_is_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    ledger = Ledger()
    visit = urlencode({"rec": 1, "_id": VISITOR, "send_image": 0})
    with server(tmp_path, PEGEL_COLLECTORS="2", PEGEL_TRUSTED_PROXIES=HOST) as pegel:
        site, other, token = pegel.add_site(), pegel.add_site(), pegel.add_token()
        pegel.start()
        assert pegel.get(f"/matomo.php?{visit}&idsite={other}&url=https://example.org/1").status == 204
        with bulk_load(pegel, site, token, ledger):
            ledger.reaches(500)
            assert pegel.stop() == 0
            assert "did not stop" not in pegel.said()
            pegel.start()
        assert pegel.get(f"/matomo.php?{visit}&idsite={other}&url=https://example.org/2").status == 204
        pegel.flush()
        assert pegel.stop(signal.SIGINT) == 0
        with pegel.tables() as database:
            assert_counted_once(database, site, ledger)
            found = rows(database, f"select actions, entry_page, exit_page from visits final where site = {other}")
        assert found == [{"actions": 2, "entry_page": "example.org/1", "exit_page": "example.org/2"}]


def test_a_full_spool_refuses_and_recovers(tmp_path: Path) -> None:
    ledger = Ledger()
    with server(tmp_path, PEGEL_COLLECTORS="1", PEGEL_SPOOL_MAX_BYTES="1000000") as pegel:
        site, token = pegel.add_site(), pegel.add_token()
        pegel.start()
        core = pegel.pid("core")
        os.kill(core, signal.SIGSTOP)
        refused = fill_spool(pegel, site, token, ledger)
        assert (refused.status, refused.headers["retry-after"]) == (503, "5")
        health = pegel.get("/healthz")
        assert (health.status, health.json()["ok"]) == (503, False)
        os.kill(core, signal.SIGCONT)
        eventually(lambda: pegel.get("/healthz").status == 200)
        eventually(lambda: send_bulk(pegel, site, token, ledger).status == 200)
        pegel.flush()
        assert pegel.stop() == 0
        with pegel.tables() as database:
            assert_counted_once(database, site, ledger)


def fill_spool(pegel: Server, site: int, token: str, ledger: Ledger) -> Answer:
    """Send until the collector refuses; return how."""
    while (answer := send_bulk(pegel, site, token, ledger)).status == 200:
        assert len(ledger) < 100_000
    return answer


def send_bulk(pegel: Server, site: int, token: str, ledger: Ledger) -> Answer:
    pages = [f"example.org/{len(ledger.sent) + number}" for number in range(100)]
    ledger.sent.update(pages)
    requests = [f"?{urlencode({'idsite': site, 'rec': 1, 'url': f'https://{page}'})}" for page in pages]
    body = json.dumps({"requests": requests, "token_auth": token}).encode()
    answer = pegel.request("POST", "/matomo.php", body)
    if answer.status == 200:
        ledger.answered.update(pages)
    return answer


@pytest.fixture(scope="module")
def pegel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that only reads what it is told; tests add sites of their own to it."""
    with server(tmp_path_factory.mktemp("serve"), PEGEL_COLLECTORS="1") as running:
        yield running.start()


def test_both_listeners_tell_their_health(pegel: Server) -> None:
    collector = pegel.get("/healthz").json()
    assert (collector["ok"], collector["problem"], collector["spool_max_bytes"]) == (True, "", 2_147_483_648)
    core = pegel.get("/healthz", pegel.private_port).json()
    assert (core["ok"], core["problem"]) == (True, "")
    assert core["oldest_unloaded_seconds"] < PATIENCE


def test_what_the_command_adds_is_known_soon(pegel: Server) -> None:
    site = pegel.add_site()
    eventually(lambda: pegel.get(f"/matomo.php?idsite={site}&rec=1&url=https://example.org/").status == 200)
    body = json.dumps({"requests": [], "token_auth": pegel.add_token("superuser")}).encode()
    eventually(lambda: "invalid_indices" in pegel.request("POST", "/matomo.php", body).json())


def test_hits_become_visible_in_the_dashboard(pegel: Server) -> None:
    site = pegel.add_site()
    password = json.loads(pegel.say("user", "add", "anna@example.org", "--json"))["password"]
    cookie = logged_in(pegel, "anna@example.org", password)
    live = f"/sites/{site}/live"
    assert pegel.get(live, pegel.private_port, Cookie=cookie).status == 200
    before = pegel.get(live, pegel.private_port, Cookie=cookie).body
    eventually(lambda: pegel.get(f"/matomo.php?idsite={site}&rec=1&url=https://example.org/").status == 200)
    eventually(lambda: pegel.get(live, pegel.private_port, Cookie=cookie).body != before)


def logged_in(pegel: Server, email: str, password: str) -> str:
    """Log in as a browser does; return the cookie."""
    connection = HTTPConnection(HOST, pegel.private_port, timeout=PATIENCE)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": f"http://{HOST}:{pegel.private_port}",
    }
    connection.request("POST", "/login", urlencode({"email": email, "password": password}), headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    assert response.status == 303, response.status
    return str(response.headers["Set-Cookie"]).partition(";")[0]


@pytest.mark.parametrize(
    ("command", "environ", "code", "message"),
    [
        pytest.param("serve", {}, 1, "another server uses ", id="one-data-directory"),
        pytest.param("serve", {"PEGEL_DATA": "elsewhere"}, 1, "Address already in use", id="one-port"),
        pytest.param("collect", {}, 1, "stop the other server or choose another port", id="collectors-port"),
        pytest.param("serve", {"PEGEL_DATA": "x", "PEGEL_COLLECT_LISTEN": "8000"}, 1, "host:port", id="no-host"),
        pytest.param("load", {}, 2, "expected the DSN of a ClickHouse server", id="loader-needs-a-server"),
        pytest.param("dashboard", {}, 2, "expected the DSN of a ClickHouse server", id="dashboard-needs-a-server"),
    ],
)
def test_who_cannot_start_says_why(
    pegel: Server, command: str, environ: dict[str, str], code: int, message: str
) -> None:
    refused = pegel.run(command, **environ)
    assert (refused.returncode, refused.stdout) == (code, "")
    assert refused.stderr.count("\n") == 1
    assert message in refused.stderr


def test_a_clickhouse_server_counts_as_well(tmp_path: Path, clickhouse_server: str) -> None:
    with server(tmp_path, PEGEL_COLLECTORS="1", PEGEL_CLICKHOUSE=clickhouse_server) as pegel:
        site = pegel.add_site("--id", str(next(NUMBERS)))
        pegel.start()
        send_and_flush(pegel, site)
        assert pegel.stop() == 0
    assert pages_of(clickhouse_server, site) == ["example.org/0", "example.org/1", "example.org/2"]


def test_the_roles_run_apart(tmp_path: Path, clickhouse_server: str) -> None:
    environ = {"PEGEL_COLLECTORS": "2", "PEGEL_CLICKHOUSE": clickhouse_server}
    with (
        server(tmp_path, "collect", **environ) as collectors,
        server(tmp_path, "load", **environ) as loader,
        server(tmp_path, "dashboard", **environ) as dashboard,
    ):
        collectors.say("migrate")
        site = collectors.add_site("--id", str(next(NUMBERS)))
        for each in (collectors, loader, dashboard):
            each.start()
        send_and_flush(collectors, site)
        assert loader.run("load").stderr.startswith("pegel: another server uses ")
        assert [each.stop() for each in (collectors, loader, dashboard)] == [0, 0, 0]
    assert pages_of(clickhouse_server, site) == ["example.org/0", "example.org/1", "example.org/2"]


def test_a_dead_clickhouse_loses_nothing(tmp_path: Path) -> None:
    ledger, port = Ledger(), free_port()
    dsn = f"clickhouse://default:@{HOST}:{port}/default"
    with server(tmp_path, PEGEL_COLLECTORS="1", PEGEL_CLICKHOUSE=dsn) as pegel:
        site, token = pegel.add_site(), pegel.add_token()
        with clickhouse_at(tmp_path / "clickhouse", port):
            pegel.start()
            with bulk_load(pegel, site, token, ledger):
                ledger.reaches(500)
                pegel.flush()
        with bulk_load(pegel, site, token, ledger):
            ledger.reaches(len(ledger) + 500)
            eventually(lambda: pegel.get("/healthz", pegel.private_port).status == 503)
        assert pegel.get("/healthz").status == 200
        with clickhouse_at(tmp_path / "clickhouse", port):
            pegel.flush()
            assert pegel.stop() == 0
            assert_counted_once(Database(dsn), site, ledger)


@contextmanager
def clickhouse_at(path: Path, port: int) -> Iterator[None]:
    """Run a ClickHouse on a known port; at the end it is killed, whatever it does just then."""
    command = [sys.executable, "-m", "tests.clickhouse_server", "--path", str(path), "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield
        finally:
            process.kill()


def send_and_flush(pegel: Server, site: int) -> None:
    for page in range(3):
        target = f"/matomo.php?idsite={site}&rec=1&url=https://example.org/{page}"
        assert pegel.get(target, User_Agent=FIREFOX).status == 200
    pegel.flush()


def pages_of(dsn: str, site: int) -> list[Any]:
    found = rows(Database(dsn), f"select page from hits where site = {site} order by page")
    return [row["page"] for row in found]
