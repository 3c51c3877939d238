"""How often a token may be used: a bucket of requests for each, which fills again all the time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil

WINDOW = 60  # Seconds in which an empty bucket is full again.


@dataclass(slots=True)
class Bucket:
    """The requests that are left to a token, as of a moment."""

    left: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Share:
    """What a request found in its token's bucket."""

    allowed: bool
    headers: Mapping[str, str]


class Rates:
    """Buckets by a token's number; only tokens that exist have one, so there are no more of them than tokens."""

    def __init__(self, per_minute: int, clock: Callable[[], datetime]) -> None:
        self.per_minute, self.clock = per_minute, clock
        self._buckets: dict[int, Bucket] = {}

    def take(self, token: int) -> Share:
        """Take a request out of a token's bucket, if there is one left."""
        bucket = self._filled(token)
        allowed = bucket.left >= 1
        if allowed:
            bucket.left -= 1
        return Share(allowed, self._headers(bucket, allowed))

    def _filled(self, token: int) -> Bucket:
        now = self.clock()
        bucket = self._buckets.setdefault(token, Bucket(self.per_minute, now))
        passed = max(0.0, (now - bucket.at).total_seconds())
        bucket.left, bucket.at = min(self.per_minute, bucket.left + passed * self.per_minute / WINDOW), now
        return bucket

    def _headers(self, bucket: Bucket, allowed: bool) -> dict[str, str]:
        """Return the fields of the IETF's draft, and when to come back."""
        full = ceil((self.per_minute - bucket.left) * WINDOW / self.per_minute)
        headers = {
            "RateLimit-Policy": f'"token";q={self.per_minute};w={WINDOW}',
            "RateLimit": f'"token";r={int(bucket.left)};t={full}',
        }
        again = max(1, ceil((1 - bucket.left) * WINDOW / self.per_minute))
        return headers if allowed else {**headers, "Retry-After": str(again)}
