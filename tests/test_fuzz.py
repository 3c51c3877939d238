"""Fuzzing of the whole way from a request to its rows: nothing breaks, nobody's hit is lost, every value has its bound.

`make fuzz` sends 20,000 requests and 2,000 bulk bodies, others each time; a usual run sends few, always the same.
"""

import asyncio
import math
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from ingest.settings import Settings
from sql.clickhouse import Database
from sql.dimensions import Extraction, NewDimension
from sql.goals import NewGoal
from sql.registry import Site
from tests.fuzzing import FORM, HUGE, SITES, TOKEN, Bulk, Shot, broken_bodies, bulks, shots
from tests.tracked import FIREFOX, Row, Tracked, tracked

FULL = os.environ.get("PEGEL_FUZZ") == "full"
REQUESTS, BULK_BODIES, BROKEN_BODIES = (20_000, 2_000, 2_000) if FULL else (1_000, 150, 150)
AT_ONCE = 10  # Single requests of one example.
LONGEST_URL = 60_000  # Bytes; the server takes 65,535.
LONGEST = timedelta(seconds=10)  # More is a request that hangs, also on the slowest machine.


def fuzz(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=LONGEST,
        database=None,
        derandomize=not FULL,
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
    )


class Bound(NamedTuple):
    """How long the texts of some columns may be, in letters or bytes."""

    most: int
    unit: Callable[[str], int]
    columns: frozenset[str]


def in_bytes(text: str) -> int:
    return len(text.encode())


BOUNDS = (
    Bound(1024, in_bytes, frozenset({"page", "title", "keyword", "previous_page", "previous_title", "name", "sku"})),
    Bound(1024, in_bytes, frozenset({"entry_page", "entry_title", "exit_page", "exit_title", "categories"})),
    Bound(1024, in_bytes, frozenset({"product_sku", "product_name", "product_categories"})),
    Bound(4096, in_bytes, frozenset({"event_category", "event_action", "event_name"})),
    Bound(4096, in_bytes, frozenset({"content_name", "content_piece", "content_target", "content_interaction"})),
    Bound(200, in_bytes, frozenset({"search_category"})),
    Bound(200, len, frozenset({"user_id", "variables"})),
    Bound(250, len, frozenset({"dimensions"})),
    Bound(255, len, frozenset({"referrer_name", "referrer_keyword", "city"})),
    Bound(1500, len, frozenset({"referrer_url"})),
    Bound(100, len, frozenset({"order_id", "device_model", "device_brand", "browser", "os", "browser_engine"})),
    Bound(50, len, frozenset({"source", "plugins", "client_type", "device_type", "ad_network", "class", "ip"})),
    Bound(20, in_bytes, frozenset({"browser_version", "os_version", "language"})),
    Bound(9, in_bytes, frozenset({"resolution"})),
    Bound(6, in_bytes, frozenset({"pageview"})),
    Bound(3, in_bytes, frozenset({"country", "region"})),
    Bound(20, len, frozenset({"action", "entry_action", "exit_action", "referrer_type"})),
)
LONGEST_OF = {column: bound for bound in BOUNDS for column in bound.columns}
MOST_TIMING = 16_777_215
MOST_CATEGORIES = 5
TABLES = ("hits", "visits final", "conversions final", "order_items final", "timings final", "bots")
GOALS: tuple[dict[str, Any], ...] = (
    {"name": "Thanks", "match_attribute": "url", "pattern": "/thanks", "revenue": 5.0, "allow_multiple": True},
    {"name": "Slow", "match_attribute": "title", "pattern": "(a+)+$", "pattern_type": "regex"},
    {"name": "Event", "match_attribute": "event_category", "pattern": "Video", "event_value_as_revenue": True},
    {"name": "File", "match_attribute": "file", "pattern": ".zip"},
    {"name": "Long", "match_attribute": "visit_duration", "pattern": "1", "pattern_type": "greater_than"},
)
EXTRACTIONS = (Extraction("url", "/([^/?]*)"), Extraction("urlparam", "x"), Extraction("action_name", "(.*)"))


