"""Websites and a collector under names of their own, on http and https, and a record of all that is asked of them.

A test gives pages (`hosts.put("shop.example/", page(PV))`), opens them with a `Visitor` (`tests/visitors.py`) and
looks at what arrived (`hosts.hits(1)`), or at rows (`hosts.pegel`).
"""

import asyncio
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl

import uvicorn
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest.settings import Settings
from sql.clickhouse import Database
from sql.registry import NewSite
from tests.certificates import self_signed
from tests.running import HOST
from tests.tracked import Tracked

STATS = "https://stats.example/"
COLLECTORS = ("stats.example", "stats.shop.example", "second.example")
SITE, SECOND_SITE = 77, 99
TRACKING = ("/matomo.php", "/piwik.php")
PATIENCE = 10.0  # Seconds until a test gives up waiting for a hit.
QUIET = 0.5  # Seconds without a request after which none is expected any more.

NOTHING = {"/favicon.ico": Response(status_code=204)}  # Browsers ask for it, and report an error where it is missing.

Command = Sequence[object]
Content = str | Response
PV: Command = ("trackPageView",)

# The snippet that websites carry, with the commands of a test before the two that it ends with.
SNIPPET = """<script>
var _paq = window._paq = window._paq || [];
%(commands)s
(function() {
  var u = %(base)s;
  _paq.push(["setTrackerUrl", u + "matomo.php"]);
  _paq.push(["setSiteId", %(site)s]);
  var script = document.createElement("script"), first = document.getElementsByTagName("script")[0];
  script.async = true; script.src = u + "matomo.js"; first.parentNode.insertBefore(script, first);
})();
</script>"""


def script_text(value: object) -> str:
    return json.dumps(value).replace("</", "<\\/")


def snippet(*commands: Command, site: int = SITE, base: str = STATS) -> str:
    pushed = "\n".join(f"_paq.push({script_text(command)});" for command in commands)
    return SNIPPET % {"commands": pushed, "base": script_text(base), "site": script_text(str(site))}


def page(*commands: Command, title: str = "Home page", body: str = "", site: int = SITE, base: str = STATS) -> str:
    """Return a page whose snippet has these commands."""
    return document(snippet(*commands, site=site, base=base), title, body)


