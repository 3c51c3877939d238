"""Records of the spool on their way into a batch, each on its own: one that makes no sense stops no other."""

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from ingest.hit import Hit
from ingest.inserting import Columns, Rows
from ingest.journal import Aside, Rejected
from ingest.segments import SegmentReader
from ingest.sessions import Position, Sessions, seed_of

log = logging.getLogger(__name__)

LATEST = 7_258_118_400_000  # Milliseconds: 2200. ClickHouse and time zones know what is before it.
MOST_DAMAGE = 1_000_000  # Bytes.


def take_record(sessions: Sessions, names: tuple[str, ...], payload: bytes, at: tuple[int, int]) -> Iterator[Rejected]:
    """Take one record of the spool: the hits of a request and the counters beside them. Yield what cannot be taken."""
    if not payload:
        return
    try:
        minute, hits, dropped = orjson.loads(payload)
        minute, hits = int(minute), list(hits)
        counts = [(int(site), str(reason), int(count)) for site, reason, count in dropped]
    except (ValueError, TypeError) as error:
        log.error("record set aside error=%s bytes=%d", type(error).__name__, len(payload))
        yield Rejected(type(error).__name__, payload, "record", orjson.dumps(names).decode())
        return
    for number, values in enumerate(hits):
        yield from take_hit(sessions, names, values, (Position(*at, number), minute))
    for site, reason, count in counts:
        sessions.drop(site, minute, reason, count)


def damaged(reader: SegmentReader, start: int, end: int) -> Rejected:
    """Return what a segment has where a frame should be, as far as anybody would look at it."""
    return Rejected("damaged", reader.bytes_from(start, min(end - start, MOST_DAMAGE))[: end - start], "record")


def take_hit(
    sessions: Sessions, names: tuple[str, ...], values: Any, where: tuple[Position, int]
) -> Iterator[Rejected]:
    """Take one hit; yield it if it cannot be taken."""
    position, minute = where
    try:
        hit = Hit(*values) if names == Hit._fields else Hit(**known_values(names, values))
        if not 0 <= hit.at < LATEST:
            raise ValueError("no time of a hit")
        sessions.take(hit, position, minute)
    except (sqlite3.Error, OSError, MemoryError):
        raise  # Not the hit's fault: the batch is tried again.
    except Exception as error:  # Whatever is wrong with one hit must not stop the others.
        record = orjson.dumps(values)
        log.error("hit set aside error=%s bytes=%d", type(error).__name__, len(record))
        yield Rejected(
            type(error).__name__, record, "hit", orjson.dumps(names).decode(), site_of(names, values), minute
        )


def take_again(sessions: Sessions, aside: Sequence[Aside]) -> Iterator[Rejected]:
    """Take what was set aside as records and hits; yield what cannot be taken this time either."""
    for each in aside:
        names = tuple(orjson.loads(each.fields)) if each.fields else Hit._fields
        seed = seed_of(f"set aside {each.batch} {each.number}")
        if each.form == "record":
            yield from take_record(sessions, names, each.record, (seed, 0))
        elif each.form == "hit":
            where = (Position(seed, 0, 0), each.minute)
            yield from take_hit(sessions, names, orjson.loads(each.record), where)


def rows_again(aside: Sequence[Aside]) -> Iterator[Rows]:
    """Yield what was set aside as rows, by table and columns, in an order that stays the same."""
    groups: dict[tuple[str, tuple[str, ...]], list[dict[str, Any]]] = {}
    for each in aside:
        if each.form not in ("record", "hit"):
            row = each.row
            groups.setdefault((each.form, tuple(row)), []).append(row)
    for number, ((table, names), rows) in enumerate(groups.items()):
        yield Rows(table, columns_of(names, rows), f"{table} again {number}")


def columns_of(names: Sequence[str], rows: Sequence[dict[str, Any]]) -> Columns:
    return {name: [row[name] for row in rows] for name in names}


def known_values(names: tuple[str, ...], values: list[object]) -> dict[str, Any]:
    """Return the fields of a hit that another version wrote; unknown ones are left out, new ones have defaults."""
    return {name: value for name, value in zip(names, values, strict=False) if name in Hit._fields}


def site_of(names: tuple[str, ...], values: Any) -> int:
    """Return the site of a hit that is not understood, 0 if not even that is."""
    known = dict(zip(names, values, strict=False)) if isinstance(values, list) else {}
    site = known.get("site")
    return site if isinstance(site, int) and 0 <= site < 1 << 32 else 0
