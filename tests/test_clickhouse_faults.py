"""A ClickHouse that is slow, refuses, reads only or answers late: hits are answered, and in the end counted once."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from ingest.segments import used_bytes
from sql.clickhouse import Database
from tests import clickhouse_server
from tests.ledger import NUMBERS, Ledger, assert_counted_once, bulk_load
from tests.running import HOST, Server, eventually, rows, server
from tests.tracked import FIREFOX

QUERIES = 10_000  # More than are asked during a fault.


class Troubled(NamedTuple):
    """A server, its ClickHouse, and the file in which faults are written down, one for each query."""

    pegel: Server
    database: Database
    faults: Path

    def end(self) -> None:
        """Let nothing be wrong any more; the ClickHouse may just have taken a line out."""
        for _ in range(3):
            self.faults.write_text("")
            time.sleep(0.02)

    def health(self) -> tuple[int, str]:
        answer = self.pegel.get("/healthz", self.pegel.private_port)
        return answer.status, str(answer.json()["problem"])


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Troubled]:
    directory = tmp_path_factory.mktemp("troubled")
    faults = directory / "faults"
    environ = {"PEGEL_COLLECTORS": "1", "PEGEL_TRUSTED_PROXIES": HOST, "PEGEL_CLICKHOUSE_ANSWER_SECONDS": "1"}
    with (
        clickhouse_server.running(directory / "clickhouse", faults=faults) as (dsn, _),
        server(directory, PEGEL_CLICKHOUSE=dsn, **environ) as pegel,
    ):
        pegel.start()
        yield Troubled(pegel, Database(dsn), faults)


@pytest.mark.parametrize(
    ("fault", "noticed"),
    [
        pytest.param("slow 0.3", False, id="slow"),
        pytest.param("slow 2", True, id="too-slow"),
        pytest.param("late 2", True, id="done-but-not-answered-in-time"),
        pytest.param("status 503", True, id="away"),
        pytest.param("code 164", True, id="read-only"),
        pytest.param("code 243", True, id="disk-full"),
        pytest.param("code 241", True, id="no-memory"),
    ],
)
def test_a_clickhouse_in_trouble_costs_no_hit(troubled: Troubled, fault: str, noticed: bool) -> None:
    pegel, ledger = troubled.pegel, Ledger()
    site, token = pegel.add_site("--id", str(next(NUMBERS))), pegel.add_token()
    with bulk_load(pegel, site, token, ledger):
        ledger.reaches(100)
        troubled.faults.write_text(f"{fault}\n" * QUERIES)
        before = used_bytes(pegel.data / "spool")
        ledger.reaches(len(ledger) + 400)
        if noticed:
            eventually(lambda: troubled.health()[0] == 503)
            assert troubled.health()[1]
        assert pegel.get("/healthz").status == 200, "whoever tracks notices nothing"
        assert used_bytes(pegel.data / "spool") > before
        troubled.end()
        ledger.reaches(len(ledger) + 100)
    pegel.flush()
    eventually(lambda: troubled.health() == (200, ""))
    assert_counted_once(troubled.database, site, ledger)
    assert json.loads(pegel.say("spool", "list", "--json"))["set_aside"] == []


def test_a_hit_that_clickhouse_never_takes_stops_no_other(troubled: Troubled) -> None:
    pegel, database = troubled.pegel, troubled.database
    site = pegel.add_site("--id", str(next(NUMBERS)))
    eventually(lambda: view(pegel, site, "first") == 200)
    database.command("alter table hits add constraint healthy check page not like '%poison%'")
    for page in ("second", "poison", "third"):
        assert view(pegel, site, page) == 200
    pegel.flush()
    assert view(pegel, site, "fourth") == 200
    pegel.flush()
    assert pages(database, site) == ["first", "fourth", "second", "third"]
    (record,) = json.loads(pegel.say("spool", "list", "--json"))["set_aside"]
    assert (record["what"], record["site"], record["reason"]) == (
        "row of hits",
        site,
        "ClickHouse says 469 VIOLATED_CONSTRAINT",
    )
    assert "poison" not in pegel.said()
    database.command("alter table hits drop constraint healthy")
    pegel.say("spool", "retry", str(record["number"]))
    eventually(lambda: pages(database, site) == ["first", "fourth", "poison", "second", "third"])
    assert json.loads(pegel.say("spool", "list", "--json"))["set_aside"] == []


def view(pegel: Server, site: int, page: str) -> int:
    return pegel.get(f"/matomo.php?idsite={site}&rec=1&url=https://example.org/{page}", User_Agent=FIREFOX).status


def pages(database: Database, site: int) -> list[str]:
    found = rows(database, f"select page from hits where site = {site} order by page")
    return [str(row["page"]).removeprefix("example.org/") for row in found]
