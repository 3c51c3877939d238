"""What `deploy/` and the Dockerfile name is there, means what it should, and works as far as this machine can tell."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from dashboard.settings import Settings as DashboardSettings
from ingest.settings import Settings as IngestSettings
from pegel import SETTINGS, parser
from sql.clickhouse import Database, DatabaseUnavailable
from sql.schema import Migration
from sql.settings import Settings, read
from tests.containers import Context, Stage, composed, stages, with_defaults
from tests.fronts import CHECKS, EXAMPLES, Front, needs, prepared
from tests.running import ROOT
from tests.test_style import all_settings

DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "systemd/pegel@.service"
ROLES = ("serve", "collect", "load", "dashboard")
COMPOSE = sorted(DEPLOY.rglob("compose.yaml"))
EVERYTHING = sorted(path for path in [ROOT / "Dockerfile", *DEPLOY.rglob("*")] if path.is_file())
NAME = re.compile(r"\bPEGEL_[A-Z_]+")
EXPOSURE = 15  # Tenths of what `systemd-analyze security` says at most; 10 is best, 100 worst.
FILLED = {"CLICKHOUSE_PASSWORD": "secret", "CLICKHOUSE_READ_PASSWORD": "secret", "CLUSTER_SECRET": "secret"}
# What ClickHouse answers to whoever may not manage access, or asks about somebody whom there is not yet.
UNDERSTOOD = {"ACCESS_DENIED", "THERE_IS_NO_PROFILE", "UNKNOWN_ROLE"}

Service = dict[str, Any]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", EVERYTHING, ids=named)
def test_settings_that_are_named_are_there(path: Path) -> None:
    known = {setting.env_name for setting in all_settings()}
    assert set(NAME.findall(path.read_text("utf-8"))) - known == set()


class TestUnit:
    """The unit of systemd, which is one for all roles."""

    @pytest.mark.parametrize("role", ROLES)
    def test_systemd_understands_it(self, role: str, tmp_path: Path) -> None:
        needs("systemd-analyze")
        command = f"ExecStart={sys.executable} {ROOT / 'pegel.py'}"
        text = UNIT.read_text("utf-8")
        assert "ExecStart=/opt/pegel/bin/pegel %i" in text
        unit = tmp_path / f"pegel@{role}.service"
        unit.write_text(text.replace("ExecStart=/opt/pegel/bin/pegel", command), "utf-8")
        done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout + done.stderr) == (0, "")

    def test_it_exposes_little(self) -> None:
        needs("systemd-analyze")
        command = ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}", str(UNIT)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout

    @pytest.mark.parametrize("role", ROLES)
    def test_every_role_is_a_command(self, role: str) -> None:
        assert parser().parse_args([role]).command.name == role

    def test_its_settings_fit_the_unit(self) -> None:
        own, _, _ = read(*SETTINGS, environ={}, config=DEPLOY / "systemd/pegel.toml")
        assert isinstance(own, Settings)
        state = re.findall(r"^StateDirectory=(.*)$", UNIT.read_text("utf-8"), re.MULTILINE)
        assert own.data == Path("/var/lib") / state[0]


class TestImage:
    """The image of the Dockerfile."""

    @pytest.fixture
    def image(self) -> list[Stage]:
        return stages(ROOT / "Dockerfile")

    def test_it_builds_from_what_it_copies(self, image: list[Stage], tmp_path: Path) -> None:
        """Follow the instructions by hand; packages come from where they are installed."""
        assets, packages, _ = image
        context = Context(ROOT)
        built, wheel = tmp_path / "assets", tmp_path / "packages"
        for step in assets.all("COPY"):
            context.copy(step.words[:-1], step.words[-1], built)
        (built / "node_modules").symlink_to(ROOT / "node_modules")
        subprocess.run(["npm", "run", "--silent", "build"], cwd=built, check=True)
        for step in packages.all("COPY"):
            if step.origin:
                shutil.copytree(built / step.words[0].removeprefix("/build/"), wheel / step.words[1])
            else:
                context.copy(step.words[:-1], step.words[-1], wheel)
        subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel"], cwd=wheel, check=True)
        (made,) = wheel.glob("dist/*.whl")
        names = zipfile.ZipFile(made).namelist()
        wanted = {"pegel.py", "ingest/built/country.mmdb", "ingest/built/matomo.js", "dashboard/static/manifest.json"}
        statements = {path.relative_to(wheel).as_posix() for path in wheel.glob("sql/**/*.sql")}
        assert statements
        assert wanted | statements <= set(names)

    def test_nothing_else_is_sent_to_the_build(self) -> None:
        context = Context(ROOT)
        unwanted = (".git/config", ".venv/bin/python", "data/registry.sqlite", "node_modules/a.js", "tests/conftest.py")
        built = ("dashboard/static/app.js", "ingest/built/matomo.js", "ingest/__pycache__/app.pyc", "pegel.toml")
        assert [name for name in (*unwanted, *built) if context.holds(name)] == []

    def test_it_runs_as_nobody_who_may_do_anything(self, image: list[Stage]) -> None:
        last = image[-1]
        user = last.one("USER").rest
        assert "useradd --system --uid 10001 --home-dir /data" in last.one("RUN").rest
        assert last.one("RUN").rest.count(f" {user}") >= 2
        names = [step.name for step in last.steps]
        assert "RUN" not in names[names.index("USER") :]

    def test_its_settings_are_what_it_exposes(self, image: list[Stage]) -> None:
        last = image[-1]
        own, ingest, dashboard = read(*SETTINGS, environ=last.pairs("ENV"), config=Path("none"))
        assert isinstance(own, Settings)
        assert isinstance(ingest, IngestSettings)
        assert isinstance(dashboard, DashboardSettings)
        assert own.data == Path(last.one("VOLUME").rest)
        listening = [address.rpartition(":")[2] for address in (ingest.collect_listen, dashboard.dashboard_listen)]
        assert listening == last.one("EXPOSE").words == last.one("HEALTHCHECK").command()[-2:]

    def test_it_serves(self, image: list[Stage]) -> None:
        (program,) = image[-1].one("ENTRYPOINT").command()
        assert program == "pegel"
        assert parser().parse_args(image[-1].one("CMD").command()).command.name == "serve"

    def test_its_version_is_that_of_the_package(self, image: list[Stage]) -> None:
        version = re.search(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
        assert version
        assert image[-1].pairs("LABEL")["org.opencontainers.image.version"] == version[1]


def services(image: str = "") -> list[Any]:
    found = [(path, name, each) for path in COMPOSE for name, each in composed(path)["services"].items()]
    wanted = [(path, name, each) for path, name, each in found if each["image"].startswith(image)]
    return [pytest.param(path, each, id=f"{path.parent.name}-{name}") for path, name, each in wanted]


@pytest.mark.parametrize(("path", "service"), services())
class TestService:
    """Every service of the compose files."""

    def test_it_may_do_little(self, path: Path, service: Service) -> None:
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert set(service.get("cap_add", [])) <= {"NET_BIND_SERVICE"}

    def test_what_it_mounts_is_there(self, path: Path, service: Service) -> None:
        content = composed(path)
        volumes = content["volumes"]
        configs = [content["configs"][each["source"]]["file"] for each in service.get("configs", ())]
        assert [name for name in configs if not (path.parent / name).is_file()] == []
        for source in (volume.partition(":")[0] for volume in service["volumes"]):
            # Certificates are the operator's.
            assert source in volumes or source == "./certificates" or (path.parent / source).is_file(), source

    def test_what_it_waits_for_is_there(self, path: Path, service: Service) -> None:
        assert set(service.get("depends_on", ())) <= composed(path)["services"].keys()


@pytest.mark.parametrize(("path", "service"), services("pegel"))
def test_pegel_understands_its_services(path: Path, service: Service) -> None:
    image = stages(ROOT / "Dockerfile")[-1]
    assert (path.parent / service["build"] / "Dockerfile").samefile(ROOT / "Dockerfile")
    parser().parse_args(service["command"])
    environ = {name: with_defaults(str(value), FILLED) for name, value in service["environment"].items()}
    read(*SETTINGS, environ=image.pairs("ENV") | environ, config=Path("none"))
    test = service.get("healthcheck", {}).get("test", [])
    assert set(test[3:]) <= set(image.one("EXPOSE").words)
    assert test[1:3] in ([], image.one("HEALTHCHECK").command()[:2])


@pytest.mark.parametrize("path", COMPOSE, ids=named)
def test_the_proxy_that_is_believed_is_the_one_that_has_the_address(path: Path) -> None:
    content = composed(path)
    (address,) = [
        service["networks"]["default"]["ipv4_address"] for service in content["services"].values() if "ports" in service
    ]
    trusted = {
        service["environment"]["PEGEL_TRUSTED_PROXIES"]
        for service in content["services"].values()
        if service["image"] == "pegel"
    }
    assert trusted == {address}


def test_haproxy_sends_to_services_that_are_there() -> None:
    content = EXAMPLES["haproxy"].read_text("utf-8")
    servers = re.findall(r"^ *server (\S+) (\S+):\d+$", content, re.MULTILINE)
    assert servers
    assert {host for _, host in servers} <= composed(DEPLOY / "cluster/compose.yaml")["services"].keys()


CLUSTER = """
import chdb, sys
connection = chdb.connect(f"{sys.argv[1]}?config-file={sys.argv[2]}")
print(connection.query("select shard_num, replica_num, host_name from system.clusters where cluster = 'pegel'", "TSV"))
print(connection.query("select macro, substitution from system.macros", "TSV"))
"""


def test_clickhouse_knows_its_cluster(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CLUSTER, str(tmp_path / "data"), str(DEPLOY / "cluster/clickhouse.xml")]
    environ = {**os.environ, "SHARD": "2", "REPLICA": "1", "CLUSTER_SECRET": "secret"}
    done = subprocess.run(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True
    )
    services = composed(DEPLOY / "cluster/compose.yaml")["services"]
    nodes = [f"{s}\t{r}\tclickhouse-{s}-{r}" for s in (1, 2) for r in (1, 2)]
    assert set(nodes) <= set(done.stdout.splitlines())
    assert {node.rpartition("\t")[2] for node in nodes} <= services.keys()
    assert {"shard\t2", "replica\t1", "cluster\tpegel"} <= set(done.stdout.splitlines())


def test_clickhouse_understands_the_statements_that_make_its_users(database: Database) -> None:
    """They cannot be carried out here: the embedded engine keeps no users."""
    script = Migration("users", (DEPLOY / "clickhouse/users.sql").read_text("utf-8"))
    create, *statements = script.statements
    assert create.startswith("create database")
    for statement in statements:
        with pytest.raises(DatabaseUnavailable) as refused:
            database.command(statement)
        assert re.findall(r"\(([A-Z_]+)\)", str(refused.value))[-1] in UNDERSTOOD, statement


def test_secrets_that_are_used_are_named() -> None:
    content = composed(DEPLOY / "cluster/compose.yaml")
    for name, service in content["services"].items():
        assert set(service.get("secrets", ())) <= content["secrets"].keys(), name
        files = [Path(value) for key, value in service.get("environment", {}).items() if key.endswith("_FILE")]
        needed = {file.name for file in files if file.parent == Path("/run/secrets")}
        assert needed - set(service.get("secrets", ())) <= {"clickhouse_read_password"}, name


USERS = """
import chdb, sys
connection = chdb.connect(f"{sys.argv[1]}?config-file={sys.argv[2]}")
print(connection.query("show grants for pegel_reader", "TSV"))
columns = "setting_name, value, max from system.settings_profile_elements where profile_name = 'reads'"
print(connection.query(f"select {columns}", "TSV"))
"""
# Who the embedded engine is.
DEFAULT = """
<default><password/><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
<access_management>1</access_management></default>
"""


def test_the_dashboards_user_of_the_cluster_only_reads(tmp_path: Path) -> None:
    ours = (DEPLOY / "cluster/users.xml").read_text("utf-8")
    users = ours.replace('<default remove="remove"/>', DEFAULT).replace("<profiles>", "<profiles><default/>")
    # What servers have in a file of their own.
    (tmp_path / "users.xml").write_text(users.replace("<clickhouse>", "<clickhouse><quotas><default/></quotas>"))
    (tmp_path / "config.xml").write_text(f"<clickhouse><users_config>{tmp_path}/users.xml</users_config></clickhouse>")
    command = [sys.executable, "-c", USERS, str(tmp_path / "data"), str(tmp_path / "config.xml")]
    environ = {**os.environ, "CLICKHOUSE_PASSWORD": "secret", "CLICKHOUSE_READ_PASSWORD": "other"}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    said = set(done.stdout.splitlines())
    names = ("default.*", "default_local.*", "system.processes")
    grants = {f"GRANT SELECT ON {name} TO pegel_reader" for name in names}
    assert {line for line in said if line.startswith("GRANT")} == grants
    assert {"readonly\t2\t\\N", "max_execution_time\t60\t60", "max_result_rows\t2000000\t2000000"} <= said


@pytest.mark.parametrize("program", CHECKS)
def test_web_servers_understand_their_example(program: str, tmp_path: Path) -> None:
    needs(program)
    command = prepared(Front(program, tmp_path / program, (8000,), 8001))
    done = subprocess.run(CHECKS[program](command), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert re.findall(r"warn", done.stderr, re.IGNORECASE) == []
