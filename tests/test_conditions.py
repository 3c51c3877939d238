"""What regulators ask for: each row of the table, met and not met by a configuration; and what a website chose."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import pegel
from dashboard.conditions import CONDITIONS, assessment
from dashboard.configuration import configuration_of
from dashboard.findings import Finding
from dashboard.regimes import REGIMES, regime_named
from dashboard.surroundings import Surroundings
from ingest.precision import precision_of
from sql.dimensions import NewDimension
from sql.entries import SiteFields
from sql.registry import Registry
from sql.website_commands import fields_given
from tests.conftest import NOW, a_site
from tests.test_geo import write_database

ROWS = {f"{row.regime} {row.name}": row for row in CONDITIONS}


@dataclass(frozen=True)
class Live:
    """A configuration: what is not said is as it usually is."""

    site: dict[str, Any] = field(default_factory=dict)
    server: dict[str, Any] = field(default_factory=dict)
    dimension: str = ""
    exporter: str = ""


def site(**changes: Any) -> Live:
    return Live(site=changes)


def server(**changes: Any) -> Live:
    return Live(server=changes)


USUAL = Live()
CNIL, TDDDG, UK = (site(preset=preset) for preset in REGIMES)
OTHER_TRACKER = server(own_tracker=False)
CITIES = {"precision": "city"}
EXACT = Live({"exact_places": True}, CITIES)

NO_SINGLE_VISITS = (UK, USUAL)
NO_ADS = (TDDDG, USUAL)
NO_USER_IDS = (UK, USUAL)
MASKED = (USUAL, server(masked_bytes=1))
DELETED = (site(retention_months=3), site(retention_months=0))
NOBODY_TAKES = (USUAL, Live(exporter="backup"))
# A configuration that meets the row, and one that does not, or leaves it to people.
BOTH_WAYS = {
    "cnil one-website": (
        site(urls=("https://www.example.org", "https://shop.example.org")),
        site(urls=("https://example.org", "https://example.com")),
    ),
    "cnil third-parties": NOBODY_TAKES,
    "cnil statistics": NO_SINGLE_VISITS,
    "cnil crossing": (USUAL, Live(dimension="Author")),
    "cnil user-ids": NO_USER_IDS,
    "cnil marketing": (CNIL, TDDDG),
    "cnil orders": (CNIL, UK),
    "cnil origins": (site(referrers="host"), site(referrers="without-query")),
    "cnil addresses": MASKED,
    "cnil places": (server(**CITIES), EXACT),
    "cnil cookies": (USUAL, OTHER_TRACKER),
    "cnil retention": (USUAL, site(retention_months=26)),
    "cnil untouched": (USUAL, OTHER_TRACKER),
    "tdddg storage": (site(consent="cookie-consent"), USUAL),
    "tdddg reading": (TDDDG, CNIL),
    "tdddg statistics": NO_SINGLE_VISITS,
    "tdddg user-ids": NO_USER_IDS,
    "tdddg ads": NO_ADS,
    "tdddg addresses": MASKED,
    "tdddg places": (USUAL, EXACT),
    "tdddg signals": (site(dnt="anonymous", gpc="drop"), site(dnt="anonymous")),
    "tdddg retention": DELETED,
    "uk statistics": (site(fewest_visitors=2), USUAL),
    "uk ads": NO_ADS,
    "uk user-ids": NO_USER_IDS,
    "uk sharing": NOBODY_TAKES,
    "uk addresses": MASKED,
    "uk retention": DELETED,
    "uk gpc": (UK, USUAL),
}
FOR_PEOPLE = {
    *("cnil purpose", "cnil review", "cnil objection", "cnil information", "cnil separate"),
    *("tdddg consent", "tdddg objection", "tdddg information", "tdddg records"),
    *("uk purpose", "uk information", "uk objection"),
}


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    registry = Registry(tmp_path / "registry.sqlite", lambda: NOW)
    yield registry
    registry.close()


def found(registry: Registry, row: str, live: Live) -> Finding:
    added = a_site(registry, **live.site)
    if live.dimension:
        registry.add_dimension(NewDimension(site=added.id, name=live.dimension, scope="visit"))
    if live.exporter:
        registry.add_token(live.exporter, "admin", added.id)
    surroundings = Surroundings(lambda: {"ok": True}, **live.server)
    return ROWS[row].check(configuration_of(added, registry, surroundings, NOW))


def test_every_row_is_tested() -> None:
    assert len(ROWS) == len(CONDITIONS), "two rows of one regime have the same name"
    assert BOTH_WAYS.keys() | FOR_PEOPLE == ROWS.keys()
    assert not BOTH_WAYS.keys() & FOR_PEOPLE


@pytest.mark.parametrize("row", BOTH_WAYS)
def test_a_row_both_ways(registry: Registry, row: str) -> None:
    met, unmet = (found(registry, row, live) for live in BOTH_WAYS[row])
    assert (met.state, met.change, met.command) == ("met", "", "")
    assert unmet.state in ("not met", "yours")
    assert unmet.change
    assert met.shown != unmet.shown


@pytest.mark.parametrize("row", sorted(FOR_PEOPLE))
def test_a_row_that_no_program_can_know(registry: Registry, row: str) -> None:
    finding = found(registry, row, CNIL)
    assert (finding.state, bool(finding.shown), bool(finding.change)) == ("yours", True, True)


@pytest.mark.parametrize("regime", REGIMES)
def test_a_preset_meets_its_own_regime(registry: Registry, regime: Any) -> None:
    configuration = configuration_of(a_site(registry, preset=regime), registry, Surroundings(dict), NOW)
    judged = assessment(regime, configuration)
    assert [row.condition.name for row in judged.rows if row.finding.state == "not met"] == []
    assert judged.count("met") + judged.count("yours") == len(judged.rows)


@pytest.mark.parametrize("row", BOTH_WAYS)
def test_what_to_do_about_it_does_it(registry: Registry, row: str) -> None:
    """Every command that a row offers is one of ours, and its field one of the form's."""
    _, unmet = BOTH_WAYS[row]
    finding = found(registry, row, unmet)
    if finding.state != "not met":
        return
    if finding.command.startswith("PEGEL_"):
        assert finding.command == "PEGEL_MASK_BYTES=2"
        return
    arguments = pegel.parser().parse_args(finding.command.split()[1:])
    if "site" not in arguments:  # Of `pegel site add`.
        return
    changed = replace(registry.site(arguments.site), **fields_given(SiteFields, arguments))
    surroundings = Surroundings(lambda: {"ok": True}, **unmet.server)
    assert ROWS[row].check(configuration_of(changed, registry, surroundings, NOW)).state == "met"
    assert finding.field in finding.command or finding.field in ("preset", "dnt")


