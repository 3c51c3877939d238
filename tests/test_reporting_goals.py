"""Reports of conversions: hand-written visits, goals, orders and carts, and what each report says of them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from dashboard.api_parameters import BadParameter
from dashboard.reporting.conversions import REPORTS
from dashboard.reporting.goal_columns import goals_by, in_cents
from dashboard.reporting.part import Part
from dashboard.reporting.table import Columns, Result, Single, Table
from sql.clickhouse import Database
from sql.segments import Filter
from tests.conftest import emptied
from tests.conversion_parts import SITE, conversion, filled_with, part_of, visit

NEW = visit(1, "13T08:00", 600, country="ch", converted=1)
BACK = visit(
    2,
    "13T09:00",
    900,
    country="de",
    browser="Chrome",
    returning=1,
    visit_count=2,
    converted=1,
    seconds_since_first=2 * 86400 + 5,
)
BUYER = visit(
    3,
    "13T10:00",
    60,
    country="de",
    returning=2,
    visit_count=12,
    converted=1,
    dimensions={"1": "gold"},
    seconds_since_first=400 * 86400,
)
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


ANSWERS = {report.name: report.answer for report in REPORTS}
NOTHING = Filter("country = {wanted:String}", {"wanted": "xx"})


def answered(part: Part, method: str = "Goals.get") -> Result:
    return ANSWERS[method](part)


def columns(part: Part, method: str = "Goals.get") -> Columns:
    result = answered(part, method)
    assert isinstance(result, Single)
    return result.columns


def test_all_conversions_of_a_site_that_sells(filled: Database) -> None:
    assert columns(part_of(filled)) == {
        **{"nb_conversions": 6, "nb_visits_converted": 3, "revenue": 155.4, "conversion_rate": 0.75},
        **{
            "nb_conversions_new_visit": 3,
            "nb_visits_converted_new_visit": 1,
            "revenue_new_visit": 5,
            "conversion_rate_new_visit": 0.5,
        },
        **{
            "nb_conversions_returning_visit": 3,
            "nb_visits_converted_returning_visit": 2,
            "revenue_returning_visit": 150.4,
            "conversion_rate_returning_visit": 1,
        },
    }


def test_orders_of_a_site_that_does_not_sell_count_for_nothing(filled: Database) -> None:
    """Their visits are marked as converted all the same."""
    found = columns(part_of(filled, site=replace(SITE, ecommerce=False)))
    assert {"nb_conversions": 4, "revenue": 5.1, "nb_visits_converted": 3}.items() <= found.items()


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        pytest.param(
            "1",
            {"nb_conversions": 3, "nb_visits_converted": 2, "revenue": 5.1, "conversion_rate": 0.5},
            id="goal",
        ),
        pytest.param(
            "ecommerceOrder",
            {
                **{"nb_conversions": 2, "nb_visits_converted": 2, "revenue": 150.3, "conversion_rate": 0.5},
                **{"revenue_subtotal": 80, "revenue_tax": 15.2, "revenue_shipping": 4.8, "revenue_discount": 10},
                **{"items": 4, "avg_order_revenue": 75.15},
            },
            id="orders",
        ),
        pytest.param(
            "ecommerceAbandonedCart",
            {
                **{"nb_conversions": 1, "nb_visits_converted": 1, "revenue": 33.3, "conversion_rate": 0.25},
                **{"items": 2, "avg_order_revenue": 33.3},
            },
            id="carts",
        ),
        pytest.param(
            "9",
            {"nb_conversions": 0, "nb_visits_converted": 0, "revenue": 0, "conversion_rate": 0},
            id="deleted-goal",
        ),
    ],
)
def test_metrics_of_one_goal(filled: Database, goal: str, expected: Columns) -> None:
    part = part_of(filled, f"idGoal={goal}")
    assert columns(part, "Goals.getMetrics") == expected
    assert expected.items() <= columns(part).items()
    assert len(columns(part)) == 3 * len(expected)


def test_each_goal(filled: Database) -> None:
    found = columns(part_of(filled, "showAllGoalSpecificMetrics=1"))
    assert {
        **{"nb_visits": 4, "nb_visits_new_visit": 2, "nb_visits_returning_visit": 2},
        **{"goal_1_nb_conversions": 3, "goal_1_revenue": 5.1, "goal_1_conversion_rate": 0.5},
        **{"goal_2_nb_visits_converted": 1, "goal_2_nb_visits_converted_returning_visit": 0},
        **{"goal_2_conversion_rate_new_visit": 0.5},
    }.items() <= found.items()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(
            "columns=avg_order_revenue&idGoal=ecommerceOrder",
            {"avg_order_revenue", "avg_order_revenue_new_visit", "avg_order_revenue_returning_visit"},
            id="of-all-visits",
        ),
        pytest.param("columns=revenue_new_visit,nb_users", {"revenue_new_visit"}, id="of-new-visits"),
        pytest.param(
            "columns=goal_1_revenue&showAllGoalSpecificMetrics=1",
            {"goal_1_revenue", "goal_1_revenue_new_visit", "goal_1_revenue_returning_visit"},
            id="of-a-goal",
        ),
    ],
)
def test_columns(filled: Database, asked: str, expected: set[str]) -> None:
    assert columns(part_of(filled, asked)).keys() == expected


@pytest.mark.parametrize(
    ("method", "asked", "expected"),
    [
        ("Goals.getConversions", "", 6),
        ("Goals.getConversions", "idGoal=1", 3),
        ("Goals.getNbVisitsConverted", "", 3),
        ("Goals.getRevenue", "idGoal=ecommerceAbandonedCart", 33.3),
    ],
)
def test_one_number(filled: Database, method: str, asked: str, expected: float) -> None:
    assert answered(part_of(filled, asked), method) == expected


def test_conversion_rate(filled: Database) -> None:
    assert columns(part_of(filled, "idGoal=2"), "Goals.getConversionRate") == {
        "conversion_rate": 0.25,
        "conversion_rate_new_visit": 0.5,
        "conversion_rate_returning_visit": 0,
    }


def test_a_goal_must_be_a_number_or_a_name(filled: Database) -> None:
    with pytest.raises(BadParameter, match="idGoal='newsletter': expected the number of a goal"):
        answered(part_of(filled, "idGoal=newsletter"))


def test_a_segment_selects_visits_and_their_conversions(filled: Database) -> None:
    part = part_of(filled).of(Filter("browser = {wanted:String}", {"wanted": "Chrome"}))
    found = columns(part)
    assert (found["nb_conversions"], found["revenue"], found["conversion_rate"]) == (2, 100.2, 1)


def test_nothing_is_zeros_and_said_to_be_empty(filled: Database) -> None:
    result = answered(part_of(filled).of(NOTHING))
    assert isinstance(result, Single)
    assert result.empty
    assert set(result.columns.values()) == {0}


@pytest.mark.parametrize(
    ("method", "asked", "expected"),
    [
        pytest.param("Goals.getDaysToConversion", "", {"0 days": 3, "2 days": 1}, id="days"),
        pytest.param("Goals.getDaysToConversion", "idGoal=ecommerceOrder", {"2 days": 1, "365+ days": 1}, id="order"),
        pytest.param("Goals.getVisitsUntilConversion", "", {"1 visit": 3, "2 visits": 1}, id="visits"),
        pytest.param("Goals.getVisitsUntilConversion", "idGoal=ecommerceAbandonedCart", {"9-14 visits": 1}, id="cart"),
        pytest.param("Goals.getVisitsUntilConversion", "idGoal=7", {}, id="no-conversion"),
    ],
)
def test_until_conversion(filled: Database, method: str, asked: str, expected: dict[str, int]) -> None:
    result = answered(part_of(filled, asked), method)
    assert isinstance(result, Table)
    assert result.sort is None
    assert {row.label: row.columns["nb_conversions"] for row in result if row.columns["nb_conversions"]} == expected
    assert len(result) in (0, 13, 14)


def test_labels_until_conversion(filled: Database) -> None:
    result = answered(part_of(filled), "Goals.getDaysToConversion")
    assert isinstance(result, Table)
    labels = [row.label for row in result]
    assert (labels[:3], labels[-3:]) == (["0 days", "1 day", "2 days"], ["61-120 days", "121-364 days", "365+ days"])


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (0.125, 0.13),
        (-0.125, -0.13),
        (1.005, 1.01),
        (0.1 + 0.2, 0.3),
        (5, 5),
        (1e300, 1e300),
        (float("inf"), float("inf")),
    ],
)
def test_half_a_cent_is_one(amount: float, expected: float) -> None:
    assert in_cents(amount) == expected
