"""The loader's memory on disk: how far each segment is loaded, the batch under way, and the visits of visitors.

One SQLite file. Offsets and visits change together when a batch is finished, and never otherwise: that makes a batch
that is tried again the same batch on the same state.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import orjson

from ingest.visits import Visit, state_of
from sql import load
from sql.schema import SqliteLedger, move_forward, numbered

SIGNED = 1 << 63
DAY = 86_400
MOST_VISITS = 256  # Under one key; the statements have the same limit.


class Range(NamedTuple):
    """A stretch of a segment, in bytes."""

    segment: str
    start: int
    end: int


class Batch(NamedTuple):
    """A numbered set of ranges, or of records that are loaded again, written down before its first insert."""

    number: int
    ranges: tuple[Range, ...]
    again: tuple[int, ...] = ()


class Part(NamedTuple):
    """Rows of a batch for one table whose keys lie in a span."""

    label: str
    low: int
    high: int  # Not included.

    def halves(self) -> tuple["Part", "Part"]:
        middle = (self.low + self.high) // 2
        return Part(self.label, self.low, middle), Part(self.label, middle, self.high)


class Rejected(NamedTuple):
    """A record that could not be loaded, and why."""

    reason: str
    record: bytes
    form: str = "hit"  # Or `record`, or the table of a row.
    fields: str = ""  # Names of a hit's values, as JSON; '': those of this version.
    site: int = 0
    minute: int = 0  # Of the hit, since 1970.


class Aside(NamedTuple):
    """What was set aside, as it is loaded again."""

    number: int
    batch: int
    form: str
    record: bytes
    fields: str
    minute: int

    @property
    def row(self) -> dict[str, Any]:
        row: dict[str, Any] = json.loads(self.record)
        return row


class Problem(NamedTuple):
    """Requests of one site that were not counted, and why; `site` is 0 where it is unknown."""

    site: int
    outcome: str  # dropped or refused.
    reason: str
    hits: int
    first: int  # Seconds since 1970.
    last: int


class Done(NamedTuple):
    """What a batch leaves behind when its rows are in ClickHouse."""

    visits: Iterable[Visit]
    orders: Iterable[tuple[int, int]]  # Site, and hash of the order's number.
    rejected: Iterable[Rejected]
    problems: Iterable[Problem]
    days: Iterable[tuple[int, int]] = ()  # Site, and day since 1970 in its time zone: they got hits.


class Key(NamedTuple):
    """What a visit is found by: the statement that finds it, the site, and a visitor id or fingerprint."""

    statement: str
    site: int
    value: int


class Journal:
    """Opens or creates the file; used by one thread."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)  # What visitors did is nobody else's business.
        self.connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self.connection.executescript(load("loader/open"))
        move_forward(numbered("loader"), SqliteLedger(self.connection))
        ((self.name,),) = self.rows("identity")

    def close(self) -> None:
        self.connection.close()

    def rows(self, statement: str, **parameters: object) -> list[tuple[Any, ...]]:
        return self.connection.execute(load(f"loader/{statement}"), parameters).fetchall()

    def offsets(self) -> dict[str, int]:
        """Return how many bytes of each segment are loaded."""
        return {str(name): int(loaded) for name, loaded in self.rows("offsets")}

    def open_batch(self) -> Batch | None:
        """Return the batch that an earlier run began and did not finish."""
        for number, ranges, again in self.rows("open_batch"):
            return Batch(
                int(number), tuple(Range(*entry) for entry in orjson.loads(ranges)), tuple(orjson.loads(again))
            )
        return None

    def begin(self, ranges: tuple[Range, ...], again: tuple[int, ...] = ()) -> Batch:
        """Write a new batch down and return it with its number."""
        text = orjson.dumps([list(entry) for entry in ranges]).decode()
        ((number,),) = self.rows("begin_batch", ranges=text, again=listed(again))
        return Batch(int(number), ranges, again)

    def finish(self, batch: Batch, done: Done, now: int) -> None:
        """Remember the visits and the offsets of a batch whose rows are in ClickHouse, all at once."""
        today = now // (DAY * 1000)
        orders = ({"site": site, "number": to_signed(number), "day": today} for site, number in done.orders)
        days = ({"site": site, "day": day, "batch": batch.number} for site, day in done.days)
        rejected = ({"batch": batch.number, "day": today, **entry._asdict()} for entry in done.rejected)
        with self.transaction():
            self.many("save_visit", (visit_row(visit, now) for visit in done.visits))
            self.many("take_order", orders)
            self.many("count_day", days)
            self.many("save_offset", ({"name": entry.segment, "loaded": entry.end} for entry in batch.ranges))
            self.many("delete_set_aside", ({"rowid": number} for number in batch.again))
            self.many("set_aside", rejected)
            self.many("add_problem", ({**entry._asdict(), "day": entry.last // DAY} for entry in done.problems))
            self.rows("finish_batch", number=batch.number)
            self.rows("forget_batches", number=batch.number)
            self.rows("forget_parts")

    def many(self, statement: str, rows: Iterable[Mapping[str, object]]) -> None:
        self.connection.executemany(load(f"loader/{statement}"), rows)

    def order_taken(self, site: int, number: int) -> bool:
        return bool(self.rows("order_taken", site=site, number=to_signed(number)))

    def problems(self, since: int = 0) -> list[Problem]:
        """Return what was not counted since a time in seconds, by whole days."""
        return [Problem(*row) for row in self.rows("problems", since=since // DAY)]

    def forget_problems(self, before: int) -> None:
        """Forget what was not counted before a time in seconds, by whole days."""
        self.rows("forget_problems", since=before // DAY)

    def forget_segments(self, names: Iterable[str]) -> None:
        for name in names:
            self.rows("forget_segment", name=name)

    def forget_visits(self, since: int, settled: int, expired: int) -> int:
        """Forget visits that settled between two times, and those that expired; return how many.

        Times are in milliseconds, and those of loading: what was imported yesterday is not settled.
        """
        return self.connection.execute(
            load("loader/forget_visits"), {"since": since, "settled": settled, "expired": expired}
        ).rowcount

    def forget_site(self, site: int, before: int) -> int:
        """Forget visits of a site whose last hit, and orders that, came before a time in seconds; return how many."""
        self.rows("forget_orders", site=site, before=before // DAY)
        old, forgotten = {"site": site, "before": before * 1000}, 0
        while count := self.connection.execute(load("loader/forget_old_visits"), old).rowcount:
            forgotten += count
        return forgotten

    def forget_set_aside(self, before: int) -> None:
        """Forget records that were set aside before a time in seconds, by whole days."""
        self.rows("forget_set_aside", before=before // DAY)

    def aside(self, batch: Batch) -> list[Aside]:
        """Return what a batch loads again."""
        return [Aside(*row) for row in self.rows("set_aside_again", numbers=listed(batch.again))]

    def asked_again(self) -> tuple[int, ...]:
        """Return the numbers of records that are to be loaded again."""
        return tuple(int(number) for (number,) in self.rows("asked_again"))

    def parts(self, label: str) -> dict[Part, str]:
        """Return how far the open batch is with rows that were refused as a whole: what is split, what done."""
        return {Part(label, int(low), int(high)): str(state) for low, high, state in self.rows("parts", label=label)}

    def note_part(self, part: Part, state: str) -> None:
        self.rows("note_part", **part._asdict(), state=state)

    def days_to_count(self, until: int) -> list[tuple[int, int, int]]:
        """Return site, day and last batch of days that got hits, up to a day since 1970."""
        return [(int(site), int(day), int(batch)) for site, day, batch in self.rows("days_to_count", until=until)]

    def count_days(self, site: int, days: Iterable[int], batch: int = 0) -> None:
        """Note days that are to be counted, whatever brought their hits."""
        self.many("count_day", ({"site": site, "day": day, "batch": batch} for day in days))

    def day_counted(self, site: int, day: int, batch: int) -> None:
        self.rows("day_counted", site=site, day=day, batch=batch)

    def last_batch(self) -> int:
        return int(self.rows("last_batch")[0][0])

    def forgets(self) -> bool:
        """Empty the write-ahead log, in which what was deleted lives on. Tell whether that went: others may read."""
        return not self.rows("truncate_log")[0][0]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.connection.execute(load("loader/begin"))
        try:
            yield
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.commit()


class History:
    """The visits that hits of one batch belong to: read from the journal when first asked for, changed in memory."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.visits: dict[int, Visit] = {}
        self.changed: dict[int, Visit] = {}
        self.by_key: dict[Key, dict[int, int]] = {}  # Visits under a key, with the time of their last hit.
        self.read: set[Key] = set()
        self.orders: set[tuple[int, int]] = set()  # Of this batch: site, and hash of the order's number.

    def order_taken(self, site: int, order_id: str) -> bool:
        """Tell whether an order was counted before."""
        number = hash_of(order_id)
        return (site, number) in self.orders or self.journal.order_taken(site, number)

    def take_order(self, site: int, order_id: str) -> None:
        self.orders.add((site, hash_of(order_id)))

    def of_visitor(self, site: int, visitor: int, until: int) -> Visit | None:
        """Return the visitor's newest visit whose last hit is not after `until`."""
        return self.newest(Key("visits_of_visitor", site, visitor), -1, until)

    def of_fingerprint(self, site: int, fingerprint: int, span: tuple[int, int], user: str) -> Visit | None:
        """Return the newest visit with a fingerprint whose last hit lies in a span, both ends included.

        A user's hit finds only visits of this user, capital letters or not, and of nobody known; '' finds every visit.
        """
        return self.newest(Key("visits_of_fingerprint", site, fingerprint), *span, user.lower())

    def newest(self, key: Key, since: int, until: int, user: str = "") -> Visit | None:
        best, best_at = None, since
        for id, stored in self.known(key).items():
            at = self.visits[id].last_at if id in self.visits else stored
            # Of visits that end at the same moment, the one that came later: an earlier one may be full.
            if best_at <= at <= until and (not user or self.visit(id).user_id.lower() in ("", user)):
                best, best_at = id, at
        return self.visit(best) if best is not None else None

    def known(self, key: Key) -> dict[int, int]:
        """Return the visits under a key; what this batch changed goes before what the journal holds."""
        if key not in self.read:
            self.read.add(key)
            rows = self.journal.rows(key.statement, site=key.site, key=to_signed(key.value))
            stored = {to_unsigned(int(signed)): int(at) for signed, at in reversed(rows)}
            ours = {id: at for id, at in stored.items() if id not in self.visits or key in keys_of(self.visits[id])}
            self.by_key[key] = ours | self.by_key.get(key, {})
        return self.by_key[key]

    def visit(self, id: int) -> Visit:
        visit = self.visits.get(id)
        if visit is None:
            ((state,),) = self.journal.rows("visit_state", id=to_signed(id))
            visit = self.visits[id] = Visit(*orjson.loads(state))
        return visit

    def put(self, visit: Visit, visitor_before: int) -> None:
        """Note that a visit is new or changed, and that it may have moved to another visitor."""
        self.visits[visit.id] = self.changed[visit.id] = visit
        if visitor_before != visit.visitor:
            self.by_key.get(Key("visits_of_visitor", visit.site, visitor_before), {}).pop(visit.id, None)
        for key in keys_of(visit):
            found = self.by_key.setdefault(key, {})
            found[visit.id] = visit.last_at
            if len(found) > 2 * MOST_VISITS:
                self.by_key[key] = newest_of(found)


def problems_in(file: Path, since: int = 0) -> list[Problem]:
    """Return what another process noted as not counted since a time in seconds; [] if there is no journal yet."""
    if not file.exists():
        return []
    with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)) as connection:
        try:
            rows = connection.execute(load("loader/problems"), {"since": since // DAY}).fetchall()
        except sqlite3.OperationalError:  # Of a version that noted nothing.
            return []
    return [Problem(*row) for row in rows]


def listed(numbers: Iterable[int]) -> str:
    return orjson.dumps(list(numbers)).decode()


def hash_of(order_id: str) -> int:
    return int.from_bytes(blake2b(order_id.encode("utf-8", "replace"), digest_size=8).digest(), "big")


def newest_of(found: dict[int, int]) -> dict[int, int]:
    """Return as many visits as the journal gives: whoever opens thousands must not make each hit look at them all."""
    kept = set(sorted(found, key=found.__getitem__)[-MOST_VISITS:])
    return {id: at for id, at in found.items() if id in kept}


def keys_of(visit: Visit) -> tuple[Key, Key]:
    return (
        Key("visits_of_visitor", visit.site, visit.visitor),
        Key("visits_of_fingerprint", visit.site, visit.fingerprint),
    )


def visit_row(visit: Visit, now: int) -> dict[str, object]:
    return {
        "id": to_signed(visit.id),
        "site": visit.site,
        "visitor": to_signed(visit.visitor),
        "fingerprint": to_signed(visit.fingerprint),
        "last_at": visit.last_at,
        "touched": now,
        "known": visit.known,
        "state": orjson.dumps(state_of(visit)),
    }


def to_signed(number: int) -> int:
    """SQLite's integers have a sign; our ids are unsigned 64-bit numbers."""
    return number - 2 * SIGNED if number >= SIGNED else number


def to_unsigned(number: int) -> int:
    return number + 2 * SIGNED if number < 0 else number
