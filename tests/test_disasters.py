"""Damaged segments, full disks, clocks that jump, days of another length, and upgrades in the middle of a batch."""

import os
import signal
import sqlite3
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ingest.loader import Loader
from ingest.referrer import ListsFolder
from ingest.segments import framed, segments
from sql import load, migrate
from sql.clickhouse import Database
from sql.registry import Registry
from sql.schema import SqliteLedger, move_forward, numbered
from tests.conftest import a_site
from tests.ledger import Ledger, assert_counted_once, send_bulk
from tests.loading import HEAD, Crash, Run, a_hit, a_record
from tests.running import eventually, server
from tests.tracked import NOON as START
from tests.tracked import VISITOR, Tracked

NUMBERS = count(1)


@pytest.fixture
def run(tmp_path: Path, clean_database: Database, registry: Registry) -> Run:
    a_site(registry, id=1)
    return Run(tmp_path / "run", clean_database, registry)


def records_of(name: str) -> list[bytes]:
    return [a_record([a_hit(f"{name}-{number}", visitor=1000 + number)]) for number in range(3)]


def test_a_flipped_bit_costs_one_record_and_is_told(run: Run) -> None:
    """Wherever it is, in one segment after another."""
    size = len(HEAD) + len(b"".join(map(framed, records_of("000"))))
    places = range(0, size, 61)
    for number, place in enumerate(places):
        path = run.add(records_of(f"{number:03d}"), name=f"{number:03d}")
        data = bytearray(path.read_bytes())
        data[place] ^= 1 << number % 8
        path.write_bytes(data)
    run.load()
    pages = run.pages()
    assert len(pages) == len(set(pages))
    kept = [sum(page.startswith(f"{number:03d}-") for page in pages) for number in range(len(places))]
    assert min(kept) >= 2, "its neighbours are counted"
    # Damage at the end looks as what a killed collector leaves there, which was answered to nobody.
    in_the_last = [place for place in places if place >= size - len(framed(records_of("000")[-1]))]
    assert len(run.set_aside()) == len(places) - len(in_the_last)
    assert segments(run.sources.spool) == []


def test_a_segment_that_was_torn_anywhere_keeps_what_is_whole(run: Run) -> None:
    whole = [HEAD, *map(framed, records_of("00000"))]
    ends = [len(b"".join(whole[: n + 1])) for n in range(len(whole))]
    lengths = range(1, ends[-1], 97)
    for length in lengths:
        path = run.add(records_of(f"{length:05d}"), name=f"{length:05d}")
        os.truncate(path, length)
    run.load()
    expected = {length: sum(end <= length for end in ends[1:]) for length in lengths}
    pages = run.pages()
    assert {n: sum(page.startswith(f"{n:05d}-") for page in pages) for n in lengths} == expected
    assert (run.set_aside(), segments(run.sources.spool)) == ([], [])


@contextmanager
def small_disk(directory: Path) -> Iterator[None]:
    """Mount a disk of 1.5 MB, if this machine lets us."""
    directory.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=1536k", "tmpfs", str(directory)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(directory)], check=True)


def test_a_full_disk_refuses_and_recovers(tmp_path: Path) -> None:
    ledger = Ledger()
    with small_disk(tmp_path / "data" / "spool"), server(tmp_path, PEGEL_COLLECTORS="1") as pegel:
        site, token = pegel.add_site(), pegel.add_token()
        pegel.start()
        os.kill(pegel.pid("core"), signal.SIGSTOP)
        while (answer := send_bulk(pegel, site, token, ledger)).status == 200:
            assert len(ledger) < 100_000
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        assert pegel.get("/healthz").json()["problem"] == "spool cannot be written: No space left on device"
        os.kill(pegel.pid("core"), signal.SIGCONT)
        eventually(lambda: pegel.get("/healthz").status == 200)
        eventually(lambda: send_bulk(pegel, site, token, ledger).status == 200)
        pegel.flush()
        assert pegel.stop() == 0
        with pegel.tables() as database:
            assert_counted_once(database, site, ledger)


