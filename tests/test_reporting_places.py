"""Reports of where visitors were and which languages their browsers ask for."""

from collections.abc import Iterator
from typing import Any

import pytest

from dashboard.continents import COUNTRIES, NAMES, by_country
from dashboard.countries import names as countries
from dashboard.languages import language_and_country, language_name
from dashboard.reporting.places import REPORTS
from dashboard.reporting.table import Table
from sql.clickhouse import Database
from tests.conftest import emptied
from tests.conversion_parts import conversion, filled_with, part_of, visit
from tests.visit_parts import answer, lines, row_named, table

ANNA: dict[str, Any] = {"visitor": 101}
BERN: dict[str, Any] = {"country": "ch", "region": "BE", "city": "Bern"}
SWISS = visit(1, "13T08:00", language="de-ch", **BERN, **ANNA)
NOWHERE = visit(4, "13T11:00", language="", country="xx")
VISITS = [
    SWISS,
    visit(2, "13T09:00", language="de", country="fr", **ANNA),
    visit(3, "13T10:00", language="fr-fr", **{**BERN, "country": "us", "region": ""}),
    NOWHERE,
    visit(5, "14T08:00", language="de-ch", **BERN, **ANNA),
]
CONVERSIONS = [
    conversion(SWISS, 1, "13T08:01", 0.1),
    conversion(VISITS[1], 1, "13T09:01", 0.2),
    conversion(NOWHERE, 1, "13T11:01", 0.4),
]


@pytest.fixture(scope="module")
def filled(database: Database) -> Iterator[Database]:
    yield filled_with(emptied(database), visits=VISITS, conversions=CONVERSIONS)
    emptied(database)


def report(database: Database, method: str, kind: str = "day") -> Table:
    return table(REPORTS, method, part_of(database, kind=kind))


def test_countries(filled: Database) -> None:
    rows = report(filled, "UserCountry.getCountry")
    assert sorted(lines(rows, "nb_visits", "nb_conversions", "revenue", "code", "segment")) == [
        ("France", 1, 1, 0.2, "fr", "countryCode==fr"),
        ("Switzerland", 1, 1, 0.1, "ch", "countryCode==ch"),
        ("United States", 1, None, None, "us", "countryCode==us"),
        ("Unknown", 1, 1, 0.4, "xx", "countryCode==xx"),
    ]
    assert answer(REPORTS, "UserCountry.getNumberOfDistinctCountries", part_of(filled)) == 4


def test_countries_of_a_week_have_exact_people(filled: Database) -> None:
    columns = row_named(report(filled, "UserCountry.getCountry", "week"), "Switzerland").columns
    assert (columns["nb_visits"], columns["nb_uniq_visitors"], columns["sum_daily_nb_uniq_visitors"]) == (2, 1, 2)


def test_who_was_in_two_countries_of_a_continent_is_one_person_there(filled: Database) -> None:
    rows = report(filled, "UserCountry.getContinent")
    assert sorted(lines(rows, "nb_visits", "nb_uniq_visitors", "nb_conversions", "revenue", "code")) == [
        ("Europe", 2, 1, 2, 0.3, "Europe"),
        ("North America", 1, 1, None, None, "North America"),
        ("Unknown", 1, 1, 1, 0.4, "Unknown"),
    ]


def test_an_unknown_region_is_in_no_country(filled: Database) -> None:
    rows = report(filled, "UserCountry.getRegion")
    assert sorted(lines(rows, "nb_visits", "nb_uniq_visitors", "nb_conversions", "region", "country")) == [
        ("BE, Switzerland", 1, 1, 1, "BE", "ch"),
        ("Unknown", 3, 3, 2, "xx", "xx"),
    ]
    assert row_named(rows, "BE, Switzerland").metadata == {
        "region": "BE",
        "country": "ch",
        "country_name": "Switzerland",
        "region_name": "BE",
        "segment": "regionCode==BE;countryCode==ch",
    }


def test_cities_of_one_name_are_several(filled: Database) -> None:
    rows = report(filled, "UserCountry.getCity")
    assert sorted(lines(rows, "nb_visits", "city", "city_name", "region", "country_name", "nb_conversions")) == [
        ("Bern, BE, Switzerland", 1, "Bern", "Bern", "BE", "Switzerland", 1),
        ("Bern, United States", 1, "Bern", "Bern", "xx", "United States", None),
        ("Unknown", 2, "xx", "Unknown", "xx", "Unknown", 2),
    ]
    assert row_named(rows, "Bern, United States").metadata["segment"] == "city==Bern;countryCode==us"


def test_languages(filled: Database) -> None:
    assert sorted(lines(report(filled, "UserLanguage.getLanguage"), "nb_visits", "nb_uniq_visitors", "segment")) == [
        ("French", 1, 1, "languageCode==fr,languageCode=@fr-"),
        ("German", 2, 1, "languageCode==de,languageCode=@de-"),
        ("Unknown", 1, 1, "languageCode=="),
    ]
    assert sorted(lines(report(filled, "UserLanguage.getLanguageCode"), "nb_visits", "segment")) == [
        ("French - France (fr-fr)", 1, "languageCode==fr-fr"),
        ("German (de)", 1, "languageCode==de"),
        ("German - Switzerland (de-ch)", 1, "languageCode==de-ch"),
        ("Unknown", 1, "languageCode=="),
    ]


@pytest.mark.parametrize(
    ("code", "name"),
    [("fr", "French (fr)"), ("pt-br", "Portuguese - Brazil (pt-br)"), ("xx", "Unknown"), ("", "Unknown"), ("qq", "qq")],
)
def test_names_of_languages(code: str, name: str) -> None:
    assert language_and_country(code) == name


def test_a_language_nobody_knows_stands_for_itself() -> None:
    assert (language_name("qq"), language_name("xx"), language_name("nb")) == ("qq", "Unknown", "Norwegian Bokmål")


def test_every_country_is_on_one_continent() -> None:
    assert countries().keys() <= by_country().keys()
    assert sum(len(each.split()) for each in COUNTRIES.values()) == len(by_country())
    assert COUNTRIES.keys() <= NAMES.keys()
