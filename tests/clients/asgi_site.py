"""A Starlette application that `asgi-matomo` tracks: visits its pages as somebody with a browser would.

Its argument is JSON: {"url", "site", "token", "visits": [{"path", "headers", "method"}, ...]}; it says the statuses.
"""

import asyncio
import json
import sys
from typing import Any

import httpx2
from asgi_matomo import MatomoMiddleware
from asgi_matomo.trackers import PerfMsTracker
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

VISITOR = ("203.0.113.9", 50000)


async def page(request: Request) -> Response:
    with PerfMsTracker(scope=request.scope, key="pf_srv"):
        return PlainTextResponse("A page")


async def play(request: Request) -> Response:
    request.scope["state"]["asgi_matomo"]["custom_tracking_data"] = {
        **{"e_c": "Videos", "e_a": "play", "e_n": "Trailer", "e_v": 2.5, "dimension1": "member"},
        "cvar": {"1": ["theme", "dark"]},
    }
    return PlainTextResponse("Playing")


async def broken(request: Request) -> Response:
    raise LookupError("a page of which nothing is left")


ROUTES = [Route("/", page), Route("/play", play), Route("/broken", broken), Route("/health", page)]


def site(given: dict[str, Any]) -> Starlette:
    tracking = Middleware(
        MatomoMiddleware,
        matomo_url=given["url"],
        idsite=given["site"],
        access_token=given["token"],
        exclude_paths=["/health"],
        route_details={"/": {"action_name": "Front page"}},
    )
    return Starlette(routes=ROUTES, middleware=[tracking])


async def main(given: dict[str, Any]) -> None:
    transport = httpx2.ASGITransport(site(given), raise_app_exceptions=False, client=VISITOR)
    async with httpx2.AsyncClient(transport=transport, base_url="https://example.org") as browser:
        answers = [await browser.request(**{"method": "GET", **visit}) for visit in given["visits"]]
    json.dump([answer.status_code for answer in answers], sys.stdout)


asyncio.run(main(json.loads(sys.argv[1])))