def test_another_tracker_leaves_promises_to_people(registry: Registry) -> None:
    for consent, row in (("cookie-consent", "tdddg storage"), ("without-identifiers", "cnil cookies")):
        live = replace(OTHER_TRACKER, site={"consent": consent})
        assert found(registry, row, live).state == "yours"
    assert found(registry, "cnil cookies", site(consent="without-identifiers")).shown == "The tracker sets no cookie."
    assert found(registry, "tdddg reading", replace(OTHER_TRACKER, site={"preset": "tdddg"})).state == "yours"


@pytest.mark.parametrize("source", dict.fromkeys(row.source for row in CONDITIONS), ids=lambda source: source.title)
def test_sources_can_be_followed(source: Any) -> None:
    parts = urlsplit(source.url)
    assert (parts.scheme, bool(parts.hostname), source.title.strip()) == ("https", True, source.title)


def test_the_regime_of_a_name() -> None:
    assert [regime_named(name) for name in ("uk", "matomo", "<x>")] == ["uk", "cnil", "cnil"]


def test_how_fine_a_database_is(tmp_path: Path) -> None:
    cities = write_database(tmp_path / "cities.mmdb", {"1.2.3.0/24": {"country_code": "CH"}}, "GeoLite2-City")
    country = write_database(tmp_path / "country.mmdb", {"1.2.3.0/24": {"country_code": "CH"}}, "GeoLite2-Country")
    assert [precision_of(str(file)) for file in (cities, country)] == ["city", "country"]
    assert [precision_of(name) for name in ("", "none", str(tmp_path / "missing"))] == ["country", "none", "none"]
