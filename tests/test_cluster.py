"""Tables that are spread over a cluster, as far as one server can tell: statements, and what is done with them."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ingest.journal import Journal
from ingest.retention import Retention
from sql import load, migrate
from sql.clickhouse import Access, Database
from sql.cluster import EVERYWHERE, SHARDED_BY, Cluster, NotForClusters
from sql.registry import Registry
from sql.schema import numbered
from sql.settings import BadSetting, Settings
from tests import test_people, test_retention
from tests.administered import Api, World, administered
from tests.clickhouse_server import READER, running
from tests.conftest import NOW, ROWS, a_site, columns_of, emptied, insert_rows
from tests.running import server
from tests.test_processes import send_and_flush
from tests.test_report_robustness import READING, USUAL
from tests.test_report_robustness import ROWS as ODD_ROWS
from tests.tracked import tracked
from tests.zookeeper import missing, zookeeper

CLUSTER = Cluster("pegel", "stats")
# Parts of the API that ask ClickHouse nothing.
WITHOUT_TABLES = {"Annotations", "CoreAdminHome", "LanguagesManager", "SitesManager", "UsersManager"}
PASSING = re.compile("timestamp|idsubtable", re.IGNORECASE)
CREATE = """\
-- One row per visit.
create table if not exists visits (
    id UInt64,
    version UInt64 -- As in ReplacingMergeTree.
)
engine = ReplacingMergeTree(version)
order by id
settings non_replicated_deduplication_window = 10000, fsync_after_insert = 1"""
CREATED = """\
-- One row per visit.
create table if not exists stats_local.visits on cluster pegel (
    id UInt64,
    version UInt64 -- As in ReplacingMergeTree.
)
engine = ReplicatedReplacingMergeTree('/clickhouse/tables/{cluster}/{shard}/stats_local/visits', '{replica}', version)
order by id
settings replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 2592000, \
fsync_after_insert = 1"""
KEY = """\
create table if not exists passing_key (run String)
engine = MergeTree
order by run"""


def without_comment(statement: str) -> str:
    return re.sub(r"^--.*\n", "", statement, flags=re.MULTILINE).strip()


def every_migration() -> list[str]:
    ledger = load("ledger/clickhouse_create")
    return [ledger, *(each for migration in numbered("migrations") for each in migration.statements)]


class TestStatements:
    """What becomes of a statement."""

    def test_a_table_lies_on_every_server_and_another_one_knows_all_of_them(self) -> None:
        assert [without_comment(each) for each in CLUSTER.placed(CREATE, {})] == [
            "create database if not exists stats on cluster pegel",
            "create database if not exists stats_local on cluster pegel",
            without_comment(CREATED),
            "create table if not exists stats.visits on cluster pegel as stats_local.visits\n"
            "engine = Distributed(pegel, stats_local, visits, cityHash64(site, id))",
        ]

    def test_a_key_is_whole_on_every_server(self) -> None:
        *_, own, view = (without_comment(each) for each in CLUSTER.placed(KEY, {}))
        path = "'/clickhouse/tables/{cluster}/all/stats/passing_key', '{shard}-{replica}'"
        assert own == (
            f"create table if not exists stats.passing_key on cluster pegel (run String)\n"
            f"engine = ReplicatedMergeTree({path})\norder by run"
        )
        assert view == (
            "create view if not exists stats_local.passing_key on cluster pegel\nas select * from stats.passing_key"
        )

    @pytest.mark.parametrize(
        ("statement", "placed"),
        [
            pytest.param(
                "alter table hits\n    add column if not exists a UInt8,\n    modify column if exists at Date",
                [
                    "alter table stats_local.hits on cluster pegel\n"
                    "    add column if not exists a UInt8,\n    modify column if exists at Date",
                    "alter table stats.hits on cluster pegel\n"
                    "    add column if not exists a UInt8,\n    modify column if exists at Date",
                ],
                id="columns-of-both",
            ),
            pytest.param(
                "alter table visits modify setting min_age_to_force_merge_seconds = 1",
                ["alter table stats_local.visits on cluster pegel modify setting min_age_to_force_merge_seconds = 1"],
                id="setting-of-the-local-one",
            ),
            pytest.param(
                "-- Forget.\nalter table chosen delete where run = {run:String} settings mutations_sync = 1\n",
                [
                    "-- Forget.\nalter table stats_local.chosen on cluster pegel delete where run = {run:String} "
                    "settings mutations_sync = 1, allow_nondeterministic_mutations = 1\n"
                ],
                id="rows",
            ),
            pytest.param(
                "alter table {table:Identifier} drop partition id '0'",
                ["alter table stats_local.{table:Identifier} on cluster pegel drop partition id '0'"],
                id="any-table",
            ),
            pytest.param(
                "optimize table daily partition id {year:String} final",
                ["optimize table stats_local.daily on cluster pegel partition id {year:String} final"],
                id="merge",
            ),
            pytest.param("insert into daily select 1", ["insert into daily select 1"], id="insert"),
            pytest.param("select 'alter table hits'", ["select 'alter table hits'"], id="question"),
        ],
    )
    def test_it_is_done_where_the_rows_are(self, statement: str, placed: list[str]) -> None:
        assert CLUSTER.placed(statement, {"table": "hits"}) == placed

    def test_every_table_of_ours_is_replicated_under_a_path_of_its_own(self) -> None:
        placed = [each for statement in every_migration() for each in CLUSTER.placed(statement, {})]
        engines = [each for each in placed if "MergeTree" in each]
        assert len(engines) == len(SHARDED_BY) + len(EVERYWHERE)
        paths = [path for each in engines for path in re.findall(r"^engine = Replicated\w+\('(\S+)', ", each, re.M)]
        assert len({*paths}) == len(engines)
        assert [each for each in placed if " on cluster pegel" not in each] == []
        assert [each for each in placed if "non_replicated" in each] == []

    def test_a_table_that_nobody_thought_of_is_refused(self) -> None:
        with pytest.raises(NotForClusters, match="table strange: expected one of hits, "):
            CLUSTER.placed("create table if not exists strange (a UInt8)\nengine = MergeTree\norder by a", {})

    @pytest.mark.parametrize("name", ["", "a b", "x; drop table hits", "é", "a" * 65])
    def test_names_are_names(self, name: str) -> None:
        with pytest.raises(NotForClusters, match="expected letters"):
            Cluster.of(name, "clickhouse://host/stats")
        with pytest.raises(NotForClusters, match="expected letters"):
            Cluster.of("pegel", f"clickhouse://host/{name or '%20'}")
        if name:
            with pytest.raises(BadSetting, match="PEGEL_CLICKHOUSE_CLUSTER"):
                Settings(clickhouse="clickhouse://host/stats", clickhouse_cluster=name)

    def test_the_embedded_engine_is_no_cluster(self) -> None:
        with pytest.raises(BadSetting, match="PEGEL_CLICKHOUSE_CLUSTER"):
            Settings(clickhouse_cluster="pegel")


@pytest.fixture(scope="module")
def spread(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The only server of a cluster: tables are read and filled through those that know all shards."""
    with running(tmp_path_factory.mktemp("spread") / "data", cluster="pegel") as (dsn, _):
        database = Database(Access(dsn, cluster="pegel"))
        migrate.apply(database)
        yield database
        database.client.close()


