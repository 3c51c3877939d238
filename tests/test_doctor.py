"""`pegel doctor`: what it finds, that it says what to do, and that it repeats nothing about anybody."""

import fcntl
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ingest import doctor
from ingest.installation import Finding, Installation
from ingest.journal import Journal
from ingest.settings import Settings
from pegel import main
from sql import migrate
from sql.clickhouse import Access, Database
from sql.registry import Registry
from tests.conftest import a_site
from tests.running import server
from tests.tracked import Tracked

NOW = 1_800_000_000.0  # January 2027.
FREE_PORT = "127.0.0.1:1"  # Where nobody listens.

Looked = Callable[..., dict[str, Finding]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "spool").mkdir()
    return tmp_path


@pytest.fixture
def registry(data: Path) -> Iterator[Registry]:
    registry = Registry(data / "registry.sqlite")
    yield registry
    registry.close()


@pytest.fixture
def looked(data: Path, registry: Registry) -> Looked:
    """Look at everything; answer with the findings by their names."""

    def looked(dsn: str = "", now: float = NOW, **settings: Any) -> dict[str, Finding]:
        listeners = dict.fromkeys(("PEGEL_COLLECT_LISTEN", "PEGEL_DASHBOARD_LISTEN"), FREE_PORT)
        made = Settings(**settings)
        dsn = dsn or f"chdb://{data / 'clickhouse'}"
        place = Installation(made, data, Access(dsn), data / "registry.sqlite", listeners, now)
        return {finding.check: finding for finding in doctor.findings(place)}

    return looked


def states(findings: dict[str, Finding]) -> dict[str, str]:
    return {name: finding.state for name, finding in findings.items()}


def test_a_new_installation_needs_a_site_a_user_and_a_server(looked: Looked, registry: Registry) -> None:
    assert states(looked(geo_database="none", spool_max_bytes=1_000_000)) == {
        **dict.fromkeys(("clock", "time zones", "data", "permissions", "file system", "disk", "open files"), "ok"),
        **dict.fromkeys(("spool", "loader", "registry", "proxies"), "ok"),
        **dict.fromkeys(("sites", "users", "server"), "warn"),
        **dict.fromkeys(("lists", "places", "schema"), "ok"),
    }
    a_site(registry)
    registry.add_user("anna@example.org", "correct horse", "view")
    assert [looked()[name].state for name in ("sites", "users")] == ["ok", "ok"]


def a_file(data: Path, name: str, content: bytes) -> str:
    (data / name).write_bytes(content)
    return str(data / name)


@pytest.mark.parametrize(
    ("check", "changes", "state", "remedy"),
    [
        pytest.param("places", {"geo_database": "nowhere.mmdb"}, "fail", "PEGEL_GEO_DATABASE", id="no-places"),
        pytest.param("places", {"geo_database": __file__}, "fail", "PEGEL_GEO_DATABASE", id="broken-places"),
        pytest.param("places", {"now": NOW + 9e7}, "warn", "newer MMDB", id="old-places"),
        pytest.param("lists", {"lists": "nowhere"}, "fail", "PEGEL_LISTS", id="no-lists"),
        pytest.param("disk", {"spool_max_bytes": 2**62}, "warn", "make room", id="small-disk"),
        pytest.param("clock", {"now": 0.0}, "fail", "set the clock", id="clock-of-1970"),
        pytest.param("schema", {"dsn": "clickhouse://a:secret@127.0.0.1:1/x"}, "fail", "CLICKHOUSE", id="no-database"),
    ],
)
def test_what_is_wrong_is_named_with_its_remedy(
    looked: Looked, check: str, changes: dict[str, Any], state: str, remedy: str
) -> None:
    findings = looked(**changes)
    assert findings[check].state == state
    assert remedy in findings[check].remedy
    assert "secret" not in str(findings)
    assert [finding for finding in findings.values() if (finding.state == "ok") is bool(finding.remedy)] == []


@pytest.mark.parametrize(
    ("size", "state"), [pytest.param(600_000, "warn", id="half-full"), pytest.param(950_000, "fail", id="full")]
)
def test_a_spool_that_nobody_loads(looked: Looked, data: Path, size: int, state: str) -> None:
    (data / "spool" / "1.segment").write_bytes(bytes(size))
    findings = looked(spool_max_bytes=1_000_000)
    assert findings["spool"].state == state
    assert (findings["loader"].state, findings["loader"].says) == ("warn", f"{size // 1000} kB wait to be loaded")


def test_what_is_loaded_does_not_wait(looked: Looked, data: Path) -> None:
    (data / "spool" / "1.segment").write_bytes(bytes(600))
    with closing(Journal(data / "loader.sqlite").connection) as connection:
        connection.execute("insert into segment (name, loaded) values ('1.segment', 600)")
    assert looked()["loader"] == Finding("loader", "ok", "0 bytes wait to be loaded")


def test_records_that_were_set_aside(looked: Looked, data: Path) -> None:
    with closing(Journal(data / "loader.sqlite").connection) as connection:
        connection.execute("insert into set_aside (batch, reason, record) values (1, 'KeyError', x'00')")
    found = looked()["set aside"]
    assert (found.state, found.says) == ("warn", "1 records could not be loaded")


