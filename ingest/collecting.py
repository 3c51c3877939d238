"""From requests to the spool: every request decided, the kept hits and the counters of the others made durable."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import orjson

from ingest.hit import Decider, Hit, Ignored, Sender
from ingest.privacy import Visitors
from ingest.spool import Spool
from ingest.tracking import BadRequest, TrackingRequest
from sql.registry import Snapshot

BREATH = 100  # Requests of one bulk that are decided without a pause.


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

        Raises SpoolUnavailable: then nothing of these requests is kept.
        """
        hits: list[Hit] = []
        dropped: Counter[Ignored] = Counter()
        invalid: list[int] = []
        reason = ""
        for index, request in enumerate(requests):
            if index % BREATH == BREATH - 1:
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
                hits.append(outcome)
            else:
                dropped[outcome] += 1
                reason = f"ignored: {outcome.reason}"
        if hits or dropped:
            await self.spool.append(payload(hits, dropped, now))
        return Outcome(invalid, reason)


def payload(hits: list[Hit], dropped: Counter[Ignored], now: float) -> bytes:
    """Return one record, [unix minute, [hit, …], [[site, reason, count], …]]: all of a request or nothing of it."""
    counts = [(site, reason, count) for (site, reason), count in dropped.items()]
    return orjson.dumps([int(now) // 60, [tuple(hit) for hit in hits], counts])
