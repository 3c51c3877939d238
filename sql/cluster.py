"""What a statement becomes on a cluster: tables in shards and replicas, and tables over them that are read and filled.

Each table lies in the database `NAME_local` of every server, and under its usual name there is a `Distributed` one,
which knows all shards. This is the only place where a statement is put together; what it takes from elsewhere are the
names of the cluster and the database, which an operator sets and which are checked, and the tables below.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from sql import SqlError, load

NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
# By what rows are put into shards: all that belongs to a visit is together. Not by visitor, who may turn out to be
# another one on the way, while the newer state of a visit must find the older one.
SHARDED_BY = {
    "hits": "cityHash64(site, visit)",
    "visits": "cityHash64(site, id)",
    "conversions": "cityHash64(site, visit)",
    "order_items": "cityHash64(site, visit)",
    "timings": "cityHash64(site, visit)",
    "chosen": "cityHash64(site, visit)",
    "bots": "cityHash64(site)",
    "counters": "cityHash64(site)",
    "daily": "cityHash64(site)",
    "migrations": "cityHash64(name)",
}
# Whole on every server: changes of rows read it wherever these are.
EVERYWHERE = frozenset({"passing_key"})
ANY = "{table:Identifier}"
TARGET = re.compile(rf"^(create table if not exists|alter table|optimize table) ({ANY}|\w+)", re.MULTILINE)
ENGINE = re.compile(r"^engine = (\w*MergeTree)(?:\((\w+)\))?$", re.MULTILINE)
WINDOW = re.compile(r"\bnon_replicated_deduplication_window = (\d+)")
WINDOW_SECONDS = 2_592_000  # A batch that waited a month is still known: without this, an hour is all.
MUTATION = re.compile(r"\bsettings mutations_sync = (\d)$", re.MULTILINE)
OF_COLUMNS = re.compile(r"\s*(?:(?:add|modify) column if (?:not )?exists\b.*,?\s*)+", re.IGNORECASE)


class NotForClusters(SqlError):
    """Raised if a table is none that is known to be sharded."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The cluster of a database, by its name in the servers' configuration."""

    name: str
    database: str

    @classmethod
    def of(cls, name: str, dsn: str) -> "Cluster":
        """Raises NotForClusters for a name of cluster or database that is none."""
        database = unquote(urlsplit(dsn).path[1:]) or "default"
        for each in (name, database):
            if not NAME.fullmatch(each):
                raise NotForClusters(f"name {each!r}: expected letters, digits and _, such as pegel")
        return cls(name, database)

    @property
    def local(self) -> str:
        return f"{self.database}_local"

    @property
    def parameters(self) -> dict[str, object]:
        """Return what questions about its servers want to know."""
        return {"cluster": self.name, "databases": [self.database, self.local]}

    def placed(self, statement: str, given: Mapping[str, object]) -> list[str]:
        """Return what is to be done instead of a statement, in this order; what only reads or inserts stays as it is.

        The table may be among the parameters that are given. Raises NotForClusters.
        """
        found = TARGET.search(statement)
        if not found:
            return [statement]
        verb, table = found[1], str(given["table"]) if found[2] == ANY else found[2]
        if table not in SHARDED_BY.keys() | EVERYWHERE:
            raise NotForClusters(f"table {table}: expected one of {', '.join([*SHARDED_BY, *EVERYWHERE])}")
        if verb.startswith("create"):
            return self.created(table, statement)
        own = self.aimed(statement, self.home_of(table))
        return [own, self.aimed(statement, self.database)] if self.changes_columns(table, statement, found) else [own]

    def home_of(self, table: str) -> str:
        """Return the database where a table's rows are."""
        return self.database if table in EVERYWHERE else self.local

    def changes_columns(self, table: str, statement: str, found: re.Match[str]) -> bool:
        return table in SHARDED_BY and bool(OF_COLUMNS.fullmatch(statement, found.end()))

    def aimed(self, statement: str, database: str) -> str:
        """Return a statement that every server of the cluster carries out in one of its databases."""
        aimed = TARGET.sub(rf"\1 {database}.\2 on cluster {self.name}", statement)
        return MUTATION.sub(r"settings mutations_sync = \1, allow_nondeterministic_mutations = 1", aimed)

    def created(self, table: str, statement: str) -> list[str]:
        home = self.home_of(table)
        own = WINDOW.sub(
            rf"replicated_deduplication_window = \1, replicated_deduplication_window_seconds = {WINDOW_SECONDS}",
            ENGINE.sub(lambda found: self.engine(table, found), self.aimed(statement, home)),
        )
        beside = self.text("view" if table in EVERYWHERE else "distributed", table=table, key=SHARDED_BY.get(table, ""))
        return [*(self.text("database", database=name) for name in (self.database, self.local)), own, beside]

    def text(self, name: str, **names: str) -> str:
        """Return a text with the names that are checked, or ours."""
        given = {"cluster": self.name, "database": self.database, "local": self.local, **names}
        return load(f"cluster_tables/{name}").format(**given)

    def engine(self, table: str, found: re.Match[str]) -> str:
        """Return the replicated engine; one that is whole on every server has the same path in all shards."""
        everywhere = table in EVERYWHERE
        path = f"/clickhouse/tables/{{cluster}}/{'all' if everywhere else '{shard}'}/{self.home_of(table)}/{table}"
        replica = "{shard}-{replica}" if everywhere else "{replica}"
        arguments = ", ".join(filter(None, (f"'{path}'", f"'{replica}'", found[2])))
        return f"engine = Replicated{found[1]}({arguments})"
