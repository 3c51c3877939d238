"""A whole collector and loader for tests: requests go in over real HTTP, rows come out of a real ClickHouse."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import uvicorn
from starlette.types import ASGIApp

from ingest.app import Resources, create_app
from ingest.erasure import Erasures
from ingest.loader import Loader, Sources
from ingest.referrer import ListsFolder
from ingest.sessions import Rules
from ingest.settings import Settings
from sql.clickhouse import Database
from sql.registry import NewSite, Registry, Site

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
NOON = datetime(2026, 5, 13, 12, 0, tzinfo=UTC)  # A Wednesday.
VISITOR = "1111111111111111"
OTHER_VISITOR = "2222222222222222"

Row = dict[str, Any]


class Answer(NamedTuple):
    """What the collector answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Tracked:
    """One collector behind a real socket and one loader, on a clock that tests set; each test has a site of its own."""

    numbers = count(1000)

    def __init__(self, directory: Path, database: Database, settings: Settings) -> None:
        self.database = database
        self.now = NOON
        self.directory = directory
        self.registry = Registry(directory / "registry.sqlite", lambda: self.now)
        folder = Path(settings.lists) if settings.lists else None
        resources = Resources(directory / "spool", self.registry, ListsFolder(folder))
        self.app = create_app(settings, resources, lambda: self.now.timestamp())
        self.loader = Loader(Sources.below(directory), database, self.registry, ListsFolder(folder), Rules.of(settings))
        self.port = 0

    @property
    def erasures(self) -> Erasures:
        found = self.loader.erasures
        assert found is not None, "the registry is here"
        return found

    def add_site(self, **changes: Any) -> Site:
        given = {"name": "Example", "urls": ("https://example.org",), "id": next(self.numbers), **changes}
        return self.registry.add_site(NewSite(**given))

    def token(self, role: Any = "superuser", site: int | None = None) -> str:
        return self.registry.add_token("test", role, site)

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """Send one request; header names are written with underscores."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        names = {"User-Agent": FIREFOX, "Accept-Language": "en-us"}
        names |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, names)
        return answer_of(connection)

    def lines(self, path: str, *lines: tuple[str, str]) -> Answer:
        """Send a GET whose headers may have several lines of one name."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.putrequest("GET", path)
        for name, value in (("User-Agent", FIREFOX), *lines):
            connection.putheader(name, value)
        connection.endheaders()
        return answer_of(connection)

    def get(self, site: Site, after: float = 0, **parameters: object) -> Answer:
        """Send a page view of https://example.org/ some seconds after noon, changed by parameters; None drops one."""
        self.now = NOON + timedelta(seconds=after)
        given = {"idsite": site.id, "rec": 1, "url": "https://example.org/", **parameters}
        query = urlencode({name: value for name, value in given.items() if value is not None})
        return self.request("GET", f"/matomo.php?{query}")

    def refresh(self) -> None:
        """Do at once what the collector does every second: read lists and places again that changed."""
        self.app.refresher.refresh()

    def load(self) -> None:
        while self.loader.load_batch(self.now.timestamp()):
            continue

    def hits(self, site: Site) -> list[Row]:
        self.load()
        return self.rows(f"select * from hits where site = {site.id} order by at, id")

    def visits(self, site: Site) -> list[Row]:
        self.load()
        return self.rows(f"select * from visits final where site = {site.id} order by started, id")

    def counters(self, site: Site) -> dict[str, int]:
        self.load()
        rows = self.rows(f"select reason, sum(hits) as n from counters where site = {site.id} group by reason")
        return {row["reason"]: row["n"] for row in rows}

    def rows(self, query: str) -> list[Row]:
        return list(self.database.client.query(query).named_results())


def answer_of(connection: HTTPConnection) -> Answer:
    response = connection.getresponse()
    answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    connection.close()
    return answer


@contextmanager
def tracked(directory: Path, database: Database, settings: Settings | None = None) -> Iterator[Tracked]:
    """Serve a collector and stop it afterwards."""
    everything = Tracked(directory, database, settings or Settings())
    try:
        with listening(everything.app) as everything.port:
            yield everything
    finally:
        everything.loader.journal.close()
        everything.registry.close()


@contextmanager
def listening(app: ASGIApp) -> Iterator[int]:
    """Serve an application in a thread; yield its port."""
    config = uvicorn.Config(app, port=0, access_log=False, log_level="warning", lifespan="on", proxy_headers=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