def document(head: str = "", title: str = "Home page", body: str = "") -> str:
    return (
        f"<!doctype html><html><head><meta charset=utf-8><title>{title}</title>{head}</head><body>{body}</body></html>"
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that reached a host, and how it was answered."""

    at: float  # Of time.monotonic.
    method: str
    scheme: str
    host: str
    path: str
    query: str  # As it came.
    headers: Mapping[str, str]
    body: str
    status: int = 0
    answer: Mapping[str, str] = field(default_factory=dict)  # Headers; lines of Set-Cookie stand one below the other.

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The query's parameters in their order, decoded."""
        return parse_qsl(self.query, keep_blank_values=True)

    @property
    def parameters(self) -> dict[str, str]:
        return dict(self.pairs)

    @property
    def form(self) -> dict[str, str]:
        """The body's parameters, decoded."""
        return dict(parse_qsl(self.body, keep_blank_values=True))

    @property
    def bulk(self) -> list[dict[str, str]]:
        """The parameters of each request in a bulk body, decoded."""
        return [
            dict(parse_qsl(query.lstrip("?"), keep_blank_values=True)) for query in json.loads(self.body)["requests"]
        ]

    @property
    def cookies(self) -> dict[str, str]:
        return {name: morsel.value for name, morsel in SimpleCookie(self.headers.get("cookie", "")).items()}

    @property
    def tracks(self) -> bool:
        """Whether this is a hit, rather than a script, a page or a browser's question whether it may ask."""
        return self.path in TRACKING and self.method != "OPTIONS"


class Record:
    """Every request, in the order in which they came, as soon as it is answered."""

    def __init__(self) -> None:
        self.requests: list[Asked] = []
        self.since = 0.0
        self.changed = threading.Condition()

    def add(self, request: Asked) -> None:
        with self.changed:
            if request.at >= self.since:
                self.requests.append(request)
                self.changed.notify_all()

    def clear(self) -> None:
        """Forget everything, and what came before now but is answered later."""
        with self.changed:
            self.since = time.monotonic()
            self.requests.clear()

    def which(self, wanted: Callable[[Asked], bool]) -> list[Asked]:
        with self.changed:
            return sorted(filter(wanted, self.requests), key=lambda request: request.at)

    def wait(self, wanted: Callable[[Asked], bool], count: int, seconds: float) -> list[Asked]:
        """Return as soon as there are `count` such requests, or when time is over."""
        with self.changed:
            self.changed.wait_for(lambda: sum(map(wanted, self.requests)) >= count, seconds)
        return self.which(wanted)


class Hosts:
    """An ASGI application that serves every host name, and what tests ask of it."""

    def __init__(self, pegel: Tracked) -> None:
        self.pegel = pegel
        self.apps: dict[str, ASGIApp] = dict.fromkeys(COLLECTORS, pegel.app)
        self.pages: dict[str, dict[str, Content]] = defaultdict(dict)
        self.record = Record()
        self.http_port = self.https_port = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self.pegel.app(scope, receive, send)
        asked, repeat = await read(scope, receive)
        answered: list[Message] = []

        async def sending(message: Message) -> None:
            answered.append(message)
            await send(message)

        await self.app_of(asked)(scope, repeat, sending)
        headers = Headers(raw=answered[0]["headers"])
        lines = {name: "\n".join(headers.getlist(name)) for name in headers}
        self.record.add(replace(asked, status=answered[0]["status"], answer=lines))
        return None

    def app_of(self, asked: Asked) -> ASGIApp:
        """Return what answers: a page that a test gave, else the collector of this host."""
        content = self.pages.get(asked.host, {}).get(asked.path)
        if content is None:
            return self.apps.get(asked.host) or NOTHING.get(asked.path) or Response("nothing here", 404)
        return content if isinstance(content, Response) else Response(content, media_type="text/html")

    def put(self, address: str, content: Content) -> None:
        """Serve a page at an address such as shop.example/sub/, by http and https."""
        host, slash, path = address.partition("/")
        self.pages[host][slash + path or "/"] = content

    def clear(self) -> None:
        self.pages.clear()
        self.record.clear()

    def hits(self, count: int, seconds: float = PATIENCE) -> list[Asked]:
        """Wait for so many hits since the test began; return them, and there are not fewer."""
        found = self.record.wait(lambda request: request.tracks, count, seconds)
        assert len(found) >= count, f"waited for {count} hits, got {[hit.query or hit.body for hit in found]}"
        return found

    def hit(self) -> Asked:
        """Wait for one hit, and that no second one comes."""
        (found,) = self.all_hits(1)
        return found

    def all_hits(self, count: int, quiet: float = QUIET) -> list[Asked]:
        """Wait for so many hits, and that no other one comes for a while after the last."""
        self.hits(count)
        found = self.record.wait(lambda request: request.tracks, count + 1, quiet)
        assert len(found) == count, f"expected {count} hits, got {[hit.query or hit.body for hit in found]}"
        return found

    def settled(self, quiet: float = QUIET) -> list[Asked]:
        """Return all hits, as soon as no new one has come for a while."""
        found: list[Asked] = []
        while (now := self.record.wait(lambda request: request.tracks, len(found) + 1, quiet)) != found:
            found = now
        return found

    def no_hit(self, quiet: float = QUIET) -> None:
        """Wait whether a hit comes, and see that none did since the test began."""
        self.all_hits(0, quiet)

    def rules(self) -> str:
        """Return what makes names below .example names of this machine, and all other hosts and ports unknown."""
        return f"MAP *.example:443 {HOST}:{self.https_port}, MAP *.example:80 {HOST}:{self.http_port}, MAP * ^NOTFOUND"


async def read(scope: Scope, receive: Receive) -> tuple[Asked, Receive]:
    """Read a whole request; return it, and what gives its body to an application once more."""
    request = Request(scope, receive)
    body = await request.body()
    given = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def repeat() -> Message:
        return next(given, None) or await receive()

    host, path = request.url.hostname or "", scope["path"]
    query = scope["query_string"].decode("latin-1")
    text = body.decode("utf-8", "replace")
    at = time.monotonic()
    return Asked(at, request.method, request.url.scheme, host, path, query, dict(request.headers), text), repeat


@contextmanager
def hosted(directory: Path, database: Database, settings: Settings | None = None) -> Iterator[Hosts]:
    """Serve all hosts, with a collector of their own behind some of them, and stop afterwards."""
    pegel = Tracked(directory, database, settings or Settings())
    for number in (SITE, SECOND_SITE):
        pegel.registry.add_site(NewSite(name="Shop", urls=("https://shop.example",), id=number))
    hosts = Hosts(pegel)
    try:
        with serving(hosts, self_signed(directory)):
            yield hosts
    finally:
        pegel.loader.journal.close()
        pegel.registry.close()


@contextmanager
def serving(hosts: Hosts, certificate: Path) -> Iterator[None]:
    """Listen on two ports, with and without TLS, in one event loop of one thread."""
    secure = uvicorn.Server(config(hosts, lifespan="on", ssl_certfile=certificate))
    plain = uvicorn.Server(config(hosts, lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(both(secure, plain)))
    thread.start()
    while not (secure.started and plain.started):
        assert thread.is_alive(), "the server ended"
        time.sleep(0.005)
    hosts.https_port, hosts.http_port = (s.servers[0].sockets[0].getsockname()[1] for s in (secure, plain))
    try:
        yield
    finally:
        secure.should_exit = plain.should_exit = True
        thread.join()


async def both(*servers: uvicorn.Server) -> None:
    await asyncio.gather(*(server.serve() for server in servers))


def config(hosts: Hosts, *, lifespan: Literal["on", "off"], ssl_certfile: Path | None = None) -> uvicorn.Config:
    return uvicorn.Config(
        hosts,
        HOST,
        0,
        lifespan=lifespan,
        ssl_certfile=ssl_certfile,
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        timeout_graceful_shutdown=2,
    )