class Fuzzed:
    """A collector that is asked over HTTP and one that is called directly, each with its own spool and loader."""

    def __init__(self, served: Tracked, called: Tracked) -> None:
        self.stages = {"served": Stage(served), "called": Stage(called)}
        self.loop = asyncio.Runner()
        app = called.app.app.app
        assert isinstance(app, Starlette)
        self.lifespan = app.router.lifespan_context(app)
        self.loop.run(self.lifespan.__aenter__())
        self.connection = HTTPConnection("127.0.0.1", served.port, timeout=LONGEST.total_seconds())
        self.sent = 0

    def close(self) -> None:
        self.connection.close()
        self.loop.run(self.lifespan.__aexit__(None, None, None))
        self.loop.close()
        self.stages["called"].close()

    def check(self) -> None:
        """Load everything, and look at every row."""
        self.connection.close()  # That may take longer than the server waits for another request.
        for stage in self.stages.values():
            stage.check()

    def call(self, wanted: Sequence[Shot]) -> list[int]:
        """Send requests to the application at the same time; return the statuses of its answers."""
        stage = self.stages["called"]

        async def all_at_once() -> list[int]:
            return await asyncio.gather(*(status_of(stage.pegel.app, stage.filled(shot)) for shot in wanted))

        self.sent += len(wanted)
        return self.loop.run(all_at_once())

    def call_with_good(self, wanted: Sequence[Shot]) -> None:
        """Send requests together with a good one: that one is kept, whatever the others are."""
        stage = self.stages["called"]
        good = stage.good_hit()
        *others, status = self.call([*wanted, Shot("GET", urlencode(good).encode(), b"", ())])
        assert all(answer in answers_to(stage.filled(shot)) for answer, shot in zip(others, wanted, strict=True))
        assert status == 200
        stage.good.append(good["url"])

    def post(self, shot: Shot) -> int:
        """Send one request over HTTP; return the status of its answer."""
        shot = on_the_wire(self.stages["served"].filled(shot))
        path = "/matomo.php" + (f"?{shot.query.decode()}" if shot.query else "")
        try:
            self.connection.request(shot.method, path, shot.body, {n.decode(): v for n, v in shot.headers})
            response = self.connection.getresponse()
            response.read()
        except (HTTPException, OSError):
            self.connection.close()  # The next request gets a new one.
            raise
        self.sent += 1
        return response.status


class Stage:
    """One collector with its sites, and the hits that must not be lost."""

    def __init__(self, pegel: Tracked) -> None:
        self.pegel = pegel
        plain = pegel.add_site()
        strict = pegel.add_site(
            excluded_addresses=("203.0.113.*",),
            excluded_user_agents=("curl", "/^é+$/"),
            excluded_parameters=("x", "/^a/"),
            excluded_referrers=("news.example.com",),
            search_keywords=("q", "é"),
            search_categories=("cat",),
            exclude_unknown_urls=True,
            keep_fragment=True,
        )
        opened = pegel.add_site(type="intranet", timezone="America/New_York", keep_bots=True, exact_places=True)
        self.sites = (plain, strict, opened)
        for site in self.sites:
            self.furnish(site)
        words = (*SITES, TOKEN)
        values = (*(str(site.id) for site in self.sites), pegel.token("write"))
        texts = {**dict(zip(words, map(str.encode, values), strict=True)), **HUGE}
        # In queries, braces come in percent sequences.
        self.values = {variant.encode(): text for word, text in texts.items() for variant in (word, quote(word))}
        self.good: list[str] = []  # Their addresses.

    def close(self) -> None:
        self.pegel.loader.journal.close()
        self.pegel.registry.close()

    def furnish(self, site: Site) -> None:
        for goal in GOALS:
            self.pegel.registry.add_goal(NewGoal(site=site.id, **goal))
        for number in range(1, 4):
            scope: Any = "visit" if number == 1 else "action"
            self.pegel.registry.add_dimension(
                NewDimension(site=site.id, id=number, name=str(number), scope=scope, extractions=EXTRACTIONS)
            )

    def filled(self, shot: Shot) -> Shot:
        query, body = shot.query, shot.body
        for word, text in self.values.items():
            query, body = query.replace(word, text), body.replace(word, text)
        return shot._replace(query=query, body=body)

    def good_hit(self) -> dict[str, Any]:
        """Return a hit that nobody can object to; once it is answered, it must not be lost."""
        number = next(NUMBERS)
        url = f"https://example.org/good/{number}"
        return {"idsite": self.sites[0].id, "rec": 1, "url": url, "ua": FIREFOX, "cid": f"{number:016x}"}

    def rows(self, table: str) -> list[Row]:
        return self.pegel.rows(f"select * from {table} where site in {tuple(site.id for site in self.sites)}")

    def check(self) -> None:
        self.pegel.load()
        set_aside = self.pegel.loader.journal.connection.execute("select reason, record from set_aside").fetchall()
        assert set_aside == []
        tables = {table.split()[0]: self.rows(table) for table in TABLES}
        pages = [row["page"] for row in tables["hits"]]
        assert sorted(f"https://{page}" for page in pages if "/good/" in page) == sorted(self.good)
        kept = "select sum(hits) as n from counters where outcome = 'kept' and site in {}"
        (counted,) = self.pegel.rows(kept.format(tuple(site.id for site in self.sites)))
        assert counted["n"] == len(pages)
        assert [wrong for table, rows in tables.items() for row in rows for wrong in wrong_in(table, row)] == []


