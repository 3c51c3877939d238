"""`pegel doctor` about machine and running server: each look finds what is wrong, and nothing where all is well."""

import os
import resource
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from ingest import doctor, machine, running
from ingest.installation import Finding, Installation
from ingest.machine import kind_of, release_of
from ingest.settings import Settings
from sql import migrate
from sql.clickhouse import Access, Database
from sql.registry import Registry
from tests.conftest import a_site
from tests.running import HOST, server
from tests.tracked import listening

Look = Callable[[Installation], Iterator[Finding]]

GB = 1_000_000_000
MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /srv/pegel rw,relatime - nfs4 10.0.0.9:/pegel rw
31 22 0:41 / /srv/my\\040data rw - fuse.sshfs backup: rw
32 30 8:2 / /srv/pegel/data rw - xfs /dev/sdb1 rw
"""


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """The registry of an installation, made now."""
    registry = Registry(tmp_path / "registry.sqlite")
    yield registry
    registry.close()


def installed(data: Path, now: float = 0.0, **addresses: str) -> Installation:
    access = Access(f"chdb://{data / 'clickhouse'}")
    settings = Settings(spool_max_bytes=1_000_000)
    return Installation(settings, data, access, data / "registry.sqlite", addresses, now or time.time())


def state_of(look: Look, place: Installation) -> str:
    """Return how a look ends, '' if it has nothing to say; who finds something wrong says what to do."""
    findings = [*look(place)]
    assert [finding for finding in findings if (finding.state == "ok") is bool(finding.remedy)] == []
    return findings[0].state if findings else ""


@pytest.mark.parametrize(
    ("directory", "file", "state"),
    [
        pytest.param(0o755, 0o644, "warn", id="open"),
        pytest.param(0o700, 0o644, "ok", id="closed-directory"),
        pytest.param(0o755, 0o640, "ok", id="closed-files"),
    ],
)
@pytest.mark.parametrize(
    "name", ["registry.sqlite", "registry.sqlite-wal", "loader.sqlite", "registry.json", "spool/1.segment"]
)
def test_permissions(tmp_path: Path, directory: int, file: int, state: str, name: str) -> None:
    (tmp_path / "spool").mkdir()
    (tmp_path / name).touch()
    (tmp_path / name).chmod(file)
    tmp_path.chmod(directory)
    assert state_of(machine.permissions, installed(tmp_path)) == state


def test_permissions_of_the_embedded_engine(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "clickhouse").mkdir(mode=0o755)
    (found,) = machine.permissions(installed(tmp_path))
    assert (found.state, found.says) == ("warn", "others on this machine can read clickhouse")
    assert state_of(machine.permissions, installed(tmp_path / "nowhere")) == ""


def test_a_server_that_starts_lets_nobody_else_read(tmp_path: Path) -> None:
    with server(tmp_path) as pegel:
        pegel.add_site()
        pegel.start()
        assert state_of(machine.permissions, installed(pegel.data)) == "ok"


@pytest.mark.parametrize(
    ("directory", "kind"),
    [
        pytest.param("/var/lib/pegel", "ext4", id="root"),
        pytest.param("/srv/pegel/spool", "nfs4", id="nfs"),
        pytest.param("/srv/pegel/data/clickhouse", "xfs", id="nearest"),
        pytest.param("/srv/pegelstand", "ext4", id="another-name"),
        pytest.param("/srv/my data", "fuse.sshfs", id="blank"),
    ],
)
def test_the_kind_of_a_file_system(directory: str, kind: str) -> None:
    assert kind_of(Path(directory), MOUNTS) == kind


@pytest.mark.parametrize(("kind", "state"), [("nfs4", "fail"), ("cifs", "fail"), ("ext4", "ok"), ("tmpfs", "ok")])
@pytest.mark.parametrize("embedded", [True, False])
def test_a_disk_that_other_machines_share(kind: str, embedded: bool, state: str) -> None:
    found = machine.judged(kind, embedded)
    assert (found.state, "embedded engine" in found.remedy) == (state, state == "fail" and embedded)


def test_the_machine_itself_has_a_file_system(tmp_path: Path) -> None:
    assert state_of(machine.filesystem, installed(tmp_path)) == "ok"


def test_days_until_the_disk_is_full(tmp_path: Path, registry: Registry) -> None:
    (tmp_path / "clickhouse").mkdir()
    with (tmp_path / "clickhouse" / "part").open("wb") as file:
        os.truncate(file.fileno(), 100 * GB)  # It takes no room.
    assert machine.days_left(installed(tmp_path), 50 * GB) is None  # Too early to tell.
    in_ten_days = time.time() + 10 * machine.DAY
    assert machine.days_left(installed(tmp_path, in_ten_days), 50 * GB) == 4
    assert machine.days_left(installed(tmp_path, in_ten_days), 5000 * GB) == 499
    os.truncate(tmp_path / "clickhouse" / "part", 8000 * GB)
    (found,) = machine.disk(installed(tmp_path, in_ten_days))
    assert (found.state, " days at the pace so far" in found.says, "--retention-months" in found.remedy) == (
        "warn",
        True,
        True,
    )
    (tmp_path / "clickhouse" / "part").unlink()
    assert state_of(machine.disk, installed(tmp_path, in_ten_days)) == "ok"


def test_time_zones_of_sites(tmp_path: Path, registry: Registry) -> None:
    a_site(registry, timezone="Europe/Zurich")
    assert state_of(machine.zones, installed(tmp_path)) == "ok"
    assert state_of(machine.zones, installed(tmp_path, now=2e9)) == "warn"  # In 2033.
    with closing(sqlite3.connect(tmp_path / "registry.sqlite")) as connection, connection:
        connection.execute("update sites set timezone = 'Europe/Atlantis'")
    (found,) = machine.zones(installed(tmp_path))
    assert (found.state, found.says) == ("fail", "Europe/Atlantis unknown here")


@pytest.mark.parametrize(
    ("head", "release"),
    [("# version 2026f", "2026f"), ("Z Europe/Zurich", ""), ("# version unknown", ""), ("", "")],
)
def test_the_release_of_time_zones(tmp_path: Path, head: str, release: str) -> None:
    assert release_of((str(tmp_path),)) == ""
    (tmp_path / "tzdata.zi").write_text(f"{head}\n# more\n")
    assert release_of((str(tmp_path / "none"), str(tmp_path))) == release


@pytest.mark.parametrize(
    ("ways", "state", "remedy"),
    [
        pytest.param({"unbelieved-private": 60, "one-private": 60}, "fail", "TRUSTED_PROXIES", id="forgotten-proxy"),
        pytest.param({"unbelieved-public": 95, "direct": 5}, "warn", "TRUSTED_PROXIES", id="forgotten-cdn"),
        pytest.param({"unbelieved-public": 20, "direct": 80}, "ok", "", id="visitors-behind-proxies"),
        pytest.param({"silent-proxy": 60, "proxy": 40}, "fail", "PEGEL_PROXY_HEADER", id="proxy-without-header"),
        pytest.param({"proxy": 100}, "ok", "", id="proxy"),
        pytest.param({"one-private": 95, "direct": 5}, "warn", "set a header", id="one-address"),
        pytest.param({"one-private": 50, "direct": 50}, "ok", "", id="many-private-addresses"),
        pytest.param({"direct": 500}, "ok", "", id="no-proxy"),
        pytest.param({"unbelieved-private": 99}, "ok", "", id="too-few"),
        pytest.param({}, "ok", "", id="no-server"),
    ],
)
def test_proxies(ways: Mapping[str, float], state: str, remedy: str) -> None:
    found = running.judged(ways)
    assert (found.state, bool(found.remedy)) == (state, bool(remedy))
    assert remedy in found.remedy


def test_a_proxy_that_was_forgotten_is_found_while_the_server_runs(tmp_path: Path) -> None:
    with server(tmp_path, PEGEL_COLLECTORS="1") as pegel:
        site = pegel.add_site()
        pegel.start()
        for number in range(running.ENOUGH):
            pegel.get(f"/matomo.php?idsite={site}&rec=1", X_Forwarded_For=f"198.51.100.{number}")
        place = installed(pegel.data, PEGEL_DASHBOARD_LISTEN=f"{HOST}:{pegel.private_port}")
        (found,) = running.senders(place)
        assert (found.state, "is not believed" in found.says) == ("fail", True)
        assert "198.51" not in str(found)
        assert [state_of(look, place) for look in (running.open_files, running.shift)] == ["ok", ""]
        refused = pegel.run("doctor")
        assert (refused.returncode, "FAIL  proxies: " in refused.stdout) == (1, True)


@pytest.mark.parametrize(
    ("text", "look", "state"),
    [
        pytest.param('process_max_fds{process="core"} 1024', running.open_files, "warn", id="few-files"),
        pytest.param('process_max_fds{process="core"} 65536', running.open_files, "ok", id="many-files"),
        pytest.param(
            'process_max_fds{process="core"} 65536\npegel_process_open_fds{process="core"} 60000',
            *(running.open_files, "fail"),
            id="hardly-any-left",
        ),
        pytest.param('process_max_fds{process="core"} +Inf', running.open_files, "ok", id="any-number"),
        pytest.param("clock_shift_seconds -7200.5", running.shift, "warn", id="clock-set-back"),
        pytest.param("clock_shift_seconds 0.002", running.shift, "", id="clock-left-alone"),
    ],
)
def test_what_a_server_tells_of_itself(tmp_path: Path, text: str, look: Look, state: str) -> None:
    def metrics(request: Request) -> PlainTextResponse:
        return PlainTextResponse(f"# HELP pegel_x y\npegel_{text}\n")

    with listening(Starlette(routes=[Route("/metrics", metrics)])) as port:
        assert state_of(look, installed(tmp_path, PEGEL_METRICS_LISTEN=f"{HOST}:{port}")) == state


def test_the_clock_of_clickhouse(tmp_path: Path, clickhouse_server: str) -> None:
    Database(clickhouse_server).command("create database if not exists clocks")
    access = Access(clickhouse_server.removesuffix("default") + "clocks")
    migrate.apply(Database(access))
    place = installed(tmp_path)._replace(access=access)
    assert [(finding.check, finding.state) for finding in doctor.schema(place)] == [
        ("clock of ClickHouse", "ok"),
        ("schema", "ok"),
    ]
    assert abs(doctor.clock_of(Database(access))) < 60
    for seconds in (-3600, 3600):
        late = doctor.same_time(seconds)
        assert (late.state, "systemd-timesyncd" in late.remedy) == ("fail", True)


def test_every_look_is_taken(tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir()
    checks = {finding.check for finding in doctor.findings(installed(tmp_path))}
    assert checks >= {"time zones", "permissions", "file system", "disk", "open files", "proxies", "clock"}


def test_the_limit_of_files_where_no_server_runs(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
        assert state_of(running.open_files, installed(tmp_path)) == "warn"
        resource.setrlimit(resource.RLIMIT_NOFILE, (running.FEW_FILES, hard))
        assert state_of(running.open_files, installed(tmp_path)) == "ok"
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
