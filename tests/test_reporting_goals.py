"""Reports of conversions: hand-written visits, goals, orders and carts, and what each report says of them."""

from collections.abc import Iterator

import pytest

from dashboard.reporting.goal_columns import goals_by
from sql.clickhouse import Database
from sql.segments import Filter
from tests.conftest import emptied
from tests.conversion_parts import conversion, filled_with, part_of, visit

NEW = visit(1, "13T08:00", 600, country="ch", converted=1)
BACK = visit(2, "13T09:00", 900, country="de", browser="Chrome", returning=1, visit_count=2, converted=1)
BUYER = visit(3, "13T10:00", 60, country="de", returning=2, visit_count=12, converted=1, dimensions={"1": "gold"})
LOOKER = visit(4, "13T11:00", country="de")
LATER = visit(5, "14T08:00", country="ch", visitor=101, converted=1)
VISITS = [NEW, BACK, BUYER, LOOKER, LATER]

AMOUNTS = {"subtotal": 80.0, "tax": 15.2, "shipping": 4.8, "discount": 10.0, "items": 3}
BY_GOOGLE = {"referrer_type": "search", "referrer_name": "Google", "referrer_keyword": "shoes"}
CONVERSIONS = [
    conversion(NEW, 1, "13T08:01", 2.5),
    conversion(NEW, 1, "13T08:02", 2.5),
    conversion(NEW, 2, "13T08:05", 0.0, **BY_GOOGLE),
    conversion(BACK, 1, "13T09:10", 0.1),
    conversion(BACK, 0, "13T09:15", 100.1, **AMOUNTS),
    conversion(BUYER, 0, "13T10:01", 50.2, order_id="B", items=1, dimensions={"1": "silver"}),
    conversion(BUYER, -1, "13T10:01", 33.3, items=2, dimensions={"1": "gold"}),
    conversion(BUYER, 9, "13T10:00", 7.0),  # A goal that was deleted.
    conversion(LATER, 1, "14T08:00", 4.0),
]


@pytest.fixture(scope="module")
def filled(database: Database) -> Iterator[Database]:
    yield filled_with(emptied(database), visits=VISITS, conversions=CONVERSIONS)
    emptied(database)


def test_goals_by_country(filled: Database) -> None:
    assert goals_by(part_of(filled), "country") == {
        ("ch",): {
            "goals": {
                "idgoal=1": {"nb_conversions": 2, "nb_visits_converted": 1, "revenue": 5},
                "idgoal=2": {"nb_conversions": 1, "nb_visits_converted": 1, "revenue": 0},
            },
            "nb_conversions": 3,
            "revenue": 5,
        },
        ("de",): {
            "goals": {
                "idgoal=ecommerceAbandonedCart": {
                    "nb_conversions": 1,
                    "nb_visits_converted": 1,
                    "revenue": 33.3,
                    "items": 2,
                },
                "idgoal=ecommerceOrder": {
                    "nb_conversions": 2,
                    "nb_visits_converted": 2,
                    "revenue": 150.3,
                    "revenue_subtotal": 80,
                    "revenue_tax": 15.2,
                    "revenue_shipping": 4.8,
                    "revenue_discount": 10,
                    "items": 4,
                },
                "idgoal=1": {"nb_conversions": 1, "nb_visits_converted": 1, "revenue": 0.1},
            },
            "nb_conversions": 3,
            "revenue": 150.4,
        },
    }


@pytest.mark.parametrize(
    ("dimensions", "expected"),
    [
        pytest.param(("country", "browser"), {("ch", "Firefox"): 3, ("de", "Chrome"): 2}, id="two"),
        pytest.param(("os", "browser", "country"), {("Windows", "Firefox", "ch"): 3}, id="three"),
        pytest.param(("referrer_type",), {("direct",): 5, ("search",): 1}, id="what-brought-the-conversion"),
        pytest.param(("referrer_name", "referrer_keyword"), {("", ""): 5, ("Google", "shoes"): 1}, id="keyword"),
        pytest.param(("hour",), {("8",): 3, ("9",): 2, ("10",): 1}, id="hour-of-the-conversion"),
        pytest.param(("weekday",), {("3",): 6}, id="weekday"),
        pytest.param(("latitude",), {("",): 6}, id="column-without-values"),
        pytest.param((), {(): 6}, id="all"),
    ],
)
def test_goals_by(filled: Database, dimensions: tuple[str, ...], expected: dict[tuple[str, ...], int]) -> None:
    found = {key: row["nb_conversions"] for key, row in goals_by(part_of(filled), *dimensions).items()}
    assert expected.items() <= found.items()
    assert sum(found.values()) == 6


def test_goals_by_a_custom_dimension_are_those_at_the_conversion(filled: Database) -> None:
    found = goals_by(part_of(filled), "custom_dimension", custom=1)
    assert {key: row["nb_conversions"] for key, row in found.items()} == {("",): 5, ("gold",): 0, ("silver",): 1}


def test_goals_of_a_segment(filled: Database) -> None:
    part = part_of(filled).of(Filter("country = {wanted:String}", {"wanted": "ch"}))
    assert {key: row["nb_conversions"] for key, row in goals_by(part, "country").items()} == {("ch",): 3}


def test_goals_of_a_month(filled: Database) -> None:
    found = goals_by(part_of(filled, kind="month"), "country")[("ch",)]
    assert found["goals"]["idgoal=1"] == {"nb_conversions": 3, "nb_visits_converted": 2, "revenue": 9}
