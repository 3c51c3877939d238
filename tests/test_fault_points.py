"""A loader that dies between any two steps of a batch: afterwards every table is that of an undisturbed run."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from ingest import inserting, journal, loader
from ingest.hit import Ignored
from ingest.parts import Fetch, Item, Product, Purchase
from sql import clickhouse
from sql.clickhouse import Database
from sql.registry import Registry
from tests.conftest import ROWS, a_site, emptied
from tests.dying import Watch, watching
from tests.loading import NOON, Run, a_hit, a_record

MODULES = (loader, journal, inserting, clickhouse)
# The functions in which something is written; in the others nothing changes but memory.
WRITING = {"load_batch", "next_batch", "begin", "insert", "finish", "transaction", "forget_segments", "tidy"}
WRITING |= {"drop_loaded_segments", "forget_visits"}
ORDER = Purchase("A-1", 30.0, 25.0, 5.0, None, None, [Item("S1", "Shoes", ["Clothes"], 25.0, 1)])
SPEED = (10, 20, 30, 40, 50, 60)

# Two batches that reach every table, and a record that nobody understands; visits go on from one to the next.
BATCHES = (
    [
        a_record([a_hit("a", pageview="aaaaaa", timings=SPEED), a_hit("b", visitor=2)]),
        a_record([a_hit("", bot=True, fetch=Fetch(200, 5, 7, "edge"))], [Ignored(1, "opt-out")]),
    ],
    [
        a_record([a_hit("c", after=60, product=Product("S1", "Shoes", [], 25.0), dimensions={"1": "x"})]),
        b"no record",
        a_record([a_hit("", after=90, kind="order", purchase=ORDER), a_hit("d", visitor=3, after=-40 * 86_400)]),
    ],
)
EMPTY: dict[str, list[Any]] = {name: [] for name in ROWS}


@pytest.fixture
def here(tmp_path: Path, clean_database: Database, registry: Registry) -> "Place":
    a_site(registry, id=1, ecommerce=True, keep_bots=True)
    return Place(tmp_path, clean_database, registry)


class Place:
    """Where one run after another begins anew."""

    numbers = count(1)

    def __init__(self, directory: Path, database: Database, registry: Registry) -> None:
        self.directory, self.database, self.registry = directory, database, registry

    def run(self) -> Run:
        """Return a run over empty tables."""
        emptied(self.database)
        return Run(self.directory / str(next(self.numbers)), self.database, self.registry)

    def went(self, *lives: Watch) -> dict[str, list[Any]]:
        """Load all batches with loaders that die, then one that does not. Return what the tables hold."""
        run, left = self.run(), list(lives)
        for number, records in enumerate(BATCHES):
            run.add(records, name=str(number))
            if number and left:
                self.live(run, left)
            run.load()
        return everything(run)

    def live(self, run: Run, lives: Sequence[Watch]) -> None:
        for watch in lives:
            with run.loader() as alive, watching(watch):
                while alive.load_batch(NOON):
                    alive.tidy(NOON)


def everything(run: Run) -> dict[str, list[Any]]:
    """Return every row of every table, and what the loader remembers, but for how often it tried."""
    final = {"visits", "conversions", "order_items", "timings"}
    queries = {name: f"select * from {name} {'final' * (name in final)} order by all" for name in ROWS}
    queries["counters"] = "select site, minute, outcome, reason, sum(hits) as n from counters group by all order by all"
    tables = {name: list(run.database.client.query(query).named_results()) for name, query in queries.items()}
    with run.loader() as reader:
        asked = ("visit", "taken_order", "problem", "day_to_count", "set_aside", "segment")
        memory = {name: reader.journal.connection.execute(f"select * from {name}").fetchall() for name in asked}
    return {**tables, **memory, "spool": [path.name for path in run.sources.spool.iterdir()]}


def test_a_loader_that_dies_between_any_two_steps_changes_no_table(here: Place) -> None:
    calm = Watch(MODULES)
    expected = here.went(calm)
    assert [name for name, rows in expected.items() if not rows] == ["segment", "spool"]
    steps = [line for line in calm.seen if line.function in WRITING]
    assert {line.function for line in steps} == WRITING, "the whole way of a batch was watched"
    for line in steps:
        assert here.went(Watch(MODULES, line)) == expected, f"dead before {line}"


def test_loaders_that_die_one_after_another_at_every_line_change_no_table(here: Place) -> None:
    """Each comes a little further than the one before."""
    calm = Watch(MODULES)
    expected = here.went(calm)
    assert here.went(*(Watch(MODULES, line) for line in calm.seen)) == expected
