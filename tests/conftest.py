"""What every test may ask for: a real ClickHouse, a registry with a fixed clock, and builders of rows and sites."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest

from sql import migrate
from sql.clickhouse import Database
from sql.registry import NewSite, Registry, Site
from tests.administered import Api, World, administered, world
from tests.clickhouse_server import running
from tests.hosts import Hosts, hosted
from tests.tracked import Tracked, tracked
from tests.visitors import Browsers, Visitor, browsing

NOW = datetime(2026, 5, 13, 12, 0, tzinfo=UTC)  # A Wednesday.
_numbers = count(1)

Values = dict[str, object]


def fixed_clock() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One migrated embedded engine for the whole process: chDB serves a single directory in each process.

    Nobody empties it between tests: use it for rows that a whole module shares, and `clean_database` otherwise.
    """
    database = Database(f"chdb://{tmp_path_factory.mktemp('clickhouse')}")
    migrate.apply(database)
    yield database
    database.client.close()


@pytest.fixture
def clean_database(database: Database) -> Database:
    """The engine of this process, with empty tables."""
    return emptied(database)


@pytest.fixture(scope="session")
def clickhouse_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The DSN of a ClickHouse that answers over HTTP; its database has no tables yet."""
    with running(tmp_path_factory.mktemp("clickhouse_server")) as (dsn, _):
        yield dsn


def emptied(database: Database) -> Database:
    for table in ROWS:
        database.command(f"truncate table {table}")
    return database


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """An empty registry at noon of `NOW`, whose tokens and salts are the same in every run."""
    registry = Registry(tmp_path / "registry.sqlite", fixed_clock, Random(7).randbytes)
    yield registry
    registry.close()


def a_site(registry: Registry, **changes: Any) -> Site:
    """Add a site in Berlin's time zone, such as `a_site(registry, id=7, timezone="UTC")`."""
    usual = NewSite(name="Example", urls=("https://example.org",), timezone="Europe/Berlin")
    return registry.add_site(replace(usual, **changes))


def hit_row(**changes: object) -> Values:
    """Return a row of `hits`: a page view of https://example.org/, of a visit of its own unless told otherwise."""
    number = next(_numbers)
    row: Values = {
        "site": 1,
        "at": NOW,
        "sequence": number,
        "id": number,
        "visit": number,
        "visitor": changes.get("visit", number),
        "action": "pageview",
        "page": "example.org/",
        "prefix": 2,
        "title": "Home",
        "keyword": "",
        "search_category": "",
        "search_count": None,
        "event_category": "",
        "event_action": "",
        "event_name": "",
        "event_value": None,
        "previous_page": "",
        "previous_title": "",
        "seconds_since_previous": 0,
        "position": 1,
        "pageview": "",
        "new_in_visit": 1,
        **dict.fromkeys(("content_name", "content_piece", "content_target", "content_interaction"), ""),
        "product_sku": "",
        "product_name": "",
        "product_categories": [],
        "product_price": None,
        "dimensions": {},
        "variables": {},
    }
    return changed(row, changes)


def visit_row(**changes: object) -> Values:
    """Return a row of `visits`: one page view of https://example.org/ by a new visitor who came directly.

    What follows from other values is worked out: `last_at` from `started` and `duration`, the exit from the entry.
    """
    number = next(_numbers)
    started = changes.get("started", NOW)
    duration = changes.get("duration", 0)
    assert isinstance(started, datetime)
    assert isinstance(duration, int)
    row = VISIT | {
        "id": number,
        "visitor": number,
        "started": started,
        "last_at": started + timedelta(seconds=duration),
        "exit_action": changes.get("entry_action", VISIT["entry_action"]),
        "exit_page": changes.get("entry_page", VISIT["entry_page"]),
        "exit_prefix": changes.get("entry_prefix", VISIT["entry_prefix"]),
        "exit_title": changes.get("entry_title", VISIT["entry_title"]),
    }
    return changed(row, changes)


VISIT: Values = {
    "site": 1,
    "version": 1,
    "user_id": "",
    "ip": "203.0.0.0",
    "duration": 0,
    "actions": 1,
    "interactions": 1,
    "pageviews": 1,
    "searches": 0,
    "events": 0,
    "converted": 0,
    "entry_action": "pageview",
    "entry_page": "example.org/",
    "entry_prefix": 2,
    "entry_title": "Home",
    "returning": 0,
    "visit_count": 1,
    "seconds_since_first": None,
    "seconds_since_last": None,
    "seconds_since_order": None,
    "local_time": 43200,
    "referrer_type": "direct",
    "referrer_name": "",
    "referrer_keyword": "",
    "referrer_url": "",
    "browser": "Firefox",
    "browser_version": "150.0",
    "browser_engine": "Gecko",
    "os": "Windows",
    "os_version": "11",
    "device_type": "desktop",
    "device_brand": "",
    "device_model": "",
    "resolution": "1920x1080",
    "language": "de-ch",
    "country": "ch",
    "region": "",
    "city": "",
    "buyer": 0,
    "goals": [],
    "ad_network": "",
    "dimensions": {},
    "variables": {},
    "latitude": None,
    "longitude": None,
    "plugins": "pdf,cookie",
    "client_type": "browser",
    "profilable": 1,
}


