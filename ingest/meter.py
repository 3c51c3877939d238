"""What the processes of a server count while they work: whole numbers in memory that they share with one another.

Each number of a process is written by one of its threads, so that nothing is locked and counting costs next to nothing
(a client library with files for each process takes ten times as long). The memory belongs to the process that starts
the others: what one of them counted is still there when it was killed and started again.
"""

import time
from bisect import bisect_left
from collections.abc import Callable, Mapping
from mmap import mmap
from time import perf_counter_ns
from typing import Literal, NamedTuple

Handler = Literal["tracking", "page", "dashboard"]

NANO = 1_000_000_000
# Why requests are not counted, as far as a collector knows; any other text is counted as `other`.
DROPPED = (
    *("bot", "no-rec", "install-check", "excluded-request", "opt-out", "no-consent", "do-not-track"),
    *("global-privacy-control", "excluded-address", "excluded-user-agent", "spam-referrer", "unknown-url", "prefetch"),
    *("unknown-action", "too-old"),
)
REFUSED = (
    *("idsite", "cip", "cdt", "cid", "idgoal", "e_c", "e_a", "c_n", "ca", "country", "region", "city", "lat", "long"),
    *("pf_net", "pf_srv", "pf_tfr", "pf_dm1", "pf_dm2", "pf_onl"),
)
OTHER = "other"
GONE = 499  # Nobody waited for the answer any more.
STATUSES = (200, 204, 302, 303, 304, 400, 401, 403, 404, 405, 413, 429, GONE, 500, 503)
HANDLERS: tuple[Handler, ...] = ("tracking", "page", "dashboard")
# How a request came: from a proxy that we believe, which said for whom or did not; from somebody we do not believe, who
# said so too; from one and the same private address; or in any other way.
SENDERS = ("proxy", "silent-proxy", "unbelieved-private", "unbelieved-public", "one-private", "direct")
ANSWER_BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # Seconds.
BATCH_BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


class Series(NamedTuple):
    """One number: of which family, and with the values of its labels."""

    family: str
    values: tuple[str, ...] = ()


def histogram(family: str, bounds: tuple[float, ...], *values: str) -> list[Series]:
    """Return the numbers of a histogram: how many there are below each bound and above the one before, and the sum."""
    return [Series(family, (*values, part)) for part in (*map(str, bounds), "+Inf", "sum")]


SERIES = (
    *(Series("hits", ("kept", reason)) for reason in ("",)),
    *(Series("hits", ("dropped", reason)) for reason in (*DROPPED, OTHER)),
    *(Series("hits", ("refused", reason)) for reason in (*REFUSED, OTHER)),
    *(Series("http_requests", (handler, str(status))) for handler in HANDLERS for status in (*STATUSES, OTHER)),
    *(series for each in HANDLERS for series in histogram("http_request_duration_seconds", ANSWER_BOUNDS, each)),
    *(Series("senders", (sender,)) for sender in SENDERS),
    *histogram("batch_duration_seconds", BATCH_BOUNDS),
    *map(Series, ("loaded_hits", "load_failures", "clickhouse_retries", "caught_up", "retention_ran")),
    # Written by the process that starts the others. Both clocks, to see whether one was set meanwhile.
    *map(Series, ("restarts", "pid", "started", "started_ticks")),
)
SLOTS = {series: number for number, series in enumerate(SERIES)}

KEPT = SLOTS[Series("hits", ("kept", ""))]
LOADED_HITS, LOAD_FAILURES, RETRIES, CAUGHT_UP, RETENTION_RAN, RESTARTS, PID, STARTED, STARTED_TICKS = (
    SLOTS[Series(name)]
    for name in (
        *("loaded_hits", "load_failures", "clickhouse_retries", "caught_up", "retention_ran"),
        *("restarts", "pid", "started", "started_ticks"),
    )
)
# Slots by the reasons that a collector gives, such as `bot` and `refused:cip`.
REASONS = {reason: SLOTS[Series("hits", ("dropped", reason))] for reason in DROPPED} | {
    f"refused:{name}": SLOTS[Series("hits", ("refused", name))] for name in REFUSED
}
OTHERS = {kind: SLOTS[Series("hits", (kind, OTHER))] for kind in ("dropped", "refused")}
SENDER_SLOTS = {sender: SLOTS[Series("senders", (sender,))] for sender in SENDERS}


