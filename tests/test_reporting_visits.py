"""Reports of visits: a dozen hand-written visits, and the rows that each report must answer with."""

from collections.abc import Iterator

import pytest

from dashboard.reporting.visits import visits_by
from sql.clickhouse import Database
from tests.conftest import emptied
from tests.conversion_parts import filled_with, part_of, visit

ANNA = {"visitor": 101, "user_id": "anna"}
VISITS = [
    visit(1, "13T08:10", 600, actions=3, country="ch", language="de-ch", local_time=82800, **ANNA),
    visit(2, "13T10:00", 30, actions=1, country="at", language="de", returning=1, **ANNA),
    visit(3, "12T23:59:30", 40, actions=2, country="fr", language="fr", returning=2),  # Ends on the 13th.
    visit(4, "13T12:00", 0, actions=0, country="us", converted=1, dimensions={"2": "gold"}),
    visit(5, "14T09:00", 5, actions=2, country="ch", returning=1, **ANNA),
    visit(6, "12T23:59:59"),  # Too early for the day.
    visit(7, "13T12:00", site=2),  # Elsewhere.
]


@pytest.fixture(scope="module")
def filled(database: Database) -> Iterator[Database]:
    yield filled_with(emptied(database), visits=VISITS)
    emptied(database)


def test_visits_by_nothing_are_all_of_a_day(filled: Database) -> None:
    assert visits_by(part_of(filled)) == {
        (): {
            "nb_uniq_visitors": 3,
            "nb_visits": 4,
            "nb_actions": 6,
            "nb_users": 1,
            "max_actions": 3,
            "sum_visit_length": 670,
            "bounce_count": 2,
            "nb_visits_converted": 1,
        }
    }


def test_people_of_longer_periods_are_exact_and_told_day_by_day(filled: Database) -> None:
    (week,) = visits_by(part_of(filled, kind="week"), daily=True).values()
    people = {"nb_uniq_visitors": 4, "sum_daily_nb_uniq_visitors": 5, "nb_users": 1, "sum_daily_nb_users": 2}
    assert people.items() <= week.items()
    (week,) = visits_by(part_of(filled, kind="week"), daily=False).values()
    assert "sum_daily_nb_users" not in week


CONTINENTS = {"ch": "eur", "at": "eur", "fr": "eur", "us": "amn"}


@pytest.mark.parametrize(
    ("dimensions", "expected"),
    [
        pytest.param(("country",), {("ch",): 1, ("at",): 1, ("fr",): 1, ("us",): 1}, id="a-column"),
        pytest.param(("continent",), {("eur",): 3, ("amn",): 1}, id="continents"),
        pytest.param(("main_language",), {("de",): 3, ("fr",): 1}, id="languages"),
        pytest.param(("server_hour",), {("8",): 1, ("10",): 1, ("23",): 1, ("12",): 1}, id="hours-of-the-site"),
        pytest.param(("local_hour",), {("23",): 1, ("12",): 3}, id="hours-of-the-visitor"),
        pytest.param(("weekday",), {("3",): 4}, id="weekdays-of-the-end"),
        pytest.param(("came_back",), {("0",): 2, ("1",): 2}, id="new-or-not"),
        pytest.param(("custom_dimension",), {("",): 3, ("gold",): 1}, id="a-custom-dimension"),
        pytest.param(
            ("came_back", "country"), {("0", "ch"): 1, ("1", "at"): 1, ("1", "fr"): 1, ("0", "us"): 1}, id="2"
        ),
        pytest.param(("os", "browser", "resolution"), {("Windows", "Firefox", "1920x1080"): 4}, id="three"),
    ],
)
def test_visits_by(filled: Database, dimensions: tuple[str, ...], expected: dict[tuple[str, ...], int]) -> None:
    found = visits_by(part_of(filled), *dimensions, custom=2, continents=CONTINENTS)
    assert {key: columns["nb_visits"] for key, columns in found.items()} == expected


def test_somebody_is_one_person_on_each_continent(filled: Database) -> None:
    assert visits_by(part_of(filled), "continent", continents=CONTINENTS)[("eur",)]["nb_uniq_visitors"] == 2
