"""Machines that collect and load elsewhere get the registry's newest snapshot, which is full of secrets."""

from hashlib import sha256
from threading import Lock
from typing import NamedTuple

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.guessing import Guard
from dashboard.v1.access import HOW, NO_SCOPE, WRONG, plain_token
from dashboard.v1.api import HANDLED, refusal_of
from dashboard.v1.refusals import Forbidden, Unauthenticated
from sql.registry import Registry
from sql.sent import sent

PATH = "/registry/snapshot"
# A request that has one of these came through a proxy, and the way through proxies is the public one.
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "cf-connecting-ip")


class Sent(NamedTuple):
    """A snapshot, ready to be sent."""

    version: int
    content: bytes
    etag: str


class Nodes:
    """The endpoint; the snapshot is written anew only after a change."""

    def __init__(self, registry: Registry, guard: Guard) -> None:
        self.registry, self.guard = registry, guard
        self.lock = Lock()
        self.latest = Sent(-1, b"", "")

    def routes(self) -> list[Route]:
        return [Route(PATH, self.answer, methods=["GET"])]

    async def answer(self, request: Request) -> Response:
        if any(name in request.headers for name in FORWARDED):
            return Response(status_code=404)
        try:
            await self.check(request)
        except HANDLED as error:
            return refusal_of(error).response()
        newest = await anyio.to_thread.run_sync(self.newest)
        if request.headers.get("if-none-match") == newest.etag:
            return Response(status_code=304, headers={"ETag": newest.etag})
        return Response(newest.content, media_type="application/json", headers={"ETag": newest.etag})

    async def check(self, request: Request) -> None:
        """Raises BadInput, Unauthenticated, Forbidden, TooManyTries unless it is a node that asks."""
        token = await self.guard.token(request, plain_token(request))
        if token is None:
            raise Unauthenticated("There is no such token.", HOW, headers=WRONG)
        if not token.follows_registry:
            hint = "Make one with: pegel token add --scope registry:read"
            raise Forbidden("Only a token with the scope registry:read may do this.", hint, headers=NO_SCOPE)

    def newest(self) -> Sent:
        with self.lock:
            if self.registry.version() != self.latest.version:
                snapshot = self.registry.snapshot()
                content = sent(snapshot)
                self.latest = Sent(snapshot.version, content, f'"{sha256(content).hexdigest()}"')
            return self.latest
