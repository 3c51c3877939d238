"""Reports of visits: a dozen hand-written visits, and the rows that each report must answer with."""

from collections.abc import Iterator

import pytest

from dashboard.reporting.table import Single
from dashboard.reporting.visits import REPORTS, Extra, visits_by
from sql.clickhouse import Database
from sql.segments import Filter
from tests.conftest import emptied
from tests.conversion_parts import filled_with, part_of, visit
from tests.visit_parts import answer, row_of

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
        pytest.param(("grouped",), {("eur",): 3, ("amn",): 1}, id="continents"),
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
    found = visits_by(part_of(filled), *dimensions, custom=2, extra=Extra("country", CONTINENTS))
    assert {key: columns["nb_visits"] for key, columns in found.items()} == expected


def test_somebody_is_one_person_on_each_continent(filled: Database) -> None:
    assert visits_by(part_of(filled), "grouped", extra=Extra("country", CONTINENTS))[("eur",)]["nb_uniq_visitors"] == 2


DAY_SUMMARY = {
    "nb_uniq_visitors": 3,
    "nb_users": 1,
    "nb_visits": 4,
    "nb_actions": 6,
    "nb_visits_converted": 1,
    "bounce_count": 2,
    "sum_visit_length": 670,
    "max_actions": 3,
    "bounce_rate": 0.5,
    "nb_actions_per_visit": 1.5,
    "avg_time_on_site": 168,
}


def test_the_summary_of_a_day(filled: Database) -> None:
    assert row_of(answer(REPORTS, "VisitsSummary.get", part_of(filled))) == DAY_SUMMARY


@pytest.mark.parametrize("kind", ["week", "month", "year"])
def test_the_summary_of_longer_periods_has_exact_people(filled: Database, kind: str) -> None:
    row = row_of(answer(REPORTS, "VisitsSummary.get", part_of(filled, kind=kind)))
    assert (row["nb_uniq_visitors"], row["nb_users"], row["nb_visits"]) == (4, 1, 6)


def test_the_summary_of_nothing_is_zeros(filled: Database) -> None:
    result = answer(REPORTS, "VisitsSummary.get", part_of(filled, day="2026-05-20"))
    assert row_of(result) == dict.fromkeys(DAY_SUMMARY, 0)
    assert isinstance(result, Single)
    assert result.empty


def test_the_summary_has_only_the_columns_asked_for(filled: Database) -> None:
    part = part_of(filled, "columns=nb_visits,bounce_rate")
    assert row_of(answer(REPORTS, "VisitsSummary.get", part)) == {"nb_visits": 4, "bounce_rate": 0.5}


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("getVisits", 4),
        ("getUniqueVisitors", 3),
        ("getUsers", 1),
        ("getActions", 6),
        ("getMaxActions", 3),
        ("getBounceCount", 2),
        ("getVisitsConverted", 1),
        ("getSumVisitsLength", 670),
    ],
)
def test_single_numbers(filled: Database, method: str, expected: int) -> None:
    assert answer(REPORTS, f"VisitsSummary.{method}", part_of(filled)) == expected


def test_new_and_returning_visits_stand_side_by_side(filled: Database) -> None:
    row = row_of(answer(REPORTS, "VisitFrequency.get", part_of(filled)))
    assert {name: value for name, value in row.items() if name.endswith("_new")} == {
        "nb_uniq_visitors_new": 2,
        "nb_users_new": 1,
        "nb_visits_new": 2,
        "nb_actions_new": 3,
        "nb_visits_converted_new": 1,
        "bounce_count_new": 1,
        "sum_visit_length_new": 600,
        "max_actions_new": 3,
        "bounce_rate_new": 0.5,
        "nb_actions_per_visit_new": 1.5,
        "avg_time_on_site_new": 300,
    }
    returning = {"nb_visits_returning": 2, "nb_users_returning": 1, "avg_time_on_site_returning": 35}
    assert returning.items() <= row.items()


@pytest.mark.parametrize("asked", ["columns=nb_visits", "columns=nb_visits_new,nb_visits_returning"])
def test_columns_of_new_and_returning_visits(filled: Database, asked: str) -> None:
    assert row_of(answer(REPORTS, "VisitFrequency.get", part_of(filled, asked))) == {
        "nb_visits_new": 2,
        "nb_visits_returning": 2,
    }


def test_a_segment_picks_visits(filled: Database) -> None:
    part = part_of(filled, segment=Filter("country = {c:String}", {"c": "ch"}))
    assert answer(REPORTS, "VisitsSummary.getVisits", part) == 1
