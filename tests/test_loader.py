"""The loader: each hit counted once however often it is interrupted, and nothing that blocks the rest."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest

from ingest.collecting import payload
from ingest.hit import Hit, Ignored
from ingest.loader import Loader, LoaderStopped, Sources, wait_until_loaded
from ingest.privacy import Fingerprint, MaskedAddress, VisitorId
from ingest.referrer import ListsFolder
from ingest.segments import FORMAT, framed, segments
from ingest.spool import Spool
from sql.clickhouse import Database, DatabaseUnavailable
from sql.registry import Registry
from tests.conftest import NOW, a_site, emptied

NOON = int(NOW.timestamp())
DAY = 86_400
HEAD = framed(orjson.dumps({"format": FORMAT, "fields": Hit._fields}))

Tables = Mapping[str, Sequence[Mapping[str, Any]]]


def a_hit(page: str, visitor: int = 1, after: int = 0, **changes: Any) -> Hit:
    """Return a page view of https://example.org/`page` some seconds after noon."""
    usual: dict[str, Any] = {**dict.fromkeys(Hit._fields, ""), **Hit._field_defaults} | {
        "site": 1,
        "at": (NOON + after) * 1000,
        "kind": "page",
        "visitor": VisitorId(visitor),
        "source": "id",
        "fingerprint": Fingerprint(visitor),
        "address": MaskedAddress("203.0.0.0"),
        "country": "de",
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
        "local_time": 43_200,
        "new_visit": False,
        "bots_welcome": False,
        "url": f"https://example.org/{page}",
        "search_count": None,
        "event_value": None,
    }
    return Hit(**usual | changes)


def a_record(hits: Sequence[Hit], dropped: Sequence[Ignored] = ()) -> bytes:
    return payload(list(hits), Counter(dropped), NOON)


# What three batches hold: visits that go on from one to the next, old days, several months, drops.
BATCHES = (
    [a_record([a_hit("a"), a_hit("b", visitor=2)])],
    [
        a_record([a_hit("c", after=60), a_hit("d", visitor=3, after=-40 * DAY), a_hit("e", visitor=2, after=7200)]),
        a_record([], [Ignored(1, "bot"), Ignored(1, "bot")]),
    ],
    [a_record([a_hit("f", after=120), a_hit("g", visitor=3, after=60 - 40 * DAY)], [Ignored(1, "opt-out")])],
)


class Crash(NamedTuple):
    """When a process dies: before or after its n-th insert."""

    insert: int
    done: bool


class Crashing(Database):
    """A database whose caller dies once."""

    def __init__(self, dsn: str, crash: Crash) -> None:
        super().__init__(dsn)
        self.crash = crash
        self.inserts = 0

    def insert(self, table: str, columns: Mapping[str, Sequence[object]], token: str) -> None:
        self.inserts += 1
        if self.inserts == self.crash.insert and not self.crash.done:
            raise DatabaseUnavailable("crash before the insert")
        super().insert(table, columns, token)
        if self.inserts == self.crash.insert:
            raise DatabaseUnavailable("crash after the insert")


class Run:
    """A data directory, and loaders that die and come again."""

    def __init__(self, directory: Path, database: Database, registry: Registry) -> None:
        self.sources = Sources.below(directory)
        self.sources.spool.mkdir(parents=True)
        self.database = database
        self.registry = registry

    @contextmanager
    def loader(self, database: Database | None = None) -> Iterator[Loader]:
        loader = Loader(self.sources, database or self.database, self.registry, ListsFolder(None))
        try:
            yield loader
        finally:
            loader.journal.close()

    def load(self) -> None:
        with self.loader() as loader:
            while loader.load_batch(NOON):
                continue

    def crash(self, crash: Crash) -> None:
        with self.loader(Crashing(self.database.dsn, crash)) as loader, pytest.raises(DatabaseUnavailable):
            loader.load_batch(NOON)

    def add(self, records: Sequence[bytes], head: bytes = HEAD, name: str = "1") -> Path:
        """Put a segment into the spool that no collector writes to any more."""
        path = self.sources.spool / f"{name}.segment"
        path.write_bytes(head + b"".join(map(framed, records)))
        return path

    def tables(self) -> Tables:
        queries = {
            "hits": "select * from hits order by at, id",
            "visits": "select * from visits final order by started, id",
            "counters": "select minute, outcome, reason, sum(hits) as n from counters group by all order by all",
        }
        return {name: list(self.database.client.query(query).named_results()) for name, query in queries.items()}

    def pages(self) -> list[str]:
        return sorted(row["page"].removeprefix("example.org/") for row in self.tables()["hits"])

    def set_aside(self) -> list[bytes]:
        with self.loader() as loader:
            rows = loader.journal.connection.execute("select record from set_aside order by rowid")
            return [record for (record,) in rows]


