"""From requests to the spool: every request decided, the kept hits and the counters of the others made durable."""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

import orjson

from ingest import IngestError
from ingest.hit import Decider, Hit, Ignored
from ingest.privacy import Visitors
from ingest.sender import Sender
from ingest.spool import Spool
from ingest.tracking import BadRequest, TrackingRequest
from sql.registry import Snapshot

BREATH = 100  # Requests of one bulk that are decided without a pause, and whose hits make one record.
LARGEST_OUTCOME = 33_554_432  # Bytes; each entry of a bulk repeats its user agent, so that a small body makes much.


class TooMuch(IngestError):
    """Raised if the hits of one request are more than the collector takes at once."""


class Outcome(NamedTuple):
    """What became of the requests of one HTTP request."""

    invalid: list[int]
    reason: str


class Tracker:
    """Decides requests by the newest registry snapshot and appends the outcome to the spool."""

    def __init__(self, spool: Spool, visitors: Visitors, snapshot: Snapshot) -> None:
        self.spool = spool
        self.visitors = visitors
        self.use(snapshot)

    def use(self, snapshot: Snapshot) -> None:
        """Go on with another snapshot of the registry."""
        self.snapshot = snapshot
        self.decider = Decider(snapshot, self.visitors)

    def is_superuser(self, plain: str) -> bool:
        token = self.snapshot.token(plain)
        return token is not None and token.role == "superuser"

    async def track(self, requests: Iterable[TrackingRequest], sender: Sender, now: float) -> Outcome:
        """Return after everything that must be kept is on disk.

        Raises SpoolUnavailable and TooMuch: then nothing of these requests is kept.
        """
        records = Records(now)
        invalid: list[int] = []
        reason = ""
        for index, request in enumerate(requests):
            if index % BREATH == BREATH - 1:
                records.close()
                await asyncio.sleep(0)  # A large bulk lets others be answered meanwhile.
            if not request.parameters:
                continue
            try:
                outcome = self.decider.decide(request, sender, now)
            except BadRequest as error:
                invalid.append(index)
                reason = f"refused: {error.name}"
                continue
            if isinstance(outcome, Hit):
                records.hits.append(outcome)
            else:
                records.dropped[outcome] = records.dropped.get(outcome, 0) + 1
                reason = f"ignored: {outcome.reason}"
        records.close()
        if records.closed:
            await self.spool.append(*records.closed)
        return Outcome(invalid, reason)


class Records:
    """What one request leaves in the spool, record by record."""

    def __init__(self, now: float) -> None:
        self.now = now
        self.hits: list[Hit] = []
        self.dropped: dict[Ignored, int] = {}
        self.closed: list[bytes] = []
        self.size = 0

    def close(self) -> None:
        """Make a record of what came since the last one. Raises TooMuch."""
        if not self.hits and not self.dropped:
            return
        record = payload(self.hits, self.dropped, self.now)
        self.hits, self.dropped = [], {}
        self.closed.append(record)
        self.size += len(record)
        if self.size > LARGEST_OUTCOME:
            raise TooMuch(f"hits of one request: {self.size} bytes; expected at most {LARGEST_OUTCOME}")


def payload(hits: list[Hit], dropped: dict[Ignored, int], now: float) -> bytes:
    """Return one record: [unix minute, [hit, …], [[site, reason, count], …]]."""
    counts = [(site, reason, count) for (site, reason), count in dropped.items()]
    return orjson.dumps([int(now) // 60, [tuple(hit) for hit in hits], counts])
