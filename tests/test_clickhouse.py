"""One code for both kinds of ClickHouse: what holds for the embedded engine holds over HTTP."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sql import migrate
from sql.clickhouse import Database, DatabaseUnavailable, without_secret
from tests.clickhouse_server import running
from tests.conftest import (
    NOW,
    ROWS,
    Values,
    bot_row,
    columns_of,
    conversion_row,
    counter_row,
    emptied,
    hit_row,
    insert_rows,
    item_row,
    timing_row,
    visit_row,
)

SECRET = "p4ss-w0rd"
LIVE = {"site": 1, "since": NOW, "until": NOW + timedelta(minutes=5)}
# One row in each of three monthly partitions.
THREE_MONTHS = [NOW, NOW - timedelta(days=40), NOW - timedelta(days=200)]


@pytest.fixture(params=["embedded", "server"])
def anywhere(request: pytest.FixtureRequest) -> Database:
    """An empty ClickHouse of either kind."""
    found: Database = request.getfixturevalue({"embedded": "database", "server": "database_server"}[request.param])
    return emptied(found)


@pytest.fixture(scope="module")
def database_server(clickhouse_server: str) -> Iterator[Database]:
    database = Database(clickhouse_server)
    migrate.apply(database)
    yield database
    database.client.close()


def rows_in(database: Database, table: str, final: str = "") -> int:
    return int(database.command(f"select count() from {table} {final}"))


def test_an_insert_of_several_blocks_is_there_whole_and_once(anywhere: Database) -> None:
    """The client sends some thousand rows at a time."""
    count = 40_000
    columns: dict[str, list[object]] = {
        "site": [1] * count,
        "at": [NOW] * count,
        "id": [*range(count)],
        "title": ["x" * 100] * count,
    }
    for _ in range(2):
        anywhere.insert("hits", columns, token="several blocks")
        assert rows_in(anywhere, "hits") == count


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        pytest.param(4294967295, "UInt32", id="number"),
        pytest.param("O'Brien\\ \t Ä 漢 {x:UInt8} %s", "String", id="text-with-everything"),
        pytest.param("", "String", id="empty-text"),
        pytest.param(["a'b", "c"], "Array(String)", id="list"),
        pytest.param([1, 2], "Array(UInt32)", id="list-of-numbers"),
        pytest.param(NOW, "DateTime64(3, 'UTC')", id="moment"),
        pytest.param(-1.5, "Float64", id="fraction"),
    ],
)
def test_a_typed_parameter_comes_back_as_it_went(anywhere: Database, value: object, kind: str) -> None:
    result = anywhere.client.query(f"select {{value:{kind}}} as value", parameters={"value": value})
    assert result.result_rows == [(without_zone(value),)]


def without_zone(value: object) -> object:
    """Return what we get: moments come in UTC, and do not say so."""
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def test_a_report_gives_rows_by_column(anywhere: Database) -> None:
    insert_rows(anywhere, "hits", [hit_row(visitor=7), hit_row(visitor=7), hit_row(visitor=8), hit_row(site=2)])
    assert anywhere.query("reports/live_visitors", LIVE) == [{"nb_visitors": 2, "nb_hits": 3}]


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        pytest.param({**LIVE, "site": "1 or 1"}, "BAD_QUERY_PARAMETER", id="wrong-type"),
        pytest.param({"site": 1}, "UNKNOWN_QUERY_PARAMETER", id="missing"),
    ],
)
def test_a_bad_parameter_is_refused(anywhere: Database, parameters: Values, reason: str) -> None:
    with pytest.raises(DatabaseUnavailable, match=reason) as refused:
        anywhere.query("reports/live_visitors", parameters)
    assert "1 or 1" not in str(refused.value), "what somebody asked does not belong into a log"


@pytest.mark.parametrize(
    ("table", "row"),
    [
        pytest.param("hits", hit_row(search_count=3, event_value=-1.5, title="Übung 'x'\n\t"), id="hits"),
        pytest.param("visits", visit_row(duration=65, seconds_since_first=0, city="Zürich"), id="visits"),
        pytest.param("counters", counter_row(reason="bot", outcome="dropped"), id="counters"),
        pytest.param("hits", hit_row(dimensions={"3": "a"}, product_categories=["b", "c"]), id="hits-with-more"),
        pytest.param("visits", visit_row(goals=[1, 7], latitude=-0.5, dimensions={"1": ""}), id="visits-with-more"),
        pytest.param("conversions", conversion_row(goal=-1, tax=0.5), id="conversions"),
        pytest.param("order_items", item_row(categories=[]), id="order-items"),
        pytest.param("timings", timing_row(on_load=None), id="timings"),
        pytest.param("bots", bot_row(size=2**40, status=None), id="bots"),
    ],
)
def test_what_was_inserted_by_column_comes_back(anywhere: Database, table: str, row: Values) -> None:
    insert_rows(anywhere, table, [row])
    (found,) = anywhere.client.query(f"select * from {table}").named_results()
    assert found == {name: without_zone(value) for name, value in row.items()}


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([hit_row(at=at) for at in THREE_MONTHS[:1]], id="one-partition"),
        pytest.param([hit_row(at=at) for at in THREE_MONTHS], id="three-partitions"),
    ],
)
def test_a_batch_counts_once_however_often_it_is_sent(anywhere: Database, rows: list[Values]) -> None:
    for _ in range(3):
        anywhere.insert("hits", columns_of(rows), token="batch 1")
    assert rows_in(anywhere, "hits") == len(rows)


@pytest.mark.parametrize("encoding", ["lz4", "zstd", "gzip", "False"])
def test_a_server_takes_compressed_inserts(database_server: Database, encoding: str) -> None:
    emptied(database_server)
    database = Database(f"{database_server.dsn}?compress={encoding}")
    database.insert("hits", columns_of([hit_row() for _ in range(2000)]), token=encoding)
    assert rows_in(database, "hits") == 2000
    database.client.close()


def test_the_same_rows_in_another_batch_are_more_rows(anywhere: Database) -> None:
    for number in range(3):
        anywhere.insert("hits", columns_of([hit_row(id=1)]), token=f"batch {number}")
    assert rows_in(anywhere, "hits") == 3


def test_final_shows_the_newest_state_of_a_visit(anywhere: Database) -> None:
    for version, actions in ((1, 1), (3, 5), (2, 3)):
        insert_rows(anywhere, "visits", [visit_row(id=9, visitor=9, version=version, actions=actions)])
    found = anywhere.client.query("select id, version, actions from visits final").result_rows
    assert found == [(9, 3, 5)]


def test_each_thread_may_ask_at_the_same_time(anywhere: Database) -> None:
    insert_rows(anywhere, "hits", [hit_row(), hit_row()])

    def ask(_: int) -> int:
        return rows_in(anywhere, "hits")

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(20))) == [2] * 20


def test_an_insert_that_is_refused_says_so(anywhere: Database) -> None:
    with pytest.raises(DatabaseUnavailable, match="insert into nowhere"):
        anywhere.insert("nowhere", {"site": [1]}, token="batch")
    with pytest.raises(DatabaseUnavailable, match="command"):
        anywhere.command("optimize table nowhere final")


def test_a_server_that_is_gone_is_unavailable(tmp_path: Path) -> None:
    with running(tmp_path) as (dsn, process):
        database = Database(dsn)
        migrate.apply(database)
        process.kill()
        process.wait()
        with pytest.raises(DatabaseUnavailable, match="reports/live_visitors"):
            database.query("reports/live_visitors", LIVE)
        with pytest.raises(DatabaseUnavailable, match="insert into hits"):
            database.insert("hits", columns_of([hit_row()]), token="batch")
        with pytest.raises(DatabaseUnavailable, match="ClickHouse at"):
            Database(dsn).query("reports/live_visitors", LIVE)
    database.client.close()


@pytest.mark.parametrize(
    "dsn",
    [
        pytest.param(f"clickhouse://default:{SECRET}@{{address}}/default", id="wrong-password"),
        pytest.param(f"clickhouse://default@{{address}}/default?password={SECRET}", id="password-as-option"),
        pytest.param(f"clickhouse://default:{SECRET}@127.0.0.1:1/default", id="nobody-listens"),
        pytest.param(f"clickhouse://default:{SECRET}@clickhouse.invalid/default", id="no-such-host"),
        pytest.param(f"clickhouse://default:{SECRET}@{{address}}/default?colour={SECRET}", id="unknown-option"),
        pytest.param(f"clickhouse://default:{SECRET}@127.0.0.1:port/default", id="unusable-port"),
        pytest.param(f"clickhouse://default:{SECRET}/x@127.0.0.1/default", id="password-not-encoded"),
        pytest.param(f"clickhousf://default:{SECRET}@127.0.0.1/default", id="unknown-scheme"),
    ],
)
def test_no_secret_of_a_dsn_is_in_an_error(clickhouse_server: str, dsn: str) -> None:
    address = clickhouse_server.partition("@")[2].partition("/")[0]
    with pytest.raises(DatabaseUnavailable) as caught:
        Database(dsn.format(address=address)).query("reports/live_visitors", LIVE)
    assert SECRET not in str(caught.value)
    assert SECRET not in without_secret(dsn)


def test_the_builders_of_rows_name_every_column(database: Database) -> None:
    for table, row in ROWS.items():
        described = database.client.query(f"describe table {table}").named_results()
        given = {column["name"] for column in described if column["default_type"] != "MATERIALIZED"}
        assert given == set(row())
