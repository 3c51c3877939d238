"""From requests to the spool: every request decided, the kept hits and the counters of the others made durable."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import orjson

from ingest import IngestError
from ingest.hit import Decider, Hit, Ignored
from ingest.meter import Meter
from ingest.sender import Sender
from ingest.snapshots import Snapshots
from ingest.spool import Spool, SpoolUnavailable
from ingest.tracking import BadRequest, TrackingRequest
from sql.registry import Snapshot

BREATH = 100  # Requests of one bulk that are decided without a pause, and whose hits make one record.
LARGEST_OUTCOME = 33_554_432  # Bytes; each entry of a bulk repeats its user agent, so that a small body makes much.
LARGEST_SITE = 9_999_999  # A refused request may name any number; beyond it they are counted as those of site 0.


class TooMuch(IngestError):
    """Raised if one request makes more than the collector takes at once."""


class Outcome(NamedTuple):
    """What became of the requests of one HTTP request."""

    requests: int
    invalid: list[int]  # Which of them were refused, from 0.
    reasons: Mapping[str, int]  # Why how many were not kept; `refused:cip` stands for a parameter that was wrong.


class Tracker:
    """Decides requests by the newest registry snapshot and appends the outcome to the spool."""

    def __init__(
        self, spool: Spool, snapshots: Snapshots, decider_of: Callable[[Snapshot], Decider], meter: Meter
    ) -> None:
        self.spool = spool
        self.meter = meter
        self.snapshots = snapshots
        self.decider_of = decider_of
        self.latest = decider_of(snapshots.snapshot)

    def decider(self) -> Decider:
        """Return what decides by the registry as it is now."""
        snapshot = self.snapshots.newest()
        if snapshot is not self.latest.snapshot:
            self.latest = self.decider_of(snapshot)
        return self.latest

    def is_superuser(self, plain: str) -> bool:
        token = self.latest.snapshot.token(plain)
        return token is not None and token.role == "superuser"

    async def track(self, requests: Iterable[TrackingRequest], sender: Sender, now: float) -> Outcome:
        """Return after everything that must be kept is on disk.

        Raises SpoolUnavailable and TooMuch: then nothing of these requests is kept.
        """
        records = Records(self.decider(), sender, now)
        for request in requests:
            if records.count % BREATH == BREATH - 1:
                records.close()
                await asyncio.sleep(0)  # A large bulk lets others be answered meanwhile.
            records.add(request)
        records.close()
        if records.closed:
            await self.append(records)
            self.meter.decided(records.kept, records.reasons)
        return records.outcome()

    async def append(self, records: "Records") -> None:
        try:
            await self.spool.append(*records.closed)
        except SpoolUnavailable:
            if len(records.invalid) < records.count:
                raise  # A request that is wrong stays wrong: to try it again later would not help.


class Records:
    """What one request leaves in the spool, record by record."""

    def __init__(self, decider: Decider, sender: Sender, now: float) -> None:
        self.decider = decider
        self.sender = sender
        self.now = now
        self.count = self.kept = 0
        self.hits: list[Hit] = []
        self.dropped: dict[Ignored, int] = {}
        self.invalid: list[int] = []
        self.reasons: dict[str, int] = {}
        self.closed: list[bytes] = []
        self.size = 0

    def add(self, request: TrackingRequest) -> None:
        """Decide about one more request; one without parameters is none."""
        self.count += 1
        if not request.parameters:
            return
        try:
            outcome = self.decider.decide(request, self.sender, self.now)
        except BadRequest as error:
            self.invalid.append(self.count - 1)
            outcome = Ignored(asked_site(request), f"refused:{error.name}")
        if isinstance(outcome, Hit):
            self.hits.append(outcome)
            self.kept += 1
        else:
            self.dropped[outcome] = self.dropped.get(outcome, 0) + 1
            self.reasons[outcome.reason] = self.reasons.get(outcome.reason, 0) + 1

    def close(self) -> None:
        """Make a record of what came since the last one. Raises TooMuch."""
        if not self.hits and not self.dropped:
            return
        record = payload(self.hits, self.dropped, self.now)
        self.hits, self.dropped = [], {}
        self.closed.append(record)
        self.size += len(record)
        if self.size > LARGEST_OUTCOME:
            raise TooMuch(f"{self.size} bytes of hits, at most {LARGEST_OUTCOME}")

    def outcome(self) -> Outcome:
        return Outcome(self.count, self.invalid, self.reasons)


def asked_site(request: TrackingRequest) -> int:
    """Return the site that a request names, 0 for a number that no site has."""
    site = request.integer("idsite", 0)
    return site if 0 < site <= LARGEST_SITE else 0


def payload(hits: list[Hit], dropped: Mapping[Ignored, int], now: float) -> bytes:
    """Return one record: [unix minute, [hit, …], [[site, reason, count], …]]."""
    counts = [(site, reason, count) for (site, reason), count in dropped.items()]
    return orjson.dumps([int(now) // 60, [tuple(hit) for hit in hits], counts], default=tuple)  # Of a hit's parts.