NUMBERS = count(1)


def wrong_in(table: str, row: Row) -> Iterator[str]:
    """Yield what of a row is beyond its bound."""
    for column, value in row.items():
        if any(not fits(column, text) for text in texts_in(value)):
            yield f"{table}.{column}: {value!r:.200}"
        if isinstance(value, float) and not math.isfinite(value):
            yield f"{table}.{column}: {value}"
        if table == "timings" and column in TIMED and not 0 <= (value or 0) <= MOST_TIMING:
            yield f"{table}.{column}: {value}"
        if column in ("categories", "product_categories") and len(value) > MOST_CATEGORIES:
            yield f"{table}.{column}: {len(value)} entries"


TIMED = ("network", "server", "transfer", "dom_processing", "dom_completion", "on_load")


def texts_in(value: Any) -> Iterator[str]:
    """Yield the texts of a value, which may be a list or a mapping of lists."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for part in value.values() for text in texts_in(part))
    elif isinstance(value, list | tuple):
        yield from (text for part in value for text in texts_in(part))


def fits(column: str, text: str) -> bool:
    bound = LONGEST_OF[column]
    return bound.unit(text) <= bound.most and "\x00" not in text and "\n" not in text


def answers_to(shot: Shot) -> set[int]:
    return {413} if len(shot.body) > Settings().body_max_bytes else {200, 204, 400}


async def status_of(app: Callable[..., Awaitable[None]], shot: Shot) -> int:
    """Call the application with one request; what it raises is raised."""
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": shot.body, "more_body": False}

    async def send(message: Mapping[str, Any]) -> None:
        statuses.extend(value for name, value in message.items() if name == "status")

    length = ((b"content-length", str(len(shot.body)).encode()),) if shot.body else ()
    scope = {
        "type": "http",
        "method": shot.method,
        "path": "/matomo.php",
        "query_string": shot.query,
        "headers": [*shot.headers, *length],
        "client": ("203.0.113.9", 50_000),
    }
    await app(scope, receive, send)
    (status,) = statuses
    return status


def on_the_wire(shot: Shot) -> Shot:
    """Return a request as HTTP allows it: a query of printable letters, as a form where it is too long for a URL."""
    query = "".join(chr(byte) if 32 < byte < 127 else f"%{byte:02X}" for byte in shot.query).encode()
    if len(query) < LONGEST_URL:
        return shot._replace(query=query)
    headers = [header for header in shot.headers if header[0] != b"content-type"]
    return Shot("POST", b"", query, (*headers, (b"content-type", FORM)))


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory, database: Database) -> Iterator[Fuzzed]:
    folder: Path = tmp_path_factory.mktemp("fuzz")
    with tracked(folder / "served", database, Settings()) as served:
        both = Fuzzed(served, Tracked(folder / "called", database, Settings()))
        yield both
        both.close()


def test_single_requests(fuzzed: Fuzzed) -> None:
    before = fuzzed.sent

    @fuzz(REQUESTS // AT_ONCE)
    @given(st.lists(shots(), min_size=AT_ONCE, max_size=AT_ONCE))
    def send(wanted: list[Shot]) -> None:
        fuzzed.call_with_good(wanted[1:])
        assert fuzzed.post(wanted[0]) in answers_to(wanted[0])

    send()
    fuzzed.check()
    assert fuzzed.sent - before >= REQUESTS


def test_bulk_bodies(fuzzed: Fuzzed) -> None:
    stage = fuzzed.stages["served"]

    @fuzz(BULK_BODIES)
    @given(bulks)
    def send(bulk: Bulk) -> None:
        good = stage.good_hit()
        shot = stage.filled(Shot("POST", b"", bulk.body(good), bulk.headers))
        status = fuzzed.post(shot)
        assert status in answers_to(shot) - {400}
        if status != 413:
            stage.good.append(good["url"])

    send()
    fuzzed.check()


def test_broken_bodies(fuzzed: Fuzzed) -> None:
    @fuzz(BROKEN_BODIES)
    @given(broken_bodies())
    def send(shot: Shot) -> None:
        fuzzed.call_with_good([shot])

    send()
    fuzzed.check()
