"""Schemas move forward: what is pending, what is applied, and what happens when a run is cut short."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from sql import load, migrate
from sql.clickhouse import Database, DatabaseUnavailable
from sql.registry import Registry
from sql.schema import Migration, MigrationChanged, SqliteLedger, move_forward, not_applied, numbered

_numbers = count(1)

FIRST = Migration("0001_first", "-- First; and more;\ncreate table if not exists a (x integer);\n")
SECOND = Migration(
    "0002_second", "create table if not exists b (x integer);\n\ncreate table if not exists c (x integer);\n"
)


@pytest.fixture
def empty(database: Database) -> Iterator[Database]:
    """An empty database inside this process's engine."""
    name = f"migrate_{next(_numbers)}"
    database.command(f"create database {name}")
    empty = Database(f"{database.dsn}?database={name}")
    yield empty
    empty.client.close()


@pytest.fixture
def ledger() -> Iterator[SqliteLedger]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        yield SqliteLedger(connection)


@pytest.mark.parametrize(
    ("applied", "expected"),
    [
        pytest.param({}, [FIRST, SECOND], id="nothing-applied"),
        pytest.param({FIRST.name: FIRST.checksum}, [SECOND], id="one-applied"),
        pytest.param({SECOND.name: SECOND.checksum}, [FIRST], id="one-was-merged-late"),
        pytest.param({FIRST.name: FIRST.checksum, SECOND.name: SECOND.checksum}, [], id="all-applied"),
        pytest.param({"0009_later": "?"}, [FIRST, SECOND], id="newer-program-was-here"),
    ],
)
def test_not_applied(applied: dict[str, str], expected: list[Migration]) -> None:
    assert not_applied([FIRST, SECOND], applied) == expected


def test_an_edited_past_stops_the_run(ledger: SqliteLedger) -> None:
    move_forward([FIRST], ledger)
    edited = Migration(FIRST.name, FIRST.text.replace("integer", "text"))
    with pytest.raises(MigrationChanged, match=r"0001_first changed after it was applied; expected .* next number"):
        move_forward([edited, SECOND], ledger)
    assert list(ledger.applied()) == [FIRST.name]


def test_statements() -> None:
    assert FIRST.statements == ["create table if not exists a (x integer)"]
    assert len(SECOND.statements) == 2


@pytest.mark.parametrize(
    ("folder", "safe"),
    [
        pytest.param("migrations", r"if (not )?exists|modify setting|\bupdate\b", id="migrations"),
        # One transaction with its record in the ledger, so a column is never added twice.
        pytest.param("registry", r"if not exists|or ignore|^alter table \w+ add column|^update", id="registry"),
        pytest.param("loader", r"if not exists|or ignore|^alter table \w+ add column|^update", id="loader"),
    ],
)
def test_files_follow_the_rules(folder: str, safe: str) -> None:
    migrations = numbered(folder)
    assert [int(migration.name[:4]) for migration in migrations] == list(range(1, len(migrations) + 1))
    for migration in migrations:
        assert migration.text == load(f"{folder}/{migration.name}")
        assert migration.text.startswith("-- ")
        assert migration.text.endswith(";\n")
        assert [s for s in migration.statements if not re.search(safe, s)] == []


def test_sqlite_applies_once(ledger: SqliteLedger) -> None:
    assert ledger.applied() == {}
    assert move_forward([FIRST], ledger) == [FIRST]
    assert move_forward([FIRST, SECOND], ledger) == [SECOND]
    assert move_forward([FIRST, SECOND], ledger) == []
    assert ledger.applied() == {FIRST.name: FIRST.checksum, SECOND.name: SECOND.checksum}


def test_sqlite_cut_short_leaves_nothing(ledger: SqliteLedger) -> None:
    torn = Migration(SECOND.name, "create table b (x integer);\ncreate nonsense;\n")
    with pytest.raises(sqlite3.OperationalError):
        move_forward([FIRST, torn], ledger)
    assert list(ledger.applied()) == [FIRST.name]
    assert move_forward([FIRST, SECOND], ledger) == [SECOND]


