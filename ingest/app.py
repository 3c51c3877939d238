"""The collector's application: routes, lifespan and health as lists and functions of its settings."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ingest.collecting import Tracker
from ingest.endpoint import TrackingEndpoint
from ingest.geo import BUNDLED, Places
from ingest.hit import Hit
from ingest.privacy import Visitors
from ingest.settings import Settings
from ingest.spool import Spool
from sql.registry import Registry

log = logging.getLogger(__name__)

REFRESH_SECONDS = 1.0
TRACKING_PATHS = frozenset({"/matomo.php", "/piwik.php"})


def create_app(
    settings: Settings, spool_directory: Path, registry: Registry, clock: Callable[[], float] = time.time
) -> "Collector":
    """Return the collector: an application that needs no database, only the registry's last good snapshot."""
    spool = Spool(spool_directory, Hit._fields, settings.spool_max_bytes)
    visitors = Visitors(settings.mask_bytes, places(settings))
    tracker = Tracker(spool, visitors, registry.snapshot())
    endpoint = TrackingEndpoint(tracker, settings, clock)
    app = Starlette(
        routes=[
            *(Route(path, endpoint) for path in TRACKING_PATHS),
            Route("/healthz", health(spool)),
        ],
        lifespan=collecting(spool, Refresher(tracker, registry)),
    )
    return Collector(app, endpoint)


class Collector:
    """The application as it is served: hits take the short way to their endpoint, past routing and middleware."""

    def __init__(self, app: Starlette, endpoint: TrackingEndpoint) -> None:
        self.app = app
        self.endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hit = scope["type"] == "http" and scope["path"] in TRACKING_PATHS
        await (self.endpoint if hit else self.app)(scope, receive, send)


def places(settings: Settings) -> Places:
    name = settings.geo_database
    return Places(None if name == "none" else Path(name) if name else BUNDLED)


class Refresher:
    """Follows the registry: a site, token or salt that changes is known within a second or two."""

    def __init__(self, tracker: Tracker, registry: Registry) -> None:
        self.tracker = tracker
        self.registry = registry
        self.version = tracker.snapshot.version
        self.failing = False

    async def run(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            await asyncio.to_thread(self.refresh_or_log)

    def refresh_or_log(self) -> None:
        """Use a newer snapshot if there is one; keep the last good one while the registry cannot be read."""
        try:
            version = self.registry.version()
            if version != self.version:
                self.tracker.use(self.registry.snapshot())
                self.version = version
            self.tracker.visitors.refresh()
            self.failing = False
        except Exception as error:
            if not self.failing:
                log.error("registry unreadable, going on with the last snapshot error=%s", error)
            self.failing = True


def collecting(spool: Spool, refresher: Refresher) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        writing = asyncio.create_task(spool.run())
        refreshing = asyncio.create_task(refresher.run())
        app.state.writing = writing
        yield
        refreshing.cancel()
        spool.stop()
        await writing

    return lifespan


def health(spool: Spool) -> Callable[[Request], Response]:
    def healthz(request: Request) -> Response:
        """Tell whether hits can be kept: the spool is written to and not full."""
        writing: asyncio.Task[None] = request.app.state.writing
        ok = spool.healthy() and not writing.done()
        content = {"ok": ok, "spool_bytes": spool.used, "spool_max_bytes": spool.max_bytes, "problem": spool.failure}
        return JSONResponse(content, 200 if ok else 503)

    return healthz
