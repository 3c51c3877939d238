"""The API as an application: who asks, whether they may, what is answered, and errors as JSON."""

import json
import logging
from collections.abc import Awaitable, Callable
from functools import partial

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboard.guessing import RETRY as RETRY_TRIES
from dashboard.guessing import Guard, TooManyTries
from dashboard.query_guard import GONE, RETRY, QueryGuard, ReaderGone, TooBusy
from dashboard.rendering import Renderer
from dashboard.v1 import openapi
from dashboard.v1.access import Access
from dashboard.v1.asked import Known, known_of
from dashboard.v1.endpoints import Endpoint, Use
from dashboard.v1.inputs import parsed, read
from dashboard.v1.rates import Rates
from dashboard.v1.refusals import (
    CODES,
    BadInput,
    NotNow,
    NotThere,
    Refusal,
    TooExpensive,
    TooLarge,
    TooManyRequests,
    refused,
)
from dashboard.v1.table import ENDPOINTS
from sql.clickhouse import DatabaseUnavailable, QuestionEnded
from sql.registry import Clock, Registry, RegistryUnavailable, Token, UnknownSite

log = logging.getLogger(__name__)

PATH = "/api/v1"
LARGEST_BODY = 65_536
UNREAD = 2**40  # What is larger than ours is not read.
WHERE = f"{PATH}/openapi.json describes what there is, {PATH}/docs for people."


class V1:
    """Answers requests by the table of endpoints."""

    def __init__(self, registry: Registry, guard: Guard, queries: QueryGuard, rates: Rates, clock: Clock) -> None:
        self.registry, self.queries, self.clock = registry, queries, clock
        self.access = Access(guard, rates)
        self.looking = CapacityLimiter(4)

    def application(self, renderer: Renderer) -> Starlette:
        """Return the application that stands under `/api/v1`. What describes it says nothing of sites, and is open."""
        described = openapi.document(ENDPOINTS, PATH)

        async def document(_: Request) -> Response:
            return JSONResponse(described)

        async def page(request: Request) -> Response:
            origin = str(request.base_url).removesuffix("/").removesuffix(PATH)
            return renderer.page(request, "api.html", {**openapi.page(ENDPOINTS, PATH), "origin": origin})

        app = Starlette(
            routes=[
                Route("/openapi.json", document, methods=["GET"]),
                Route("/docs", page, methods=["GET"]),
                *(Route(endpoint.path, self.served(endpoint), methods=endpoint.methods) for endpoint in ENDPOINTS),
            ],
            # The limit of the pages' forms would be told as text: here it is ours to tell.
            middleware=[Middleware(RequestBodyLimitMiddleware, max_body_size=UNREAD)],
            exception_handlers={HTTPException: elsewhere, Exception: broken},
        )
        app.router.redirect_slashes = False  # The address would be made of whatever host a request named.
        return app

    def served(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                token, headers = await self.access.token(request, endpoint.scope)
                return with_headers(await self.answered(endpoint, request, token), headers)
            except ReaderGone:
                return Response(status_code=GONE)
            except HANDLED as error:
                return refusal_of(error).response()

        return answer

    async def answered(self, endpoint: Endpoint, request: Request, token: Token) -> Response:
        """Return the answer, or a refusal that still tells how many requests are left."""
        try:
            given = read(endpoint.inputs, await self.given(endpoint, request))
            known = await self.site(token, given["site"]) if endpoint.has_site else None
            use = Use(
                request=request,
                token=token,
                given=given,
                known=known,
                registry=self.registry,
                guard=self.queries,
                now=self.clock(),
            )
            return await endpoint.answer(use)
        except HANDLED as error:
            return refusal_of(error).response()

    async def given(self, endpoint: Endpoint, request: Request) -> dict[str, object]:
        """Return what was sent. Raises BadInput."""
        in_path = [(name, str(value)) for name, value in request.path_params.items()]
        pairs = request.query_params.multi_items()
        if request.method == "POST":
            return {**parsed(endpoint.inputs, [*in_path, *pairs]), **await body_of(request)}
        return parsed(endpoint.inputs, [*in_path, *pairs])

    async def site(self, token: Token, number: int) -> Known:
        """Return a site. Raises NotThere, with the same words for one that is not theirs to see."""
        try:
            if token.is_for(number):
                return await anyio.to_thread.run_sync(partial(self.known, number), limiter=self.looking)
        except UnknownSite:
            pass
        raise NotThere(f"There is no site {number} that this token may see.", f"{PATH}/sites lists them.", "site")

    def known(self, number: int) -> Known:
        return known_of(self.registry, self.registry.site(number))


HANDLED = (Refusal, TooManyTries, TooBusy, DatabaseUnavailable, RegistryUnavailable)


def refusal_of(error: Exception) -> Refusal:
    """Return how an error is told."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, TooManyTries):
        return TooManyRequests(str(error), headers=RETRY_TRIES)
    if isinstance(error, TooBusy):
        return NotNow(str(error), headers=RETRY)
    log.warning("question not answered error=%s", error)
    if isinstance(error, QuestionEnded):
        return TooExpensive(error.reason, "PEGEL_QUERY_SECONDS and PEGEL_QUERY_MEMORY_MB say how much one may take.")
    return NotNow("The database does not answer right now; nothing is lost. Please try again.", headers=RETRY)


def with_headers(response: Response, headers: dict[str, str]) -> Response:
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    return response


async def body_of(request: Request) -> dict[str, object]:
    """Return the object in a request's body. Raises BadInput."""
    expected = 'expected a JSON object, such as {"site": 1, "metrics": ["nb_visits"]}'
    try:
        found = json.loads(await content_of(request) or b"{}")
    except (ValueError, RecursionError) as error:
        raise BadInput("body", expected) from error
    if not isinstance(found, dict):
        raise BadInput("body", expected)
    return found


async def content_of(request: Request) -> bytes:
    """Return a request's body. Raises TooLarge as soon as it is."""
    if int(request.headers.get("content-length") or 0) > LARGEST_BODY:
        raise TooLarge(LARGEST_BODY)
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > LARGEST_BODY:
            raise TooLarge(LARGEST_BODY)
    return bytes(content)


async def elsewhere(request: Request, error: Exception) -> Response:
    """Answer where there is no endpoint, or none for this method."""
    assert isinstance(error, HTTPException)
    code = CODES.get(error.status_code, Refusal.code)
    return refused(error.status_code, code, f"{error.detail}.", WHERE, headers=error.headers)


async def broken(request: Request, _: Exception) -> Response:
    return refused(500, CODES[500], "Something went wrong here. It has been logged; please try again.")