def test_both_kinds_of_tables_are_there(spread: Database) -> None:
    statement = "select database, engine from system.tables where name = {table:String} order by database"
    for table in SHARDED_BY:
        default, local = spread.rows(statement, {"table": table})
        assert (default["database"], default["engine"]) == ("default", "Distributed")
        assert local["database"] == "default_local"
        assert local["engine"].endswith("MergeTree")
    assert migrate.pending(spread) == []
    assert migrate.apply(spread) == []


@pytest.mark.parametrize("table", [*ROWS])
def test_both_have_the_same_columns(spread: Database, table: str) -> None:
    columns = "select name, type, default_kind, default_expression from system.columns"
    statement = f"{columns} where (database, table) = ({{d:String}}, {{t:String}})"
    whole, local = (spread.rows(statement, {"d": name, "t": table}) for name in ("default", "default_local"))
    assert whole == local != []


@pytest.mark.parametrize("table", [*ROWS])
def test_rows_are_kept_once_and_read_whole(spread: Database, table: str) -> None:
    rows = [ROWS[table](site=number) for number in (71, 72)]
    for _ in range(3):
        spread.insert(table, columns_of(rows), token=f"once {table}")
    (kept,) = spread.rows(f"select count() as n from default_local.{table} where site in (71, 72)")
    (read,) = spread.rows(f"select count() as n from {table} where site in (71, 72)")
    assert kept == read == {"n": 2}


@pytest.fixture(scope="module")
def filled(spread: Database, database: Database) -> tuple[Database, Database]:
    """The same rows, spread and at one place."""
    emptied(database)
    for table in ROWS:
        spread.command(f"truncate table default_local.{table}")
    for table, rows in ODD_ROWS.items():
        for each in (spread, database):
            insert_rows(each, table, rows)
    return spread, database


def test_every_report_says_the_same(
    administered_world: World, tmp_path: Path, filled: tuple[Database, Database]
) -> None:
    """Each asks tables that know all shards, with others of them inside."""
    methods = [method for method in READING if method.partition(".")[0] not in WITHOUT_TABLES]
    answers = []
    for number, database in enumerate(filled):
        (tmp_path / str(number)).mkdir()
        with administered(administered_world, tmp_path / str(number), database) as api:
            answers.append({method: asked(api, method) for method in methods})
    spread, usual = answers
    different = [method for method in methods if spread[method] != usual[method]]
    assert different == []
    assert sum("nb_visits" in str(answer) for answer in usual.values()) > 40


