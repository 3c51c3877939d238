"""Who may ask ClickHouse now: so many readers at once, a bounded queue behind them, and nobody who has gone away."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import anyio.to_thread
from anyio import CancelScope, CapacityLimiter
from starlette.exceptions import HTTPException
from starlette.requests import Request

from dashboard import DashboardError
from sql.clickhouse import Database, DatabaseUnavailable, Limits, Reading

log = logging.getLogger(__name__)

RETRY = {"Retry-After": "5"}
GONE = 499  # The status for nobody: logs tell it from an error of ours.
AGAIN = 0.1  # Seconds between two attempts to stop a question: the first may come before the question does.

T = TypeVar("T")


class TooBusy(DashboardError):
    """Raised if as many readers are asking and waiting as there may be."""

    def __init__(self, waiting: int) -> None:
        super().__init__(f"Too many questions at once: {waiting} wait already. Please try again in a few seconds.")


class ReaderGone(DashboardError):
    """Raised if whoever asked does not wait for the answer any more."""


class QueryGuard:
    """Stands between readers and ClickHouse: each request asks within limits, in its turn, while somebody waits."""

    def __init__(self, database: Database, limits: Limits, at_once: int = 4, waiting: int = 64) -> None:
        self.database, self.limits = database, limits
        self.at_once, self.waiting = at_once, waiting
        self.asking = CapacityLimiter(at_once)
        self.stopping = CapacityLimiter(at_once)
        self.inside = 0  # Readers who ask or wait.
        self.refused = 0

    async def ask(self, request: Request, question: Callable[[Database], T]) -> T:
        """Return the answer to a question, which is asked in a thread when it is its turn.

        Raises TooBusy, ReaderGone, and what the question raises: DatabaseUnavailable, QuestionEnded.
        """
        with self._place(), CancelScope() as scope:
            reading = self.database.reading(self.limits)
            watching = asyncio.create_task(self._stop_when_gone(request, reading, scope))
            try:
                return await anyio.to_thread.run_sync(begun, reading, question, limiter=self.asking)
            finally:
                watching.cancel()
        raise ReaderGone("nobody waits for the answer any more")

    def numbers(self) -> dict[str, float]:
        """Return how many ask and wait now, and how many were refused so far."""
        running = self.asking.borrowed_tokens
        waiting = max(0, self.inside - running)
        return {"queries_running": running, "queries_waiting": waiting, "queries_refused": self.refused}

    @contextmanager
    def _place(self) -> Iterator[None]:
        if self.inside >= self.at_once + self.waiting:
            self.refused += 1
            log.warning("question refused asking=%d waiting=%d", self.at_once, self.waiting)
            raise TooBusy(self.waiting)
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1

    async def _stop_when_gone(self, request: Request, reading: Reading, scope: CancelScope) -> None:
        try:
            await disconnected(request)
        except HTTPException:  # A body that nobody asked for is larger than any may be: then nobody is watched.
            return
        log.info("question stopped because its reader is gone")
        scope.cancel()  # Leaves the queue; a thread that asks already is waited for.
        while True:
            await anyio.to_thread.run_sync(partial(stop, reading), limiter=self.stopping)
            await anyio.sleep(AGAIN)


def begun(reading: Reading, question: Callable[[Database], T]) -> T:
    """Ask, with all the time a question may take: that spent in the queue does not count."""
    reading.begin()
    return question(reading)


async def disconnected(request: Request) -> None:
    """Return when the connection is closed; whatever else is still sent on it is nobody's business any more."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def stop(reading: Reading) -> None:
    try:
        reading.stop()
    except DatabaseUnavailable as error:
        log.warning("question not stopped error=%s", error)
