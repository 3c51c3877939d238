"""The tracking specification's 99 vectors: each request with its answer and the rows that it leaves."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from ingest.settings import Settings
from sql.clickhouse import Database
from sql.goals import NewGoal
from tests import (
    vectors_bulk,
    vectors_goals,
    vectors_http,
    vectors_parameters,
    vectors_referrers,
    vectors_visits,
)
from tests.tracked import NOON, Tracked, tracked
from tests.tracked import Answer as Given
from tests.vectors import OTHER_SITE, SITE, SUPERUSER, TOKEN, Answer, Row, Rows, Step, Vector

MODULES = (vectors_http, vectors_parameters, vectors_visits, vectors_referrers, vectors_goals, vectors_bulk)
VECTORS = tuple(vector for module in MODULES for vector in module.VECTORS)
ADDRESS = "203.0.113.9"
TABLES = {
    "visits": "select * from visits final where site = {} order by started, id",
    "hits": "select * from hits where site = {} order by at, sequence",
    "conversions": "select * from conversions final where site = {} order by at, id",
    "items": "select * from order_items final where site = {} and not deleted order by at, sku",
    "timings": "select * from timings final where site = {} order by at, id",
}
# Recording that is switched off needs a collector of its own: tests/test_ingest_settings.py.
ELSEWHERE = {16}


@pytest.fixture(scope="module")
def pegel(tmp_path_factory: pytest.TempPathFactory, database: Database) -> Iterator[Tracked]:
    """A collector behind a proxy, so that requests come from any address."""
    settings = Settings(trusted_proxies=("127.0.0.1",))
    with tracked(tmp_path_factory.mktemp("vectors"), database, settings) as running:
        yield running


class Play:
    """One vector on a site of its own."""

    def __init__(self, pegel: Tracked, vector: Vector) -> None:
        self.pegel = pegel
        self.site = pegel.add_site(**vector.site or {})
        others = [pegel.add_site(name="Other", **changes) for changes in vector.elsewhere]
        for goal in vector.goals:
            pegel.registry.add_goal(NewGoal(site=self.site.id, **goal))
        text = "".join(f"{step.query} {(step.body or b'').decode()}" for step in vector.steps)
        values: dict[str, Callable[[], object]] = {
            SITE: lambda: self.site.id,
            OTHER_SITE: lambda: others[0].id,
            TOKEN: lambda: pegel.token("write", self.site.id),
            SUPERUSER: lambda: pegel.token("superuser"),
        }
        self.values = {word: str(value()) for word, value in values.items() if word in text}

    def send(self, step: Step) -> Given:
        self.pegel.now = NOON + timedelta(seconds=step.after)
        path = self.filled(f"{step.path}?{step.query}" if step.query else step.path)
        body = None if step.body is None else self.filled(step.body.decode()).encode()
        return self.pegel.request(step.method, path, body, **{"X_Forwarded_For": ADDRESS, **step.headers})

    def filled(self, text: str) -> str:
        for word, value in self.values.items():
            text = text.replace(word, value)
        return text

    def rows(self, table: str) -> list[Row]:
        return self.pegel.rows(TABLES[table].format(self.site.id))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.id)
def test_a_vector(pegel: Tracked, vector: Vector) -> None:
    play = Play(pegel, vector)
    for step in vector.steps:
        check_answer(play.send(step), step.answer)
    pegel.load()
    visits = play.rows("visits")
    assert picked(visits, vector.visits) == vector.visits
    if vector.visitors is not None:
        assert len({visit["visitor"] for visit in visits}) == vector.visitors
    for table in ("hits", "conversions", "items", "timings"):
        expected: Rows | None = getattr(vector, table) if vector.visits else ()
        if expected is not None:
            assert picked(play.rows(table), expected) == expected, table


def check_answer(given: Given, expected: Answer | None) -> None:
    if expected is None:
        return
    assert given.status == expected.status
    assert {name: given.headers.get(name) for name in expected.headers} == expected.headers
    if expected.body is not None:
        assert given.body == expected.body


def picked(rows: list[Row], expected: Rows) -> Rows:
    """Return of each row what is expected of the row at its place; rows that nobody expects are whole."""
    columns = [list(row) for row in expected] + [None] * len(rows)
    return tuple({name: plain(row[name]) for name in names or row} for row, names in zip(rows, columns, strict=False))


def plain(value: Any) -> Any:
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else value


def test_no_vector_is_left_out() -> None:
    assert {vector.number for vector in VECTORS} | ELSEWHERE == set(range(1, 100))
    assert len({vector.id for vector in VECTORS}) == len(VECTORS)


def test_an_unknown_site_is_shown_to_the_operator(pegel: Tracked) -> None:
    pegel.request("GET", "/matomo.php?idsite=9990014&rec=1")
    pegel.load()
    (problem,) = [problem for problem in pegel.loader.journal.problems() if problem.site == 9_990_014]
    assert (problem.outcome, problem.reason, problem.hits) == ("refused", "idsite", 1)


def test_an_order_that_came_twice_is_counted_as_such(pegel: Tracked) -> None:
    site = pegel.add_site()
    for visitor in ("1" * 16, "2" * 16):
        pegel.get(site, cid=visitor, idgoal=0, ec_id="O1", revenue=10)
    assert pegel.counters(site) == {"": 1, "duplicate-order": 1}
