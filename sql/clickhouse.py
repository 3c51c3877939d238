"""ClickHouse, embedded or remote: one client for each thread, statements from files, columns in, rows out."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import uuid4

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import Error as DriverError

from sql import load
from sql.access import Access, DatabaseUnavailable, connect, passing, pause, without_secret
from sql.segments import EVERYTHING, Filter

__all__ = [
    "Access",
    "Database",
    "DatabaseUnavailable",
    "Limits",
    "QuestionEnded",
    "Reading",
    "Row",
    "TookTooLong",
    "TookTooMuch",
    "without_secret",
]

log = logging.getLogger(__name__)

Row = dict[str, Any]
T = TypeVar("T")

# Inserts are batches already: gathered with others by the server, they would lose the meaning of their tokens.
# On a cluster they return when all shards have their rows.
INSERT_SETTINGS = {"async_insert": 0, "max_partitions_per_insert_block": 0, "distributed_foreground_insert": 1}
QUERY_LIMITS = {"max_execution_time": 30}  # Seconds; nobody waits longer for a page.
# What a reader's statement may do: read tables, and nothing beyond them. No table function reaches a file or a network,
# and an answer is whole or none. On a cluster, a table within a question is all of it on every shard. The first setting
# must come last: nothing is changed after it.
SPREAD = {"distributed_product_mode": "global"}
READING = {
    **SPREAD,
    "timeout_overflow_mode": "throw",
    "read_overflow_mode": "throw",
    "result_overflow_mode": "throw",
    "cancel_http_readonly_queries_on_client_close": 1,
    "readonly": 1,
}
# A statement is found by the mark that its reader put on it.
STOP = "kill query where Settings['log_comment'] = {mark:String} async"

# The driver logs what it raises as well; who catches it decides what is said.
logging.getLogger("clickhouse_connect").addHandler(logging.NullHandler())


class QuestionEnded(DatabaseUnavailable):
    """Raised if a question was ended before it had an answer; `reason` says why, in words for whoever asked."""

    reason = "Nobody waited for the answer any more."


class TookTooLong(QuestionEnded):
    """Raised if a reader's questions took more time than they may."""

    reason = "The question took longer than a question may. Ask about a shorter period, or for less at once."


class TookTooMuch(QuestionEnded):
    """Raised if a question needed more memory, or had more rows as its answer, than it may."""

    reason = "The question needed more than a question may. Ask about a shorter period, or for less at once."


