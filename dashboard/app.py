"""The dashboard as an application: its routes, its middleware, its answers to errors."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

import anyio.to_thread
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from dashboard.assets import Assets
from dashboard.auth import Gate
from dashboard.guessing import Guard
from dashboard.login import Login
from dashboard.matomo_api import PATH, MatomoApi
from dashboard.nodes import Nodes
from dashboard.opt_out import OptOut
from dashboard.pages import Pages
from dashboard.people import People
from dashboard.people_api import PeopleApi
from dashboard.people_pages import PeoplePages
from dashboard.privacy import Privacy
from dashboard.problems import Problems
from dashboard.query_guard import QueryGuard
from dashboard.rendering import Renderer
from dashboard.security import SameOrigin, SecurityHeaders
from dashboard.settings import Settings
from dashboard.surroundings import Surroundings
from dashboard.v1.api import PATH as V1_PATH
from dashboard.v1.api import V1
from dashboard.v1.rates import Rates
from dashboard.watching import Watching
from sql.clickhouse import Database
from sql.registry import Registry

Clock = Callable[[], datetime]

LARGEST_FORM = 65_536


def create_app(
    settings: Settings, database: Database, registry: Registry, clock: Clock, surroundings: Surroundings
) -> Starlette:
    """Return the dashboard, which is told what it must know of the rest of the server."""
    assets = Assets()
    renderer = Renderer(assets)
    guard = Guard(registry, clock)
    queries = QueryGuard(database, settings.query_limits, settings.queries_at_once, settings.queries_waiting)
    pages = Pages(Gate(registry), queries, renderer, clock, settings.collector_url)
    login = Login(registry, settings, guard, renderer)
    here = replace(surroundings, collector_url=settings.collector_url)
    api = MatomoApi(registry, queries, guard, here, clock)
    v1 = V1(registry, guard, queries, Rates(settings.api_requests_per_minute, clock), clock)
    privacy, opt_out = Privacy(pages, registry, here, api.change), OptOut(pages, registry, here)
    people = People(registry, queries, here, clock)
    app = Starlette(
        routes=[
            *privacy_routes(privacy, opt_out),
            *PeoplePages(pages, people).routes(),
            *PeopleApi(people, guard).routes(),
            *Nodes(registry, guard).routes(),
            *Watching(queries, surroundings).routes(),
            *routes(pages, login, api),
            Mount(V1_PATH, v1.application(renderer)),
            Route("/healthz", health_endpoint(surroundings.health)),
            Mount("/static", assets.served()),
        ],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(SameOrigin),
            Middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_FORM),
            Middleware(GZipMiddleware, compresslevel=6),
        ],
        exception_handlers=Problems(renderer).handlers(),
    )
    app.router.redirect_slashes = False  # It would send people to whatever host their request named.
    return app


def routes(pages: Pages, login: Login, api: MatomoApi) -> list[BaseRoute]:
    return [
        Route("/", home(pages, api), methods=["GET"]),
        Route("/", api.answer, methods=["POST"]),
        Route(PATH, api.index, methods=["GET", "POST"]),
        Route("/login", login.form, methods=["GET"]),
        Route("/login", login.enter, methods=["POST"]),
        Route("/logout", login.leave, methods=["POST"]),
        Route("/tracking", pages.everywhere),
        Route("/sites", pages.choose),
        Route("/sites/{site}", pages.site),
        Route("/sites/{site}/live", pages.live),
        Route("/sites/{site}/tracking", pages.tracking),
        Route("/sites/{site}/{panel}", pages.panel),
    ]


def privacy_routes(privacy: Privacy, opt_out: OptOut) -> list[BaseRoute]:
    return [
        Route("/sites/{site}/privacy", privacy.page, methods=["GET"]),
        Route("/sites/{site}/privacy", privacy.send, methods=["POST"]),
        Route("/sites/{site}/privacy/assessment", privacy.assessment),
        Route("/sites/{site}/opt-out", opt_out.page),
        Route("/sites/{site}/opt-out/preview", opt_out.preview),
    ]


def home(pages: Pages, api: MatomoApi) -> Callable[[Request], Awaitable[Response]]:
    """Return what answers at the root: a Matomo server knows it as another name of its `index.php`."""

    async def endpoint(request: Request) -> Response:
        return await (api.answer if "module" in request.query_params else pages.home)(request)

    return endpoint


def health_endpoint(health: Callable[[], dict[str, object]]) -> Callable[[Request], object]:
    async def endpoint(_: Request) -> Response:
        state = await anyio.to_thread.run_sync(health)
        return JSONResponse(state, 200 if state.get("ok") is True else 503)

    return endpoint
