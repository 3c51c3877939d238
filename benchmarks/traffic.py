"""Hits for benchmarks: the demo's believable visits, as tracking parameters and as bulk bodies."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count, islice
from urllib.parse import urlencode

import orjson

from ingest.demo import history

DAYS = 60


def many_hits(number: int, now: datetime | None = None) -> Iterator[dict[str, str]]:
    """Yield exactly `number` hits; when the demo's days are used up, other visitors live through the same days."""
    now = now or datetime.now(UTC)
    return islice((hit for seed in count(1) for hit in history(seed, "https://example.org", DAYS, now)), number)


def bulk_bodies(hits: Iterator[dict[str, str]], site: int, token: str, size: int) -> Iterator[bytes]:
    """Yield bulk bodies of `size` hits each."""
    always = {"idsite": str(site), "rec": "1"}
    while batch := [f"?{urlencode(always | hit)}" for hit in islice(hits, size)]:
        yield orjson.dumps({"requests": batch, "token_auth": token})
