"""Reports of custom dimensions: hand-written visits and actions with values, and the rows that they make."""

from collections.abc import Iterator

import pytest

from dashboard.api_parameters import ApiError, MissingParameter
from dashboard.reporting.dimensions import REPORTS
from dashboard.reporting.table import Columns, Row, Table
from sql.clickhouse import Database
from sql.segments import Filter
from tests.conftest import Values, emptied, hit_row, timing_row
from tests.conversion_parts import at, conversion, filled_with, part_of, visit

(REPORT,) = REPORTS

GOLD = visit(1, "13T08:00", 600, actions=4, dimensions={"1": "gold"})
SILVER = visit(2, "13T09:00", dimensions={"1": "silver & more"}, user_id="anna")
EMPTY = visit(3, "13T10:00", dimensions={"1": ""})
UNTOLD = visit(4, "13T11:00", dimensions={"7": "gold"})
LATER = visit(5, "14T08:00", visitor=101, dimensions={"1": "gold"})
VISITS = [GOLD, SILVER, EMPTY, UNTOLD, LATER]
CONVERSIONS = [
    conversion(GOLD, 1, "13T08:01", 3.0, dimensions={"1": "bronze"}),  # What it was when the goal was reached.
    conversion(SILVER, 1, "13T09:00", 2.0, dimensions={"1": "silver & more"}),
    conversion(UNTOLD, 1, "13T11:00", 9.0),
]
A, B = "example.org/a", "example.org/b?x=1"


def hit(visit: Values, when: str, page: str, value: str | None, seconds: int = 0, **changes: object) -> Values:
    dimensions = {} if value is None else {"2": value}
    of_visit = {"visit": visit["id"], "visitor": visit["visitor"], "dimensions": dimensions}
    return hit_row(**of_visit, at=at(when), page=page, seconds_since_previous=seconds, **changes)


SLOW = hit(GOLD, "13T08:00", A, "anna")
HITS = [
    SLOW,
    hit(GOLD, "13T08:01", B, "anna", 60),
    hit(GOLD, "13T08:01:30", B, "paul", 30),
    hit(GOLD, "13T08:02", "", None, 30, action="goal"),  # No action: nothing ends with it.
    hit(GOLD, "13T08:10", "https://www.elsewhere.example/", None, 480, action="outlink", prefix=255),
    hit(SILVER, "13T09:00", A, "anna"),
    hit(EMPTY, "13T10:00", A, ""),
    hit(UNTOLD, "13T11:00", A, None),
    hit(LATER, "14T08:00", A, "anna"),
]
TIMINGS = [timing_row(id=SLOW["id"], visit=1, at=SLOW["at"], page=A, on_load=None)]


@pytest.fixture(scope="module")
def filled(database: Database) -> Iterator[Database]:
    yield filled_with(emptied(database), visits=VISITS, conversions=CONVERSIONS, hits=HITS, timings=TIMINGS)
    emptied(database)


def table_of(database: Database, asked: str, kind: str = "day", segment: str = "") -> Table:
    table = REPORT.answer(part_of(database, asked, kind).of(Filter(segment)))
    assert isinstance(table, Table)
    return table


def rows(table: Table | None) -> dict[str, Row]:
    assert table is not None
    return {row.label: row for row in table}


def values(table: Table, row: Row) -> Columns:
    return row.columns | {name: function(row.columns) for name, function in table.processed.items()} | row.metadata


def test_values_of_visits(filled: Database) -> None:
    table = table_of(filled, "idDimension=1")
    found = rows(table)
    assert found.keys() == {"gold", "silver & more", "bronze", "Value not defined"}
    assert values(table, found["silver & more"]) == {
        **{"label": "silver & more", "nb_uniq_visitors": 1, "nb_visits": 1, "nb_actions": 1, "nb_users": 1},
        **{"max_actions": 1, "sum_visit_length": 0, "bounce_count": 1, "nb_visits_converted": 0},
        **{"goals": {"idgoal=1": {"nb_conversions": 1, "nb_visits_converted": 1, "revenue": 2}}},
        **{"nb_conversions": 1, "revenue": 2},
        **{"avg_time_on_site": 0, "bounce_rate": 1, "nb_actions_per_visit": 1},
        "segment": "dimension1==silver+%26+more",
    }
    assert {"avg_time_on_site": 600, "bounce_rate": 0}.items() <= values(table, found["gold"]).items()
    assert "goals" not in found["gold"].columns
    assert found["Value not defined"].metadata == {"segment": "dimension1=="}


