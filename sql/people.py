"""Who somebody is, and which visits are theirs: by a visitor id, a user id or the number of an order.

A person is followed one step far. Whatever is named leads to visits, these to the visitor ids that they have, and these
to all of their visits: so somebody who signed in later is found with what they did before. From there it does not go
on, for on a shared device it would lead to others.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha1
from html import escape
from itertools import groupby
from typing import Any, Literal, get_args

from sql.clickhouse import Database, Row
from sql.refusals import BadEntry

Kind = Literal["visitor", "user", "order"]
KINDS: tuple[Kind, ...] = get_args(Kind)
TABLES = ("visits", "hits", "conversions", "order_items", "timings")
VISITOR = re.compile(r"[0-9a-fA-F]{16}", re.ASCII)
LONGEST = 200  # Letters of a user id, as many as are kept; an order's number has fewer.
AT_ONCE = 1000  # Ids in one question.

Of = tuple[int, int]  # A site, and the id of a visit or visitor there.


class BadIdentity(BadEntry):
    """Raised if something cannot be an id of this kind."""


@dataclass(frozen=True, slots=True)
class Who:
    """Whom somebody looks for, and on which site; 0: on all."""

    kind: Kind
    value: str = field(repr=False)
    site: int = 0

    @property
    def visitor(self) -> int:
        """The visitor id that is named, or that follows from a user id; 0 if neither."""
        if self.kind == "order":
            return 0
        return int(self.value, 16) if self.kind == "visitor" else visitor_of_user(self.value)


@dataclass(frozen=True, slots=True)
class Reach:
    """What is theirs."""

    visits: tuple[Of, ...] = ()
    visitors: tuple[Of, ...] = ()


def checked_who(kind: str, value: object, site: int = 0) -> Who:
    """Return whom to look for. Raises BadIdentity, which does not repeat what was given."""
    known = next((known for known in KINDS if known == kind), None)
    if known is None:
        raise BadIdentity(f"kind of identity {kind[:20]!r}: expected one of {', '.join(KINDS)}")
    text = value.strip() if isinstance(value, str) and known != "user" else value
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST:
        raise BadIdentity(f"{known}: expected 1 to {LONGEST} characters")
    if known == "visitor" and not VISITOR.fullmatch(text):
        raise BadIdentity("visitor: expected 16 hex digits, such as 0123456789abcdef")
    return Who(known, text.lower() if known == "visitor" else text, site)


def visitor_of_user(user_id: str) -> int:
    """Return the visitor id of a user id: the first 16 hex digits of its SHA-1, as Matomo's clients expect."""
    # Matomo hashes the text as it would stand in HTML.
    text = escape(user_id).replace("&#x27;", "&#039;")
    return int(sha1(text.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()[:16], 16)


def hex_of(id: int) -> str:
    """Return an id of a visit or visitor as people see it."""
    return f"{id:016x}"


def reach_of(database: Database, who: Who) -> Reach:
    """Return which visits are theirs, and which visitor ids these have. Raises DatabaseUnavailable."""
    asked = {who.kind: who.value, "visitor": who.visitor, "site": who.site}
    found = {(row["site"], row["visit"]) for row in database.query(f"person/visits_with_{who.kind}", asked)}
    visitors = set(followed(found, partial(visitors_of, database)))
    visits = found | set(followed(visitors, partial(visits_of, database)))
    return Reach(tuple(sorted(visits)), tuple(sorted(visitors)))


def followed(ids: Iterable[Of], step: Callable[[int, list[int]], Iterable[int]]) -> Iterator[Of]:
    for site, some in portions(ids):
        yield from ((site, id) for id in step(site, some))


def visitors_of(database: Database, site: int, visits: list[int]) -> Iterator[int]:
    rows = database.query("person/visitors_of_visits", {"site": site, "visits": visits})
    return (row["visitor"] for row in rows)


def visits_of(database: Database, site: int, visitors: list[int]) -> Iterator[int]:
    rows = database.query("person/visits_of_visitors", {"site": site, "visitors": visitors})
    return (row["visit"] for row in rows)


def portions(ids: Iterable[Of]) -> Iterator[tuple[int, list[int]]]:
    """Yield sites with some of their ids: as many as one question takes."""
    for site, group in groupby(sorted(ids), key=site_of):
        some = [id for _, id in group]
        yield from ((site, some[start : start + AT_ONCE]) for start in range(0, len(some), AT_ONCE))


def site_of(id: Of) -> int:
    return id[0]


def counts_of(database: Database, visits: Collection[Of]) -> dict[str, int]:
    """Return how many rows each table has of some visits. Raises DatabaseUnavailable."""
    totals = dict.fromkeys(TABLES, 0)
    for site, some in portions(visits):
        (row,) = database.query("person/counts", {"site": site, "visits": some})
        totals = {name: totals[name] + row[name] for name in TABLES}
    return totals


def rows_of(database: Database, table: str, site: int, visits: list[int]) -> list[dict[str, Any]]:
    """Return everything that a table has of some visits, with ids as people see them. Raises DatabaseUnavailable."""
    return [readable(row) for row in database.query(f"person/{table}", {"site": site, "visits": visits})]


# Columns that hold ids of 64 bits: as numbers, most programs would round them.
IDS = frozenset({"id", "visit", "visitor", "hit", "conversion", "page_hash", "entry_hash"})


def readable(row: Row) -> dict[str, Any]:
    return {name: hex_of(value) if name in IDS else value for name, value in row.items()}
