"""Which migrations ClickHouse and the registry still need, and applying them: `python -m sql.migrate [--check]`."""

import argparse
import os
import sqlite3
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from sql import SqlError, load
from sql.clickhouse import Database, without_secret
from sql.registry import Registry
from sql.registry_file import answering
from sql.schema import Migration, SqliteLedger, move_forward, not_applied, numbered
from sql.settings import CONFIG_FILE, Settings, read


class SchemaOld(SqlError):
    """Raised if a database lacks migrations that this program relies on."""

    def __init__(self, database: str, missing: Sequence[Migration]) -> None:
        names = ", ".join(migration.name for migration in missing)
        super().__init__(f"{database} has an old schema without {names}; run 'pegel migrate' once, then start again")
        self.missing = tuple(missing)


class ClickHouseLedger:
    """The ledger inside ClickHouse, which has no transactions: every statement of a migration can be repeated."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def applied(self) -> dict[str, str]:
        if never_started(self.database.dsn) or not self.database.query("ledger/clickhouse_known", {})[0]["tables"]:
            return {}
        rows = self.database.query("ledger/clickhouse_applied", {})
        return {row["name"]: row["checksum"] for row in rows}

    def run(self, migration: Migration) -> None:
        for statement in (load("ledger/clickhouse_create"), *migration.statements):
            self.database.command(statement)
        record = {"name": [migration.name], "checksum": [migration.checksum]}
        self.database.insert("migrations", record, token=migration.name)


def pending(database: Database) -> list[Migration]:
    """Return what a ClickHouse still needs; change nothing.

    Raises MigrationChanged if an applied file is another one today, DatabaseUnavailable if there is no answer.
    """
    return not_applied(numbered("migrations"), ClickHouseLedger(database).applied())


def apply(database: Database) -> list[Migration]:
    """Bring a ClickHouse forward and return what that took. Interrupted, it goes on where it was.

    Raises MigrationChanged if an applied file is another one today, DatabaseUnavailable if there is no answer.
    """
    return move_forward(numbered("migrations"), ClickHouseLedger(database))


def pending_registry(file: Path) -> list[Migration]:
    """Return what a registry's file still needs, everything if it is not there; change nothing.

    Raises MigrationChanged if an applied file is another one today, RegistryUnavailable if it cannot be read.
    """
    if not file.exists():
        return numbered("registry")
    with answering(file), closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=rw", uri=True)) as connection:
        return not_applied(numbered("registry"), SqliteLedger(connection).applied())


def apply_registry(file: Path) -> list[Migration]:
    """Bring a registry's file forward and return what that took.

    Raises MigrationChanged if an applied file is another one today, RegistryUnavailable if it cannot be written.
    """
    missing = pending_registry(file)
    Registry(file).close()
    return missing


def require_current(database: Database) -> None:
    """Refuse to work on an old schema.

    Raises SchemaOld, and what `pending` raises.
    """
    if missing := pending(database):
        raise SchemaOld(f"ClickHouse at {without_secret(database.dsn)}", missing)


def check(settings: Settings) -> dict[str, list[str]]:
    """Return that nothing is missing anywhere.

    Raises SchemaOld, and what `pending` and `pending_registry` raise.
    """
    if missing := pending_registry(settings.registry_file):
        raise SchemaOld(f"registry {settings.registry_file}", missing)
    require_current(Database(settings.writing))
    return {"registry": [], "clickhouse": []}


def migrate(settings: Settings) -> dict[str, list[str]]:
    """Bring registry and ClickHouse forward; return the names of what was applied to each.

    Raises what `apply` and `apply_registry` raise.
    """
    registry, clickhouse = apply_registry(settings.registry_file), apply(Database(settings.writing))
    return {"registry": [m.name for m in registry], "clickhouse": [m.name for m in clickhouse]}


def never_started(dsn: str) -> bool:
    """Return whether this is an embedded engine whose directory is not there yet: asking it would create it."""
    parts = urlsplit(dsn)
    return parts.scheme == "chdb" and bool(parts.path) and not Path(parts.path).exists()


def lines(done: Mapping[str, Sequence[str]]) -> list[str]:
    """Return what was done as sentences."""
    return [
        f"{database}: {'applied ' + ', '.join(names) if names else 'up to date'}" for database, names in done.items()
    ]


def main(
    argv: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ, config: Path = CONFIG_FILE
) -> str | None:
    """Return None if all went well, else one sentence for `sys.exit`."""
    parser = argparse.ArgumentParser(prog="python -m sql.migrate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether something is missing; change nothing")
    run: Callable[[Settings], dict[str, list[str]]] = check if parser.parse_args(argv).check else migrate
    try:
        (settings,) = read(Settings, environ=environ, config=config, strict=False)
        done = run(settings)
    except SqlError as error:
        return str(error)
    sys.stdout.write("\n".join(lines(done)) + "\n")
    return None


if __name__ == "__main__":
    sys.exit(main())
