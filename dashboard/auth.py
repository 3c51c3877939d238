"""Who is asking: the session in the cookie, and which sites somebody may see."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.exceptions import HTTPException
from starlette.requests import Request

from dashboard import DashboardError
from sql.registry import Registry, Site, User

COOKIE = "pegel_session"

T = TypeVar("T")


class LoginNeeded(DashboardError):
    """Raised if a page needs somebody who signed in."""


def administers(user: User, site: int) -> bool:
    return user.may_view(site) and user.role in ("admin", "superuser")


class Gate:
    """Tells who made a request, and keeps from everybody what is not theirs to see."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.limiter = CapacityLimiter(4)

    async def user(self, request: Request) -> User:
        """Raises LoginNeeded."""
        plain = request.cookies.get(COOKIE, "")
        user = await self.ask(partial(self.registry.session_user, plain)) if plain else None
        if user is None:
            raise LoginNeeded("nobody is signed in; expected a session cookie, such as a login sets")
        return user

    async def sites(self, user: User) -> list[Site]:
        return [site for site in await self.ask(self.registry.sites) if user.may_view(site.id)]

    async def site(self, request: Request) -> tuple[Site, list[Site], User]:
        """Return the site that a page is about, with all that the user may view.

        Raises LoginNeeded; HTTPException 404 for a site that is not there, and for one that is not theirs to see.
        """
        user = await self.user(request)
        sites = await self.sites(user)
        site = next((site for site in sites if str(site.id) == request.path_params["site"]), None)
        if site is None:
            raise HTTPException(404)
        return site, sites, user

    async def ask(self, question: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(question, limiter=self.limiter)
