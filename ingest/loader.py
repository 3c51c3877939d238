"""Batches of hits on their way from the spool to ClickHouse, each counted exactly once.

A batch is written down before its first insert, its inserts carry its number as deduplication token, and its offsets
and visits are remembered together afterwards. Whenever the process dies, the next one does the same batch again on
the same state: nothing is lost, nothing counts twice.
"""

import gc
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import starmap
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ingest import IngestError
from ingest.device import Devices
from ingest.disk import DISK
from ingest.erasure import Erasures, Place
from ingest.hit import Hit
from ingest.inserting import Inserter, Rows
from ingest.journal import Batch, Done, History, Journal, Problem, Range, Rejected
from ingest.log_lines import said
from ingest.meter import CAUGHT_UP, LOAD_FAILURES, NANO, Meter
from ingest.node import AnyRegistry
from ingest.records import damaged, rows_again, take_again, take_record
from ingest.referrer import ListsFolder, Referrers
from ingest.segments import (
    SegmentReader,
    UnknownFormat,
    finished,
    mark_of,
    segments,
    size_of,
    synced_size,
)
from ingest.sessions import USUAL, Knowledge, Rules, Sessions, seed_of
from sql.cases import Case
from sql.clickhouse import Database
from sql.daily import day_number
from sql.registry import Registry, RegistryError

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.4
BATCH_BYTES = 24_000_000
LONGEST_BACKOFF = 30.0
TIDY_SECONDS = 600.0
LAST_SECONDS = 2.0  # Of loading after the order to stop; the rest waits in the spool.
SETTLED_MS = 2 * 86_400_000  # A visit that no hit touched for two days is settled.
QUARTER_MS = 900_000
LONGEST_WAIT = 120.0  # Seconds; longer, and the loader does not keep up or hangs.
LOOK_BACK_MS = 14 * 86_400_000  # What settled while nobody was there to see it.
PROBLEMS_SECONDS = 60 * 86_400  # How long it is remembered what was not counted.
SET_ASIDE_SECONDS = 28 * 86_400  # Less than the shortest time for which a site may keep hits.
EXPIRED_MS = 760 * 86_400_000  # 25 months: after that nobody returns.


class LoaderStopped(IngestError):
    """Raised if hits wait and nobody loads them."""


class Loaded(NamedTuple):
    """What one batch did."""

    batch: int
    hits: int
    seconds: float
    whole_spool: bool  # Nothing else waited when it began.


class Sources(NamedTuple):
    """Where the loader reads: the spool and its own journal beside it."""

    spool: Path
    journal: Path

    @classmethod
    def below(cls, data: Path) -> "Sources":
        return cls(data / "spool", data / "loader.sqlite")