def counter_row(**changes: object) -> Values:
    """Return a row of `counters`: one hit of site 1 that was kept."""
    row: Values = {"site": 1, "minute": NOW, "outcome": "kept", "reason": "", "hits": 1}
    return changed(row, changes)


def conversion_row(**changes: object) -> Values:
    """Return a row of `conversions`: an order of one article by a visitor who came directly."""
    number = next(_numbers)
    row: Values = {
        "site": 1,
        "started": NOW,
        "visit": number,
        "id": number,
        "version": 1,
        "at": NOW,
        "visitor": number,
        "goal": 0,
        "order_id": f"A{number}",
        "revenue": 10.0,
        **dict.fromkeys(("subtotal", "tax", "shipping", "discount"), None),
        "items": 1,
        "hit": 0,
        "page": "example.org/",
        "prefix": 2,
        "pageviews_before": 1,
        "referrer_type": "direct",
        "referrer_name": "",
        "referrer_keyword": "",
        "dimensions": {},
    }
    return changed(row, changes)


def item_row(**changes: object) -> Values:
    """Return a row of `order_items`: one article of an order."""
    number = next(_numbers)
    row: Values = {
        "site": 1,
        "started": NOW,
        "visit": number,
        "id": number,
        "version": 1,
        "conversion": number,
        "order_id": f"A{number}",
        "at": NOW,
        "visitor": number,
        "sku": "S1",
        "name": "Shoes",
        "categories": ["Clothes"],
        "price": 10.0,
        "quantity": 1,
        "deleted": 0,
    }
    return changed(row, changes)


def timing_row(**changes: object) -> Values:
    """Return a row of `timings`: a page view that took 210 milliseconds."""
    number = next(_numbers)
    row: Values = {
        "site": 1,
        "at": NOW,
        "id": number,
        "version": 1,
        "visit": number,
        "page": "example.org/",
        "prefix": 2,
        "title": "Home",
        **{"network": 10, "server": 20, "transfer": 30, "dom_processing": 40, "dom_completion": 50, "on_load": 60},
    }
    return changed(row, changes)


def bot_row(**changes: object) -> Values:
    """Return a row of `bots`: a search engine read a page."""
    row: Values = {
        "site": 1,
        "at": NOW,
        "id": next(_numbers),
        "name": "Googlebot",
        "class": "search",
        "page": "example.org/",
        "prefix": 2,
        **{"status": 200, "size": 5000, "milliseconds": 30, "source": ""},
    }
    return changed(row, changes)


ROWS: Mapping[str, Callable[..., Values]] = {
    "hits": hit_row,
    "visits": visit_row,
    "counters": counter_row,
    "conversions": conversion_row,
    "order_items": item_row,
    "timings": timing_row,
    "bots": bot_row,
}


def changed(row: Values, changes: Mapping[str, object]) -> Values:
    """Return the row with changes; a column that does not exist is a mistake of the test."""
    assert changes.keys() <= row.keys(), f"no such columns: {sorted(changes.keys() - row.keys())}"
    return {**row, **changes}


def insert_rows(database: Database, table: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert hand-written rows; the same rows again are new rows."""
    database.insert(table, columns_of(rows), token=f"rows {next(_numbers)}")


def columns_of(rows: Sequence[Mapping[str, object]]) -> dict[str, list[object]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


@pytest.fixture(scope="session")
def pegel(tmp_path_factory: pytest.TempPathFactory, database: Database) -> Iterator[Tracked]:
    """A running collector with a loader behind it; every test adds a site of its own to it."""
    with tracked(tmp_path_factory.mktemp("pegel"), database) as running:
        yield running


@pytest.fixture(scope="module")
def browsers(tmp_path_factory: pytest.TempPathFactory, database: Database) -> Iterator[Browsers]:
    """Host names with a collector and a loader behind them, and browsers that know these names."""
    directory = tmp_path_factory.mktemp("hosts")
    with hosted(directory, database) as hosts, browsing(hosts, directory / "browsers") as browsers:
        yield browsers


@pytest.fixture
def hosts(browsers: Browsers) -> Hosts:
    """The hosts without pages, which nobody asked anything yet."""
    browsers.hosts.clear()
    return browsers.hosts


@pytest.fixture
def visitor(browsers: Browsers, hosts: Hosts) -> Iterator[Visitor]:
    """Somebody with a fresh browser profile that allows third-party cookies."""
    with browsers.visitor() as visitor:
        yield visitor


@pytest.fixture(scope="session")
def administered_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A registry with sites and tokens, which every test of the API copies."""
    return world(tmp_path_factory.mktemp("world"), fixed_clock)


@pytest.fixture
def api(administered_world: World, tmp_path: Path, database: Database) -> Iterator[Api]:
    """The API of a dashboard of its own."""
    with administered(administered_world, tmp_path, database) as served:
        yield served
