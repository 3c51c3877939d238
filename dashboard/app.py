"""The dashboard as an application: its routes, its middleware, its answers to errors."""

from collections.abc import Callable
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
from dashboard.login import Login
from dashboard.pages import Pages
from dashboard.problems import Problems
from dashboard.rendering import Renderer
from dashboard.security import SameOrigin, SecurityHeaders
from dashboard.settings import Settings
from sql.clickhouse import Database
from sql.registry import Registry

Clock = Callable[[], datetime]
Health = Callable[[], dict[str, object]]

LARGEST_FORM = 65_536


def create_app(settings: Settings, database: Database, registry: Registry, clock: Clock, health: Health) -> Starlette:
    """Return the dashboard; `health` says under `ok` whether all is well."""
    assets = Assets()
    renderer = Renderer(assets)
    pages = Pages(Gate(registry), database, renderer, clock, settings.collector_url)
    login = Login(registry, settings, clock, renderer)
    return Starlette(
        routes=[
            *routes(pages, login),
            Route("/healthz", health_endpoint(health)),
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


def routes(pages: Pages, login: Login) -> list[BaseRoute]:
    return [
        Route("/", pages.home),
        Route("/login", login.form, methods=["GET"]),
        Route("/login", login.enter, methods=["POST"]),
        Route("/logout", login.leave, methods=["POST"]),
        Route("/sites", pages.choose),
        Route("/sites/{site}", pages.site),
        Route("/sites/{site}/live", pages.live),
        Route("/sites/{site}/{panel}", pages.panel),
    ]


def health_endpoint(health: Health) -> Callable[[Request], object]:
    async def endpoint(_: Request) -> Response:
        state = await anyio.to_thread.run_sync(health)
        return JSONResponse(state, 200 if state.get("ok") is True else 503)

    return endpoint
