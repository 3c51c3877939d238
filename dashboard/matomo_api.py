"""The Matomo API, `index.php?module=API&method=…`: who asks, whether they may, and which row of the table answers.

Only tokens count here, and passwords where a token is made, never a session's cookie: so no other website can make a
browser ask in somebody's name.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dashboard import (
    api_annotations,
    api_choices,
    api_dimensions,
    api_globals,
    api_goals,
    api_opt_out,
    api_reports,
    api_segments,
    api_server,
    api_site_lists,
    api_sites,
    api_user_access,
    api_users,
)
from dashboard.api_access import BadCredentials, Caller, somewhere
from dashboard.api_bulk import NAME, bulk_of
from dashboard.api_calls import Call, Method
from dashboard.api_formats import USUALLY, Answer, Written, written_as
from dashboard.api_parameters import ApiError, Pair, Parameters
from dashboard.guessing import RETRY, Guard, TooManyTries
from dashboard.query_guard import GONE, QueryGuard, ReaderGone, TooBusy
from dashboard.query_guard import RETRY as RETRY_BUSY
from dashboard.reporting import live
from dashboard.surroundings import Surroundings
from sql.clickhouse import DatabaseUnavailable, QuestionEnded
from sql.registry import Clock, Registry, RegistryError, RegistryUnavailable

log = logging.getLogger(__name__)

T = TypeVar("T")

PATH = "/index.php"
MODULE = "API"
ANYBODY = "anonymous"  # What some programs send instead of no token.
MATOMO_VERSION = "5.2.0"  # Of the Matomo whose answers these are.
VERSIONS = (
    Method("API.getMatomoVersion", somewhere("view"), lambda _: MATOMO_VERSION),
    Method("API.getPiwikVersion", somewhere("view"), lambda _: MATOMO_VERSION),
    Method("API.getPegelVersion", somewhere("view"), lambda _: version("pegel")),
)
METHODS = {
    method.name: method
    for method in (
        *api_sites.METHODS,
        *api_site_lists.METHODS,
        *api_choices.METHODS,
        *api_opt_out.METHODS,
        *api_globals.METHODS,
        *api_goals.METHODS,
        *api_dimensions.METHODS,
        *api_users.METHODS,
        *api_user_access.METHODS,
        *api_reports.METHODS,
        *api_segments.METHODS,
        *live.METHODS,
        *api_annotations.METHODS,
        *api_server.METHODS,
        *VERSIONS,
    )
}
METHODS[NAME] = bulk_of(METHODS)
METHODS[api_server.PLUGINS] = api_server.has_plugin(METHODS)


class UnknownMethod(ApiError):
    """Raised if no method has this name."""

    def __init__(self, name: str) -> None:
        module, _, action = name.partition(".")
        super().__init__(
            f"The method '{action[:50]}' does not exist or is not available in the module '{module[:50]}'."
        )


class MatomoApi:
    """The entry point of programs that speak to a Matomo server."""

    def __init__(
        self, registry: Registry, queries: QueryGuard, guard: Guard, surroundings: Surroundings, clock: Clock
    ) -> None:
        self.registry, self.guard, self.surroundings = registry, guard, surroundings
        self.queries, self.clock = queries, clock
        self.settling = CapacityLimiter(4)
        self.changing = CapacityLimiter(1)  # What is read, changed and written back must not change in between.

    async def index(self, request: Request) -> Response:
        """Answer programs, and send people to where the pages begin."""
        if request.method != "POST" and "module" not in request.query_params:
            return RedirectResponse("/", 303)
        return await self.answer(request)

    async def answer(self, request: Request) -> Response:
        """Answer in the format that was asked for, errors too."""
        query = request.query_params.multi_items()
        try:
            parameters = Parameters(query, await form_of(request))
            written = written_as(parameters)
        except HTTPException as error:  # Of a form that is too large, or none.
            return USUALLY.refused(error.detail, error.status_code, {})
        except ApiError as error:
            return USUALLY.refused(str(error), error.status, {})
        return await told(written, partial(self.called, request, parameters))

    async def called(self, request: Request, parameters: Parameters) -> Answer:
        """Raises ApiError, RegistryError, TooManyTries."""
        method = method_of(parameters)
        caller = await self.caller(request, parameters, method)
        sites = method.access.check(caller, parameters)
        call = Call(caller, parameters, self.registry, sites, self.surroundings, self.queries.database, self.clock())
        if method.changes:
            return await self.change(partial(method.answer, call))
        return await self.queries.ask(request, lambda database: method.answer(replace(call, database=database)))

    async def change(self, step: Callable[[], T]) -> T:
        """Change something; hits that came before are read as things were then."""
        await anyio.to_thread.run_sync(self.surroundings.settled, limiter=self.settling)
        return await anyio.to_thread.run_sync(step, limiter=self.changing)

    async def caller(self, request: Request, parameters: Parameters, method: Method) -> Caller:
        """Return who asks. Raises BadCredentials for a token or password that nobody has, and TooManyTries."""
        if method.access.where == "account":
            return await self.account(request, parameters)
        plain = parameters.text("token_auth").strip() or bearer(request)
        if plain in ("", ANYBODY):
            return Caller()
        token = await self.guard.token(request, plain)
        if token is None:
            raise BadCredentials("Unable to authenticate with the provided token. It is either invalid or expired.")
        return Caller(token)

    async def account(self, request: Request, parameters: Parameters) -> Caller:
        login, password = parameters.required("userLogin"), parameters.required("passwordConfirmation")
        user = await self.guard.user(request, login[:254], password)
        if user is None:
            raise BadCredentials("This login and password do not belong together.")
        return Caller(user=user)


async def told(written: Written, answer: Callable[[], Awaitable[Answer]]) -> Response:
    """Write an answer, or why there is none."""
    try:
        return await anyio.to_thread.run_sync(written.answered, await answer())  # Large ones take a while.
    except TooManyTries as error:
        return written.refused(str(error), 429, RETRY)
    except ApiError as error:
        return written.refused(str(error), error.status, {})
    except TooBusy as error:
        return written.refused(str(error), 503, RETRY_BUSY)
    except ReaderGone:
        return Response(status_code=GONE)
    except QuestionEnded as error:
        log.warning("call not answered error=%s", error)
        return written.refused(error.reason, 503, {})
    except (RegistryUnavailable, DatabaseUnavailable) as error:
        log.error("call not answered error=%s", error)
        return written.refused("The server cannot do this right now; please try again.", 503, {"Retry-After": "5"})
    except RegistryError as error:
        return written.refused(f"{error}.", 400, {})


def method_of(parameters: Parameters) -> Method:
    """Return the method that a call names. Raises MissingParameter, UnknownMethod."""
    if parameters.text("module") != MODULE:
        raise ApiError(f"Only module={MODULE} is answered here; pages for people begin at /.")
    name = parameters.required("method")
    if name not in METHODS:
        raise UnknownMethod(name)
    return METHODS[name]


def bearer(request: Request) -> str:
    kind, _, plain = request.headers.get("authorization", "").partition(" ")
    return plain.strip() if kind.lower() == "bearer" else ""


async def form_of(request: Request) -> list[Pair]:
    """Return the fields of a form. Raises HTTPException if it is too large, or no form at all."""
    if request.method != "POST":
        return []
    async with request.form(max_files=0) as form:
        return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