def test_sqlite_a_quicker_process(ledger: SqliteLedger) -> None:
    move_forward([FIRST], ledger)
    ledger.run(FIRST)
    assert list(ledger.applied()) == [FIRST.name]


def test_clickhouse_applies_once(empty: Database) -> None:
    everything = numbered("migrations")
    assert migrate.pending(empty) == everything
    assert tables(empty) == set()
    with pytest.raises(migrate.SchemaOld, match=r"ClickHouse at .* without 0001_hits, .*; run 'pegel migrate' once"):
        migrate.require_current(empty)
    assert migrate.apply(empty) == everything
    assert migrate.apply(empty) == migrate.pending(empty) == []
    migrate.require_current(empty)
    assert {"hits", "visits", "counters", "migrations"} <= tables(empty)


def test_clickhouse_goes_on_where_it_was_cut_short(empty: Database) -> None:
    ledger = migrate.ClickHouseLedger(empty)
    first, second, *_ = numbered("migrations")
    ledger.run(first)
    for statement in second.statements:  # Done, but not recorded.
        empty.command(statement)
    assert second in migrate.apply(empty)
    ledger.run(second)  # Somebody else did the same at the same time.
    recorded = [row["name"] for row in empty.query("ledger/clickhouse_applied", {})]
    assert sorted(recorded) == [migration.name for migration in numbered("migrations")]


def test_clickhouse_an_edited_past_stops_the_run(empty: Database) -> None:
    migrate.ClickHouseLedger(empty).run(Migration("0001_hits", "-- Another past.\n"))
    for step in (migrate.pending, migrate.apply):
        with pytest.raises(MigrationChanged, match="0001_hits"):
            step(empty)
    assert tables(empty) == {"migrations"}


def test_clickhouse_that_refuses(empty: Database) -> None:
    with pytest.raises(DatabaseUnavailable):
        migrate.ClickHouseLedger(empty).run(Migration("0001_hits", "create nonsense;\n"))
    assert migrate.ClickHouseLedger(empty).applied() == {}


def test_a_server_is_brought_forward_like_the_embedded_engine(clickhouse_server: str) -> None:
    database = Database(clickhouse_server)
    migrate.apply(database)
    assert migrate.apply(database) == []
    migrate.require_current(database)
    assert {"hits", "visits", "counters", "migrations"} <= tables(database)
    database.client.close()


def test_registry(tmp_path: Path) -> None:
    file = tmp_path / "registry.sqlite"
    assert migrate.pending_registry(file) == numbered("registry")
    assert not file.exists()
    assert migrate.apply_registry(file) == numbered("registry")
    with closing(Registry(file)):
        assert migrate.pending_registry(file) == migrate.apply_registry(file) == []


def test_the_command(tmp_path: Path) -> None:
    data = tmp_path / "data"
    refused, applied, checked = (run_migrate(data, *arguments) for arguments in (["--check"], [], ["--check"]))
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    waiting = ", ".join(migration.name for migration in numbered("registry"))
    assert f"old schema without {waiting}; run 'pegel migrate' once" in refused.stderr
    assert (applied.returncode, applied.stderr) == (0, "")
    assert "clickhouse: applied 0001_hits, " in applied.stdout
    assert (checked.returncode, checked.stdout) == (0, "registry: up to date\nclickhouse: up to date\n")


def test_the_command_creates_nothing_to_check(tmp_path: Path) -> None:
    settings = {"PEGEL_DATA": str(tmp_path / "data")}
    for _ in range(2):
        message = migrate.main(["--check"], settings, tmp_path / "pegel.toml")
        assert message is not None
        assert "old schema" in message
    assert list(tmp_path.iterdir()) == []


def tables(database: Database) -> set[str]:
    names = database.command(
        "select arrayStringConcat(groupArray(name), ' ') from system.tables where database = currentDatabase()"
    )
    return set(str(names).split())


def run_migrate(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # A setting of another package does not disturb: this program knows only some of them.
    environ = {**os.environ, "PEGEL_DATA": str(data), "PEGEL_MASK_BYTES": "2"}
    command = [sys.executable, "-m", "sql.migrate", *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
