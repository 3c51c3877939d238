"""Where visitors were, and which languages their browsers ask for."""

from dashboard.continents import by_country, continent_name, continent_of
from dashboard.countries import UNKNOWN, country_name
from dashboard.languages import language_and_country, language_name
from dashboard.reporting.part import Part
from dashboard.reporting.report import Report
from dashboard.reporting.table import Columns, Table
from dashboard.reporting.visit_tables import By, encoded, report_of, table_by
from dashboard.reporting.visits import Extra, Key, visits_by

NOWHERE = "xx"


def of_country(country: str) -> Columns:
    return {"code": country or NOWHERE, "segment": f"countryCode=={country or NOWHERE}"}


def by_country_of_visit(part: Part) -> Table:
    by = By(dimensions=("country",), label=country_name, metadata=of_country, conversions=("country",))
    return table_by(part, by)


def continent_known(code: str) -> str:
    """Return a continent's code; a country that is on none stays as it is among them."""
    return continent_of(code) if len(code) != len("eur") else code


def of_continent(code: str) -> Columns:
    code = continent_known(code)
    return {"code": continent_name(code), "segment": f"continentCode=={code}"}


def by_continent(part: Part) -> Table:
    by = By(
        dimensions=("grouped",),
        extra=Extra("country", by_country()),
        label=lambda code: continent_name(continent_known(code)),
        metadata=of_continent,
        conversions=("country",),
        keyed=lambda country: (by_country().get(country) or country,),
    )
    return table_by(part, by)


def named(*parts: str) -> str:
    """Return what a place is called: `Bern, Switzerland`; a part that is unknown is left out."""
    return ", ".join(part for part in parts if part not in ("", UNKNOWN))


def region_label(region: str, country: str) -> str:
    return named(region, country_name(country)) if region else UNKNOWN


def of_region(region: str, country: str) -> Columns:
    """Return what is known of a region; regions have no names of their own here, they are called by their codes."""
    found = {
        "region": region or NOWHERE,
        "country": country or NOWHERE,
        "country_name": country_name(country),
        "region_name": region or UNKNOWN,
    }
    if region:
        found["segment"] = f"regionCode=={encoded(region)};countryCode=={encoded(country)}"
    return found


def known_region(region: str, country: str) -> Key:
    return (region, country) if region else ("", NOWHERE)


def by_region(part: Part) -> Table:
    by = By(
        dimensions=("region", "region_country"),
        label=region_label,
        metadata=of_region,
        conversions=("region", "country"),
        keyed=known_region,
    )
    return table_by(part, by)


def city_label(city: str, region: str, country: str) -> str:
    return named(city, region, country_name(country)) if city else UNKNOWN


def of_city(city: str, region: str, country: str) -> Columns:
    found = {"city_name": city or UNKNOWN, "city": city or NOWHERE, **of_region(region, country)}
    if city:
        below = f"regionCode=={encoded(region)};" if region else ""
        found["segment"] = f"city=={encoded(city)};{below}countryCode=={encoded(country)}"
    return found


def known_city(city: str, region: str, country: str) -> Key:
    return (city, region, country) if city else ("", "", NOWHERE)


def by_city(part: Part) -> Table:
    by = By(
        dimensions=("city", "city_region", "city_country"),
        label=city_label,
        metadata=of_city,
        conversions=("city", "region", "country"),
        keyed=known_city,
    )
    return table_by(part, by)


def countries(part: Part) -> int:
    return len(visits_by(part, "country", daily=False))


def of_language(code: str) -> Columns:
    return {"segment": f"languageCode=={code},languageCode=@{code}-" if code else "languageCode=="}


def by_language(part: Part) -> Table:
    """Return languages wherever they are spoken."""
    by = By(
        dimensions=("main_language",),
        label=language_name,
        metadata=of_language,
    )
    return table_by(part, by)


def by_language_code(part: Part) -> Table:
    by = By(
        dimensions=("language",),
        label=language_and_country,
        metadata=lambda code: {"segment": f"languageCode=={code}"},
    )
    return table_by(part, by)


WHERE = ("Visitors", "Locations")
PEOPLE = ("nb_visits", "nb_uniq_visitors", "nb_actions")
REPORTS: tuple[Report, ...] = (
    report_of(
        "UserCountry.getCountry",
        by_country_of_visit,
        "Country",
        "Country",
        WHERE,
        metrics=PEOPLE,
        has_goals=True,
        order=5,
    ),
    report_of(
        "UserCountry.getContinent",
        by_continent,
        "Continent",
        "Continent",
        WHERE,
        metrics=PEOPLE,
        has_goals=True,
        order=6,
    ),
    report_of("UserCountry.getRegion", by_region, "Region", "Region", WHERE, metrics=PEOPLE, has_goals=True, order=7),
    report_of("UserCountry.getCity", by_city, "City", "City", WHERE, metrics=PEOPLE, has_goals=True, order=8),
    Report(name="UserCountry.getNumberOfDistinctCountries", answer=countries),
    report_of("UserLanguage.getLanguage", by_language, "Browser language", "Language", WHERE, order=10),
    report_of("UserLanguage.getLanguageCode", by_language_code, "Language code", "Language code", WHERE, order=11),
)
