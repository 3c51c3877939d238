"""Signing in and out: the form, the cookie, and an end to guessing."""

import re
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, TypeVar
from urllib.parse import urlencode

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dashboard.auth import COOKIE
from dashboard.guessing import RETRY, Guard, TooManyTries
from dashboard.rendering import Renderer
from dashboard.settings import Settings
from sql.registry import Registry, User

# Whither a login may lead: our own pages, never another website.
OURS = re.compile(r"/sites/\d+[\w/?&=,.%-]*", re.ASCII)
URL_START = re.compile(r"^https?://[^/?#]*")
WRONG = "This e-mail address and password do not belong together."

T = TypeVar("T")


class Entry(NamedTuple):
    """What somebody typed into the form."""

    email: str
    password: str
    next: str


class Login:
    """The pages of signing in and out."""

    def __init__(self, registry: Registry, settings: Settings, guard: Guard, renderer: Renderer) -> None:
        self.registry, self.settings, self.guard, self.renderer = registry, settings, guard, renderer
        self.limiter = CapacityLimiter(2)

    async def form(self, request: Request) -> Response:
        return self._page(request, Entry("", "", ours(request.query_params.get("next", ""))))

    async def enter(self, request: Request) -> Response:
        entry = await entry_of(request)
        try:
            user = await self.guard.user(request, entry.email, entry.password)
        except TooManyTries as error:
            return self._page(request, entry, str(error), 429)
        if user is None:
            return self._page(request, entry, WRONG, 403)
        return await self._welcome(request, user, entry.next)

    async def leave(self, request: Request) -> Response:
        if plain := request.cookies.get(COOKIE):
            await self._ask(partial(self.registry.end_session, plain))
        response = RedirectResponse("/login", 303)
        response.delete_cookie(COOKIE)
        return response

    async def _welcome(self, request: Request, user: User, next: str) -> Response:
        lifetime = self.settings.session_lifetime
        plain = await self._ask(partial(self.registry.start_session, user, lifetime))
        response = RedirectResponse(next, 303)
        response.set_cookie(
            COOKIE,
            plain,
            max_age=int(lifetime.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return response

    def _page(self, request: Request, entry: Entry, problem: str = "", status: int = 200) -> Response:
        headers = RETRY if status == 429 else {}
        context = {"email": entry.email, "next": entry.next, "problem": problem}
        return self.renderer.page(request, "login.html", context, status, headers)

    async def _ask(self, question: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(question, limiter=self.limiter)


async def entry_of(request: Request) -> Entry:
    async with request.form(max_files=0, max_fields=10) as form:
        email, password, next = (str(form.get(name, "")) for name in ("email", "password", "next"))
    return Entry(email[:254], password, ours(next))


def ours(next: str) -> str:
    return next if OURS.fullmatch(next) else "/"


def to_login(request: Request) -> Response:
    """Send somebody to the login, and afterwards back to the page they are on."""
    next = ours(path_of(request.headers.get("hx-current-url", "")) or asked_for(request))
    location = "/login" + (f"?{urlencode({'next': next})}" if next != "/" else "")
    if "hx-request" in request.headers:  # A redirect would be followed in the dark; this one htmx shows.
        return Response(status_code=204, headers={"HX-Redirect": location})
    return RedirectResponse(location, 303)


def path_of(url: str) -> str:
    """Return path and query of a page's address as a browser tells it."""
    return URL_START.sub("", url).partition("#")[0]


def asked_for(request: Request) -> str:
    query = request.scope["query_string"].decode("latin-1")
    return f"{request.scope['path']}?{query}" if query else str(request.scope["path"])
