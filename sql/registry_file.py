"""The registry's SQLite file: opened, asked and changed by any number of threads and processes."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from sql import load
from sql.refusals import RegistryError
from sql.schema import SqliteLedger, move_forward, numbered


class RegistryUnavailable(RegistryError):
    """Raised if the registry's file cannot be opened, read or written."""


class RegistryFile:
    """The file, opened, with its schema of today; statements are those in `sql/registry/`."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lock = RLock()
        with answering(file):
            self._connection = opened(file)
        try:
            with answering(file):
                move_forward(numbered("registry"), SqliteLedger(self._connection))
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def stamp(self) -> tuple[int, ...]:
        """Return what is another one after any process changed something; a few microseconds, no statement.

        File systems know the time of a change to some milliseconds only: of two changes within that, only the first is
        sure to be seen. Raises RegistryUnavailable if the file is gone.
        """
        try:
            return (*facts(self.file), *facts(f"{self.file}-wal"))
        except FileNotFoundError:  # Whoever closed it last has taken the log away.
            with answering(self.file):
                return facts(self.file)

    def _rows(self, statement: str, /, **parameters: object) -> list[sqlite3.Row]:
        with self._lock, answering(self.file):
            return self._connection.execute(load(f"registry/{statement}"), parameters).fetchall()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        with self._lock, answering(self.file), self._connection:
            self._rows(begin)
            yield

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._transaction("begin_changing"):
            before = self._connection.total_changes
            yield
            if self._connection.total_changes != before:
                self._rows("count_change")


def facts(file: Path | str) -> tuple[int, int]:
    status = os.stat(file)
    return status.st_mtime_ns, status.st_size


@contextmanager
def answering(file: Path) -> Iterator[None]:
    """Say which file refused, and what it would need."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        expected = "a SQLite file that this user may write, in a directory that this user may write"
        reason = getattr(error, "strerror", None) or error
        raise RegistryUnavailable(f"registry {file}: {reason}; expected {expected}") from error


def opened(file: Path) -> sqlite3.Connection:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)  # Salts and password hashes are nobody else's business.
    connection = sqlite3.connect(file, timeout=5, isolation_level=None, check_same_thread=False)
    try:
        connection.executescript(load("registry/open"))
    except BaseException:
        connection.close()
        raise
    connection.row_factory = sqlite3.Row
    return connection
