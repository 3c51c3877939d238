"""The numbers of a server, gathered when somebody asks: what its processes counted, and what is looked at just then."""

import logging
import math
import os
import platform
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import quote

from ingest.exposition import Exposition, Sample, buckets, exposed
from ingest.meter import CAUGHT_UP, NANO, PID, RESTARTS, RETENTION_RAN, SERIES, STARTED, STARTED_TICKS, Meters
from ingest.metrics import FAMILIES
from ingest.node import AnyRegistry
from ingest.segments import used_bytes
from sql import load

log = logging.getLogger(__name__)

HISTOGRAMS = {name for name, family in FAMILIES.items() if family.kind == "histogram"}
COUNTERS = {name for name, family in FAMILIES.items() if family.kind == "counter"}

Look = Callable[[], Iterable[Sample]]


@dataclass(frozen=True, slots=True)
class Watched:
    """What there is to look at."""

    meters: Meters
    spool: Path
    spool_max_bytes: int
    journal: Path
    registry: AnyRegistry

    def exposition(self, accepted: str, more: Mapping[str, float]) -> Exposition:
        """Return all there is to tell, and more numbers of whoever asks, under the names of their families."""
        return exposed(FAMILIES, [*self.samples(), *(Sample(name, value) for name, value in more.items())], accepted)

    def samples(self) -> Iterator[Sample]:
        failed = 0
        for look in self.looks():
            try:
                yield from [*look()]
            except Exception as error:  # The edge of the loop: the others are wanted all the same.
                log.warning("metrics incomplete look=%s error=%s", look.__name__, type(error).__name__)
                failed += 1
        yield Sample("failed_looks", failed)

    def looks(self) -> tuple[Callable[[], Iterable[Sample]], ...]:
        return (build, self.counted, self.times, self.processes, self.spooled, self.set_aside, self.known)

    def counted(self) -> Iterator[Sample]:
        """Yield what the processes counted, added up."""
        histograms: dict[tuple[str, tuple[str, ...]], list[tuple[str, int]]] = {}
        for series, number in zip(SERIES, self.sums(), strict=True):
            if series.family in HISTOGRAMS:
                *values, part = series.values
                histograms.setdefault((series.family, (*values,)), []).append((part, number))
            # Answers of every kind that never came would make a long list.
            elif series.family in COUNTERS and (number or series.family != "http_requests"):
                yield Sample(series.family, number, series.values)
        for (family, labels), parts in histograms.items():
            *counts, (_, total) = parts
            yield from buckets(family, labels, counts)
            yield Sample(family, total / NANO, labels, "_sum")

    def sums(self) -> list[int]:
        return [sum(numbers) for numbers in zip(*self.numbers(), strict=True)]

    def numbers(self) -> list[memoryview]:
        return [meter.numbers for meter in self.meters.by_name.values()]

    def times(self) -> Iterator[Sample]:
        """Yield when what happens again and again happened last; nothing where it never did."""
        if caught_up := max(numbers[CAUGHT_UP] for numbers in self.numbers()):
            yield Sample("oldest_unloaded_seconds", max(0, time.monotonic_ns() - caught_up) / NANO)
        if ran := max(numbers[RETENTION_RAN] for numbers in self.numbers()):
            yield Sample("retention_last_run_timestamp_seconds", ran / NANO)
        shifts = [shift_of(numbers[STARTED], numbers[STARTED_TICKS]) for numbers in self.numbers() if numbers[STARTED]]
        if shifts:
            yield Sample("clock_shift_seconds", max(shifts, key=abs))

    def processes(self) -> Iterator[Sample]:
        for name, meter in self.meters.by_name.items():
            numbers = meter.numbers
            if not numbers[STARTED]:
                continue
            yield Sample("process_restarts", numbers[RESTARTS], (name,))
            yield Sample("process_start_time_seconds", numbers[STARTED] / NANO, (name,))
            with suppress(OSError):  # It may have ended just now.
                for family, value in taken_by(numbers[PID]).items():
                    yield Sample(family, value, (name,))

    def spooled(self) -> Iterator[Sample]:
        yield Sample("spool_bytes", used_bytes(self.spool))
        yield Sample("spool_limit_bytes", self.spool_max_bytes)
        yield Sample("disk_free_bytes", shutil.disk_usage(self.journal.parent).free)

    def set_aside(self) -> Iterator[Sample]:
        if self.journal.exists():
            with closing(sqlite3.connect(f"file:{quote(str(self.journal))}?mode=ro", uri=True)) as connection:
                ((count,),) = connection.execute(load("loader/set_aside_count")).fetchall()
            yield Sample("set_aside_records", count)

    def known(self) -> Iterator[Sample]:
        snapshot = self.registry.snapshot()
        yield Sample("sites", len(snapshot.sites))
        if days := [datetime.fromisoformat(day).replace(tzinfo=UTC) for _, day in snapshot.salts]:
            yield Sample("oldest_salt_seconds", round((datetime.now(UTC) - min(days)).total_seconds()))


def build() -> Iterator[Sample]:
    try:
        own = version("pegel")
    except PackageNotFoundError:  # A checkout that is not installed.
        own = "unknown"
    yield Sample("build", 1, (own, platform.python_version()))


def shift_of(started: int, ticks: int) -> float:
    """Return by how many seconds the clock was set since then: nobody sets the one that ticks."""
    return round(((time.time_ns() - started) - (time.monotonic_ns() - ticks)) / NANO, 3)


def taken_by(pid: int) -> dict[str, float]:
    """Return what a process takes of the machine. Raises OSError if it is none of ours, or gone."""
    place = Path("/proc", str(pid))
    fields = (place / "stat").read_text().rpartition(")")[2].split()
    user, system = int(fields[11]), int(fields[12])
    limits = (place / "limits").read_text().partition("Max open files")[2].split()
    return {
        "process_cpu_seconds": (user + system) / os.sysconf("SC_CLK_TCK"),
        "process_resident_memory_bytes": int(fields[21]) * os.sysconf("SC_PAGE_SIZE"),
        "process_open_fds": len(os.listdir(place / "fd")),
        "process_max_fds": int(limits[0]) if limits[0].isdigit() else math.inf,
    }
