"""A believable stream of visitors, for trying Pegel without a website."""

import heapq
import json
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from itertools import count, islice
from random import Random
from threading import Event
from urllib.parse import urlencode, urlsplit

from ingest import IngestError
from ingest.demo_people import Audience, Hit, Moment, with_pings
from ingest.demo_world import HOURS, WEEKDAYS

log = logging.getLogger(__name__)

VISITS_PER_DAY = 400  # At the end; see `visits_on`.
GROWTH = 0.45  # How much of that is missing at the beginning.
HITS_PER_VISIT = 4.0  # With pings, on average; turns hits a second into visits a second.
BULK = 100
PATIENCE = 60  # How often a full collector is asked again.
TIMEOUT = 30.0


class DemoError(IngestError):
    """Raised if the collector does not take the demo's traffic."""


@dataclass(frozen=True, slots=True)
class Collector:
    """Where demo hits go: a collector's address, the site they count for, and a token that may set time and address."""

    url: str
    site: int
    token: str

    @property
    def path(self) -> str:
        return f"{urlsplit(self.url).path.rstrip('/')}/matomo.php"

    def connect(self) -> HTTPConnection:
        parts = urlsplit(self.url)
        connection = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        return connection(parts.hostname or "", parts.port, timeout=TIMEOUT)


def history(seed: int, site_url: str, days: int, now: datetime) -> Iterator[Hit]:
    """Yield the tracking parameters of the past days in time order, the same for the same arguments."""
    audience = Audience(Random(seed), site_url)
    begin = now - timedelta(days=days)
    starts = (start for start in visit_starts(audience.random, begin, now) if begin <= start < now)
    for moment in in_order(audience.visit(start) for start in starts):
        if moment.at >= now:
            return
        yield moment.hit | {"cdt": str(int(moment.at.timestamp()))}


def visit_starts(random: Random, begin: datetime, now: datetime) -> Iterator[datetime]:
    """Yield when visits begin, over whole days (UTC): most in the evening."""
    days = (now.date() - begin.date()).days
    for number in range(days + 1):
        midnight = datetime.combine(begin.date() + timedelta(days=number), time(), UTC)
        visits = visits_on(midnight, number / max(days, 1)) * random.uniform(0.88, 1.12)
        yield from sorted(midnight + moment_of_day(random) for _ in range(round(visits)))


def visits_on(day: datetime, progress: float) -> float:
    """Return how many visits a day has: more each week, most at weekends."""
    return VISITS_PER_DAY * (1 - GROWTH * (1 - progress)) * WEEKDAYS[day.weekday()]


def moment_of_day(random: Random) -> timedelta:
    (hour,) = random.choices(range(24), HOURS)
    return timedelta(hours=hour + random.random())


def in_order(visits: Iterable[list[Moment]]) -> Iterator[Moment]:
    """Yield the moments of overlapping visits by time; visits come in the order of their first moment."""
    numbers = count()  # Moments of the same time stay in the order in which they came.
    waiting: list[tuple[datetime, int, Moment]] = []
    for visit in visits:
        while waiting and waiting[0][0] <= visit[0].at:
            yield heapq.heappop(waiting)[2]
        for moment in visit:
            heapq.heappush(waiting, (moment.at, next(numbers), moment))
    while waiting:
        yield heapq.heappop(waiting)[2]


def send_history(collector: Collector, hits: Iterable[Hit], progress: Callable[[int], None]) -> int:
    """Send hits in bulk over one connection, so that they stay in order; return how many.

    Calls `progress` with the number sent so far. Raises DemoError if the collector refuses or does not answer.
    """
    sent, stream = 0, iter(hits)
    connection = collector.connect()
    try:
        while batch := list(islice(stream, BULK)):
            send_bulk(collector, connection, batch)
            sent += len(batch)
            progress(sent)
    except (OSError, HTTPException) as error:
        raise DemoError(f"collector {collector.url} does not answer after {sent} hits: {error}") from error
    finally:
        connection.close()
    return sent


def send_bulk(collector: Collector, connection: HTTPConnection, hits: list[Hit]) -> None:
    """Send one bulk request; a collector whose spool is full is asked again when it says so."""
    always = {"idsite": str(collector.site), "rec": "1"}
    requests = [f"?{urlencode(always | hit)}" for hit in hits]
    body = json.dumps({"requests": requests, "token_auth": collector.token})
    for _ in range(PATIENCE):
        connection.request("POST", collector.path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = response.read()
        if response.status != 503:
            break
        Event().wait(float(response.headers.get("Retry-After", "1")))
    if response.status != 200 or json.loads(answer).get("invalid"):
        raise DemoError(f"collector {collector.url} answered {response.status}: expected 200 and no invalid hit")


def trickle(collector: Collector, audience: Audience, rate: float, stop: Event) -> None:
    """Send live hits one by one as browsers do, until told to stop.

    Visits begin at once; as they unfold, about `rate` hits a second come together.
    """
    begin = datetime.now(UTC)
    for moment in in_order(live_visits(audience, begin, rate)):
        due = moment.at - datetime.now(UTC)
        if stop.wait(max(0.0, due.total_seconds())):
            return
        send_live(collector, moment.hit | {"rand": str(audience.random.random())})


def live_visits(audience: Audience, begin: datetime, rate: float) -> Iterator[list[Moment]]:
    """Yield visits without end, with the pings of a heartbeat timer."""
    start = begin
    while True:
        yield list(with_pings(audience.visit(start)))
        start += timedelta(seconds=audience.random.expovariate(rate / HITS_PER_VISIT))


def send_live(collector: Collector, hit: Hit) -> None:
    """Send one hit as a browser would; a collector that is away misses it, as it would a real one."""
    always = {"idsite": str(collector.site), "rec": "1", "send_image": "0", "token_auth": collector.token}
    query = urlencode(always | {name: value for name, value in hit.items() if name not in ("ua", "lang")})
    connection = collector.connect()
    try:
        headers = {"User-Agent": hit["ua"], "Accept-Language": hit["lang"]}
        connection.request("GET", f"{collector.path}?{query}", headers=headers)
        connection.getresponse().read()
    except (OSError, HTTPException) as error:
        log.warning("live hit not sent collector=%s error=%s", collector.url, type(error).__name__)
    finally:
        connection.close()
