"""How a schema moves forward: numbered `.sql` files, each applied once and recorded with its checksum."""

import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.resources import files
from typing import Protocol

from sql import SqlError, load

NUMBERED = re.compile(r"\d{4}_\w+\.sql")
STATEMENT_END = re.compile(r";[ \t]*$", re.MULTILINE)
COMMENT_LINE = re.compile(r"^\s*--.*$", re.MULTILINE)


class MigrationChanged(SqlError):
    """Raised if a migration file is not what it was when it was applied."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"migration {name} changed after it was applied; expected the file as it was: "
            "put it back and write the change into a new file with the next number"
        )
        self.name = name


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file."""

    name: str  # File name without ".sql", such as "0001_hits".
    text: str = field(repr=False)

    @property
    def checksum(self) -> str:
        return sha256(self.text.encode()).hexdigest()

    @property
    def statements(self) -> list[str]:
        """The statements of the file; each ends with `;` at a line's end."""
        parts = STATEMENT_END.split(COMMENT_LINE.sub("", self.text))
        return [part.strip() for part in parts if part.strip()]


class Ledger(Protocol):
    """A database that remembers which migrations it has had."""

    def applied(self) -> Mapping[str, str]:
        """Return name and checksum of what was applied; change nothing."""

    def run(self, migration: Migration) -> None:
        """Run the statements, then record the migration."""


def numbered(folder: str) -> list[Migration]:
    """Return the migrations in `sql/{folder}/`, in the order of their numbers."""
    names = sorted(file.name for file in files("sql").joinpath(folder).iterdir() if NUMBERED.fullmatch(file.name))
    return [Migration(name[:-4], load(f"{folder}/{name[:-4]}")) for name in names]


def not_applied(migrations: Sequence[Migration], applied: Mapping[str, str]) -> list[Migration]:
    """Return what is still to do. A name only the database knows is a newer program's: files only ever add.

    Raises MigrationChanged if an applied file is another one today.
    """
    for migration in migrations:
        if applied.get(migration.name, migration.checksum) != migration.checksum:
            raise MigrationChanged(migration.name)
    return [migration for migration in migrations if migration.name not in applied]


def move_forward(migrations: Sequence[Migration], ledger: Ledger) -> list[Migration]:
    """Apply what is still to do, and return it."""
    waiting = not_applied(migrations, ledger.applied())
    for migration in waiting:
        ledger.run(migration)
    return waiting


class SqliteLedger:
    """The ledger inside a SQLite file; a migration and its record are one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def applied(self) -> dict[str, str]:
        if not self.connection.execute(load("ledger/sqlite_known")).fetchone():
            return {}
        return dict(self.connection.execute(load("ledger/sqlite_applied")))

    def run(self, migration: Migration) -> None:
        with self.connection:
            self.connection.execute(load("ledger/sqlite_begin"))
            # Another process may have been quicker while this one waited for the lock.
            if not_applied([migration], self.applied()):
                self._run_and_record(migration)

    def _run_and_record(self, migration: Migration) -> None:
        for statement in (load("ledger/sqlite_create"), *migration.statements):
            self.connection.execute(statement)
        record = {"name": migration.name, "checksum": migration.checksum}
        self.connection.execute(load("ledger/sqlite_record"), record)