def test_a_clock_that_jumps_costs_no_hit(pegel: Tracked) -> None:
    """Hours ahead, back, and behind; the loader's clock goes with the collector's."""
    site = pegel.add_site()
    for after in (0, 5 * 3600, 60, -5 * 3600):
        assert pegel.get(site, after, _id=VISITOR).status == 200
        pegel.load()
        pegel.loader.tidy(pegel.now.timestamp())
    assert len(pegel.hits(site)) == 4
    visits = [(visit["started"].replace(tzinfo=UTC) - START, visit["actions"]) for visit in pegel.visits(site)]
    assert visits == [(timedelta(hours=-5), 1), (timedelta(0), 2), (timedelta(hours=5), 1)]
    assert [visit["duration"] for visit in pegel.visits(site)] == [0, 61, 0]
    assert pegel.counters(site) == {"": 4}


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        pytest.param(datetime(2026, 3, 29), 23, id="an-hour-is-missing"),  # noqa: DTZ001
        pytest.param(datetime(2026, 10, 25), 25, id="an-hour-comes-twice"),  # noqa: DTZ001
    ],
)
def test_a_day_of_another_length_is_one_day(pegel: Tracked, day: datetime, hours: int) -> None:
    """A visitor who never rests has one visit in it, and the next one begins at midnight."""
    site = pegel.add_site(timezone="Europe/Berlin")
    begins = day.replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
    for number in range(hours * 3 + 1):
        at = begins + timedelta(minutes=20 * number)
        assert pegel.get(site, (at - START).total_seconds(), _id=VISITOR).status == 200
    assert [visit["actions"] for visit in pegel.visits(site)] == [hours * 3, 1]


def test_an_upgrade_in_the_middle_of_a_batch_counts_once(run: Run) -> None:
    """The journal is of a version that knew of no parts; some of the batch is in ClickHouse."""
    run.add([a_record([a_hit(str(number), visitor=number) for number in range(5)])])
    run.crash(Crash(1, True))
    older(run.sources.journal)
    run.add([a_record([a_hit("later", after=10)])], name="2")
    run.load()
    assert run.pages() == ["0", "1", "2", "3", "4", "later"]
    assert sum(visit["actions"] for visit in run.tables()["visits"]) == 6
    assert run.set_aside() == [b"old"]


def older(file: Path) -> None:
    """Write a journal anew as three migrations made it, with the same batch under way."""
    with closing(sqlite3.connect(file)) as now:
        ((name,),) = now.execute("select name from identity")
        (batch,) = now.execute("select number, ranges from batch where done = 0")
    for path in file.parent.glob(f"{file.name}*"):
        path.unlink()
    with closing(sqlite3.connect(file, isolation_level=None)) as before:
        before.executescript(load("loader/open"))
        move_forward(numbered("loader")[:3], SqliteLedger(before))
        before.execute("update identity set name = ?", [name])
        before.execute("insert into batch (number, ranges) values (?, ?)", batch)
        before.execute("insert into set_aside (batch, reason, record) values (1, 'KeyError', x'6f6c64')")


class Interrupted(Database):
    """A database whose caller dies before its n-th command."""

    def __init__(self, dsn: str, left: int) -> None:
        super().__init__(dsn)
        self.left = left

    def command(self, statement: str, parameters: Mapping[str, object] | None = None) -> object:
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1
        return super().command(statement, parameters)


def test_migrations_that_are_killed_between_any_two_statements_go_on(database: Database) -> None:
    """One process after another comes one statement further."""
    dsn = f"{database.dsn}?database={an_empty_one(database)}"
    for commands in count():
        try:
            migrate.apply(Interrupted(dsn, commands))
            break
        except KeyboardInterrupt:
            continue
    assert commands > 3
    assert schema(dsn) == schema(database.dsn)


def an_empty_one(database: Database) -> str:
    name = f"interrupted_{next(NUMBERS)}"
    database.command(f"create database {name}")
    return name


def schema(dsn: str) -> list[tuple[str, str]]:
    database = Database(dsn)
    name = database.rows("select currentDatabase() as name")[0]["name"]
    query = (
        "select name, create_table_query as text from system.tables where database = currentDatabase() order by name"
    )
    return [(row["name"], str(row["text"]).replace(f"{name}.", "")) for row in database.rows(query)]


class Dying(Loader):
    """A loader whose thread would end now and then."""

    deaths = 3

    def load_or_log(self, now: float) -> None:
        if self.deaths:
            self.deaths -= 1
            raise RuntimeError("the loop itself is broken")
        super().load_or_log(now)


def test_a_loader_that_dies_is_started_again(run: Run) -> None:
    """Each time after a longer pause; meanwhile whoever asks is told."""
    run.add([a_record([a_hit("a")])])
    loader = Dying(run.sources, run.database, run.registry, ListsFolder(None))
    thread = threading.Thread(target=loader.live)
    thread.start()
    try:
        eventually(lambda: loader.health()["problem"])
        assert loader.health()["ok"] is False
        eventually(lambda: run.pages() == ["a"])
        eventually(lambda: loader.health()["ok"])
    finally:
        loader.stop()
        thread.join()
    assert (loader.deaths, loader.health()["ok"]) == (0, False), "one that has ended is not well"
