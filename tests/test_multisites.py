"""Sites side by side: hand-written visits of three sites on two days, and what the methods say of them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qsl

import pytest

from dashboard.api_access import Caller
from dashboard.api_calls import Call
from dashboard.api_parameters import Parameters
from dashboard.period import Kind, Period, parse
from dashboard.reporting.floor import TooFewVisitors
from dashboard.reporting.multisites import METHODS, REPORTS, short, side_by_side
from dashboard.reporting.site_changes import evolution, passed, trend
from dashboard.reporting.table import Columns, ResultMap, Single, Table
from dashboard.surroundings import Surroundings
from sql.clickhouse import Database
from sql.entries import Token
from sql.registry import NewGoal, Registry
from sql.segments import Filter
from tests.conftest import NOW, a_site, emptied, fixed_clock, hit_row
from tests.conversion_parts import SITE, at, conversion, filled_with, part_of, visit

ANSWERS = {method.name: method.answer for method in METHODS}
(GET_ONE,) = REPORTS

TODAY, BEFORE = visit(1, "12T08:00", 600, actions=3), visit(2, "11T08:00", actions=2)
OTHER = visit(3, "12T09:00", actions=4, site=2)
ELSEWHERE = visit(4, "11T09:00", site=4)
VISITS = [TODAY, visit(5, "12T09:00"), BEFORE, OTHER, ELSEWHERE, visit(6, "13T08:00", actions=2)]
CONVERSIONS = [
    conversion(TODAY, 1, "12T08:00", 2.5),
    conversion(TODAY, 0, "12T08:05", 40.0),
    conversion(TODAY, -1, "12T08:06", 99.0),
    conversion(TODAY, 9, "12T08:06", 99.0),
    conversion(BEFORE, 0, "11T08:00", 85.0),
    conversion(OTHER, 0, "12T09:00", 7.0, site=2),  # It does not sell.
]
HITS = [
    *(hit_row(visit=visit, at=at(when), site=site) for visit, when, site in ((1, "12T08:00", 1), (1, "12T08:01", 1))),
    hit_row(visit=1, at=at("12T08:02"), action="event"),
    hit_row(visit=3, at=at("12T09:00"), site=2),
]
YESTERDAY = "period=day&date=2026-05-12"


@pytest.fixture(scope="module")
def filled(database: Database) -> Iterator[Database]:
    yield filled_with(emptied(database), visits=VISITS, conversions=CONVERSIONS, hits=HITS)
    emptied(database)


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """Four sites: a shop and a blog, one on which nothing ever happens, and one with visits of the day before."""
    registry = Registry(Path(tmp_path_factory.mktemp("sites")) / "registry.sqlite", fixed_clock, Random(7).randbytes)
    a_site(registry, id=1, name="Shop", ecommerce=True, currency="USD", group="Sold", urls=("https://shop.example",))
    a_site(registry, id=2, name="Blog", currency="CHF", urls=("https://blog.example",))
    a_site(registry, id=3, name="Void")
    a_site(registry, id=4, name="Gone", group="Sold")
    registry.add_goal(NewGoal(site=1, id=1, name="Newsletter"))
    yield registry
    registry.close()


def call(database: Database, registry: Registry, asked: str, site: int | None = None) -> Call:
    """Return a call with a token for all sites, or for one."""
    caller = Caller(token=Token(id=1, name="reader", role="view", site=site))
    parameters = Parameters(parse_qsl(asked))
    return Call(caller, parameters, registry, (), Surroundings(health=dict), database, NOW)


def rows(found: Any) -> dict[str, Columns]:
    assert isinstance(found, Table)
    return {row.label: row.columns | row.metadata for row in found}


def get_all(database: Database, registry: Registry, asked: str, site: int | None = None) -> dict[str, Columns]:
    return rows(ANSWERS["MultiSites.getAll"](call(database, registry, asked, site)))


def test_all_sites_with_something_to_tell(filled: Database, sites: Registry) -> None:
    assert get_all(filled, sites, YESTERDAY) == {
        "Shop": {
            **{"label": "Shop", "nb_visits": 2, "nb_actions": 4, "nb_pageviews": 2, "revenue": 42.5},
            **{"visits_evolution": "100%", "visits_evolution_trend": 1},
            **{"actions_evolution": "100%", "actions_evolution_trend": 1},
            **{"pageviews_evolution": "100%", "pageviews_evolution_trend": 1},
            **{"revenue_evolution": "-50%", "revenue_evolution_trend": -1},
            **{"previous_nb_visits": 1, "previous_nb_actions": 2},
            **{"previous_Actions_nb_pageviews": 0, "previous_Goal_revenue": 85},
            **{"idsite": 1, "ratio": 1, "periodName": "day", "previousRange": "Mon, May 11"},
            **{"currencySymbol": "$", "group": "Sold", "main_url": "https://shop.example"},
        },
        "Blog": {
            **{"label": "Blog", "nb_visits": 1, "nb_actions": 4, "nb_pageviews": 1, "revenue": 0},
            **{"visits_evolution": "100%", "visits_evolution_trend": 1},
            **{"actions_evolution": "100%", "actions_evolution_trend": 1},
            **{"pageviews_evolution": "100%", "pageviews_evolution_trend": 1},
            **{"revenue_evolution": "0%", "revenue_evolution_trend": 0},
            **{"previous_nb_visits": 0, "previous_nb_actions": 0},
            **{"previous_Actions_nb_pageviews": 0, "previous_Goal_revenue": 0},
            **{"idsite": 2, "ratio": 1, "periodName": "day", "previousRange": "Mon, May 11"},
            **{"currencySymbol": "CHF", "group": "", "main_url": "https://blog.example"},
        },
    }


def test_only_sites_that_the_caller_may_see(filled: Database, sites: Registry) -> None:
    assert get_all(filled, sites, YESTERDAY, site=2).keys() == {"Blog"}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("sHo", {"Shop"}), ("sold", {"Shop"}), ("blog.example", {"Blog"}), ("none", set())],
)
def test_pattern(filled: Database, sites: Registry, pattern: str, expected: set[str]) -> None:
    assert get_all(filled, sites, f"{YESTERDAY}&pattern={pattern}").keys() == expected


def test_what_is_known_beside_the_columns_is_always_shown(filled: Database, sites: Registry) -> None:
    shop = get_all(filled, sites, f"{YESTERDAY}&showColumns=nb_visits,visits_evolution")["Shop"]
    assert {"visits_evolution": "100%", "previous_nb_visits": 1, "idsite": 1}.items() <= shop.items()
    assert "revenue" not in shop


def test_conversions_of_enhanced_answers(filled: Database, sites: Registry) -> None:
    shop = get_all(filled, sites, f"{YESTERDAY}&enhanced=1")["Shop"]
    assert {
        **{"nb_conversions": 2, "nb_conversions_evolution": "100%", "previous_Goal_nb_conversions": 1},
        **{"orders": 1, "orders_evolution": "0%", "orders_evolution_trend": 0},
        **{"ecommerce_revenue": 40, "ecommerce_revenue_evolution": "-52.9%"},
    }.items() <= shop.items()


def test_several_dates(filled: Database, sites: Registry) -> None:
    found = ANSWERS["MultiSites.getAll"](call(filled, sites, "period=day&date=2026-05-10,2026-05-12"))
    assert isinstance(found, ResultMap)
    assert {date: set(rows(table)) for date, table in found.entries.items()} == {
        "2026-05-10": set(),
        "2026-05-11": {"Shop", "Gone"},
        "2026-05-12": {"Shop", "Blog"},
    }


def test_segment(filled: Database, sites: Registry) -> None:
    assert get_all(filled, sites, f"{YESTERDAY}&segment=actions==3")["Shop"]["nb_visits"] == 1


def test_a_site_does_not_tell_of_few_visitors(filled: Database) -> None:
    three = Filter("actions = 3")
    part = part_of(filled, day="2026-05-12", segment=three, site=replace(SITE, fewest_visitors=2))
    assert len(side_by_side([part])) == 0
    assert len(side_by_side([part.of(Filter())])) == 1
    with pytest.raises(TooFewVisitors):
        GET_ONE.answer(part)


def test_rows_that_are_added_up_are_compared_as_one(filled: Database, sites: Registry) -> None:
    (others,) = get_all(filled, sites, f"{YESTERDAY}&filter_truncate=0").values()
    assert {"label": "Others", "nb_visits": 3, "previous_nb_visits": 1, "visits_evolution": "200%"}.items() <= (
        others.items()
    )


def with_groups(database: Database, registry: Registry, asked: str) -> Any:
    return ANSWERS["MultiSites.getAllWithGroups"](call(database, registry, asked))


def test_sites_in_groups(filled: Database, sites: Registry) -> None:
    found = with_groups(filled, sites, "period=week&date=2026-05-12")
    assert [row["label"] for row in found["sites"]] == ["Sold", "Shop", "Gone", "Blog"]
    group, shop = found["sites"][:2]
    assert {"nb_visits": 5, "isGroup": 1, "visits_evolution": "100%", "revenue": 127.5}.items() <= group.items()
    assert {"nb_visits": 4, "idsite": 1, "group": "Sold"}.items() <= shop.items()
    assert "idsite" not in group
    assert {name: value for name, value in found.items() if name != "sites"} == {
        "numSites": 3,
        "totals": {"nb_visits": 6, "nb_actions": 13, "nb_pageviews": 3, "revenue": 127.5, "nb_visits_lastdate": 0},
        "lastDate": "2026-05-04,2026-05-10",
    }


def test_a_slice_of_sites_in_groups(filled: Database, sites: Registry) -> None:
    found = with_groups(filled, sites, "period=week&date=2026-05-12&filter_limit=2&filter_offset=1")
    assert ([row["label"] for row in found["sites"]], found["numSites"]) == (["Shop", "Gone"], 3)


def test_no_sites_at_all(filled: Database, registry: Registry) -> None:
    found = with_groups(filled, registry, YESTERDAY)
    assert (found["numSites"], found["lastDate"], found["sites"]) == (0, "", [])
    assert get_all(filled, registry, YESTERDAY) == {}


def test_one_site(filled: Database) -> None:
    result = GET_ONE.answer(part_of(filled, day="2026-05-12"))
    assert isinstance(result, Single)
    assert result.columns == {
        **{"nb_visits": 2, "visits_evolution": 1, "visits_evolution_trend": 1},
        **{"nb_actions": 4, "actions_evolution": 1, "actions_evolution_trend": 1},
        **{"nb_pageviews": 2, "pageviews_evolution": 1, "pageviews_evolution_trend": 1},
        **{"revenue": 42.5, "revenue_evolution": -0.5, "revenue_evolution_trend": -1},
    }
    assert not result.empty


def test_one_site_without_visits(filled: Database) -> None:
    result = GET_ONE.answer(part_of(filled, site=replace(SITE, id=3)))
    assert isinstance(result, Single)
    assert result.empty
    assert set(result.columns.values()) == {0}


def test_a_running_day_is_compared_with_as_much_of_the_day_before(filled: Database) -> None:
    """At noon of UTC, half of it has passed: four actions of yesterday are two until now."""
    table = side_by_side([part_of(filled)])
    (row,) = table.rows
    assert row.metadata["ratio"] == 0.5
    assert table.processed["actions_evolution"](row.columns) == 0


@pytest.mark.parametrize(
    ("kind", "day", "expected"),
    [("day", date(2026, 5, 13), 0.5), ("day", date(2026, 5, 12), 1), ("day", date(2026, 5, 14), 0),
     ("week", date(2026, 5, 13), 0.357)],
)  # fmt: skip
def test_how_much_of_a_period_has_passed(kind: Kind, day: date, expected: float) -> None:
    assert passed(parse(kind, str(day), day), NOW) == expected


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [(0, 0, (0, 0)), (3, 0, (1, 1)), (0, 3, (-1, -1)), (6, 2, (2, 1)), (2, 3, (-0.333, -1)), (2, 2, (0, 0))],
)
def test_changes(now: float, before: float, expected: tuple[float, int]) -> None:
    assert (evolution(now, before), trend(now, before)) == expected


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (Period("day", date(2010, 3, 5), date(2010, 3, 5)), "Fri, Mar 5"),
        (Period("week", date(2010, 3, 1), date(2010, 3, 7)), "Mar 1 – 7, 2010"),
        (Period("range", date(2010, 11, 13), date(2010, 12, 14)), "Nov 13 – Dec 14, 2010"),
        (Period("week", date(2009, 12, 28), date(2010, 1, 3)), "Dec 28, 2009 – Jan 3, 2010"),
        (Period("month", date(2010, 2, 1), date(2010, 2, 28)), "Feb 2010"),
        (Period("year", date(2009, 1, 1), date(2009, 12, 31)), "2009"),
    ],
)
def test_short(period: Period, expected: str) -> None:
    assert short(period).replace("\N{THIN SPACE}", " ") == expected
