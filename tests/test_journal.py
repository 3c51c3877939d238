"""The loader's journal: what it must remember, and what it may forget."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.journal import Batch, Done, History, Journal, Range
from ingest.visits import NAMES, Visit

DAY = 86_400_000
NOW = 1_000 * DAY


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "loader.sqlite")
    yield journal
    journal.close()


def a_visit(id: int, **changes: Any) -> Visit:
    usual = dict.fromkeys(NAMES, 0) | {"id": id, "site": 1, "visitor": id, "fingerprint": id, "known": True}
    return Visit(**{**usual, "last_at": NOW, **changes})


def remember(journal: Journal, now: int, *visits: Visit) -> None:
    batch = journal.begin((Range("1.segment", 0, 10),))
    journal.finish(batch, Done(visits, [], [], []), now)


def is_known(journal: Journal, visit: Visit) -> bool:
    return History(journal).of_visitor(1, visit.visitor, NOW) is not None


@pytest.mark.parametrize(
    ("touched", "visit", "kept"),
    [
        pytest.param(NOW, a_visit(1, known=False), True, id="nobody-known-just-now"),
        pytest.param(NOW - 3 * DAY, a_visit(1, known=False), False, id="nobody-known-days-ago"),
        pytest.param(NOW - 3 * DAY, a_visit(1), True, id="somebody-who-may-return"),
        pytest.param(NOW - 800 * DAY, a_visit(1), False, id="somebody-who-does-not-return"),
        pytest.param(NOW, a_visit(1, last_at=NOW - 800 * DAY), True, id="old-but-imported-just-now"),
    ],
)
def test_what_is_forgotten(journal: Journal, touched: int, visit: Visit, kept: bool) -> None:
    remember(journal, touched, visit)
    journal.forget_visits(NOW - 9 * DAY, NOW - 2 * DAY, NOW - 760 * DAY)
    assert is_known(journal, visit) is kept


def test_of_a_visitor_the_newest_visit_stays(journal: Journal) -> None:
    older, newer = a_visit(1, visitor=7, last_at=NOW - DAY), a_visit(2, visitor=7)
    remember(journal, NOW - 3 * DAY, older, newer)
    assert journal.forget_visits(NOW - 9 * DAY, NOW - 2 * DAY, 0) == 1
    found = History(journal).of_visitor(1, 7, NOW)
    assert found
    assert found.id == 2
    assert History(journal).of_visitor(1, 7, NOW - 1) is None


def test_ids_of_64_bits_come_back(journal: Journal) -> None:
    visit = a_visit(2**64 - 1, fingerprint=2**63)
    remember(journal, NOW, visit)
    assert History(journal).of_fingerprint(1, 2**63, (0, NOW), "") == visit


def test_a_batch_is_the_same_until_it_is_finished(tmp_path: Path, journal: Journal) -> None:
    batch = journal.begin((Range("1.segment", 0, 10), Range("2.segment", 5, 7)))
    again = Journal(tmp_path / "loader.sqlite")
    assert again.open_batch() == batch == Batch(1, batch.ranges)
    assert again.name == journal.name
    again.finish(batch, Done([], [], [], []), NOW)
    assert journal.open_batch() is None
    assert journal.offsets() == {"1.segment": 10, "2.segment": 7}
    assert journal.begin(()).number == 2
    again.close()


def test_an_older_visit_is_forgotten_when_the_newer_one_settles(journal: Journal) -> None:
    older, newer = a_visit(1, visitor=7, last_at=NOW - 30 * DAY), a_visit(2, visitor=7)
    remember(journal, NOW - 30 * DAY, older)
    assert journal.forget_visits(NOW - 40 * DAY, NOW - 20 * DAY, 0) == 0
    remember(journal, NOW, newer)
    assert journal.forget_visits(NOW - 20 * DAY, NOW - 2 * DAY, 0) == 0
    assert journal.forget_visits(NOW - 2 * DAY, NOW + DAY, 0) == 1
    assert is_known(journal, newer)