@pytest.fixture
def run(tmp_path: Path, clean_database: Database, registry: Registry) -> Run:
    a_site(registry, id=1)
    return Run(tmp_path / "run", clean_database, registry)


@pytest.fixture
def undisturbed(tmp_path: Path, database: Database, run: Run) -> Tables:
    """What the tables hold when nothing goes wrong."""
    calm = Run(tmp_path / "calm", database, run.registry)
    for number, records in enumerate(BATCHES):
        calm.add(records, name=str(number))
        calm.load()
    tables = calm.tables()
    assert [len(tables[name]) for name in ("hits", "visits", "counters")] == [7, 4, 3]
    emptied(database)
    return tables


@pytest.mark.parametrize(
    "crashes",
    [
        pytest.param([], id="never"),
        pytest.param([Crash(1, False)], id="after-the-batch-was-written-down"),
        pytest.param([Crash(1, True)], id="after-the-hits"),
        pytest.param([Crash(2, False)], id="before-the-visits"),
        pytest.param([Crash(2, True)], id="after-the-visits"),
        pytest.param([Crash(3, False)], id="before-the-counters"),
        pytest.param([Crash(3, True)], id="before-the-batch-was-finished"),
        pytest.param([Crash(3, True), Crash(1, True), Crash(2, True)], id="again-and-again"),
    ],
)
def test_a_crash_changes_no_number(run: Run, undisturbed: Tables, crashes: list[Crash]) -> None:
    run.add(BATCHES[0], name="0")
    run.load()
    run.add(BATCHES[1], name="1")
    for crash in crashes:
        run.crash(crash)
    if not crashes:
        run.load()
    run.add(BATCHES[2], name="2")  # It came while nobody loaded, and belongs to the next batch.
    run.load()
    assert run.tables() == undisturbed


def test_a_crash_at_every_batch_changes_no_number(run: Run, undisturbed: Tables) -> None:
    for number, records in enumerate(BATCHES):
        run.add(records, name=str(number))
        run.crash(Crash(number + 1, True))
        run.load()
    assert run.tables() == undisturbed


GOOD = a_record([a_hit("good")])
BETTER = a_record([a_hit("better")])


