"""Real processes, killed and stopped in the middle of their work: every answered hit is counted once, none twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from sql.clickhouse import Database
from tests.ledger import ADDRESSES, CLIENTS, NUMBERS, Ledger, assert_counted_once, bulk_load, clients, send_bulk
from tests.running import HOST, PATIENCE, ROOT, Answer, Server, eventually, free_port, rows, server
from tests.torturing import tortured
from tests.traces import Remains, assert_no_address
from tests.tracked import FIREFOX, VISITOR


def assert_all_counted_once(pegel: Server, site: int, ledger: Ledger) -> None:
    """Stop the server when everything is loaded; then the tables agree with the ledger, and no address is anywhere."""
    pegel.flush()
    assert pegel.stop() == 0
    with pegel.tables() as database:
        assert_counted_once(database, site, ledger)
        remains = Remains().add_tables(database)
    assert_no_address(remains.add_files(pegel.directory), ADDRESSES)


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


@pytest.mark.parametrize("over_http", [pytest.param(False, id="embedded"), pytest.param(True, id="server")])
def test_whoever_is_killed_at_random_moments_counts_once(tmp_path: Path, over_http: bool) -> None:
    """A short run of what `make torture` does at length."""
    report = tortured(tmp_path, 6, random.randrange(1 << 32), over_http=over_http)
    assert len(report.victims) >= 5
    assert (report.balance.missing, report.balance.extra, report.balance.consistent) == (0, 0, True), report


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


@pytest.mark.parametrize(
    "number", [pytest.param(signal.SIGINT, id="SIGINT"), pytest.param(signal.SIGTERM, id="SIGTERM")]
)
def test_a_signal_to_every_process_at_once_stops_in_good_order(tmp_path: Path, number: signal.Signals) -> None:
    """As systemd and some shells send it; what the supervisor sends comes on top."""
    ledger = Ledger()
    with server(tmp_path, PEGEL_COLLECTORS="2", PEGEL_TRUSTED_PROXIES=HOST) as pegel:
        site, token = pegel.add_site(), pegel.add_token()
        pegel.start()
        with bulk_load(pegel, site, token, ledger):
            ledger.reaches(300)
            assert pegel.process is not None
            for pid in [*pegel.children(), pegel.process.pid]:
                os.kill(pid, number)
            assert pegel.process.wait(PATIENCE) == 0
            said = pegel.said()
            assert [word for word in ("Traceback", "Error", "did not stop", "died") if word in said] == []
            pegel.start()
        assert_all_counted_once(pegel, site, ledger)


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
