"""Listening and serving: sockets bound once, and an application served on one of them until SIGTERM."""

import errno
import signal
import socket
from collections.abc import Generator, Sequence
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from ingest import IngestError

BACKLOG = 2048
GRACE_SECONDS = 3  # All stages of a stop together have ten.
KEEP_ALIVE_SECONDS = 15


class BadAddress(IngestError):
    """Raised if an address is none, or somebody else listens on it."""


def listen(setting: str, address: str, count: int = 1) -> list[socket.socket]:
    """Return `count` sockets that share one address, such as 127.0.0.1:8000 or [::]:8000.

    Each process accepts from a socket of its own; the one who started it holds them all, so that connections wait
    while a process is started again. Raises BadAddress.
    """
    host, port = split_address(setting, address)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:  # Two servers could share the port without knowing; this one notices.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
        return [bound(family, host, port) for _ in range(count)]
    except OSError as error:
        remedy = "stop the other server or choose another port" if error.errno == errno.EADDRINUSE else "choose another"
        raise BadAddress(f"{setting}={address} cannot be listened on ({error.strerror}): {remedy}") from error


def split_address(setting: str, address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise BadAddress(f"{setting}={address!r}: expected host:port, such as 127.0.0.1:8000")
    return host.strip("[]"), int(port)


def bound(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((host, port))
    listener.listen(BACKLOG)
    return listener


def serve(app: ASGIApp, listener: socket.socket, proxies: Sequence[str] = ()) -> None:
    """Serve until SIGTERM: then nothing new is accepted, and what was begun is answered.

    `proxies` may say who asked, and whether by https; the collectors find that out themselves.
    """
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    Server(config).run(sockets=[listener])


class Server(uvicorn.Server):
    """A server that SIGTERM stops, and nothing else: the supervisor alone listens to Ctrl-C.

    Uvicorn would take both, and raise them again on its way out. Whoever signals all processes at once, as systemd
    does, would then end a loop that is just closing.
    """

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        signal.signal(signal.SIGTERM, self.handle_exit)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # What is left to do is finished, however often we are told.
