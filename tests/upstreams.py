"""What stands behind a web server in tests, in place of a collector or the dashboard, and says what reached it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from threading import Thread

from tests.running import HOST

BREAK = "break"  # In a target: the connection is closed instead of an answer.


@dataclass(frozen=True, slots=True)
class Reached:
    """One request as it came through."""

    target: str
    headers: Mapping[str, str]
    length: int


class Upstream(ThreadingHTTPServer):
    """Answers each request with its own name and what it got."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, name: str) -> None:
        super().__init__((HOST, 0), Handler)
        self.name = name
        self.reached: list[Reached] = []
        self.connections = 0
        self.opened: list[socket] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def targets(self) -> list[str]:
        return [each.target for each in self.reached]

    def forget(self) -> None:
        self.reached.clear()
        self.connections = 0


class Handler(BaseHTTPRequestHandler):
    """Reads a request to its end, then answers it or breaks off."""

    protocol_version = "HTTP/1.1"
    server: Upstream

    def setup(self) -> None:
        super().setup()
        self.used = False
        self.server.opened.append(self.connection)

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path != "/healthz":
            self.note(Reached(self.path, self.told(), len(body)))
        if BREAK in self.path:
            self.close_connection = True
            return
        with suppress(OSError):  # Who asked may be gone.
            self.answer(json.dumps({"by": self.server.name}).encode())

    do_POST = do_GET

    def answer(self, answer: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def told(self) -> dict[str, str]:
        """Return the headers, of those with several lines all of them."""
        return {name.lower(): ", ".join(self.headers.get_all(name, [])) for name in self.headers}

    def note(self, reached: Reached) -> None:
        self.server.connections += not self.used
        self.used = True
        self.server.reached.append(reached)

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def upstream(name: str) -> Iterator[Upstream]:
    with Upstream(name) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
            for connection in server.opened:  # As when a process ends.
                with suppress(OSError):
                    connection.shutdown(SHUT_RDWR)
