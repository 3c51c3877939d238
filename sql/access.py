"""How ClickHouse is reached: its address, who asks, whom to trust, and for how long to wait."""

from dataclasses import dataclass
from pathlib import Path
from random import uniform
from urllib.parse import urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import Error as DriverError
from clickhouse_connect.driver.exceptions import OperationalError
from urllib3.exceptions import ReadTimeoutError

from sql import SqlError
from sql.cluster import Cluster

ENCRYPTED = frozenset({"clickhouses", "https"})
FIRST_PAUSE = 0.2  # Seconds, about; each later one is four times as long.
# What ClickHouse answers when it may do the same a moment later: too much at once, a network or a keeper that is away,
# a replica that only reads for now, fewer replicas than an insert needs.
PASSING = frozenset({202, 203, 210, 225, 242, 252, 279, 285, 286, 319, 369, 999})


class DatabaseUnavailable(SqlError):
    """Raised if ClickHouse did not answer, or refused a statement."""


@dataclass(frozen=True, slots=True)
class Access:
    """The way to an embedded engine (`chdb:///path`) or a server (`clickhouse://…`, with TLS `clickhouses://…`)."""

    dsn: str
    password_file: str = ""  # Wins over the DSN's password; read for every connection, so that it can be changed.
    ca_file: str = ""  # Empty: what the system trusts.
    connect_seconds: int = 10  # Also the longest that a server may take nothing of what is sent.
    answer_seconds: int = 300
    attempts: int = 3
    cluster: str = ""  # Its name, if tables are spread over one.

    @property
    def embedded(self) -> bool:
        return self.dsn.startswith("chdb:")

    @property
    def spread(self) -> Cluster | None:
        """Return the cluster over which the tables are spread. Raises NotForClusters."""
        return Cluster.of(self.cluster, self.dsn) if self.cluster else None

    @property
    def password(self) -> str:
        """Return the first line of the file. Raises DatabaseUnavailable."""
        try:
            return Path(self.password_file).read_text("utf-8").partition("\n")[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as error:
            expected = "a text in UTF-8 that this user may read, the password alone on its first line"
            raise DatabaseUnavailable(f"password file {self.password_file}: expected {expected}") from error


def connect(access: Access) -> Client:
    """Return a client.

    Raises DatabaseUnavailable if it cannot be reached.
    """
    try:
        if access.embedded:
            return clickhouse_connect.get_client(dsn=access.dsn)
        return to_server(access)
    except (DriverError, OSError) as error:
        hint = "; is another server using it?" if access.embedded else ""
        raise DatabaseUnavailable(f"ClickHouse at {without_secret(access.dsn)}: {error}{hint}") from error
    except (TypeError, ValueError):  # Its text may repeat a part of the DSN, so nobody gets to see it.
        expected = "a DSN such as clickhouse://user:password@host:8123/pegel, special characters percent-encoded"
        raise DatabaseUnavailable(f"ClickHouse at {without_secret(access.dsn)}: expected {expected}") from None


def to_server(access: Access) -> Client:
    return clickhouse_connect.get_client(
        dsn=access.dsn,
        password=access.password if access.password_file else "",
        interface="https" if urlsplit(access.dsn).scheme in ENCRYPTED else None,
        ca_cert=access.ca_file or None,
        connect_timeout=access.connect_seconds,
        send_receive_timeout=access.answer_seconds,
        query_retries=0,  # We try again ourselves, with pauses that no two of us share.
        autogenerate_session_id=False,
        form_encode_query_params=True,
    )


def passing(error: Exception) -> bool:
    """Tell whether the same may succeed a moment later; what took too long already is not tried at once again."""
    cause = error.__cause__ if isinstance(error, DatabaseUnavailable) else error
    if code := getattr(cause, "code", None):
        return code in PASSING
    return isinstance(cause, OSError | OperationalError) and not isinstance(cause.__cause__, ReadTimeoutError)


def pause(attempt: int) -> float:
    """Return how long to wait after an attempt, counted from 0: never as long as others wait."""
    return FIRST_PAUSE * 4.0**attempt * uniform(0.5, 1.5)


def without_secret(dsn: str) -> str:
    """Return a DSN that may be logged: without user, password and options."""
    scheme, _, rest = dsn.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"