def record_of(*hits: object) -> bytes:
    return orjson.dumps([NOON // 60, hits, []])


@pytest.mark.parametrize(
    ("record", "aside"),
    [
        pytest.param(b"not JSON", b"not JSON", id="no-json"),
        pytest.param(b"{}", b"{}", id="another-shape"),
        pytest.param(b"[1]", b"[1]", id="too-short"),
        pytest.param(record_of(["one value"]), b'["one value"]', id="too-few-values"),
        pytest.param(record_of(None), b"null", id="no-hit"),
        pytest.param(record_of(list(a_hit("x", url=None))), None, id="no-url"),
        pytest.param(record_of(list(a_hit("x", at="yesterday"))), None, id="time-is-a-word"),
        pytest.param(record_of(["!"], ["?"]), b'["?"]', id="two-of-them"),
    ],
)
def test_what_makes_no_sense_is_set_aside(run: Run, record: bytes, aside: bytes | None) -> None:
    """Neither its neighbours nor later records wait for it."""
    run.add([GOOD, record, BETTER])
    run.load()
    assert run.pages() == ["better", "good"]
    expected = aside or orjson.dumps(orjson.loads(record)[1][0])
    assert run.set_aside()[-1] == expected
    assert segments(run.sources.spool) == []


def test_a_missing_segment_costs_its_hits_only(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    lost = run.add([a_record([a_hit("lost")])], name="1")
    run.add([GOOD], name="2")
    run.crash(Crash(1, False))
    lost.unlink()
    run.load()
    assert run.pages() == ["good"]
    assert "segment missing" in caplog.text


def test_a_segment_goes_when_it_is_loaded_and_not_before(run: Run) -> None:
    path = run.add([GOOD])
    for insert in (1, 2, 3):
        run.crash(Crash(insert, True))
        assert path.exists()
    run.load()
    assert not path.exists()
    assert run.pages() == ["good"]


def test_a_segment_that_is_written_to_stays(run: Run) -> None:
    """Its lock tells; what comes later is loaded from where the loader stopped."""

    async def collect() -> None:
        spool = Spool(run.sources.spool, Hit._fields, 1_000_000)
        writing = asyncio.create_task(spool.run())
        for record in (GOOD, BETTER):
            await spool.append(record)
            await asyncio.to_thread(run.load)
            assert len(segments(run.sources.spool)) == 1
        spool.stop()
        await writing

    asyncio.run(collect())
    run.load()
    assert segments(run.sources.spool) == []
    assert run.pages() == ["better", "good"]


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param([name for name in Hit._fields if name not in Hit._field_defaults], id="older"),
        pytest.param(["unknown", *Hit._fields], id="newer"),
        pytest.param([*reversed(Hit._fields)], id="another-order"),
    ],
)
def test_a_segment_explains_itself(run: Run, fields: list[str]) -> None:
    """Whichever version wrote it; a field that one version lacks has a default."""
    values = [getattr(a_hit("old"), name, "?") for name in fields]
    run.add([record_of(values)], framed(orjson.dumps({"format": FORMAT, "fields": fields})))
    run.load()
    assert run.pages() == ["old"]


def test_a_segment_of_a_newer_format_waits(run: Run) -> None:
    """It blocks, and says why, because going on would lose its hits."""
    path = run.add([GOOD], framed(orjson.dumps({"format": FORMAT + 1, "fields": []})))
    with run.loader() as loader:
        assert loader.load_or_log(NOON) is None
        assert "upgrade Pegel" in str(loader.health()["problem"])
    assert path.exists()


def test_health_tells_what_is_wrong(run: Run) -> None:
    run.add([GOOD])
    with run.loader(Crashing(run.database.dsn, Crash(1, False))) as loader:
        assert loader.health()["ok"] is True
        assert loader.load_or_log(NOON) is None
        health = loader.health()
        assert (health["ok"], health["problem"]) == (False, "DatabaseUnavailable: crash before the insert")
        assert loader.load_or_log(NOON)
        assert (loader.health()["ok"], loader.health()["problem"]) == (True, "")


def test_flush_returns_when_everything_is_visible(run: Run) -> None:
    with run.loader() as loader:
        thread = threading.Thread(target=loader.live)
        thread.start()
        try:
            for number in range(3):
                run.add([a_record([a_hit(str(number))])], name=str(number))
                wait_until_loaded(run.sources, float("inf"))
                assert run.pages() == [str(before) for before in range(number + 1)]
        finally:
            loader.stop()
            thread.join()


def test_flush_gives_up_when_nobody_loads(run: Run) -> None:
    wait_until_loaded(run.sources, 0.0, lambda: 1.0)  # Nothing waits.
    size = run.add([GOOD]).stat().st_size
    with pytest.raises(LoaderStopped, match=f"{size} bytes are not loaded yet; is 'pegel serve'"):
        wait_until_loaded(run.sources, 0.0, lambda: 1.0)


def test_a_loader_that_is_stopped_loads_what_is_there(run: Run) -> None:
    run.add([GOOD])
    with run.loader() as loader:
        loader.stop()
        loader.run()
    assert run.pages() == ["good"]