def asked(api: Api, method: str) -> object:
    given = {"module": "API", "method": method, "format": "json", **USUAL, "token_auth": api.tokens["superuser"]}
    answer = api.post(given)
    assert answer.status_code < 500, (method, answer.text)
    return comparable(answer.json())


def comparable(value: Any) -> Any:
    """Return an answer without what depends on the moment, and with lists in one order: that of ties is nobody's."""
    if isinstance(value, dict):
        return {name: comparable(each) for name, each in value.items() if not PASSING.search(name)}
    if isinstance(value, list):
        return sorted((comparable(each) for each in value), key=str)
    return value


def test_people_are_erased_and_made_anonymous_where_their_rows_are(spread: Database, tmp_path: Path) -> None:
    with tracked(tmp_path, spread) as pegel:
        test_people.test_erases_what_it_finds_and_keeps_the_sums(pegel, "user", test_people.USER)
        test_people.TestAnonymise().test_visits_of_a_visitor_stay_together_under_another_id(pegel)


def test_months_are_deleted_where_their_rows_are(spread: Database, tmp_path: Path, registry: Registry) -> None:
    keeps, short = a_site(registry, id=9001, retention_months=0), a_site(registry, id=9002, retention_months=3)
    months = test_retention.JANUARY, test_retention.APRIL
    for site in (keeps, short):
        test_retention.fill(spread, site, *months)
    with closing(Journal(tmp_path / "loader.sqlite")) as journal:
        Retention(journal, spread, registry, lambda: NOW).run()
    assert test_retention.kept(spread, keeps) == test_retention.all_tables(*months)
    assert test_retention.kept(spread, short) == test_retention.all_tables(months[1])
    assert test_retention.days(spread, short) == [(month.date(), 1) for month in months]


def test_a_server_works_with_tables_that_the_command_has_spread(tmp_path: Path) -> None:
    with running(tmp_path / "clickhouse", cluster="pegel", reading="r", readonly=2) as (dsn, _):
        reading = dsn.replace("default:@", f"{READER}:r@")
        environ = {"PEGEL_CLICKHOUSE": dsn, "PEGEL_CLICKHOUSE_READ": reading, "PEGEL_COLLECTORS": "1"}
        with server(tmp_path / "serve", PEGEL_CLICKHOUSE_CLUSTER="pegel", **environ) as pegel:
            said = pegel.run("migrate", "--cluster", "pegel", PEGEL_CLICKHOUSE_CLUSTER="")
            assert "clickhouse: applied 0001_hits, " in said.stdout, said.stderr
            assert pegel.say("migrate", "--check").endswith("clickhouse: up to date\n")
            site, token = pegel.add_site(), pegel.add_token("view")
            pegel.start()
            send_and_flush(pegel, site)
            asked = f"module=API&method=Actions.get&idSite={site}&period=day&date=today&format=json&token_auth={token}"
            assert pegel.get(f"/index.php?{asked}", pegel.private_port).json()["nb_pageviews"] == 3
            assert pegel.stop() == 0
        (kept,) = Database(dsn).rows("select count() as n from default_local.hits")
        assert kept == {"n": 3}


KEEPER = """
<clickhouse>
    <macros><cluster>pegel</cluster><shard>2</shard><replica>1</replica></macros>
    <zookeeper><node><host>{}</host><port>{}</port></node></zookeeper>
</clickhouse>
"""
CREATING = """
import chdb, json, sys
connection = chdb.connect(f"{sys.argv[1]}?config-file={sys.argv[2]}")
for statement in json.load(sys.stdin):
    connection.query(statement)
columns = "zookeeper_path, replica_name, is_readonly"
print(connection.query(f"select {columns} from system.replicas order by zookeeper_path", "TSV"))
"""


@pytest.mark.skipif(bool(missing()), reason=missing())
def test_a_keeper_takes_the_replicas(tmp_path: Path) -> None:
    """The embedded engine creates replicas, and then only reads them: what follows is up to a real server."""
    creating = [each for each in every_migration() if each.startswith(("create table", "--"))]
    placed = [each for statement in creating for each in CLUSTER.placed(statement, {})]
    local = [each.replace(" on cluster pegel", "") for each in placed if "engine = Distributed" not in each]
    with zookeeper(tmp_path / "zookeeper") as port:
        (tmp_path / "config.xml").write_text(KEEPER.format("127.0.0.1", port), "utf-8")
        command = [sys.executable, "-c", CREATING, str(tmp_path / "data"), str(tmp_path / "config.xml")]
        done = subprocess.run(command, input=json.dumps(local), capture_output=True, text=True, check=True)
    replicas = [line.split("\t") for line in done.stdout.splitlines() if line]
    paths = [f"/clickhouse/tables/pegel/2/stats_local/{table}" for table in SHARDED_BY]
    assert replicas == sorted(
        [*([path, "1", "1"] for path in paths), ["/clickhouse/tables/pegel/all/stats/passing_key", "2-1", "1"]]
    )
