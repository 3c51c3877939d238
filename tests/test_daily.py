"""Sums of days: equal to what the rows say, repeatable, and without anything that tells one visitor from another."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from sql.clickhouse import Database
from sql.daily import COUNTED, REPORTS, aggregate
from sql.registry import Registry, Site
from tests.conftest import a_site, conversion_row, hit_row, insert_rows, visit_row

DAY = date(2026, 3, 10)
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)

Row = dict[str, Any]

VISIT: Row = {"started": NOON, "duration": 60}
SPRING: Row = {"referrer_type": "campaign", "referrer_name": "spring"}


@pytest.fixture
def engine(clean_database: Database) -> Database:
    clean_database.command("truncate table daily")
    return clean_database


@pytest.fixture
def site(registry: Registry, engine: Database) -> Site:
    """A site with three visits by two visitors on one day of Berlin, and one on each day beside it."""
    insert_rows(
        engine,
        "visits",
        [
            visit_row(id=1, visitor=7, **VISIT, actions=2, converted=1, country="de", user_id="anna"),
            visit_row(id=2, visitor=7, **VISIT, country="de"),
            visit_row(
                id=3, visitor=8, **VISIT, actions=2, country="fr", referrer_type="campaign", referrer_name="spring"
            ),
            visit_row(id=4, visitor=9, started=datetime(2026, 3, 9, 22, 59, tzinfo=UTC)),
            visit_row(id=5, visitor=9, started=datetime(2026, 3, 10, 23, 0, tzinfo=UTC)),
        ],
    )
    insert_rows(
        engine,
        "hits",
        [
            hit_row(at=NOON, visit=1, visitor=7),
            hit_row(at=NOON, visit=1, visitor=7, new_in_visit=0),
            hit_row(at=NOON, visit=2, visitor=7, action="event", event_category="c", event_action="a", event_value=1.5),
            hit_row(at=NOON, visit=3, visitor=8, page="example.org/a"),
            hit_row(at=NOON, visit=3, visitor=8, action="search", page="", keyword="shoes"),
        ],
    )
    insert_rows(
        engine, "conversions", [conversion_row(started=NOON, at=NOON, visit=1, visitor=7, revenue=20.0, items=2)]
    )
    return a_site(registry, id=1)


def lines(database: Database, report: str, columns: str, where: str = "1") -> list[tuple[Any, ...]]:
    rows = database.client.query(
        f"select {columns} from daily final array join lines where report = '{report}' and {where} order by all"
    )
    return [tuple(row) for row in rows.result_rows]


@pytest.mark.parametrize(
    ("report", "columns", "expected"),
    [
        pytest.param(
            "totals",
            "day, source, lines.visits, lines.visitors, lines.users, lines.actions, lines.most_actions,"
            " lines.seconds, lines.bounces, lines.converted",
            [(DAY, COUNTED, 3, 2, 1, 5, 2, 180, 1, 1)],
            id="totals",
        ),
        pytest.param(
            "actions",
            "lines.label, lines.hits, lines.once, lines.value",
            [("event", 1, 1, 1.5), ("pageview", 3, 2, 0.0), ("search", 1, 1, 0.0)],
            id="actions",
        ),
        pytest.param(
            "pages",
            "lines.label, lines.hits, lines.once, lines.visits, lines.visitors",
            [("example.org/", 2, 1, 1, 1), ("example.org/a", 1, 1, 1, 1)],
            id="pages",
        ),
        pytest.param("searches", "lines.label, lines.hits", [("shoes", 1)], id="searches"),
        pytest.param("events", "lines.kind, lines.label, lines.hits", [("c", "a", 1)], id="events"),
        pytest.param(
            "goals",
            "lines.kind, lines.label, lines.hits, lines.visits, lines.revenue, lines.items",
            [("0", "0", 1, 1, 20.0, 2)],
            id="goals",
        ),
        pytest.param(
            "referrers",
            "lines.kind, lines.label, lines.visits",
            [("campaign", "spring", 1), ("direct", "", 2)],
            id="referrers",
        ),
        pytest.param("campaign_keywords", "lines.kind, lines.visits", [("spring", 1)], id="campaigns"),
        pytest.param("countries", "lines.label, lines.visitors", [("de", 1), ("fr", 1)], id="countries"),
        pytest.param("visits_by_hour", "lines.label, lines.visits", [("13", 3)], id="hours-of-the-site"),
        pytest.param("downloads", "lines.label", [], id="nothing-there"),
    ],
)
def test_a_day_is_counted(database: Database, site: Site, report: str, columns: str, expected: list[Any]) -> None:
    aggregate(database, site, [DAY])
    assert lines(database, report, columns) == expected


def test_counting_again_changes_nothing_but_what_is_new(database: Database, site: Site) -> None:
    aggregate(database, site, [DAY])
    before = everything(database)
    aggregate(database, site, [DAY])
    assert everything(database) == before
    insert_rows(database, "visits", [visit_row(id=6, visitor=10, **VISIT, country="ch")])
    aggregate(database, site, [DAY])
    assert lines(database, "countries", "lines.label, lines.visits") == [("ch", 1), ("de", 2), ("fr", 1)]


def test_a_day_that_lost_its_rows_is_empty_when_it_is_counted_again(database: Database, site: Site) -> None:
    aggregate(database, site, [DAY])
    for table in ("visits", "hits", "conversions"):
        database.command(f"truncate table {table}")
    aggregate(database, site, [DAY])
    assert [report.name for report in REPORTS if lines(database, report.name, "lines.label")] == []
    assert rows(database, "select count() as n from daily final") == [{"n": len(REPORTS)}]


def test_who_is_erased_stays_in_the_sums_and_in_no_line(database: Database, site: Site) -> None:
    aggregate(database, site, [DAY])
    before = sums(database)
    aggregate(database, site, [DAY], visits=[3], source="erased-1")
    for table, column in (("visits", "id"), ("hits", "visit")):
        database.command(f"alter table {table} delete where {column} = 3 settings mutations_sync = 1")
    aggregate(database, site, [DAY])
    assert sums(database) == before
    assert lines(database, "countries", "lines.folded, lines.label, lines.visits") == [(0, "de", 2), (1, "", 1)]
    assert lines(database, "actions", "lines.label, lines.hits", "source = 'erased-1'") == [
        ("pageview", 1),
        ("search", 1),
    ]


def test_labels_of_few_visitors_are_not_told_where_a_site_wants_it(
    database: Database, site: Site, registry: Registry
) -> None:
    few = a_site(registry, fewest_visitors=2)
    insert_rows(
        database,
        "visits",
        [visit_row(site=few.id, visitor=n, **VISIT, country="de" if n < 3 else "fr") for n in (1, 2, 3)],
    )
    aggregate(database, few, [DAY])
    own = f"site = {few.id}"
    assert lines(database, "countries", "lines.folded, lines.label, lines.visits", own) == [(0, "de", 2), (1, "", 1)]
    assert lines(database, "visitor_types", "lines.folded, lines.label, lines.visits", own) == [(0, "0", 3)]


def everything(database: Database) -> list[Row]:
    return rows(database, "select * except (version) from daily final order by site, report, day, source")


def sums(database: Database) -> list[Row]:
    numbers = "hits, once, visits, visitors, users, actions, seconds, bounces, converted, revenue"
    columns = ", ".join(f"sum(lines.{number}) as {number}" for number in numbers.split(", "))
    return rows(database, f"select report, {columns} from daily final array join lines group by report order by report")


def rows(database: Database, query: str) -> list[Row]:
    return list(database.client.query(query).named_results())