def test_a_value_of_conversions_that_no_visit_kept(filled: Database) -> None:
    table = table_of(filled, "idDimension=1")
    assert values(table, rows(table)["bronze"]) == {
        **{"label": "bronze", "nb_visits": 0, "nb_conversions": 1, "revenue": 3},
        **{"goals": {"idgoal=1": {"nb_conversions": 1, "nb_visits_converted": 1, "revenue": 3}}},
        **{"avg_time_on_site": 0, "bounce_rate": 0, "nb_actions_per_visit": 0, "segment": "dimension1==bronze"},
    }


def test_people_of_a_week(filled: Database) -> None:
    found = rows(table_of(filled, "idDimension=1", kind="week"))["gold"].columns
    assert {"nb_visits": 2, "nb_uniq_visitors": 1, "sum_daily_nb_uniq_visitors": 2}.items() <= found.items()


def test_values_of_actions(filled: Database) -> None:
    table = table_of(filled, "idDimension=2")
    found = {label: values(table, row) for label, row in rows(table).items()}
    assert found.keys() == {"anna", "paul", "Value not defined"}
    assert {
        **{"nb_visits": 3, "nb_uniq_visitors": 2, "nb_hits": 3},  # One visit saw two pages.
        **{"sum_time_spent": 90, "avg_time_on_dimension": 30},
        **{"bounce_count": 1, "bounce_rate": 0.33, "exit_nb_visits": 1, "exit_rate": 0.33},
        **{"sum_time_network": 0.01, "nb_hits_with_time_network": 1, "min_time_network": 0.01},
        **{"max_time_server": 0.02, "avg_time_server": 0.02},
        **{"sum_time_on_load": 0, "nb_hits_with_time_on_load": 0, "avg_time_on_load": None},
        "segment": "dimension2==anna",
    }.items() <= found["anna"].items()
    assert {"sum_time_spent": 480, "exit_nb_visits": 0, "bounce_count": 0}.items() <= found["paul"].items()
    assert {"nb_visits": 1, "exit_rate": 1, "segment": "dimension2=="}.items() <= found["Value not defined"].items()


def test_pages_of_a_value(filled: Database) -> None:
    pages = rows(rows(table_of(filled, "idDimension=2"))["anna"].table)
    assert pages.keys() == {A, B}
    assert {"nb_visits": 2, "nb_uniq_visitors": 2, "nb_hits": 2, "sum_time_spent": 60}.items() <= pages[
        A
    ].columns.items()
    assert pages[B].metadata == {
        "segment": "dimension2==anna;actionUrl=$example.org%2Fb%3Fx%3D1",
        "url": "example.org%2Fb%3Fx%3D1",
    }
    assert rows(rows(table_of(filled, "idDimension=2"))["Value not defined"].table)[A].metadata == {}


def test_actions_of_a_week(filled: Database) -> None:
    found = rows(table_of(filled, "idDimension=2", kind="week"))["anna"].columns
    assert {"nb_visits": 4, "nb_uniq_visitors": 2, "sum_daily_nb_uniq_visitors": 3}.items() <= found.items()


@pytest.mark.parametrize("dimension", [1, 2])
def test_dimensions_of_a_segment(filled: Database, dimension: int) -> None:
    assert len(table_of(filled, f"idDimension={dimension}", segment="user_id = 'anna'")) == 1
    assert len(table_of(filled, f"idDimension={dimension}", segment="user_id = 'paul'")) == 0


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        pytest.param("idDimension=3", "Dimension 3 for website 1 is not active.", id="inactive"),
        pytest.param("idDimension=999", "Dimension 999 for website 1 does not exist.", id="unknown"),
        pytest.param("idDimension=author", "idDimension='author': expected a number", id="name"),
    ],
)
def test_refused(filled: Database, asked: str, message: str) -> None:
    with pytest.raises(ApiError) as refused:
        table_of(filled, asked)
    assert message in str(refused.value)


def test_a_dimension_must_be_named(filled: Database) -> None:
    with pytest.raises(MissingParameter):
        table_of(filled, "")


def test_a_flat_row_is_called_by_its_dimension(filled: Database) -> None:
    assert table_of(filled, "idDimension=2").flat_names == ("CustomDimension_CustomDimension2",)