# By ClickHouse's code.
ENDINGS: dict[int, type[QuestionEnded]] = {
    **dict.fromkeys((159, 160, 209), TookTooLong),
    **dict.fromkeys((158, 191, 241, 307, 396), TookTooMuch),
    394: QuestionEnded,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the questions of one reader may take: all of them together the seconds, each of them the rest."""

    seconds: float = 30
    memory: int = 2_000_000_000  # Bytes.
    rows: int = 1_000_000  # Of an answer.


class Database:
    """A ClickHouse that any thread may ask; each thread gets its own client, which serves one query at a time."""

    def __init__(self, access: Access | str, wait: Callable[[float], object] = time.sleep) -> None:
        self.access = Access(access) if isinstance(access, str) else access
        self.wait = wait
        self._clients = threading.local()

    @property
    def dsn(self) -> str:
        return self.access.dsn

    @property
    def client(self) -> Client:
        client: Client | None = getattr(self._clients, "client", None)
        if client is None:
            client = self._clients.client = connect(self.access)
        return client

    def query(self, name: str, parameters: Mapping[str, object], segment: Filter = EVERYTHING) -> list[Row]:
        """Return the rows of `sql/{name}.sql`, each a mapping of column to value.

        Raises DatabaseUnavailable if ClickHouse refuses or does not answer, QuestionEnded if it stopped on the way.
        """
        return self.rows(segment.applied(load(name)), {**parameters, **segment.parameters}, f"report {name}")

    def of_servers(self, name: str, parameters: Mapping[str, object]) -> list[Row]:
        """Return the rows of `sql/{name}.sql`, which asks about servers: all of a cluster, if there is one.

        Raises DatabaseUnavailable.
        """
        if not (cluster := self.access.spread):
            return self.query(name, parameters)
        statement, given = load(f"{name}_of_cluster"), {**parameters, **cluster.parameters}
        try:  # Without the limits of readers, who reach no other server.
            return list(self.client.query(statement, parameters=given, query_tz="UTC").named_results())
        except (DriverError, OSError) as error:
            raise self._refusal(name, error) from error

    def rows(self, statement: str, parameters: Mapping[str, object] | None = None, what: str = "question") -> list[Row]:
        """Return the rows of a statement. Raises like `query`."""
        given = dict(parameters or {})

        def ask() -> list[Row]:
            # The embedded engine does not tell the zone of a DateTime: without ours it would be that of the process.
            answer = self.client.query(statement, parameters=given, settings=self._permitted(), query_tz="UTC")
            return list(answer.named_results())

        return self._patiently(what, ask)

    def arrow(self, name: str, parameters: Mapping[str, object], segment: Filter = EVERYTHING) -> Any:
        """Return the rows of `sql/{name}.sql` as a table of PyArrow. Raises like `query`."""
        given = {**parameters, **segment.parameters}

        def ask() -> Any:
            # The driver would set the embedded engine's settings one by one, and could not take `readonly` back.
            clause = settings_clause(self._permitted())
            return self.client.query_arrow(f"{segment.applied(load(name))}\n{clause}", parameters=given)

        return self._patiently(f"report {name}", ask)

    def _patiently(self, what: str, act: Callable[[], T]) -> T:
        """Do what can be done again; if ClickHouse is away or busy, it is tried again after a moment.

        Raises DatabaseUnavailable, QuestionEnded.
        """
        last = 0 if self.access.embedded else self.access.attempts - 1
        for attempt in range(last):
            try:
                return act()
            except (DriverError, OSError, DatabaseUnavailable) as error:
                if not passing(error):
                    raise self._refusal(what, error) from error
                log.warning("%s is tried again attempt=%d error=%s", what, attempt + 1, type(error).__name__)
            self.wait(pause(attempt))
        try:
            return act()
        except (DriverError, OSError) as error:
            raise self._refusal(what, error) from error

    def _refusal(self, what: str, error: Exception) -> DatabaseUnavailable:
        """Return what an error of the driver means for whoever asked."""
        if isinstance(error, DatabaseUnavailable):
            return error
        kind = ENDINGS.get(getattr(error, "code", None) or 0, DatabaseUnavailable)
        if kind is QuestionEnded and self.access.embedded:
            with suppress(DriverError, OSError):
                # What a stopped question held in memory is kept until its client asks again.
                self.client.command("select 1")
        return kind(f"{what}: {reason(error)}")

    def settings(self) -> dict[str, object]:
        """Return what a question may do and take."""
        return {**QUERY_LIMITS, **READING}

    def _permitted(self) -> dict[str, object]:
        """Return these settings as far as the server lets its user change them; it decides the rest itself.

        A user that only reads cannot say once more that it only reads, and with `readonly = 1` it can set nothing.
        """
        fixed = {name for name, setting in self.client.server_settings.items() if setting.readonly}
        return {name: value for name, value in self.settings().items() if name not in fixed}

    def reading(self, limits: Limits) -> "Reading":
        """Return this database for the questions of one reader."""
        return Reading(self, limits)

    def insert(self, table: str, columns: Mapping[str, Sequence[object]], token: str) -> None:
        """Insert columns as one batch; the same token again changes nothing.

        Raises DatabaseUnavailable if ClickHouse refuses or does not answer: the batch may be there or not.
        """
        settings = {**INSERT_SETTINGS, "insert_deduplication_token": token}

        def send() -> None:
            values = list(columns.values())
            self.client.insert(table, values, column_names=list(columns), column_oriented=True, settings=settings)

        self._patiently(f"insert into {table}", send)

    def command(self, statement: str, parameters: Mapping[str, object] | None = None) -> Any:
        """Run one statement that is not a report: a migration or a maintenance order."""
        given = dict(parameters or {})
        try:
            if not (cluster := self.access.spread):
                return self.client.command(statement, parameters=given)
            for each in cluster.placed(statement, given):
                answer = self.client.command(each, parameters=given, settings={**SPREAD, **INSERT_SETTINGS})
            return answer
        except (DriverError, OSError) as error:
            raise DatabaseUnavailable(f"command: {error}") from error


class Reading(Database):
    """The database for one reader: the questions have limits together, and whoever holds this may stop them."""

    def __init__(self, database: Database, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.access, self.wait, self._clients = database.access, database.wait, database._clients
        self.limits, self.clock = limits, clock
        self.until = 0.0
        self.begin()
        self.mark = uuid4().hex
        self.stopped = threading.Event()

    def begin(self) -> None:
        """Let the time of the questions begin now."""
        self.until = self.clock() + self.limits.seconds

    def settings(self) -> dict[str, object]:
        """Return what the next question may take. Raises QuestionEnded if none may be asked any more."""
        if self.stopped.is_set():
            raise QuestionEnded("stopped before it was asked")
        if (left := self.until - self.clock()) <= 0:
            raise TookTooLong(f"{self.limits.seconds} seconds were used up before it was asked")
        own = {
            "max_execution_time": round(left, 3),
            "max_memory_usage": self.limits.memory,
            "max_result_rows": self.limits.rows,
            "log_comment": self.mark,
        }
        return {**own, **READING}

    def stop(self) -> None:
        """End the question that runs, and refuse those that would follow.

        One that is just being sent is missed: call again until the reader's thread is done. Raises DatabaseUnavailable.
        """
        self.stopped.set()
        self.command(STOP, {"mark": self.mark})


def settings_clause(settings: Mapping[str, object]) -> str:
    """Return settings as the end of a statement; they are ours, numbers and words without quotes in them."""
    return "settings " + ", ".join(f"{name} = '{value}'" for name, value in settings.items()) if settings else ""


def reason(error: Exception) -> str:
    """Return why ClickHouse refused, for log lines: its words may repeat what somebody asked or was called."""
    code, name = getattr(error, "code", None), getattr(error, "name", None)
    return f"ClickHouse says {code} {name}" if code else str(error)
