"""The loader: each hit counted once however often it is interrupted, and nothing that blocks the rest."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from ingest.hit import Hit, Ignored
from ingest.loader import LoaderStopped, wait_until_loaded
from ingest.segments import FORMAT, framed, segments
from ingest.spool import Spool
from sql.clickhouse import Database
from sql.registry import Registry
from tests.conftest import a_site, emptied
from tests.loading import BETTER, DAY, GOOD, NOON, Crash, Crashing, Run, Tables, a_hit, a_record, record_of

# What three batches hold: visits that go on from one to the next, old days, several months, drops.
BATCHES = (
    [a_record([a_hit("a"), a_hit("b", visitor=2)])],
    [
        a_record([a_hit("c", after=60), a_hit("d", visitor=3, after=-40 * DAY), a_hit("e", visitor=2, after=7200)]),
        a_record([], [Ignored(1, "bot"), Ignored(1, "bot")]),
    ],
    [a_record([a_hit("f", after=120), a_hit("g", visitor=3, after=60 - 40 * DAY)], [Ignored(1, "opt-out")])],
)


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


@pytest.mark.parametrize(
    ("make", "told"),
    [
        pytest.param(lambda run: a_newer_segment(run), "upgrade Pegel", id="newer-format"),
        pytest.param(lambda run: a_directory(run), "Is a directory", id="cannot-be-read"),
    ],
)
def test_a_segment_that_cannot_be_read_waits_alone(run: Run, make: Callable[[Run], Path], told: str) -> None:
    """It is left as it is, whoever asks is told, and the others are loaded."""
    path = make(run)
    run.add([GOOD], name="2")
    with run.loader() as loader:
        assert loader.load_or_log(NOON)
        assert loader.load_or_log(NOON) is None
        assert told in str(loader.health()["problem"])
    assert (run.pages(), segments(run.sources.spool)) == (["good"], [path])


def a_newer_segment(run: Run) -> Path:
    return run.add([GOOD], framed(orjson.dumps({"format": FORMAT + 1, "fields": []})))


def a_directory(run: Run) -> Path:
    """Return what no reading goes well with, as on a disk that breaks."""
    path = run.sources.spool / "1.segment"
    path.mkdir()
    return path


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
        loader.devices.warm()
        loader.stop()
        loader.run()
    assert run.pages() == ["good"]
