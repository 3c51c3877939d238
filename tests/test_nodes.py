"""Nodes without a registry: they follow one that is elsewhere, go on without it, and keep no secret for too long."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from dashboard.nodes import PATH, Nodes
from ingest.following import Follower
from ingest.journal import Journal
from ingest.node import SNAPSHOT, Kept, NodeRegistry
from ingest.retention import Retention
from sql.clickhouse import Database
from sql.dimensions import Extraction
from sql.goals import NewGoal
from sql.refusals import BadToken, RegistryError
from sql.registry import NewDimension, Registry, RegistryUnavailable, Role, utc_now
from sql.salts import aged
from sql.sent import NotSent, received, sent
from tests.administered import Api
from tests.conftest import NOW, a_site
from tests.running import Server, eventually, server
from tests.test_processes import pages_of, send_and_flush
from tests.tracked import FIREFOX

DAY = timedelta(days=1)
SCOPE = "registry:read"
# Berlin's days around NOW.
YESTERDAY, TODAY, TOMORROW = "2026-05-12", "2026-05-13", "2026-05-14"


@pytest.fixture
def full(registry: Registry) -> Registry:
    """A registry with something of everything that nodes get."""
    a_site(registry, id=1, excluded_addresses=("203.0.113.0/24",), keep_fragment=True, fewest_visitors=5)
    a_site(registry, id=7, timezone="Pacific/Auckland")
    registry.move_raw_since(7, NOW - 100 * DAY)
    registry.add_goal(NewGoal(site=1, name="Order", match_attribute="url", pattern="/thanks", revenue=2.5))
    extraction = Extraction("url", "/blog/([^/]+)")
    registry.add_dimension(NewDimension(site=7, name="Section", scope="action", extractions=(extraction,)))
    registry.add_token("importer", "write", 1)
    registry.add_token("reader", "view", None, ("stats:read",))
    return registry


class TestSending:
    """A snapshot on its way."""

    def test_it_arrives_as_it_was(self, full: Registry) -> None:
        snapshot = full.snapshot()
        assert snapshot.goals
        assert snapshot.dimensions
        assert received(sent(snapshot)) == snapshot

    def test_what_a_newer_version_adds_is_passed_over(self, full: Registry) -> None:
        newer = sent(full.snapshot()).replace(b'"name":"Example"', b'"colour":"red","name":"Example"')
        assert received(newer) == full.snapshot()

    @pytest.mark.parametrize(
        "content",
        [
            pytest.param(b"", id="nothing"),
            pytest.param(b"<html>", id="a-page"),
            pytest.param(b'{"format": 1}', id="a-part"),
            pytest.param(b"[]", id="a-list"),
            pytest.param(b'{"format": 2}', id="another-format"),
        ],
    )
    def test_what_is_none_is_refused(self, content: bytes) -> None:
        with pytest.raises(NotSent, match="snapshot of the registry: expected"):
            received(content)


class TestEndpoint:
    """What the dashboard tells nodes."""

    @pytest.fixture
    def token(self, api: Api) -> str:
        return api.registry.add_token("node", "view", None, (SCOPE,))

    def test_a_node_gets_the_snapshot(self, api: Api, token: str) -> None:
        answer = api.client.get(PATH, headers=bearing(token))
        assert received(answer.content) == api.registry.snapshot()
        assert answer.headers["cache-control"] == "no-store"

    def test_it_is_sent_again_only_after_a_change(self, api: Api, token: str) -> None:
        tag = api.client.get(PATH, headers=bearing(token)).headers["etag"]
        same = api.client.get(PATH, headers={**bearing(token), "If-None-Match": tag})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
        site = a_site(api.registry)
        other = api.client.get(PATH, headers={**bearing(token), "If-None-Match": tag})
        assert other.status_code == 200
        assert site.id in received(other.content).sites

    @pytest.mark.parametrize(
        ("role", "scopes", "status"),
        [
            pytest.param("view", ("stats:read", "sites:read", "export:raw"), 403, id="other-scopes"),
            pytest.param("view", (), 403, id="who-looks"),
            pytest.param("admin", (), 403, id="administrator"),
            pytest.param("superuser", (), 403, id="superuser"),
            pytest.param(None, (), 401, id="stranger"),
        ],
    )
    def test_nobody_else_does(self, api: Api, role: Role | None, scopes: tuple[str, ...], status: int) -> None:
        token = api.registry.add_token("program", role, None, scopes) if role else "0" * 32
        answer = api.client.get(PATH, headers=bearing(token))
        assert answer.status_code == status
        assert b"salts" not in answer.content

    def test_without_a_token_and_with_one_in_the_address_it_is_refused(self, api: Api, token: str) -> None:
        assert api.client.get(PATH).status_code == 401
        assert api.client.get(f"{PATH}?token={token}").status_code == 400
        assert api.client.post(PATH, headers=bearing(token)).status_code in (403, 405)

    @pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP", "CF-Connecting-IP"])
    def test_the_public_way_does_not_lead_there(self, api: Api, token: str, header: str) -> None:
        answer = api.client.get(PATH, headers={**bearing(token), header: "203.0.113.1"})
        assert (answer.status_code, answer.content) == (404, b"")

    def test_its_token_is_good_for_nothing_else(self, api: Api, token: str) -> None:
        assert api.client.get("/api/v1/sites", headers=bearing(token)).status_code == 403
        answer = api.post({"module": "API", "method": "API.get", "idSite": "1", "format": "json", "token_auth": token})
        assert answer.json()["result"] == "error"


def bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    ("scopes", "site", "message"),
    [
        pytest.param((SCOPE, "stats:read"), None, "expected no other one beside it", id="with-another"),
        pytest.param((SCOPE,), 1, "a node needs every site", id="of-one-site"),
    ],
)
def test_a_token_for_nodes_is_for_nothing_else(
    full: Registry, scopes: tuple[str, ...], site: int | None, message: str
) -> None:
    with pytest.raises(BadToken, match=message):
        full.add_token("node", "view", site, scopes)


class Origin(NamedTuple):
    """A dashboard without a network, which can be away."""

    nodes: Nodes
    away: list[bool]

    def fetch(self, tag: str) -> tuple[str, bytes] | None:
        if self.away:
            raise RegistryUnavailable("registry: away")
        newest = self.nodes.newest()
        return None if newest.etag == tag else (newest.etag, newest.content)


class Node:
    """A follower on a clock of its own, and what others on its machine read."""

    def __init__(self, registry: Registry, directory: Path, away: list[bool]) -> None:
        self.directory, self.now = directory, NOW
        origin = Origin(Nodes(registry, None), away)  # type: ignore[arg-type]  # Nobody is asked who asks.
        self.follower = Follower(origin, directory / SNAPSHOT, lambda: self.now)  # type: ignore[arg-type]
        self.follower.begin()
        self.known = NodeRegistry(directory / SNAPSHOT)

    def step(self, now: datetime | None = None) -> None:
        self.now = now or self.now
        self.follower.follow_or_log()
        self.follower.age_or_log()
        self.follower.follow_or_log()

    def salts(self, site: int = 1) -> dict[str, bytes]:
        return {day: salt for (of, day), salt in self.known.snapshot().salts.items() if of == site}

    def holds(self, secret: bytes) -> bool:
        return any(secret.hex().encode() in file.read_bytes() for file in self.directory.iterdir())


@pytest.fixture
def away() -> list[bool]:
    return []


@pytest.fixture
def node(full: Registry, tmp_path: Path, away: list[bool]) -> Node:
    return Node(full, tmp_path / "node", away)


class TestFollowing:
    """What nodes know, and for how long."""

    def test_a_change_is_followed(self, full: Registry, node: Node) -> None:
        stamp, version = node.known.stamp(), node.known.version()
        site = a_site(full)
        node.step()
        assert site.id in node.known.snapshot().sites
        assert (node.known.stamp() == stamp, node.known.version() == version) == (False, False)
        assert replace(node.known.snapshot(), version=0) == replace(full.snapshot(), version=0)

    def test_without_a_change_nothing_is_written(self, node: Node) -> None:
        stamp = node.known.stamp()
        node.step()
        assert node.known.stamp() == stamp

    def test_without_an_answer_the_last_snapshot_stands(
        self, full: Registry, node: Node, away: list[bool], caplog: pytest.LogCaptureFixture
    ) -> None:
        away.append(True)
        site = a_site(full)
        for _ in range(3):
            node.step()
        assert 1 in node.known.snapshot().sites
        assert caplog.text.count("going on with the last snapshot") == 1
        away.clear()
        node.step()
        assert site.id in node.known.snapshot().sites

    def test_it_outlives_the_process(self, full: Registry, node: Node, away: list[bool]) -> None:
        away.append(True)
        assert 1 in Node(full, node.directory, away).known.snapshot().sites

    def test_nothing_is_known_at_first(self, full: Registry, tmp_path: Path) -> None:
        with pytest.raises(RegistryUnavailable, match="away"):
            Node(full, tmp_path / "new", [True])
        with pytest.raises(RegistryUnavailable, match="no snapshot"):
            NodeRegistry(tmp_path / "new" / SNAPSHOT)

    def test_a_broken_file_is_replaced(self, full: Registry, node: Node, away: list[bool]) -> None:
        (node.directory / SNAPSHOT).write_bytes(b"half")
        with pytest.raises(RegistryError, match="cannot be read"):
            node.known.snapshot()
        assert 1 in Node(full, node.directory, away).known.snapshot().sites
        assert 1 in node.known.snapshot().sites

    def test_nobody_else_reads_it(self, node: Node) -> None:
        assert (node.directory / SNAPSHOT).stat().st_mode & 0o777 == 0o600

    def test_what_it_held_before_is_overwritten(self, full: Registry, node: Node) -> None:
        with (node.directory / SNAPSHOT).open("rb", buffering=0) as before:
            assert before.read(1)
            a_site(full)
            node.step()
            before.seek(0)
            assert set(before.read()) == {0}
        assert sorted(path.name for path in node.directory.iterdir()) == [SNAPSHOT, "registry.lock"]

    def test_what_a_killed_process_left_is_overwritten(self, node: Node) -> None:
        kept = Kept(node.directory / SNAPSHOT)
        for path in (kept.new, kept.gone):
            path.write_bytes(b"secret")
        with kept.new.open("rb", buffering=0) as new, kept.gone.open("rb", buffering=0) as gone, node.follower.alone():
            assert (new.read(), gone.read()) == (bytes(6), bytes(6))
        assert not kept.new.exists()
        assert not kept.gone.exists()

    def test_months_are_deleted_elsewhere(self, node: Node, tmp_path: Path, database: Database) -> None:
        with closing(Journal(tmp_path / "loader.sqlite")) as journal:
            retention = Retention(journal, database, node.known)
            retention.run()
            assert retention.forgotten == {7: NOW - 100 * DAY}
        with pytest.raises(RegistryError):
            node.known.move_raw_since(1, NOW)


class TestSalts:
    """Salts live as long on a node as where they are made."""

    def test_their_rotation_is_followed(self, full: Registry, node: Node) -> None:
        before = node.salts()
        assert list(before) == [YESTERDAY, TODAY, TOMORROW]
        full.rotate_salts(NOW + DAY)
        node.step(NOW + DAY)
        after = node.salts()
        assert list(after) == [TODAY, TOMORROW, "2026-05-15"]
        assert (1, "2026-05-15") in full.snapshot().salts
        assert all(after[day] == full.snapshot().salts[1, day] for day in after)
        assert node.holds(after[TODAY])
        assert not node.holds(before[YESTERDAY])

    def test_they_are_destroyed_on_time_without_an_answer(self, node: Node, away: list[bool]) -> None:
        before = node.salts()
        away.append(True)
        node.step(NOW + 10 * DAY)
        assert list(node.salts()) == ["2026-05-22", "2026-05-23", "2026-05-24"]
        assert [day for day, salt in before.items() if node.holds(salt)] == []

    def test_those_that_were_destroyed_cannot_be_found_from_those_that_follow(self, node: Node) -> None:
        """Each is a one-way hash of the one before: they differ, and the order matters."""
        later = aged(node.known.snapshot(), NOW + 3 * DAY).salts
        latest = aged(node.known.snapshot(), NOW + 4 * DAY).salts
        assert len({*later.values()}) == len(later)
        assert later[1, "2026-05-17"] == latest[1, "2026-05-17"]

    def test_all_nodes_go_on_alike(self, full: Registry, node: Node, tmp_path: Path, away: list[bool]) -> None:
        other = Node(full, tmp_path / "other", away)
        away.append(True)
        for days in (1, 2, 3, 5):
            node.step(NOW + days * DAY)
        other.step(NOW + 5 * DAY)
        assert node.salts() == other.salts()
        assert node.salts(7) == other.salts(7)
        assert node.salts() != node.salts(7)

    def test_true_salts_come_back(self, full: Registry, node: Node, away: list[bool]) -> None:
        """Also where a node was ahead of the machine that makes them."""
        node.step(NOW + DAY)
        derived = node.salts()
        full.rotate_salts(NOW + DAY)
        node.step()
        assert node.salts()[TOMORROW] == derived[TOMORROW]
        assert node.salts()["2026-05-15"] == full.snapshot().salts[1, "2026-05-15"] != derived["2026-05-15"]

    def test_a_clock_set_back_destroys_nothing(self, full: Registry) -> None:
        snapshot = full.snapshot()
        assert aged(snapshot, NOW - 30 * DAY) is snapshot


@pytest.fixture
def cluster(tmp_path: Path, clickhouse_server: str) -> Iterator[tuple[Server, Server, Server]]:
    """A dashboard with the registry, and a collector and a loader on another machine, which has only a token."""
    clickhouse = {"PEGEL_CLICKHOUSE": clickhouse_server}
    with server(tmp_path / "dashboard", "dashboard", **clickhouse) as dashboard:
        dashboard.say("migrate")
        file = tmp_path / "token"
        file.write_text(dashboard.say("token", "add", "--scope", SCOPE))
        following = {
            "PEGEL_REGISTRY_URL": f"http://127.0.0.1:{dashboard.private_port}",
            "PEGEL_REGISTRY_TOKEN_FILE": str(file),
            "PEGEL_COLLECTORS": "2",
        }
        node = tmp_path / "node"
        with (
            server(node, "collect", **clickhouse, **following) as collector,
            server(node, "load", **clickhouse, **following) as loader,
        ):
            yield dashboard, collector, loader


def test_a_node_needs_no_registry(cluster: tuple[Server, Server, Server], clickhouse_server: str) -> None:
    dashboard, collector, _ = cluster
    refused = collector.run("collect")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"registry at http://127.0.0.1:{dashboard.private_port}: " in refused.stderr
    for each in cluster:
        each.start()
    site = dashboard.add_site("--id", "8001")
    eventually(lambda: counted(collector, site))
    send_and_flush(collector, site)
    assert examined(collector) == "ok"
    assert (dashboard.stop(), collector.stop()) == (0, 0)
    assert examined(collector) == "fail"
    collector.start()
    assert counted(collector, site)
    collector.flush()
    dashboard.start()
    with closing(Registry(dashboard.data / "registry.sqlite")) as registry:
        old = registry.snapshot().salts
        registry.rotate_salts(utc_now() + 3 * DAY)
        new = registry.snapshot().salts
    assert not old.keys() & new.keys()
    assert [each.stop() for each in cluster] == [0, 0, 0]
    assert not (collector.data / "registry.sqlite").exists()
    assert pages_of(clickhouse_server, site) == [
        *("example.org/0", "example.org/1", "example.org/2"),
        *["example.org/counted"] * 2,
    ]


def examined(collector: Server) -> str:
    """Return what the doctor thinks of the registry that is followed."""
    checks = json.loads(collector.run("doctor", "--json").stdout)["checks"]
    (state,) = [check["state"] for check in checks if check["check"] == "registry"]
    return str(state)


def counted(collector: Server, site: int) -> bool:
    target = f"/matomo.php?idsite={site}&rec=1&url=https://example.org/counted"
    return collector.get(target, User_Agent=FIREFOX).status == 200


def test_commands_that_need_the_registry_say_where_it_is(tmp_path: Path) -> None:
    following = {"PEGEL_REGISTRY_URL": "http://127.0.0.1:1", "PEGEL_REGISTRY_TOKEN_FILE": "token"}
    with server(tmp_path, **following) as node:
        refused = node.run("site", "list")
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "run this command there" in refused.stderr
        assert not node.data.exists()
