"""The newest snapshot of the registry, and the last good one."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ingest.snapshots import SETTLING_SECONDS, Snapshots
from sql.registry import NewSite, Registry
from tests.conftest import a_site, fixed_clock


class Stopwatch:
    """A clock that tests move, and that goes on by a millisecond whenever somebody looks at it."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


@pytest.fixture
def watch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def snapshots(registry: Registry, watch: Stopwatch) -> Snapshots:
    a_site(registry, id=1)
    return Snapshots(registry, watch)


@pytest.fixture
def other(registry: Registry) -> Iterator[Registry]:
    """The same registry, opened by another process."""
    with closing(Registry(registry.file, fixed_clock)) as opened:
        yield opened


@pytest.fixture
def broken(registry: Registry) -> Iterator[sqlite3.Connection]:
    """A way to break the registry under the feet of those who read it."""
    with closing(sqlite3.connect(registry.file, isolation_level=None)) as connection:
        yield connection


def test_nothing_changes_without_a_change(snapshots: Snapshots) -> None:
    assert snapshots.newest() is snapshots.newest()


def test_a_change_is_known_at_once(snapshots: Snapshots, other: Registry) -> None:
    for number in range(2, 30):
        other.add_site(NewSite(name="New", urls=("https://example.org",), id=number))
        assert number in snapshots.newest().sites


def test_a_change_that_files_tell_before_the_registry_does_is_not_missed(
    snapshots: Snapshots, watch: Stopwatch, other: Registry
) -> None:
    """A commit writes first, and is seen by others when it is on disk."""
    other.add_site(NewSite(name="New", urls=("https://example.org",), id=2))
    snapshots.stamp = snapshots.registry.stamp()  # What we saw of the files before the commit was over.
    snapshots.settled = watch.now + SETTLING_SECONDS
    assert 2 in snapshots.newest().sites


def test_afterwards_only_files_are_looked_at(snapshots: Snapshots, watch: Stopwatch, other: Registry) -> None:
    a_site(other, id=2)
    snapshots.newest()
    assert snapshots.settled
    watch.now += 2 * SETTLING_SECONDS
    snapshots.newest()
    assert not snapshots.settled


def test_the_last_snapshot_stands_while_the_registry_cannot_be_read(
    snapshots: Snapshots, broken: sqlite3.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    known = snapshots.newest()
    broken.execute("alter table changes rename to lost")
    for _ in range(3):
        assert snapshots.newest() is known
        asyncio.run(snapshots.refresh())
    assert len(caplog.messages) == 1
    assert "going on with the last snapshot" in caplog.text
    broken.execute("alter table lost rename to changes")
    broken.execute("update changes set number = number + 1")
    asyncio.run(snapshots.refresh())
    assert snapshots.newest().version == known.version + 1


def test_a_registry_whose_file_is_gone_is_logged_once(
    snapshots: Snapshots, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    known = snapshots.newest()
    for file in tmp_path.glob("registry.sqlite*"):
        file.rename(tmp_path / f"moved-{file.name}")
    for _ in range(3):
        assert snapshots.newest() is known
        asyncio.run(snapshots.refresh())
    assert len(caplog.messages) == 1


def test_what_refreshing_finds_never_replaces_something_newer(snapshots: Snapshots, other: Registry) -> None:
    a_site(other, id=2)

    async def meanwhile() -> None:
        refreshing = asyncio.create_task(snapshots.refresh())
        await asyncio.sleep(0)
        snapshots.newest()
        a_site(other, id=3)
        assert 3 in snapshots.newest().sites
        await refreshing

    asyncio.run(meanwhile())
    assert 3 in snapshots.snapshot.sites
