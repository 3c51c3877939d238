"""The data of a person: found, exported and erased by an id, in the tables, the loader's memory and the spool."""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.journal import Journal, Rejected
from ingest.memory import told
from sql.cases import Case, NewCase
from sql.clickhouse import Database
from sql.daily import aggregate
from sql.masks import checked_masking
from sql.people import BadIdentity, Kind, checked_who, counts_of, reach_of
from sql.registry import Registry, Site
from tests.tracked import NOON, OTHER_VISITOR, VISITOR, Tracked, tracked

PATIENCE = 60.0
COOKIE = "7d3f5a9177c2e481"
USER = "anna-4711"
ORDER = "R-2026-0815"
TODAY = date(2026, 5, 13)
TABLES = ("visits", "hits", "conversions", "order_items", "timings")


@pytest.fixture(scope="module")
def pegel(tmp_path_factory: pytest.TempPathFactory, database: Database) -> Iterator[Tracked]:
    """A collector and loader whose spool is this module's own: what is erased waits for the end of its segments."""
    with tracked(tmp_path_factory.mktemp("people"), database) as running:
        yield running


def visited(pegel: Tracked) -> Site:
    """A site that Anna visits twice, the second time signed in, when she orders; and somebody else visits it."""
    site = pegel.add_site(ecommerce=True)
    items = f'[["S1","Shoes","Clothes",10,1]]'
    pegel.get(site, 0, _id=COOKIE, url="https://example.org/first", pv_id="aaaaaa", pf_srv=20)
    pegel.get(site, 20000, _id=OTHER_VISITOR, url="https://example.org/other", pv_id="bbbbbb", pf_srv=20)
    pegel.get(site, 7200, _id=COOKIE, url="https://example.org/secret")
    pegel.get(site, 7260, _id=COOKIE, uid=USER, url="https://example.org/account")
    pegel.get(site, 7320, _id=COOKIE, uid=USER, idgoal=0, ec_id=ORDER, revenue=10, ec_items=items)
    pegel.load()
    return site


def ask(pegel: Tracked, action: Any, site: Site | None, what: str, identity: str = "", **more: Any) -> Case:
    number = site.id if site else None
    return pegel.registry.add_case(
        NewCase(action=action, site=number, what=what, identity=identity, author="boss", asked=NOON, **more)
    )


def carry_out(pegel: Tracked, case: Case) -> Case:
    """Do what the loader does between batches, until the case is finished."""
    deadline = time.monotonic() + PATIENCE
    while not (current := pegel.registry.case(case.id)).finished:
        assert time.monotonic() < deadline, current
        asked = pegel.loader.erasures.asked()
        pegel.load()
        pegel.loader.erasures.go_on(asked)
        time.sleep(0.02)
    return current


def counts(pegel: Tracked, site: Site) -> dict[str, int]:
    return {
        table: pegel.rows(
            f"select count() as n from {table} final where site = {site.id}".replace("hits final", "hits")
        )[0]["n"]
        for table in TABLES
    }


def sums(pegel: Tracked, site: Site) -> list[dict[str, Any]]:
    """Return the sums of the site's days, over all sources."""
    return pegel.rows(
        f"""select day, sum(arraySum(lines.visits)) as visits, sum(arraySum(lines.visitors)) as visitors,
            sum(arraySum(lines.actions)) as actions, sum(arraySum(lines.hits)) as hits,
            sum(arraySum(lines.revenue)) as revenue
        from daily final where site = {site.id} and report in ('totals', 'actions', 'goals') group by day"""
    )


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        pytest.param("visitor", COOKIE, id="visitor"),
        pytest.param("user", USER, id="user"),
        pytest.param("order", ORDER, id="order"),
    ],
)
def test_every_id_leads_to_all_visits(pegel: Tracked, kind: Kind, value: str) -> None:
    site = visited(pegel)
    reach = reach_of(pegel.database, checked_who(kind, value, site.id))
    found = counts_of(pegel.database, reach.visits)
    assert (found["visits"], found["hits"], found["conversions"], found["order_items"]) == (2, 4, 1, 1)
    other = reach_of(pegel.database, checked_who("visitor", OTHER_VISITOR, site.id))
    assert not set(other.visits) & set(reach.visits)


@pytest.mark.parametrize("kind_and_value", [("visitor", COOKIE), ("user", USER), ("order", ORDER)])
def test_erases_what_it_finds_and_keeps_the_sums(pegel: Tracked, kind_and_value: tuple[str, str]) -> None:
    site = visited(pegel)
    aggregate(pegel.database, site, [TODAY])
    before, summed = counts(pegel, site), sums(pegel, site)
    assert (before["visits"], before["hits"], before["timings"]) == (3, 5, 2)
    case = carry_out(pegel, ask(pegel, "erase", site, *kind_and_value))
    assert counts(pegel, site) == {"visits": 1, "hits": 1, "conversions": 0, "order_items": 0, "timings": 1}
    assert sums(pegel, site) == summed
    assert (case.stage, case.visits, case.hits, case.identity, case.details) == ("done", 2, 4, "", {})
    assert [
        row["sources"] for row in pegel.rows(f"select uniq(source) as sources from daily where site = {site.id}")
    ] == [2]
