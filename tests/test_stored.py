"""The table of what is stored: complete, of things that are there, and the same in the README."""

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from dashboard.auth import COOKIE
from ingest.consent import CONSENT_COOKIE, COOKIE_CONSENT_COOKIE, OPT_OUT_COOKIES
from ingest.hit import Hit
from ingest.journal import Journal
from sql.clickhouse import Database
from sql.registry import Registry
from sql.stored import markdown, stored

README = Path(__file__).parent.parent / "README.md"
Columns = set[tuple[str, str]]  # Table and column.


def described(place: str) -> Columns:
    return {(entry.table, column) for entry in stored() if entry.place == place for column in entry.columns}


def in_sqlite(file: Path) -> Columns:
    """Return what a SQLite file has: tables that SQLite makes for itself, too."""
    with closing(sqlite3.connect(file)) as connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        return {(table, row[1]) for table in tables for row in connection.execute(f"pragma table_info([{table}])")}


def test_every_column_of_clickhouse_is_described(database: Database) -> None:
    rows = database.rows("select table, name from system.columns where database = currentDatabase()")
    assert described("clickhouse") == {(row["table"], row["name"]) for row in rows}


def test_every_column_of_the_registry_is_described(registry: Registry) -> None:
    assert described("registry") == in_sqlite(registry.file)


def test_every_column_of_the_journal_is_described(tmp_path: Path) -> None:
    Journal(tmp_path / "loader.sqlite").close()
    assert described("journal") == in_sqlite(tmp_path / "loader.sqlite")


def test_every_field_of_the_spool_is_described() -> None:
    assert described("spool") == {("segments", field) for field in Hit._fields}


def test_every_cookie_that_is_read_is_described() -> None:
    cookies = {COOKIE, CONSENT_COOKIE, COOKIE_CONSENT_COOKIE, *OPT_OUT_COOKIES}
    assert cookies - {column for _, column in described("visitor")} == set()


def test_nothing_is_described_twice() -> None:
    every = Counter((entry.place, entry.table, column) for entry in stored() for column in entry.columns)
    assert [column for column, times in every.items() if times > 1] == []


@pytest.mark.parametrize("field", ["what", "personal", "purpose", "until"])
def test_nothing_is_left_blank(field: str) -> None:
    assert [entry.table for entry in stored() if not getattr(entry, field).strip()] == []


def test_the_readme_has_the_table_as_it_is() -> None:
    assert markdown(stored()) in README.read_text("utf-8"), "put what 'pegel stored' prints into the README"
