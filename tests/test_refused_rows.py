"""Rows that ClickHouse refuses for what is in them: set aside alone, and in the end in their table all the same."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from ingest import inserting, journal, loader
from ingest.hit import Ignored
from ingest.inserting import LARGEST_PART, MOST_ALONE, TRIES
from ingest.parts import Item, Purchase
from sql import clickhouse
from sql.clickhouse import Database, DatabaseUnavailable
from sql.registry import Registry
from tests.conftest import ROWS, a_site, emptied
from tests.dying import Watch, watching
from tests.loading import DAY, NOON, Run, a_hit, a_record
from tests.test_fault_points import everything

MODULES = (inserting, journal, loader, clickhouse)
ORDER = Purchase("A-1", 30.0, 25.0, None, None, None, [Item("S1", "Shoes", ["Clothes", "Feet"], 25.0, 1)])
VARIABLES = {"1": ["plan", "gold"]}
SPEED = (10, 20, 30, 40, 50, 60)
RECORDS = [
    a_record([a_hit(str(number), visitor=number, after=number) for number in range(1, 30)]),
    a_record([a_hit("bad", visitor=3, after=40, page_variables=VARIABLES, pageview="aaaaaa", timings=SPEED)]),
    a_record([a_hit("", visitor=4, after=41, kind="order", purchase=ORDER)], [Ignored(1, "bot")]),
    a_record([a_hit("later", visitor=3, after=50), a_hit("old", visitor=99, after=-60 * DAY)]),
]


@pytest.fixture
def run(tmp_path: Any, clean_database: Database, registry: Registry) -> Run:
    a_site(registry, id=1, ecommerce=True)
    return Run(tmp_path / "run", clean_database, registry)


@pytest.fixture
def undisturbed(tmp_path: Any, database: Database, run: Run) -> dict[str, list[Any]]:
    calm = Run(tmp_path / "calm", database, run.registry)
    calm.add(RECORDS)
    calm.load()
    found = stored(calm)
    emptied(database)
    return found


def stored(run: Run) -> dict[str, list[Any]]:
    """Return all rows; the number of the batch that brought them may differ."""
    return {name: [without_version(row) for row in rows] for name, rows in everything(run).items() if name in ROWS}


def without_version(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "version"}


@contextmanager
def refusing(database: Database, table: str, condition: str) -> Iterator[None]:
    """Have a real constraint refuse rows for a while."""
    database.command(f"alter table {table} add constraint healthy check not ({condition})")
    try:
        yield
    finally:
        database.command(f"alter table {table} drop constraint if exists healthy")


def load_all(run: Run, lives: Sequence[Watch] = ()) -> list[str]:
    """Load everything, however often it must be tried. Return the problems on the way."""
    for watch in lives:
        with run.loader() as dying, watching(watch):
            loaded_or_told(dying)
    with run.loader() as alive:
        return loaded_or_told(alive)


def loaded_or_told(loader: Any) -> list[str]:
    problems: list[str] = []
    for _ in range(20):
        if loader.load_or_log(NOON) is None and not loader.problem:
            return problems
        if loader.problem:
            problems.append(loader.problem)
    raise AssertionError(problems)


def set_aside(run: Run) -> list[tuple[str, str, int]]:
    with run.loader() as reader:
        return [(form, reason, site) for _, form, reason, site, *_ in reader.journal.rows("set_aside_list")]


def load_again(run: Run) -> None:
    with run.loader() as reader:
        numbers = [row[0] for row in reader.journal.rows("set_aside_list")]
        reader.journal.rows("ask_again", numbers=journal.listed(numbers))
    load_all(run)


@pytest.mark.parametrize(
    ("table", "condition", "count"),
    [
        pytest.param("hits", "page = 'example.org/bad'", 1, id="a-hit"),
        pytest.param("hits", "visitor % 2 = 1", 18, id="every-second-hit"),
        pytest.param("visits", "visitor = 3", 1, id="a-visit"),
        pytest.param("conversions", "order_id = 'A-1'", 1, id="an-order"),
        pytest.param("order_items", "sku = 'S1'", 1, id="an-article"),
        pytest.param("timings", "network = 10", 1, id="timings"),
        pytest.param("counters", "reason = 'bot'", 1, id="a-counter"),
    ],
)
def test_refused_rows_are_set_aside_alone(
    run: Run, undisturbed: dict[str, list[Any]], table: str, condition: str, count: int
) -> None:
    run.add(RECORDS)
    with refusing(run.database, table, condition):
        problems = load_all(run)
    assert len(problems) == TRIES - 1, "it is tried again before rows are looked for"
    assert set_aside(run) == [(table, "ClickHouse says 469 VIOLATED_CONSTRAINT", 1)] * count
    found = stored(run)
    assert sum(map(len, undisturbed.values())) - sum(map(len, found.values())) == count
    load_again(run)
    assert (stored(run), set_aside(run)) == (undisturbed, [])


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"local_time": 2**40}, id="number-too-large"),
        pytest.param({"event_value": "many", "kind": "event"}, id="a-word-for-a-number"),
        pytest.param({"page_variables": {"1": "gold"}}, id="another-shape"),
        pytest.param({"at": 10**17}, id="far-away-time"),
    ],
)
def test_values_that_cannot_be_sent_stop_no_neighbour(run: Run, changes: Mapping[str, Any]) -> None:
    """Whoever wrote them into the spool; a collector of ours does not."""
    run.add([a_record([a_hit("good"), a_hit("bad", visitor=3, **changes), a_hit("better", visitor=2)])])
    load_all(run)
    assert set(run.pages()) >= {"good", "better"}
    forms = [form for form, _, _ in set_aside(run)]
    assert forms
    assert set(forms) <= {"hits", "visits", "hit"}
    load_again(run)
    assert [form for form, _, _ in set_aside(run)] == forms, "what is refused again is set aside again"


def test_a_loader_that_dies_while_it_looks_for_refused_rows_changes_nothing(
    run: Run, undisturbed: dict[str, list[Any]]
) -> None:
    """Each life comes a little further; the last one comes when ClickHouse takes the rows after all."""
    calm = Watch(MODULES)
    run.add(RECORDS)
    with refusing(run.database, "hits", "visitor in (3, 7)"):
        load_all(run, [calm])
    load_again(run)
    assert stored(run) == undisturbed
    again = Run(run.sources.spool.parent.parent / "again", emptied(run.database), run.registry)
    again.add(RECORDS)
    with refusing(run.database, "hits", "visitor in (3, 7)"):
        load_all(again, [Watch(MODULES, line, times) for line in calm.seen for times in (1, 3)])
    load_again(again)
    assert stored(again) == undisturbed


@pytest.mark.parametrize("inserts", [1, 2, 3, 4])
def test_what_is_taken_after_a_crash_is_there_once(run: Run, undisturbed: dict[str, list[Any]], inserts: int) -> None:
    """Some parts are in, and then the whole would be taken: it must not be sent whole."""
    run.add(RECORDS)
    mortal = Mortal(run.database.dsn, inserts)
    with refusing(run.database, "hits", "page = 'example.org/bad'"), run.loader(mortal) as dying:
        for _ in range(TRIES):
            assert dying.load_or_log(NOON) is None
        assert dying.problem == "DatabaseUnavailable: crash after an insert"
    load_all(run)
    assert (stored(run), set_aside(run)) == (undisturbed, [])


class Mortal(Database):
    """A database whose caller dies after so many inserts that went in."""

    def __init__(self, dsn: str, left: int) -> None:
        super().__init__(dsn)
        self.left = left

    def insert(self, table: str, columns: Mapping[str, Sequence[object]], token: str) -> None:
        super().insert(table, columns, token)
        self.left -= 1
        if self.left == 0:
            raise DatabaseUnavailable("crash after an insert")


def test_where_most_rows_are_refused_they_are_set_aside_in_stretches(run: Run) -> None:
    """No row is lost and the next batch is not held up, though each insert takes its time."""
    count = 4 * LARGEST_PART
    run.add([a_record([a_hit(str(number), visitor=number % 50)]) for number in range(count)])
    counting = Counting(run.database.dsn)
    with refusing(run.database, "hits", "visitor >= 0"), run.loader(counting) as loader:
        loaded_or_told(loader)
    assert len(set_aside(run)) == count
    assert counting.inserts < 4 * MOST_ALONE
    run.add([a_record([a_hit("next")])], name="2")
    load_again(run)
    assert len(run.pages()) == count + 1


class Counting(Database):
    """A database that counts what is sent."""

    inserts = 0

    def insert(self, table: str, columns: Mapping[str, Sequence[object]], token: str) -> None:
        self.inserts += 1
        super().insert(table, columns, token)
