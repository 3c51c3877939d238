"""ClickHouse, embedded or remote: one client for each thread, statements from files, columns in, rows out."""

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import Error as DriverError

from sql import SqlError, load
from sql.segments import EVERYTHING, Filter

Row = dict[str, Any]

# Inserts are batches already: gathered with others by the server, they would lose the meaning of their tokens.
INSERT_SETTINGS = {"async_insert": 0, "max_partitions_per_insert_block": 0}
QUERY_LIMITS = {"max_execution_time": 30}  # Seconds; nobody waits longer for a page.

# The driver logs what it raises as well; who catches it decides what is said.
logging.getLogger("clickhouse_connect").addHandler(logging.NullHandler())


class DatabaseUnavailable(SqlError):
    """Raised if ClickHouse did not answer, or refused a statement."""


class Database:
    """A ClickHouse that any thread may ask; each thread gets its own client, which serves one query at a time."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self._clients = threading.local()

    @property
    def client(self) -> Client:
        client: Client | None = getattr(self._clients, "client", None)
        if client is None:
            client = self._clients.client = connect(self.dsn)
        return client

    def query(self, name: str, parameters: Mapping[str, object], segment: Filter = EVERYTHING) -> list[Row]:
        """Return the rows of `sql/{name}.sql`, each a mapping of column to value.

        Raises DatabaseUnavailable if ClickHouse refuses or does not answer.
        """
        given = {**parameters, **segment.parameters}
        try:
            answer = self.client.query(segment.applied(load(name)), parameters=given, settings=QUERY_LIMITS)
            return list(answer.named_results())
        except (DriverError, OSError) as error:
            raise DatabaseUnavailable(f"report {name}: {error}") from error

    def insert(self, table: str, columns: Mapping[str, Sequence[object]], token: str) -> None:
        """Insert columns as one batch; the same token again changes nothing.

        Raises DatabaseUnavailable if ClickHouse refuses or does not answer: the batch may be there or not.
        """
        try:
            self.client.insert(
                table,
                list(columns.values()),
                column_names=list(columns),
                column_oriented=True,
                settings={**INSERT_SETTINGS, "insert_deduplication_token": token},
            )
        except (DriverError, OSError) as error:
            raise DatabaseUnavailable(f"insert into {table}: {error}") from error

    def command(self, statement: str, parameters: Mapping[str, object] | None = None) -> Any:
        """Run one statement that is not a report: a migration or a maintenance order."""
        try:
            return self.client.command(statement, parameters=dict(parameters or {}))
        except (DriverError, OSError) as error:
            raise DatabaseUnavailable(f"command: {error}") from error


def connect(dsn: str) -> Client:
    """Return a client of an embedded engine (`chdb:///path`) or a server (`clickhouse://…`).

    Raises DatabaseUnavailable if it cannot be reached.
    """
    try:
        if dsn.startswith("chdb:"):
            return clickhouse_connect.get_client(dsn=dsn)
        return clickhouse_connect.get_client(dsn=dsn, autogenerate_session_id=False, form_encode_query_params=True)
    except (DriverError, OSError) as error:
        hint = "; is another server using it?" if dsn.startswith("chdb:") else ""
        raise DatabaseUnavailable(f"ClickHouse at {without_secret(dsn)}: {error}{hint}") from error
    except (TypeError, ValueError):  # Its text may repeat a part of the DSN, so nobody gets to see it.
        expected = "a DSN such as clickhouse://user:password@host:8123/pegel, special characters percent-encoded"
        raise DatabaseUnavailable(f"ClickHouse at {without_secret(dsn)}: expected {expected}") from None


def without_secret(dsn: str) -> str:
    """Return a DSN that may be logged: without user, password and options."""
    scheme, _, rest = dsn.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"