@pytest.mark.parametrize(("name", "check"), [("registry.sqlite", "registry"), ("loader.sqlite", "loader")])
def test_a_file_that_is_broken(looked: Looked, data: Path, registry: Registry, name: str, check: str) -> None:
    registry.close()
    for left in data.glob(f"{name}*"):
        left.unlink()
    (data / name).write_bytes(b"no database " * 1000)
    assert looked()[check].state == "fail"


def test_an_old_registry(looked: Looked, data: Path, registry: Registry) -> None:
    registry.close()
    with closing(sqlite3.connect(data / "registry.sqlite")) as connection, connection:
        connection.execute("delete from migrations where name = (select max(name) from migrations)")
    found = looked()["registry"]
    assert (found.state, found.remedy) == ("warn", "pegel migrate")


def test_nothing_is_made(tmp_path: Path) -> None:
    nowhere = tmp_path / "data"
    place = Installation(
        Settings(), nowhere, Access(f"chdb://{nowhere / 'clickhouse'}"), nowhere / "registry.sqlite", {}, NOW
    )
    found = {finding.check: finding for finding in doctor.findings(place)}
    assert (found["data"].state, found["registry"].state, found["schema"].state) == ("warn", "warn", "ok")
    assert not nowhere.exists()


def test_a_server_that_does_not_answer(looked: Looked, data: Path) -> None:
    with (data / "server.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        findings = looked()
    assert [findings[name].state for name in ("server", "schema")] == ["ok", "ok"]
    for name in ("PEGEL_COLLECT_LISTEN", "PEGEL_DASHBOARD_LISTEN"):
        assert findings[name] == Finding(name, "fail", "does not answer", f"pegel serve, or correct {name}")


def test_a_clickhouse_server(looked: Looked, clickhouse_server: str) -> None:
    Database(clickhouse_server).command("create database doctor")  # The server's own may have tables by now.
    ours = clickhouse_server.removesuffix("default") + "doctor"
    found = looked(dsn=ours)["schema"]
    assert (found.state, found.remedy) == ("fail", "pegel migrate")
    assert "0001_hits" in found.says
    migrate.apply(Database(ours))
    assert looked(dsn=ours)["schema"] == Finding("schema", "ok", "current")


def test_a_running_server(tmp_path: Path) -> None:
    """Before the start, while it runs and afterwards: the embedded engine is asked only while nobody has it."""
    with server(tmp_path) as ours:
        site = ours.add_site()
        assert ours.run("doctor").returncode == 0
        ours.start()
        ours.get(f"/matomo.php?idsite={site}&rec=1&url=https://example.org/secret-page&cip=198.51.100.77")
        ours.get("/matomo.php?idsite=4711&rec=1", user_agent="SecretBrowser/1.0")
        ours.get(f"/matomo.php?idsite={site}", user_agent="SecretBrowser/1.0")
        ours.flush()
        said = ours.say("doctor")
        found = json.loads(ours.say("doctor", "--json"))
        ours.stop()
        assert "ok    schema: current" in ours.say("doctor")
    for line in ("ok    server: runs", "ok    PEGEL_COLLECT_LISTEN: answers", "ok    PEGEL_DASHBOARD_LISTEN: answers;"):
        assert f"{line}" in said
    assert "warn  site 1: refused cip, 1 request, last " in said
    assert "warn  site 4711: refused idsite, 1 request, last " in said
    assert "ok    site 1: dropped no-rec, 1 request, last " in said
    assert "remedy: Send a token_auth" in said
    assert found["ok"] is True
    assert {problem["reason"] for problem in found["problems"]} == {"cip", "idsite", "no-rec"}
    for secret in ("198.51", "secret-page", "SecretBrowser", "127.0.0.1", "http"):
        assert secret not in said + json.dumps(found)


def test_a_listener_that_is_well(pegel: Tracked) -> None:
    assert doctor.answering("PEGEL_COLLECT_LISTEN", f"0.0.0.0:{pegel.port}").state == "ok"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(b'{"problem": "DatabaseUnavailable: at host:8123"}', "DatabaseUnavailable", id="problem"),
        pytest.param(b'{"problem": ""}', "no reason given", id="empty"),
        pytest.param(
            b'{"problem": "", "oldest_unloaded_seconds": 130.5}', "the oldest hit has waited 130.5 s", id="late"
        ),
        pytest.param(b"[]", "no reason given", id="list"),
        pytest.param(b"Bad gateway", "no reason given", id="somebody-else"),
    ],
)
def test_of_a_problem_only_its_kind_is_told(body: bytes, said: str) -> None:
    assert doctor.problem_in(body) == said


def test_what_fails_is_told_by_the_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environ = {"PEGEL_DATA": str(tmp_path), "PEGEL_LISTS": str(tmp_path / "nowhere")}
    assert main(["doctor"], environ, tmp_path / "none.toml") == 1
    assert "FAIL  lists: " in capsys.readouterr().out
