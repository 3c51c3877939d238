"""Real servers for tests: `pegel serve` and its relatives as processes, each on free ports and data of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from sql.clickhouse import Database
from tests import clickhouse_server

ROOT = Path(__file__).parent.parent
HOST = "127.0.0.1"
PATIENCE = 60.0  # Seconds until a test gives up waiting; nothing asserts how long something took.
# In either format of log lines.
STARTED = re.compile(r"process started(?: name=|\",\"name\":\")([\w-]+)(?: pid=|\",\"pid\":)(\d+)")

T = TypeVar("T")


class Answer(NamedTuple):
    """What came back over HTTP."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Server:
    """One Pegel on free ports; `command` is what `pegel` is told, such as `serve`."""

    def __init__(self, directory: Path, command: str = "serve", **environ: str) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.command = command
        self.data = directory / "data"
        self.collect_port, self.private_port = free_port(), free_port()
        self.environ = {
            "PEGEL_DATA": str(self.data),
            "PEGEL_COLLECT_LISTEN": f"{HOST}:{self.collect_port}",
            "PEGEL_DASHBOARD_LISTEN": f"{HOST}:{self.private_port}",
            **environ,
        }
        self.log = directory / f"{command}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, *argv: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run another command on the same data, as an operator would beside the server."""
        environ = {**outer_environ(), **self.environ, **environ}
        command = [sys.executable, str(ROOT / "pegel.py"), *argv]
        return subprocess.run(command, cwd=self.directory, env=environ, capture_output=True, text=True, check=False)

    def say(self, *argv: str) -> str:
        """Run a command that must succeed; return what it printed."""
        done = self.run(*argv)
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout

    def add_site(self, *options: str) -> int:
        return int(json.loads(self.say("site", "add", "Example", "https://example.org", *options, "--json"))["id"])

    def add_token(self, role: str = "write") -> str:
        return self.say("token", "add", "--role", role).strip()

    def launch(self) -> None:
        """Start the processes; all they say goes to the log."""
        environ = {**outer_environ(), **self.environ}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "pegel.py"), self.command],
                cwd=self.directory, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def start(self) -> "Server":
        """Start, and return when everything that listens is healthy."""
        self.launch()
        for port in self.listening():
            eventually(partial(self.healthy, port))
        return self

    def listening(self) -> list[int]:
        return {
            "collect": [self.collect_port],
            "load": [],
            "dashboard": [self.private_port],
        }.get(self.command, [self.collect_port, self.private_port])

    def healthy(self, port: int) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"server ended: {self.said()}"
        try:
            return self.get("/healthz", port).status == 200
        except (OSError, HTTPException):
            return False

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Stop as an operator does; return the exit code."""
        assert self.process is not None
        os.kill(self.process.pid, number)
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """Kill the supervisor alone, and wait until its children have noticed."""
        assert self.process is not None
        children = self.children()
        self.process.kill()
        self.process.wait()
        eventually(lambda: not any(map(alive, children)))

    def end(self) -> None:
        """Leave nothing behind, whatever happened."""
        if self.process is not None:
            for pid in [*self.children(), self.process.pid]:
                send(pid, signal.SIGKILL)
            self.process.wait()

    def said(self) -> str:
        return self.log.read_text("utf-8")

    def pid(self, name: str) -> int:
        """Return the process id of a worker, such as `core` or `collector-1`: the latest one that the log names."""
        pids = [int(pid) for found, pid in STARTED.findall(self.said()) if found == name]
        assert pids, f"no process {name} in: {self.said()}"
        return pids[-1]

    def children(self) -> list[int]:
        """Return the processes that the supervisor started and that run: they share its session."""
        session = self.process.pid if self.process else 0
        return [pid for pid in {int(pid) for _, pid in STARTED.findall(self.said())} if alive(pid, session)]

    def kill_worker(self, name: str) -> None:
        """Kill one process; return when the supervisor has started another one in its place."""
        pid = self.pid(name)
        send(pid, signal.SIGKILL)
        eventually(lambda: self.pid(name) != pid)

    def request(self, method: str, target: str, body: bytes | None = None, **headers: str) -> Answer:
        return ask(self.collect_port, method, target, body, headers)

    def get(self, target: str, port: int | None = None, **headers: str) -> Answer:
        return ask(port or self.collect_port, "GET", target, None, headers)

    def flush(self) -> None:
        self.say("flush", "--timeout", "60")

    @contextmanager
    def tables(self) -> Iterator[Database]:
        """Look into the embedded engine after the server has stopped: another process opens its directory."""
        with clickhouse_server.running(self.data / "clickhouse") as (dsn, _):
            database = Database(dsn)
            yield database
            database.client.close()


def ask(port: int, method: str, target: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
    """Send one request on a connection of its own; header names are written with underscores."""
    connection = HTTPConnection(HOST, port, timeout=PATIENCE)
    try:
        connection.request(method, target, body, {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()


@contextmanager
def server(directory: Path, command: str = "serve", **environ: str) -> Iterator[Server]:
    """Make a server that is not started yet, and leave nothing of it running."""
    made = Server(directory, command, **environ)
    try:
        yield made
    finally:
        made.end()


def rows(database: Database, query: str) -> list[dict[str, Any]]:
    return list(database.client.query(query).named_results())


def eventually(condition: Callable[[], T]) -> T:
    """Return what `condition` gives as soon as that is true."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
    return found


def outer_environ() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PEGEL_")}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def alive(pid: int, session: int | None = None) -> bool:
    """Tell whether a process runs, in this session if one is given; one that waits to be collected does not."""
    try:
        state, *_, found = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:4]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z" and session in (None, int(found))


def send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
