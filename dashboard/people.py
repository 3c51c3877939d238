"""People: what is kept of somebody is found and exported, and it is asked that they be erased."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import anyio
import anyio.to_thread
import orjson
from starlette.requests import Request

from dashboard import DashboardError
from dashboard.query_guard import QueryGuard, ReaderGone, TooBusy
from dashboard.surroundings import Surroundings
from sql.cases import Action, Case, NewCase
from sql.clickhouse import Database, DatabaseUnavailable
from sql.masks import Masking
from sql.people import TABLES, Of, Reach, Who, counts_of, hex_of, portions, reach_of, rows_of
from sql.registry import Clock, Registry

log = logging.getLogger(__name__)

MOST_VISITS = 100  # That are shown one by one.
AT_ONCE = 200  # Visits whose rows are in memory at a time.
PATIENCE = 60  # Seconds.

T = TypeVar("T")


class BrokenOff(DashboardError):
    """Raised if an export that is half sent cannot be finished: a part never seems whole."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is kept of somebody."""

    who: Who
    reach: Reach
    counts: dict[str, int]
    visits: list[dict[str, Any]]  # The newest ones.
    users: list[str]  # User ids under which these visits were.
    remembered: int  # Visits that the loader remembers, and records that it could not read.

    @property
    def anything(self) -> bool:
        return bool(self.reach.visits or self.remembered)

    @property
    def visitors(self) -> list[str]:
        return sorted({hex_of(visitor) for _, visitor in self.reach.visitors})

    @property
    def told(self) -> dict[str, object]:
        shown = {"visitors": self.visitors, "users": self.users, "counts": self.counts, "remembered": self.remembered}
        return {**shown, "visits": self.visits}


class People:
    """Does on behalf of a person what administrators may do, whatever a site's policy keeps out of reports."""

    def __init__(self, registry: Registry, queries: QueryGuard, surroundings: Surroundings, clock: Clock) -> None:
        self.registry, self.queries, self.surroundings, self.clock = registry, queries, surroundings, clock

    async def found(self, request: Request, who: Who) -> Found:
        """Return what is kept of somebody by now. Raises DatabaseUnavailable, TooBusy, ReaderGone."""
        await anyio.to_thread.run_sync(self.surroundings.settled)
        found = await self.queries.ask(request, partial(found_in, who=who))
        remembered = await anyio.to_thread.run_sync(self.surroundings.remembered, who, found.reach)
        return Found(who, found.reach, found.counts, found.visits, found.users, sum(map(len, remembered.values())))

    async def exported(self, request: Request, found: Found, author: str) -> AsyncIterator[bytes]:
        """Yield everything that is kept of somebody as one JSON document, piece by piece."""
        await self.note(found.who, "export", author, found)
        try:
            async for piece in self._pieces(request, found):
                yield piece
        except ReaderGone:
            return
        except (DatabaseUnavailable, TooBusy) as error:
            log.warning("export of a person broken off error=%s", type(error).__name__)
            raise BrokenOff("the rest of the export cannot be had") from error

    async def _pieces(self, request: Request, found: Found) -> AsyncIterator[bytes]:
        yield opening(found, self.clock())
        for table in TABLES:
            yield b',\n"%s": [' % table.encode()
            begun = False
            for site, visits in few(found.reach.visits):
                rows = await self.patiently(request, partial(rows_of, table=table, site=site, visits=visits))
                if rows:
                    yield (b",\n" if begun else b"\n") + b",\n".join(map(written, rows))
                    begun = True
            yield b"]"
        remembered = await anyio.to_thread.run_sync(self.surroundings.remembered, found.who, found.reach)
        for name, values in remembered.items():
            yield b',\n"%s": %s' % (name.encode(), written(values))
        yield b"\n}\n"

    async def patiently(self, request: Request, question: Callable[[Database], T]) -> T:
        """Return an answer; of a document that is half sent, the rest is worth waiting for when too many ask."""
        for _ in range(PATIENCE):
            try:
                return await self.queries.ask(request, question)
            except TooBusy:
                await anyio.sleep(1)
        return await self.queries.ask(request, question)

    async def erase(self, who: Who, author: str) -> Case:
        """Ask that somebody be erased, whatever comes of them until then."""
        case = NewCase(
            action="erase",
            site=who.site or None,
            what=who.kind,
            identity=who.value,
            author=author,
            asked=self.clock(),
        )
        return await self.kept(case)

    async def anonymise(self, masking: Masking, author: str) -> Case:
        """Ask that something be taken out of rows of a site."""
        what = ", ".join(masking.masks)
        details = masking.details
        case = NewCase(
            action="anonymise", site=masking.site, what=what, author=author, asked=self.clock(), details=details
        )
        return await self.kept(case)

    async def note(self, who: Who, action: Action, author: str, found: Found) -> Case:
        """Note that something was done; whom it was about is not kept."""
        return await self.kept(
            NewCase(
                action=action,
                site=who.site or None,
                what=who.kind,
                author=author,
                asked=self.clock(),
                stage="done",
                visits=found.counts["visits"],
                hits=found.counts["hits"],
                finished=self.clock(),
            )
        )

    async def kept(self, case: NewCase) -> Case:
        kept = await anyio.to_thread.run_sync(self.registry.add_case, case)
        log.info("case opened case=%d action=%s site=%s", kept.id, kept.action, kept.site)
        return kept

    async def cases(self, site: int | None) -> list[Case]:
        return await anyio.to_thread.run_sync(self.registry.cases, site)

    async def case(self, id: int) -> Case:
        """Raises UnknownCase."""
        return await anyio.to_thread.run_sync(self.registry.case, id)


def found_in(database: Database, who: Who) -> Found:
    reach = reach_of(database, who)
    visits = [row for site, some in portions(reach.visits) for row in newest(database, site, some)]
    newest_first = sorted(visits, key=started, reverse=True)[:MOST_VISITS]
    return Found(who, reach, counts_of(database, reach.visits), newest_first, users_of(database, reach), 0)


def newest(database: Database, site: int, visits: list[int]) -> list[dict[str, Any]]:
    rows = database.query("person/visit_list", {"site": site, "visits": visits, "limit": MOST_VISITS})
    return [{**row, "id": hex_of(row["id"]), "visitor": hex_of(row["visitor"])} for row in rows]


def started(row: dict[str, Any]) -> datetime:
    moment: datetime = row["started"]
    return moment


def users_of(database: Database, reach: Reach) -> list[str]:
    asked = ({"site": site, "visits": visits} for site, visits in portions(reach.visits))
    return sorted({row["user_id"] for each in asked for row in database.query("person/users_of_visits", each)})


def few(visits: tuple[Of, ...]) -> Iterator[tuple[int, list[int]]]:
    for site, some in portions(visits):
        yield from ((site, some[start : start + AT_ONCE]) for start in range(0, len(some), AT_ONCE))


def opening(found: Found, now: datetime) -> bytes:
    """Return what the document begins with: of whom it is."""
    head = {
        "what": "Everything that Pegel keeps of one person",
        "exported": now,
        "asked_for": {"kind": found.who.kind, "id": found.who.value, "site": found.who.site or None},
        "visitor_ids": found.visitors,
        "user_ids": found.users,
    }
    return written(head)[:-1]


def written(value: object) -> bytes:
    return orjson.dumps(value, default=str, option=orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z)