class Histogram(NamedTuple):
    """Where a histogram lies: its bounds in nanoseconds, the slot below the first one, and that of the sum."""

    bounds: tuple[int, ...]
    first: int
    sum: int

    @classmethod
    def of(cls, family: str, bounds: tuple[float, ...], *values: str) -> "Histogram":
        first, *_, last = (SLOTS[series] for series in histogram(family, bounds, *values))
        return cls(tuple(round(bound * NANO) for bound in bounds), first, last)


class Answers(NamedTuple):
    """Where the answers of one handler are counted."""

    statuses: Mapping[int, int]
    other: int
    bounds: tuple[int, ...]
    first: int
    sum: int


ANSWERS = {
    handler: Answers(
        {status: SLOTS[Series("http_requests", (handler, str(status)))] for status in STATUSES},
        SLOTS[Series("http_requests", (handler, OTHER))],
        *Histogram.of("http_request_duration_seconds", ANSWER_BOUNDS, handler),
    )
    for handler in HANDLERS
}
BATCHES = Histogram.of("batch_duration_seconds", BATCH_BOUNDS)


class Meter:
    """The numbers of one process."""

    __slots__ = ("numbers",)

    def __init__(self) -> None:
        self.numbers = memoryview(mmap(-1, 8 * len(SERIES))).cast("q")

    def add(self, slot: int, count: int = 1) -> None:
        self.numbers[slot] += count

    def set(self, slot: int, number: int) -> None:
        self.numbers[slot] = number

    def decided(self, kept: int, reasons: Mapping[str, int]) -> None:
        """Count tracking requests by what became of them."""
        self.numbers[KEPT] += kept
        if reasons:
            for reason, count in reasons.items():
                self.numbers[slot_of(reason)] += count

    def answered(self, handler: Handler, status: int, began: int) -> None:
        """Count an answer to a request that came at `began`, by the clock of `time.perf_counter_ns`."""
        took = perf_counter_ns() - began
        numbers = self.numbers
        statuses, other, bounds, first, total = ANSWERS[handler]
        numbers[statuses.get(status, other)] += 1
        numbers[first + bisect_left(bounds, took)] += 1
        numbers[total] += took

    def loaded(self, hits: int, seconds: float) -> None:
        """Count a batch."""
        took = round(seconds * NANO)
        self.add(LOADED_HITS, hits)
        self.add(BATCHES.first + bisect_left(BATCHES.bounds, took))
        self.add(BATCHES.sum, took)

    def started(self, pid: int) -> None:
        """Note that the process was started."""
        self.set(PID, pid)
        self.set(STARTED, time.time_ns())
        self.set(STARTED_TICKS, time.monotonic_ns())


def counted_pause(meter: Meter) -> Callable[[float], None]:
    """Return how to wait before something is tried again: each wait counts as a retry."""

    def pause(seconds: float) -> None:
        meter.add(RETRIES)
        time.sleep(seconds)

    return pause


def slot_of(reason: str) -> int:
    slot = REASONS.get(reason)
    if slot is None:  # Of several parameters that were wrong, the first.
        slot = REASONS.get(reason.partition(",")[0], OTHERS["refused" if reason.startswith("refused:") else "dropped"])
    return slot


class Meters:
    """The numbers of all processes that one process starts, by their names."""

    def __init__(self) -> None:
        self.by_name: dict[str, Meter] = {}

    def of(self, name: str) -> Meter:
        """Return the numbers of a process; those of one that is not forked yet are shared with it."""
        if name not in self.by_name:
            self.by_name[name] = Meter()
        return self.by_name[name]
