"""People by programs: `POST /api/person/…` with a token of an administrator; who it is about stands in the body alone.

It stands apart from the other API, whose requests only read, and whose scopes are not for this.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from dashboard.guessing import Guard
from dashboard.people import People, written
from dashboard.query_guard import GONE, ReaderGone
from dashboard.v1.access import HOW, WRONG, plain_token
from dashboard.v1.api import HANDLED, body_of, refusal_of
from dashboard.v1.refusals import BadInput, Forbidden, NotThere, Unauthenticated
from sql.cases import UnknownCase
from sql.masks import BadMask, checked_masking
from sql.people import BadIdentity, Who, checked_who
from sql.refusals import UnknownSite
from sql.registry import ROLES, Token

PATH = "/api/person"
JSON = "application/json"
Given = Mapping[str, Any]
Answer = Callable[[Request, Token, Given], Awaitable[Response]]


class PeopleApi:
    """The endpoints; each takes a JSON object and answers with one."""

    def __init__(self, people: People, guard: Guard) -> None:
        self.people, self.guard = people, guard
        self.answers: Mapping[str, Answer] = {
            "find": self.find,
            "export": self.export,
            "erase": self.erase,
            "anonymise": self.anonymise,
            "case": self.case,
            "cases": self.cases,
        }

    def routes(self) -> list[Route]:
        return [Route(f"{PATH}/{name}", self.served(answer), methods=["POST"]) for name, answer in self.answers.items()]

    def served(self, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                token = await self.guard.token(request, plain_token(request))
                if token is None:
                    raise Unauthenticated("There is no such token.", HOW, headers=WRONG)
                return await answer(request, token, await body_of(request))
            except ReaderGone:
                return Response(status_code=GONE)
            except (BadIdentity, BadMask) as error:
                return BadInput("body", str(error)).response()
            except HANDLED as error:
                return refusal_of(error).response()

        return endpoint

    async def find(self, request: Request, token: Token, given: Given) -> Response:
        found = await self.people.found(request, await self.who(token, given))
        return told(found.told)

    async def export(self, request: Request, token: Token, given: Given) -> Response:
        found = await self.people.found(request, await self.who(token, given))
        return StreamingResponse(self.people.exported(request, found, token.name), media_type=JSON)

    async def erase(self, request: Request, token: Token, given: Given) -> Response:
        case = await self.people.erase(await self.who(token, given), token.name)
        return told({"case": case.told}, 202)

    async def anonymise(self, request: Request, token: Token, given: Given) -> Response:
        number = site_in(given)
        if not number:
            raise BadInput("site", "expected the number of a site")
        await self.check(token, number)
        site = await anyio.to_thread.run_sync(self.people.registry.site, number)
        days = (day_in(given, "from"), day_in(given, "to"))
        masks, count = given.get("masks", []), given.get("bytes", 0)
        if not isinstance(masks, list) or not all(isinstance(name, str) for name in masks) or type(count) is not int:
            raise BadInput("masks", 'expected a list of names, such as ["users"], and bytes a whole number')
        masking = checked_masking(site, days, masks, count, self.people.clock())
        return told({"case": (await self.people.anonymise(masking, token.name)).told}, 202)

    async def case(self, request: Request, token: Token, given: Given) -> Response:
        number = given.get("id")
        try:
            case = await self.people.case(number if type(number) is int else 0)
        except UnknownCase:
            raise NotThere("There is no such case that this token may see.", parameter="id") from None
        await self.check(token, case.site or 0)
        return told({"case": case.told})

    async def cases(self, request: Request, token: Token, given: Given) -> Response:
        number = site_in(given)
        await self.check(token, number)
        return told({"cases": [case.told for case in await self.people.cases(number or None)]})

    async def who(self, token: Token, given: Given) -> Who:
        """Return whom a request is about. Raises BadIdentity, BadInput, Forbidden, NotThere."""
        number = site_in(given)
        await self.check(token, number)
        return checked_who(str(given.get("kind", "")), given.get("id"), number)

    async def check(self, token: Token, site: int) -> None:
        """Raises Forbidden, NotThere unless the token administers a site; 0: every one."""
        hint = "Make one with: pegel token add --role admin"
        if site and not token.is_for(site):
            raise NotThere(f"There is no site {site} that this token may see.", parameter="site")
        administers = not token.scopes and ROLES.index(token.role) >= ROLES.index("admin")
        if not administers or (not site and token.site is not None):
            raise Forbidden("This token does not administer that.", hint)
        if site:
            try:
                await anyio.to_thread.run_sync(self.people.registry.site, site)
            except UnknownSite:
                raise NotThere(f"There is no site {site} that this token may see.", parameter="site") from None


def site_in(given: Given) -> int:
    """Return the site that is named, 0 if every one is meant. Raises BadInput."""
    number = given.get("site")
    if number is not None and (type(number) is not int or number < 1):
        raise BadInput("site", "expected the number of a site, or nothing for every one")
    return number or 0


def day_in(given: Given, name: str) -> date:
    """Raises BadInput."""
    try:
        return date.fromisoformat(given.get(name, ""))
    except (ValueError, TypeError) as error:
        raise BadInput(name, "expected a day, such as 2026-05-01") from error


def told(content: Mapping[str, object], status: int = 200) -> Response:
    return Response(written(content), status, media_type=JSON)
