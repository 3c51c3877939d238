"""What an endpoint is: where it stands, what it takes, who may use it, what it answers; and one use of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import anyio
from starlette.requests import Request
from starlette.responses import Response

from dashboard.query_guard import QueryGuard, TooBusy
from dashboard.v1.asked import Known
from dashboard.v1.inputs import Input
from dashboard.v1.kinds import Schema
from sql.clickhouse import Database
from sql.registry import Registry, Token, TokenScope

JSON = "application/json"
PATIENCE = 60  # Seconds.

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One use of an endpoint by somebody who may."""

    request: Request
    token: Token
    given: Mapping[str, Any]
    known: Known | None  # The site that it is about.
    registry: Registry
    guard: QueryGuard
    now: datetime

    @property
    def site(self) -> Known:
        assert self.known is not None, "an endpoint about a site has the input `site`"
        return self.known

    async def ask(self, question: Callable[[Database], T]) -> T:
        """Return the answer of ClickHouse, in turn and within limits."""
        return await self.guard.ask(self.request, question)

    async def ask_patiently(self, question: Callable[[Database], T]) -> T:
        """Return the answer; of a file that is half sent, the rest is worth waiting for when too many ask."""
        for _ in range(PATIENCE):
            try:
                return await self.ask(question)
            except TooBusy:
                await anyio.sleep(1)
        return await self.ask(question)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A row of the table of endpoints, from which the routes and the document are made."""

    name: str  # By which the document knows it.
    path: str
    scope: TokenScope
    answer: Callable[[Use], Awaitable[Response]]
    title: str
    meaning: str
    inputs: tuple[Input, ...] = ()
    in_path: tuple[str, ...] = ()  # Inputs that are part of the path.
    also_post: bool = False  # The inputs may come as a JSON object, too.
    schema: Schema = field(default_factory=dict)  # Of the JSON it answers with.
    media_types: tuple[str, ...] = (JSON,)
    headers: Mapping[str, str] = field(default_factory=dict)  # That only this one answers with, and what they mean.

    @property
    def methods(self) -> list[str]:
        return ["GET", "POST"] if self.also_post else ["GET"]

    @property
    def has_site(self) -> bool:
        return any(entry.name == "site" for entry in self.inputs)
