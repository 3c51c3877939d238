"""Several loaders on one ClickHouse: a visitor who stays on a node has whole visits, and hits count once everywhere."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

from ingest.journal import Journal
from sql.clickhouse import Database
from tests.running import HOST, Server, rows, server
from tests.tracked import FIREFOX

SITE = 8101
VISITORS = range(12)  # Each has an address of its own, and nothing else that tells them apart.


@dataclass
class Node:
    """A machine of its own with collector and loader."""

    collector: Server
    loader: Server
    here: bool = False

    def start(self) -> None:
        self.collector.start()
        self.loader.start()
        self.here = True

    def lose(self) -> None:
        """Pull the plug, whatever it does just then."""
        self.here = False
        for each in (self.loader, self.collector):
            each.kill()

    def stop(self) -> list[int]:
        return [self.collector.stop(), self.loader.stop()]


class Balancer:
    """Sends a visitor to the same node as long as that is there, as the example of HAProxy does."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        self.sent: dict[int, list[str]] = {visitor: [] for visitor in VISITORS}

    def node_of(self, visitor: int) -> Node:
        first = visitor % len(self.nodes)
        return next(node for node in self.nodes[first:] + self.nodes[:first] if node.here)

    def visit(self, pages: int = 2) -> None:
        """Let everybody view some more pages."""
        for visitor in VISITORS:
            for _ in range(pages):
                page = f"example.org/{visitor}/{len(self.sent[visitor])}"
                query = urlencode({"idsite": SITE, "rec": 1, "url": f"https://{page}"})
                address, collector = f"198.51.100.{visitor}", self.node_of(visitor).collector
                answer = collector.get(f"/matomo.php?{query}", User_Agent=FIREFOX, X_Forwarded_For=address)
                assert answer.status == 200
                self.sent[visitor].append(page)

    def flush(self) -> None:
        for node in self.nodes:
            if node.here:
                node.collector.flush()

    def of(self, node: Node) -> range:
        return VISITORS[self.nodes.index(node) :: len(self.nodes)]


@contextmanager
def node_at(directory: Path, environ: dict[str, str]) -> Iterator[Node]:
    with server(directory, "collect", **environ) as collector, server(directory, "load", **environ) as loader:
        yield Node(collector, loader)


@pytest.fixture
def balancer(tmp_path: Path, clickhouse_server: str) -> Iterator[Balancer]:
    """Two nodes, which follow the registry of a dashboard."""
    clickhouse = {"PEGEL_CLICKHOUSE": clickhouse_server}
    with ExitStack() as stack:
        dashboard = stack.enter_context(server(tmp_path / "dashboard", "dashboard", **clickhouse))
        dashboard.say("migrate")
        dashboard.add_site("--id", str(SITE))
        file = tmp_path / "token"
        file.write_text(dashboard.say("token", "add", "--scope", "registry:read"))
        dashboard.start()
        following = {
            "PEGEL_REGISTRY_URL": f"http://{HOST}:{dashboard.private_port}",
            "PEGEL_REGISTRY_TOKEN_FILE": str(file),
            "PEGEL_COLLECTORS": "1",
            "PEGEL_TRUSTED_PROXIES": HOST,
        }
        nodes = [stack.enter_context(node_at(tmp_path / name, {**clickhouse, **following})) for name in ("one", "two")]
        for node in nodes:
            node.start()
        yield Balancer(nodes)


def visits_of(database: Database) -> dict[int, list[int]]:
    """Return how many actions the visits of each visitor have, the largest first."""
    found: dict[int, list[int]] = {}
    statement = f"select entry_page, actions from visits final where site = {SITE} order by actions desc"
    for row in rows(database, statement):
        found.setdefault(int(row["entry_page"].split("/")[1]), []).append(row["actions"])
    return found


def test_a_lost_node_splits_at_most_the_visits_that_were_open(balancer: Balancer, clickhouse_server: str) -> None:
    database = Database(clickhouse_server)
    stays, goes = balancer.nodes
    balancer.visit()
    balancer.flush()
    assert visits_of(database) == {visitor: [2] for visitor in VISITORS}
    balancer.visit(1)  # Some of it waits in a spool.
    goes.lose()
    balancer.visit()
    balancer.flush()
    goes.start()
    balancer.visit(1)
    balancer.flush()
    whole, split = {visitor: [6] for visitor in balancer.of(stays)}, {visitor: [4, 2] for visitor in balancer.of(goes)}
    assert visits_of(database) == {**whole, **split}
    (known,) = rows(database, f"select uniqExact(visitor) as n from visits where site = {SITE}")
    assert known["n"] == len(VISITORS) + len(balancer.of(goes)), "who sends no id is somebody new elsewhere"
    pages = rows(database, f"select page from hits where site = {SITE} order by page")
    assert [row["page"] for row in pages] == sorted(page for sent in balancer.sent.values() for page in sent)
    (kept,) = rows(database, f"select sum(hits) as n from counters where site = {SITE} and outcome = 'kept'")
    assert kept["n"] == len(pages)
    assert [code for node in balancer.nodes for code in node.stop()] == [0] * 4


def test_batches_of_two_journals_are_told_apart(tmp_path: Path) -> None:
    """Both count batches from 1: their tokens would be the same if the journals had no names."""
    names = set()
    for number in range(3):
        journal = Journal(tmp_path / f"{number}.sqlite")
        names.add(journal.name)
        journal.close()
    assert len(names) == 3
