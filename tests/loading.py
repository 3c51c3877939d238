"""A loader for tests that starts and dies: hits in the spool of a directory of its own, rows in a real ClickHouse."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest

from ingest.collecting import payload
from ingest.hit import Hit, Ignored
from ingest.loader import Loader, Sources
from ingest.privacy import Fingerprint, MaskedAddress, VisitorId
from ingest.referrer import ListsFolder
from ingest.segments import FORMAT, framed
from sql.clickhouse import Database, DatabaseUnavailable
from sql.registry import Registry
from tests.conftest import NOW

NOON = int(NOW.timestamp())
DAY = 86_400
HEAD = framed(orjson.dumps({"format": FORMAT, "fields": Hit._fields}))

Tables = Mapping[str, Sequence[Mapping[str, Any]]]


def a_hit(page: str, visitor: int = 1, after: int = 0, **changes: Any) -> Hit:
    """Return a page view of https://example.org/`page` some seconds after noon."""
    usual: dict[str, Any] = {**dict.fromkeys(Hit._fields, ""), **Hit._field_defaults} | {
        "site": 1,
        "at": (NOON + after) * 1000,
        "kind": "page",
        "visitor": VisitorId(visitor),
        "source": "id",
        "fingerprint": Fingerprint(visitor),
        "address": MaskedAddress("203.0.0.0"),
        "country": "de",
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
        "local_time": 43_200,
        "new_visit": False,
        "bots_welcome": False,
        "url": f"https://example.org/{page}",
        "search_count": None,
        "event_value": None,
    }
    return Hit(**usual | changes)


def a_record(hits: Sequence[Hit], dropped: Sequence[Ignored] = ()) -> bytes:
    return payload(list(hits), Counter(dropped), NOON)


class Crash(NamedTuple):
    """When a process dies: before or after its n-th insert."""

    insert: int
    done: bool


class Crashing(Database):
    """A database whose caller dies once."""

    def __init__(self, dsn: str, crash: Crash) -> None:
        super().__init__(dsn)
        self.crash = crash
        self.inserts = 0

    def insert(self, table: str, columns: Mapping[str, Sequence[object]], token: str) -> None:
        self.inserts += 1
        if self.inserts == self.crash.insert and not self.crash.done:
            raise DatabaseUnavailable("crash before the insert")
        super().insert(table, columns, token)
        if self.inserts == self.crash.insert:
            raise DatabaseUnavailable("crash after the insert")


class Run:
    """A data directory, and loaders that die and come again."""

    def __init__(self, directory: Path, database: Database, registry: Registry) -> None:
        self.sources = Sources.below(directory)
        self.sources.spool.mkdir(parents=True)
        self.database = database
        self.registry = registry

    @contextmanager
    def loader(self, database: Database | None = None) -> Iterator[Loader]:
        loader = Loader(self.sources, database or self.database, self.registry, ListsFolder(None))
        try:
            yield loader
        finally:
            loader.journal.close()

    def load(self) -> None:
        with self.loader() as loader:
            while loader.load_batch(NOON):
                continue

    def crash(self, crash: Crash) -> None:
        with self.loader(Crashing(self.database.dsn, crash)) as loader, pytest.raises(DatabaseUnavailable):
            loader.load_batch(NOON)

    def add(self, records: Sequence[bytes], head: bytes = HEAD, name: str = "1") -> Path:
        """Put a segment into the spool that no collector writes to any more."""
        path = self.sources.spool / f"{name}.segment"
        path.write_bytes(head + b"".join(map(framed, records)))
        return path

    def tables(self) -> Tables:
        queries = {
            "hits": "select * from hits order by at, id",
            "visits": "select * from visits final order by started, id",
            "counters": "select minute, outcome, reason, sum(hits) as n from counters group by all order by all",
        }
        return {name: list(self.database.client.query(query).named_results()) for name, query in queries.items()}

    def pages(self) -> list[str]:
        return sorted(row["page"].removeprefix("example.org/") for row in self.tables()["hits"])

    def set_aside(self) -> list[bytes]:
        with self.loader() as loader:
            rows = loader.journal.connection.execute("select record from set_aside order by rowid")
            return [record for (record,) in rows]


GOOD = a_record([a_hit("good")])
BETTER = a_record([a_hit("better")])


def record_of(*hits: object) -> bytes:
    return orjson.dumps([NOON // 60, hits, []])
