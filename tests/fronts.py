"""Web servers in front of Pegel: the examples of `deploy/`, run with other ports, files and certificates."""

import json
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.certificates import self_signed
from tests.running import HOST, PATIENCE, ROOT, eventually, free_port

STATS = "stats.example.org"
EXAMPLES = {
    "nginx": ROOT / "deploy/nginx/pegel.conf",
    "caddy": ROOT / "deploy/caddy/Caddyfile",
    "haproxy": ROOT / "deploy/cluster/haproxy.cfg",
}
NGINX = """\
daemon off;
{user}
pid {directory}/nginx.pid;
error_log {directory}/logs/main.log;
events {{}}
http {{
    client_body_temp_path {directory}/bodies;
    proxy_temp_path {directory}/answers;
    include {example};
}}
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a visitor got."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def by(self) -> str:
        """Return which upstream answered, '' if none did."""
        return str(json.loads(self.body)["by"]) if self.status == 200 else ""

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Front:
    """One web server: where it listens, what is behind it, and where it may write."""

    program: str
    directory: Path
    collectors: tuple[int, ...]
    dashboard: int
    plain: int = field(default_factory=free_port)
    port: int = field(default_factory=free_port)

    @property
    def logs(self) -> Path:
        return self.directory / "logs"

    @property
    def certificate(self) -> Path:
        return self.directory / "certificates/throwaway.pem"

    def example(self, changes: Mapping[str, str]) -> Path:
        """Write the example with changes, each of which must find its place; return where it is."""
        text = EXAMPLES[self.program].read_text("utf-8")
        for old, new in changes.items():
            assert old in text, f"{EXAMPLES[self.program]} has no {old!r}"
            text = text.replace(old, new)
        path = self.directory / EXAMPLES[self.program].name
        path.write_text(text, "utf-8")
        return path

    def connect(self, address: str = HOST) -> HTTPConnection:
        """Return a connection as of a visitor who has this address of the loopback network."""
        connection = HTTPConnection(STATS)
        connection.sock = self.encrypted(address, "http/1.1")
        return connection

    def encrypted(self, address: str = HOST, *protocols: str) -> ssl.SSLSocket:
        """Return a connection over which one of these protocols may be spoken."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(protocols)
        return context.wrap_socket(socket_to(self.port, address), server_hostname=STATS)

    def ask(self, method: str, target: str, body: bytes | None = None, address: str = HOST, **headers: str) -> Answer:
        """Send one request on a connection of its own; header names are written with underscores."""
        connection = self.connect(address)
        try:
            return asked(connection, method, target, body, headers)
        finally:
            connection.close()

    def get(self, target: str, address: str = HOST, **headers: str) -> Answer:
        return self.ask("GET", target, None, address, **headers)

    def written(self) -> str:
        """Return every line of every log."""
        return "".join(path.read_text("utf-8") for path in sorted(self.logs.iterdir()))


def asked(
    connection: HTTPConnection, method: str, target: str, body: bytes | None = None, headers: Mapping[str, str] = {}
) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with suppress(BrokenPipeError, ConnectionResetError):  # Who is refused on the way gets an answer all the same.
        connection.request(method, target, body, named)
    response = connection.getresponse()
    return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())


def socket_to(port: int, address: str = HOST) -> socket.socket:
    return socket.create_connection((HOST, port), PATIENCE, (address, 0))


def nginx(front: Front) -> list[str]:
    example = front.example(
        {
            "listen 80;": f"listen {HOST}:{front.plain};",
            "listen [::]:80;": "",
            "listen 443 ssl": f"listen {HOST}:{front.port} ssl",
            "listen [::]:443 ssl http2;": "",
            "/etc/letsencrypt/live/stats.example.org/fullchain.pem": str(front.certificate),
            "/etc/letsencrypt/live/stats.example.org/privkey.pem": str(front.certificate),
            "/var/log/nginx": str(front.logs),
            "127.0.0.1:8000": f"{HOST}:{front.collectors[0]}",
            "127.0.0.1:8001": f"{HOST}:{front.dashboard}",
        }
    )
    user = "user root;" if os.getuid() == 0 else ""
    main = front.directory / "nginx.conf"
    main.write_text(NGINX.format(user=user, directory=front.directory, example=example), "utf-8")
    return ["nginx", "-p", str(front.directory), "-c", str(main)]


def caddy(front: Front) -> list[str]:
    site = "{$STATS_HOST:stats.example.org} {\n"
    example = front.example(
        {
            "\n{\n": "\n{\n\tadmin off\n\tauto_https off\n",
            site: f"https://{STATS}:{front.port} {{\n\tbind {HOST}\n\ttls {front.certificate} {front.certificate}\n",
            "{$COLLECTOR:127.0.0.1:8000}": f"{HOST}:{front.collectors[0]}",
            "{$DASHBOARD:127.0.0.1:8001}": f"{HOST}:{front.dashboard}",
        }
    )
    return ["caddy", "run", "--config", str(example), "--adapter", "caddyfile"]


def haproxy(front: Front) -> list[str]:
    first, second = front.collectors[0], front.collectors[-1]
    example = front.example(
        {
            "maxconn 20000": "maxconn 500",
            "bind :80": f"bind {HOST}:{front.plain}",
            "bind :443": f"bind {HOST}:{front.port}",
            "/etc/haproxy/certificates/": f"{front.certificate.parent}/",
            " collector-1:8000": f" {HOST}:{first}",
            " collector-2:8000": f" {HOST}:{second}",
            " dashboard:8001": f" {HOST}:{front.dashboard}",
            "bind :8123": f"bind {HOST}:{free_port()}",
            **{f" clickhouse-{s}-{r}:8123": f" {HOST}:{free_port()}" for s in (1, 2) for r in (1, 2)},
        }
    )
    return ["haproxy", "-db", "-f", str(example)]


PROGRAMS: Mapping[str, Callable[[Front], list[str]]] = {"nginx": nginx, "caddy": caddy, "haproxy": haproxy}
CHECKS: Mapping[str, Callable[[list[str]], list[str]]] = {
    "nginx": lambda command: [*command, "-t"],
    # As it is: for our purposes it is told to do without certificates of its own, about which it warns.
    "caddy": lambda _: ["caddy", "validate", "--adapter", "caddyfile", "--config", str(EXAMPLES["caddy"])],
    "haproxy": lambda command: [*command, "-c"],
}


def needs(program: str) -> None:
    """Skip a test where the program it is about is not there."""
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed (Debian: apt install {program})")


def prepared(front: Front) -> list[str]:
    """Write what a web server reads; return the command that runs it."""
    for folder in (front.logs, front.certificate.parent):
        folder.mkdir(parents=True)
    self_signed(front.certificate.parent)
    return PROGRAMS[front.program](front)


@contextmanager
def running(program: str, directory: Path, collectors: tuple[int, ...], dashboard: int) -> Iterator[Front]:
    """Run a web server in front of these ports, and leave nothing of it running."""
    needs(program)
    front = Front(program, directory, collectors, dashboard)
    command = prepared(front)
    with (
        (front.logs / "said.log").open("wb") as said,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env={**os.environ, "HOME": str(directory)}
        ) as process,
    ):
        try:
            eventually(lambda: answers(front, process))
            yield front
        finally:
            process.terminate()


def answers(front: Front, process: "subprocess.Popen[bytes]") -> bool:
    assert process.poll() is None, f"{front.program} ended: {front.written()}"
    try:
        return front.get("/matomo.php").status == 200
    except OSError:
        return False
