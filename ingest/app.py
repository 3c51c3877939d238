"""The collector's application: routes, lifespan and health as lists and functions of its settings."""

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ingest.collecting import Tracker
from ingest.endpoint import TrackingEndpoint
from ingest.exclusions import Exclusions
from ingest.geo import BUNDLED, Places
from ingest.gpc import gpc_endpoint
from ingest.hit import Decider, Hit
from ingest.lists.folder import ListsFolder
from ingest.log_lines import said
from ingest.meter import Meter
from ingest.node import AnyRegistry
from ingest.optout.endpoint import OptOut
from ingest.privacy import Visitors
from ingest.scripts import TrackerScript
from ingest.settings import Settings
from ingest.snapshots import Snapshots
from ingest.spool import Spool
from ingest.timed import Timed
from ingest.tireless import Tireless
from sql.registry import Snapshot

log = logging.getLogger(__name__)

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]

REFRESH_SECONDS = 1.0
SLASHES = re.compile("//+")
TRACKING_PATHS = frozenset({"/matomo.php", "/piwik.php"})
# They track what is posted or has a query; without one they are there for the browser's tracker (specification 1.1).
SCRIPT_PATHS = frozenset({"/js", "/js/", "/js/index.php", "/js/tracker.php"})
TRACKER_FILES = frozenset({"/matomo.js", "/piwik.js"})
PAGE = """\
<html>
<head><title>{0} {1}</title></head>
<body>
<center><h1>{0} {1}</h1></center>
</body>
</html>
"""
# What web servers answer for a file that is none, or a method that no file has.
PAGES = {404: PAGE.format(404, "Not Found"), 405: PAGE.format(405, "Not Allowed")}


class Resources(NamedTuple):
    """What a collector gets from its machine: the spool's directory, the registry, the lists, and where it counts."""

    spool: Path
    registry: AnyRegistry
    lists: ListsFolder
    meter: Meter | None = None  # One of its own if there is none.


def create_app(settings: Settings, resources: Resources, clock: Callable[[], float] = time.time) -> "Collector":
    """Return the collector: an application that needs no database, only the registry's last good snapshot."""
    spool = Spool(resources.spool, Hit._fields, settings.spool_max_bytes)
    visitors = Visitors(settings.mask_bytes, places(settings))
    snapshots = Snapshots(resources.registry)

    def decider_of(snapshot: Snapshot) -> Decider:
        exclusions = Exclusions(snapshot.sites.values(), settings.request_rules, resources.lists)
        return Decider(snapshot, visitors, exclusions)

    meter = resources.meter or Meter()
    endpoint = TrackingEndpoint(Tracker(spool, snapshots, decider_of, meter), settings, clock)
    refresher = Refresher(snapshots, visitors, resources.lists)
    writing, refreshing = Tireless("spool", spool.run), Tireless("refresher", refresher.run)
    script = TrackerScript(settings, snapshots)
    opt_out = OptOut(snapshots, endpoint.proxies)
    app = Starlette(
        routes=[
            *(Route(path, endpoint) for path in TRACKING_PATHS),
            *(Route(path, script.serve) for path in SCRIPT_PATHS | TRACKER_FILES),
            *(Route(path, opt_out.embedded, methods=["GET", "POST"]) for path in ("/", "/index.php")),
            Route("/opt-out", opt_out.page, methods=["GET", "POST"]),
            Route("/opt-out.js", opt_out.script),
            Route("/healthz", health(spool, writing, refreshing)),
            Route("/.well-known/gpc.json", gpc_endpoint(snapshots)),
        ],
        middleware=[Middleware(SingleSlashes)],
        exception_handlers={404: nothing_there, 405: nothing_there},
        lifespan=collecting(writing, refreshing, spool),
    )
    app.router.redirect_slashes = False
    return Collector(Timed(app, meter, "page"), endpoint, refresher)


def nothing_there(request: Request, error: Exception) -> Response:
    """Answer as a web server does: no file here, or none that takes this method."""
    known = isinstance(error, HTTPException) and error.status_code == 405
    status = 405 if known or request.method not in ("GET", "HEAD") else 404
    return Response(PAGES[status], status, {"content-type": "text/html"})


class SingleSlashes:
    """Lets doubled slashes in a path count once, as on a web server."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "//" in scope["path"]:
            scope = {**scope, "path": SLASHES.sub("/", scope["path"])}
        await self.app(scope, receive, send)


class Collector:
    """The application as it is served: hits take the short way to their endpoint, past routing and middleware."""

    def __init__(self, app: Timed, endpoint: TrackingEndpoint, refresher: "Refresher") -> None:
        self.app = app
        self.endpoint = endpoint
        self.refresher = refresher

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (scope["path"] not in TRACKING_PATHS and not tracks(scope)):
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter_ns(), 500
        try:
            status = await self.endpoint(scope, receive, send)
        finally:
            self.app.meter.answered("tracking", status, began)


def tracks(scope: Scope) -> bool:
    """Tell whether a request on another path is one to the tracker; doubled slashes count once, as on a web server."""
    path = SLASHES.sub("/", scope["path"])
    if path in SCRIPT_PATHS:
        return bool(scope["query_string"]) or scope["method"] in ("POST", "OPTIONS")
    return path in TRACKING_PATHS


def places(settings: Settings) -> Places:
    name = settings.geo_database
    return Places(None if name == "none" else Path(name) if name else BUNDLED)


class Refresher:
    """Follows what changes seldom: place database, lists, and the registry where a look at its files is not enough."""

    def __init__(self, snapshots: Snapshots, visitors: Visitors, lists: ListsFolder) -> None:
        self.snapshots = snapshots
        self.visitors = visitors
        self.lists = lists

    async def run(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            await self.snapshots.refresh()
            await asyncio.to_thread(self.refresh)

    def refresh(self) -> None:
        """Read the files again that changed; broken ones are logged, and change nothing."""
        try:
            self.visitors.refresh()
            self.lists.refresh()
        except Exception as error:  # The edge of the loop: it must not die.
            log.error("places and lists unchanged error=%s", said(error))


def collecting(writing: Tireless, refreshing: Tireless, spool: Spool) -> Lifespan:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        writer = asyncio.create_task(writing.live())
        refresher = asyncio.create_task(refreshing.live())
        yield
        refresher.cancel()
        spool.stop()
        await writer

    return lifespan


def health(spool: Spool, *tasks: Tireless) -> Callable[[Request], Response]:
    def healthz(request: Request) -> Response:
        """Tell whether hits can be kept: the spool is written to and not full."""
        problem = next(filter(None, (spool.failure, *(task.problem for task in tasks))), "")
        content = {
            "ok": not problem,
            "spool_bytes": spool.used,
            "spool_max_bytes": spool.max_bytes,
            "problem": problem,
        }
        return JSONResponse(content, 503 if problem else 200)

    return healthz