class Loader:
    """Moves hits, batch after batch; one per data directory."""

    def __init__(
        self, sources: Sources, database: Database, registry: AnyRegistry, lists: ListsFolder, rules: Rules = USUAL
    ) -> None:
        self.rules = rules
        self.spool = sources.spool
        self.journal = Journal(sources.journal)
        self.database = database
        self.registry = registry
        self.lists = lists
        place = Place(registry, database, self.journal, self.spool) if isinstance(registry, Registry) else None
        self.erasures = Erasures(place) if place else None  # Tables are cleaned by the machine with the registry.
        self.referrers = Referrers(lists.lists)
        self.devices = Devices()
        self.inserter = Inserter(self.journal, database)
        self.readers: dict[str, SegmentReader] = {}
        self.unreadable: dict[str, str] = {}  # Segments, and what is wrong with them.
        self.told: set[str] = set()
        self.version: int | None = None
        self.knowledge: Knowledge | None = None
        self.stopping = threading.Event()
        self.meter = Meter()
        self.caught_up = time.monotonic()
        self.failures = 0
        self.problem = ""
        self.ended = False
        self.settled = 0  # Visits touched before this time, in milliseconds, were looked at.

    def live(self) -> None:
        """Run until `stop`; start again, after a pause, if that fails."""
        while not self.stopping.is_set():
            try:
                self.run()
            except Exception as error:  # The edge of the loop: it must not die.
                self.fail(error)
                self.stopping.wait(self.pause())
        self.ended = True
        self.journal.close()

    def run(self, clock: Callable[[], float] = time.time) -> None:
        """Load until `stop`, and once more what arrived while we were told to stop."""
        warming = threading.Thread(target=self.devices.warm, daemon=True)
        warming.start()
        while warming.is_alive() and not self.stopping.is_set():
            warming.join(0.1)
        tidied = -TIDY_SECONDS
        while not self.stopping.is_set():
            if time.monotonic() - tidied >= TIDY_SECONDS:
                self.tidy_or_log(clock())
                tidied = time.monotonic()
            asked = self.asked_or_log()
            loaded = self.load_or_log(clock())
            if loaded is None or loaded.whole_spool:  # Busy sites fill larger batches, not more and more small ones.
                self.erase_or_log(asked)
                self.stopping.wait(self.pause())
        deadline = time.monotonic() + LAST_SECONDS
        warming.join(LAST_SECONDS)  # A batch could take longer than anybody waits for us to stop.
        while not warming.is_alive() and self.load_or_log(clock()) and time.monotonic() < deadline:
            continue

    def stop(self) -> None:
        self.stopping.set()

    def pause(self) -> float:
        """Return how long to wait: longer after each failure in a row."""
        return min(IDLE_SECONDS * 2.0 ** min(self.failures, 10), LONGEST_BACKOFF)

    def load_or_log(self, now: float) -> Loaded | None:
        """Load one batch; whatever fails is logged, and tried again later with the same batch."""
        try:
            loaded = self.load_batch(now)
        except Exception as error:  # The edge of the loop: it must not die.
            self.fail(error)
            return None
        finally:
            self.meter.set(CAUGHT_UP, int(self.caught_up * NANO))
        if self.failures:
            log.warning("loading again after failures=%d", self.failures)
        self.failures, self.problem = 0, ""
        if loaded:
            self.meter.loaded(loaded.hits, loaded.seconds)
            log.debug("batch loaded batch=%d hits=%d seconds=%.3f", loaded.batch, loaded.hits, loaded.seconds)
        return loaded

    def fail(self, error: Exception) -> None:
        self.failures += 1
        self.problem = said(error)
        self.meter.add(LOAD_FAILURES)
        log.error("loading failed attempt=%d error=%s", self.failures, self.problem)

    def load_batch(self, now: float) -> Loaded | None:
        """Load the next batch, or the one an earlier run left unfinished. Return None if nothing waits.

        Raises DatabaseUnavailable, RegistryError, OSError: then the batch will be tried again as it is.
        """
        began = time.monotonic()
        batch = self.journal.open_batch()
        whole_spool = False
        if batch is None:
            batch, whole_spool = self.next_batch()
        if batch is None:
            self.caught_up = began
            self.drop_loaded_segments()
            return None
        knowledge = self.current_knowledge()  # Asked after the batch: its hits may be of a site that is seconds old.
        with no_garbage_collection():
            sessions = Sessions(History(self.journal), knowledge, batch.number)
            rejected = list(self.sort_in(batch, sessions))
            again = list(rows_again(self.journal.aside(batch)))
            rejected += self.insert(batch, sessions, again)
            history, days = sessions.history, {*days_of(sessions), *days_of_rows(again, knowledge)}
            done = Done(history.changed.values(), history.orders, rejected, problems_of(sessions), days)
            self.journal.finish(batch, done, int(now * 1000))
        if whole_spool:
            self.caught_up = began
        self.drop_loaded_segments()
        return Loaded(batch.number, len(sessions.hits), time.monotonic() - began, whole_spool)

    def next_batch(self) -> tuple[Batch | None, bool]:
        """Write the next batch down: what lies in the spool, up to a bound. Tell too whether that is all.

        What is asked for once more goes first, in a batch of its own.
        """
        if again := self.journal.asked_again():
            return self.journal.begin((), again), False
        ranges: list[Range] = []
        room = BATCH_BYTES
        offsets = self.journal.offsets()
        self.unreadable = {}
        for path in segments(self.spool):
            start = offsets.get(path.name, 0)
            end = self.end_or_log(path, start, room)
            if path.name in self.unreadable:
                continue
            if end > start:
                ranges.append(Range(path.name, start, end))
            room -= max(0, size_of(path) - start)
            if room <= 0:  # What is left of this segment goes before the next one.
                break
        return self.journal.begin(tuple(ranges)) if ranges else None, room > 0

    def end_or_log(self, path: Path, start: int, room: int) -> int:
        """Return the position behind the last whole frame; what cannot be read stays there and stops no other."""
        try:
            return self.readable_end(path, start, room)
        except (UnknownFormat, OSError) as error:
            self.unreadable[path.name] = f"segment {path.name} is left alone: {error}"
            if path.name not in self.told:
                log.error("segment cannot be read segment=%s error=%s", path.name, error)
            self.told.add(path.name)
            return start

    def readable_end(self, path: Path, start: int, room: int) -> int:
        """Return the position behind the last whole frame; what a dead collector left torn is passed over."""
        if size_of(path) <= start:
            return start
        whole = finished(path)  # Asked before reading: then nothing can be written after it.
        reader = self.reader(path)
        reader.upto = synced_size(path)
        return reader.end(start, room, whole=whole)

    def reader(self, path: Path) -> SegmentReader:
        known = self.readers.get(path.name)
        if known is None or not known.start:
            known = self.readers[path.name] = SegmentReader(path, Hit._fields)
        return known

    def sort_in(self, batch: Batch, sessions: Sessions) -> Iterator[Rejected]:
        """Take every record of a batch; yield those that cannot be understood, so that one never blocks the rest."""
        for entry in batch.ranges:
            path = self.spool / entry.segment
            if not path.exists():
                log.error("segment missing segment=%s bytes=%d", entry.segment, entry.end - entry.start)
                continue
            reader, seed, before = self.reader(path), seed_of(entry.segment), entry.start
            for frame in reader.frames(entry.start, entry.end - entry.start, whole=True):
                if frame.end > entry.end:
                    break
                yield from take_record(sessions, reader.fields, frame.payload, (seed, frame.end))
                if not frame.payload and frame.end < size_of(path):  # A torn end was answered to nobody.
                    yield damaged(reader, before, frame.end)
                before = frame.end
        yield from take_again(sessions, self.journal.aside(batch))

    def insert(self, batch: Batch, sessions: Sessions, again: Iterable[Rows]) -> list[Rejected]:
        """Insert all rows of a batch; return those that the database does not take."""
        rejected: list[Rejected] = []
        for rows in (*starmap(Rows, sessions.tables(batch.number)), *again):
            rejected += self.inserter.insert(batch.number, rows)
        for site, at in sessions.older.items():
            # As Matomo does: a site is as old as its first hit, from midnight of the day before (specification 6.8).
            self.registry.move_creation(site, datetime.fromtimestamp(at // 86_400_000 * 86_400 - 86_400, UTC))
        return rejected

    def current_knowledge(self) -> Knowledge:
        version = self.registry.version()
        if self.lists.refresh():
            self.referrers.use(self.lists.lists)
        if self.knowledge is None or version != self.version:
            self.knowledge = Knowledge(self.registry.snapshot(), self.devices, self.referrers, self.rules)
            self.version = version
        return self.knowledge

    def drop_loaded_segments(self) -> None:
        """Delete segments that nobody writes any more and that are loaded to the end."""
        offsets = self.journal.offsets()
        for path in segments(self.spool):
            # In this order: the size of a finished segment is final, and an empty one may just have been opened.
            if path.name not in self.unreadable and finished(path) and offsets.get(path.name, 0) >= size_of(path) > 0:
                path.unlink()
                mark_of(path).unlink(missing_ok=True)
                self.readers.pop(path.name, None)
        left = {path.name for path in segments(self.spool)}
        if gone := offsets.keys() - left:
            DISK.sync_directory(self.spool)  # A segment that came back after a power cut must still be known as loaded.
            self.journal.forget_segments(gone)

    def asked_or_log(self) -> list[Case]:
        try:
            return self.erasures.asked() if self.erasures else []
        except RegistryError as error:
            log.error("nothing is erased for now error=%s", error)
            return []

    def erase_or_log(self, asked: list[Case]) -> None:
        """Go on with what was asked for before the last batch, after which nothing older waits in the spool."""
        if self.failures or not asked or not self.erasures:
            return
        try:
            self.erasures.go_on(asked)
        except Exception as error:  # The edge of the loop: hits are loaded all the same, and this is tried again.
            log.error("erasing failed cases=%d error=%s", len(asked), type(error).__name__)

    def tidy_or_log(self, now: float) -> None:
        try:
            self.tidy(now)
        except Exception as error:  # The edge of the loop: hits are loaded all the same.
            log.error("tidying failed error=%s", said(error))

    def tidy(self, now: float) -> None:
        """Forget visits that no hit can change any more, and salts of days that are over."""
        self.registry.rotate_salts(datetime.fromtimestamp(now, UTC))
        settled = int(now * 1000) - SETTLED_MS
        since = self.settled or settled - LOOK_BACK_MS
        forgotten = self.journal.forget_visits(since, settled, settled + SETTLED_MS - EXPIRED_MS)
        self.settled = settled
        self.journal.forget_problems(int(now) - PROBLEMS_SECONDS)
        self.journal.forget_set_aside(int(now) - SET_ASIDE_SECONDS)
        if forgotten:
            log.info("settled visits forgotten count=%d", forgotten)

    def health(self) -> dict[str, object]:
        """Return what `/healthz` tells: whether batches succeed, and how long the oldest hit has waited."""
        waiting = time.monotonic() - self.caught_up
        problem = self.problem or next(iter(self.unreadable.values()), "")
        ok = not problem and not self.ended and waiting < LONGEST_WAIT
        return {"ok": ok, "oldest_unloaded_seconds": round(waiting, 1), "problem": problem}


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """A batch makes many objects and no cycles: looking for some takes a seventh of its time, measured."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def problems_of(sessions: Sessions) -> Iterator[Problem]:
    """Yield what was not counted and could be a mistake of a website or its tracker."""
    for (site, minute, outcome, reason), hits in sessions.counters.items():
        if outcome != "kept":
            yield Problem(site, outcome, reason, hits, minute * 60, minute * 60)


def days_of(sessions: Sessions) -> Iterator[tuple[int, int]]:
    """Yield the days that got hits, each a site and a day since 1970 in its time zone; no visit outlives its day."""
    # Zones differ by whole quarters of an hour.
    quarters = {(visit.site, visit.last_at // QUARTER_MS) for visit in sessions.history.changed.values()}
    zones = {site: ZoneInfo(sessions.knowledge.sites[site].timezone) for site, _ in quarters}
    for site, quarter in quarters:
        yield site, day_number(datetime.fromtimestamp(quarter * QUARTER_MS / 1000, zones[site]).date())


def days_of_rows(again: Iterable[Rows], knowledge: Knowledge) -> Iterator[tuple[int, int]]:
    """Yield the days to which rows belong that are loaded again."""
    for rows in again:
        times = rows.columns.get("at", rows.columns.get("started", ()))
        for site, at in zip(rows.columns["site"], times, strict=bool(times)):
            if known := knowledge.sites.get(site):
                yield site, day_number(datetime.fromtimestamp(at / 1000, ZoneInfo(known.timezone)).date())


def wait_until_loaded(sources: Sources, deadline: float, clock: Callable[[], float] = time.monotonic) -> None:
    """Return when everything that was in the spool at the call is visible in reports.

    Raises LoaderStopped if that is not so by `deadline`.
    """
    wanted = {path.name: size_of(path) for path in segments(sources.spool)}
    journal = Journal(sources.journal)
    try:
        while waiting := still_waiting(sources, journal, wanted):
            if clock() > deadline:
                raise LoaderStopped(f"{waiting} bytes are not loaded yet; is 'pegel serve' or 'pegel load' running?")
            time.sleep(0.05)
    finally:
        journal.close()


def still_waiting(sources: Sources, journal: Journal, wanted: dict[str, int]) -> int:
    """Return how many of the wanted bytes are not loaded; a segment that is gone was loaded."""
    offsets = journal.offsets()
    left = {path.name for path in segments(sources.spool)}
    # A write that failed was cut off again, so a segment may have shrunk since.
    sizes = {name: min(size, size_of(sources.spool / name)) for name, size in wanted.items() if name in left}
    return sum(max(0, size - offsets.get(name, 0)) for name, size in sizes.items())
