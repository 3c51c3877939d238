"""The data of a person: found, exported and erased by an id, in the tables, the loader's memory and the spool."""

import json
import time
from collections.abc import Iterator
from datetime import date, timedelta
from ipaddress import ip_address
from typing import Any

import orjson
import pytest

from ingest.erasure import Erasures
from ingest.journal import Rejected
from ingest.loader import Sources
from ingest.memory import told
from ingest.privacy import mask
from sql.cases import Case, NewCase
from sql.clickhouse import Database
from sql.daily import aggregate
from sql.masks import BadMask, checked_masking
from sql.people import BadIdentity, Kind, Reach, checked_who, counts_of, hex_of, reach_of, visitor_of_user
from sql.registry import Site
from tests.conftest import insert_rows, visit_row
from tests.tracked import NOON, OTHER_VISITOR, Tracked, tracked

PATIENCE = 60.0
COOKIE = "7d3f5a9177c2e481"
VISITOR = int(COOKIE, 16)
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
    items = '[["S1","Shoes","Clothes",10,1]]'
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
        asked = pegel.erasures.asked()
        pegel.load()
        pegel.erasures.go_on(asked)
        time.sleep(0.02)
    return current


def counts(pegel: Tracked, site: Site) -> dict[str, int]:
    found = {}
    for table in TABLES:
        final = "" if table == "hits" else "final"
        (row,) = pegel.rows(f"select count() as n from {table} {final} where site = {site.id}")
        found[table] = row["n"]
    return found


def sums(pegel: Tracked, site: Site) -> dict[str, dict[str, Any]]:
    """Return the sums of the site's days by report, over all sources."""
    rows = pegel.rows(
        f"""select report, day, sum(arraySum(lines.visits)) as visits, sum(arraySum(lines.visitors)) as visitors,
            sum(arraySum(lines.actions)) as actions, sum(arraySum(lines.hits)) as hits,
            sum(arraySum(lines.revenue)) as revenue
        from daily final where site = {site.id} and report in ('totals', 'actions', 'goals') group by report, day"""
    )
    return {row["report"]: row for row in rows}


IDENTITIES = [
    pytest.param("visitor", COOKIE, id="visitor"),
    pytest.param("user", USER, id="user"),
    pytest.param("order", ORDER, id="order"),
]


@pytest.mark.parametrize(("kind", "value"), IDENTITIES)
def test_every_id_leads_to_all_visits(pegel: Tracked, kind: Kind, value: str) -> None:
    site = visited(pegel)
    reach = reach_of(pegel.database, checked_who(kind, value, site.id))
    found = counts_of(pegel.database, reach.visits)
    assert found == {"visits": 2, "hits": 4, "conversions": 1, "order_items": 1, "timings": 1}
    assert {hex_of(visitor) for _, visitor in reach.visitors} == {COOKIE, hex_of(visitor_of_user(USER))}
    other = reach_of(pegel.database, checked_who("visitor", OTHER_VISITOR, site.id))
    assert len(other.visits) == 1
    assert not set(other.visits) & set(reach.visits)


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        pytest.param("visitor", "12345", "visitor: expected 16 hex digits", id="short"),
        pytest.param("visitor", "١" * 16, "visitor: expected 16 hex digits", id="other-digits"),
        pytest.param("user", " ", "user: expected 1 to 200 characters", id="blank"),
        pytest.param("user", "x" * 201, "user: expected 1 to 200 characters", id="long"),
        pytest.param("order", 7, "order: expected 1 to 200 characters", id="number"),
        pytest.param("address", "203.0.113.9", "expected one of visitor, user, order", id="address"),
    ],
)
def test_what_is_no_identity(kind: str, value: object, says: str) -> None:
    with pytest.raises(BadIdentity, match=says) as refused:
        checked_who(kind, value)
    assert "203.0.113.9" not in str(refused.value)


@pytest.mark.parametrize(("kind", "value"), IDENTITIES)
def test_erases_what_it_finds_and_keeps_the_sums(pegel: Tracked, kind: Kind, value: str) -> None:
    site = visited(pegel)
    aggregate(pegel.database, site, [TODAY])
    before, summed = counts(pegel, site), sums(pegel, site)
    assert (before["visits"], before["hits"], before["timings"]) == (3, 5, 2)
    assert (summed["totals"]["visits"], summed["totals"]["visitors"], summed["actions"]["hits"]) == (3, 3, 5)
    assert summed["goals"]["revenue"] == 10
    case = carry_out(pegel, ask(pegel, "erase", site, kind, value))
    assert counts(pegel, site) == {"visits": 1, "hits": 1, "conversions": 0, "order_items": 0, "timings": 1}
    assert sums(pegel, site) == summed
    assert (case.stage, case.visits, case.hits, case.identity, case.details) == ("done", 2, 4, "", {})
    assert pegel.rows("select count() as n from chosen")[0]["n"] == 0


def test_the_loader_forgets_them_and_whoever_comes_back_is_new(pegel: Tracked) -> None:
    site = visited(pegel)
    who = checked_who("user", USER, site.id)
    reach = reach_of(pegel.database, who)
    journal = Sources.below(pegel.directory).journal
    orders = pegel.loader.journal.connection.execute("select count(*) from taken_order").fetchone()
    assert len(told(journal, who, reach)["remembered_visits"]) == 2
    carry_out(pegel, ask(pegel, "erase", site, who.kind, who.value))
    assert told(journal, who, reach)["remembered_visits"] == []
    assert pegel.loader.journal.connection.execute("select count(*) from taken_order").fetchone() < orders
    pegel.get(site, 7400, _id=COOKIE, uid=USER, url="https://example.org/again")
    (visit, _) = pegel.visits(site)
    assert (visit["entry_page"], visit["actions"], visit["visit_count"], visit["returning"]) == (
        *("example.org/again", 1),
        *(1, 0),
    )


def test_records_that_could_not_be_read_go_too(pegel: Tracked) -> None:
    site = visited(pegel)
    journal = pegel.loader.journal
    hers, his = orjson.dumps([site.id, 1, {"user": [USER]}]), orjson.dumps([site.id, 1, {"user": [f"{USER}2"]}])
    rejected = ({"batch": 1, "day": 0, **Rejected("ValueError", record)._asdict()} for record in (hers, his))
    journal.many("set_aside", rejected)
    carry_out(pegel, ask(pegel, "erase", site, "user", USER))
    assert [record for _, record in journal.rows("set_aside_records", site=site.id)] == [his]


@pytest.mark.parametrize(
    ("here", "values", "left"),
    [
        pytest.param(True, ["17"], False, id="its-number"),
        pytest.param(True, {"17": ["size", "XL"]}, True, id="name-of-a-variable"),
        pytest.param(False, ["17"], True, id="another-site"),
    ],
)
def test_records_that_only_look_alike_stay(pegel: Tracked, here: bool, values: object, left: bool) -> None:
    site, other = pegel.add_site(ecommerce=True), pegel.add_site()
    journal, number = pegel.loader.journal, (site if here else other).id
    record = orjson.dumps([number, 1, values])
    journal.many("set_aside", [{"batch": 1, "day": 0, **Rejected("ValueError", record, site=number)._asdict()}])
    carry_out(pegel, ask(pegel, "erase", site, "order", "17"))
    assert (record in [kept for _, kept in journal.rows("set_aside_records", site=0)]) == left


def test_a_row_that_no_database_takes_goes_too(pegel: Tracked) -> None:
    """Such a row is set aside for what is no number in it, as Python alone writes it."""
    site, journal = pegel.add_site(), pegel.loader.journal
    record = json.dumps({"site": site.id, "user_id": "Jürgen", "latitude": float("nan")}).encode()
    journal.many("set_aside", [{"batch": 1, "day": 0, **Rejected("x", record, "visits", site=site.id)._asdict()}])
    carry_out(pegel, ask(pegel, "erase", site, "user", "Jürgen"))
    assert record not in [kept for _, kept in journal.rows("set_aside_records", site=0)]


def test_hits_that_wait_in_the_spool_are_erased_too(pegel: Tracked) -> None:
    site = pegel.add_site()
    pegel.get(site, 0, _id=COOKIE, url="https://example.org/waiting")
    case = carry_out(pegel, ask(pegel, "erase", site, "visitor", COOKIE))
    assert (case.visits, case.hits) == (1, 1)
    assert counts(pegel, site)["hits"] == 0
    assert not list((pegel.directory / "spool").iterdir()), "the segment was finished for it, and deleted"


def test_who_is_erased_everywhere_and_only_there(pegel: Tracked) -> None:
    here, elsewhere = visited(pegel), visited(pegel)
    carry_out(pegel, ask(pegel, "erase", here, "user", USER))
    assert (counts(pegel, here)["visits"], counts(pegel, elsewhere)["visits"]) == (1, 3)
    carry_out(pegel, ask(pegel, "erase", None, "user", USER))
    assert counts(pegel, elsewhere)["visits"] == 1


@pytest.mark.parametrize("stage", ["chosen", "counted", "deleted"])
def test_goes_on_where_it_was(pegel: Tracked, stage: str) -> None:
    """What a step did before the process was killed is done again, and counts once."""
    site = visited(pegel)
    aggregate(pegel.database, site, [TODAY])
    summed = sums(pegel, site)
    case = ask(pegel, "erase", site, "user", USER)
    pegel.load()
    while case.stage != stage:
        before, case = case, pegel.erasures.step(case)
    # The step was done, but nobody wrote that down.
    pegel.registry.update_case(case, stage=before.stage, identity=before.identity, details=before.details)
    pegel.loader.erasures = Erasures(pegel.erasures.place)
    carry_out(pegel, case)
    assert counts(pegel, site)["visits"] == 1
    assert sums(pegel, site) == summed


def test_many_days_are_summed_while_hits_are_loaded(pegel: Tracked) -> None:
    """After each day the loader has its turn; what was done stays done."""
    site = pegel.add_site()
    days = [TODAY - timedelta(days=ago) for ago in range(4)]
    started = [NOON - timedelta(days=ago) for ago in range(4)]
    visits = [visit_row(site=site.id, started=at, visitor=VISITOR, user_id="u") for at in started]
    insert_rows(pegel.database, "visits", [*visits, visit_row(site=site.id, started=NOON)])
    aggregate(pegel.database, site, days)
    summed = visits_of_days(pegel, site)
    pegel.loader.erasures = Erasures(pegel.erasures.place, longest_step=-1)
    case = pegel.erasures.step(ask(pegel, "erase", site, "visitor", COOKIE))
    for number in range(1, 4):
        case = pegel.erasures.step(case)
        assert (case.stage, len(case.details["summed"])) == ("chosen", number)
    carry_out(pegel, case)
    assert visits_of_days(pegel, site) == summed == {str(day): 2 if day == TODAY else 1 for day in days}
    assert visits_of_days(pegel, site, "counted")[str(TODAY)] == 1


def visits_of_days(pegel: Tracked, site: Site, source: str = "") -> dict[str, int]:
    rows = pegel.rows(
        f"""select toString(day) as day, sum(arraySum(lines.visits)) as n from daily final
        where site = {site.id} and report = 'totals' and ('{source}' = '' or source = '{source}') group by day"""
    )
    return {row["day"]: row["n"] for row in rows}


class TestAnonymise:
    """Rows that are kept, and say less."""

    NEXT_DAY = NOON + timedelta(days=1)

    def masked(self, pegel: Tracked, site: Site, *masks: str, count: int = 0) -> Case:
        masking = checked_masking(site, (TODAY, TODAY), masks, count, self.NEXT_DAY)
        what = ", ".join(masking.masks)
        return carry_out(pegel, ask(pegel, "anonymise", site, what, details=masking.details))

    def test_visits_of_a_visitor_stay_together_under_another_id(self, pegel: Tracked) -> None:
        site = visited(pegel)
        before = pegel.visits(site)
        case = self.masked(pegel, site, "users")
        assert (case.what, case.visits, case.hits) == ("users, visitors", 3, 5)
        after = pegel.visits(site)
        old, new = ({visit["visitor"] for visit in visits} for visits in (before, after))
        assert len(old) == len(new) == 3
        assert not old & new
        assert {visit["user_id"] for visit in after} == {""}
        assert {hit["visitor"] for hit in pegel.hits(site)} >= new
        for table in ("conversions", "order_items"):
            (row,) = pegel.rows(f"select visitor, visit from {table} final where site = {site.id}")
            assert row["visitor"] in {visit["visitor"] for visit in after if visit["id"] == row["visit"]}
        assert pegel.rows("select count() as n from passing_key")[0]["n"] == 0
        who = checked_who("user", USER, site.id)
        assert told(Sources.below(pegel.directory).journal, who, Reach())["remembered_visits"] == []

    def test_addresses_places_orders_referrers_and_custom_values(self, pegel: Tracked) -> None:
        site = pegel.add_site(ecommerce=True)
        self.visit_with_everything(pegel, site)
        self.masked(pegel, site, "addresses", "places", "orders", "referrers", "custom", count=3)
        (visit,) = pegel.visits(site)
        assert visit["ip"] == "127.0.0.0"
        assert (visit["region"], visit["city"], visit["latitude"], visit["longitude"]) == ("", "", None, None)
        assert (visit["country"], visit["referrer_name"], visit["referrer_url"]) == ("ch", "news.example", "")
        assert (visit["dimensions"], visit["variables"], visit["visitor"]) == ({}, {}, int(COOKIE, 16))
        assert [hit["dimensions"] | hit["variables"] for hit in pegel.hits(site)] == [{}, {}]
        (order,) = pegel.rows(f"select order_id, revenue from conversions final where site = {site.id}")
        assert order == {"order_id": "", "revenue": 10}
        # The loader writes whole rows as a visit grows: it remembers no more than they tell.
        pegel.get(site, 120, _id=COOKIE, url="https://example.org/more")
        (visit,) = pegel.visits(site)
        assert (visit["actions"], visit["ip"], visit["city"], visit["referrer_url"]) == (2, "127.0.0.0", "", "")

    def visit_with_everything(self, pegel: Tracked, site: Site) -> None:
        place = {"country": "ch", "region": "ZH", "city": "Zurich", "lat": "47.4", "long": "8.5"}
        more = {"_cvar": '{"1":["plan","gold"]}', "cvar": '{"2":["a","b"]}', "urlref": "https://news.example/article"}
        pegel.get(site, 0, _id=COOKIE, token_auth=pegel.token("admin"), **place, **more)
        pegel.get(site, 60, _id=COOKIE, idgoal=0, ec_id=ORDER, revenue=10)
        pegel.load()

    @pytest.mark.parametrize(
        ("address", "count", "masked"),
        [
            pytest.param("203.0.113.9", 1, "203.0.113.0", id="v4-one"),
            pytest.param("203.0.113.9", 4, "0.0.0.0", id="v4-all"),
            pytest.param("2001:db8:0:8d3:0:8a2e:70:7344", 1, "2001:db8:0:8d3::", id="v6-one"),
            pytest.param("2001:db8:0:8d3:0:8a2e:70:7344", 2, "2001:db8::", id="v6-two"),
            pytest.param("2001:6f8:0:8d3:0:8a2e:70:7344", 3, "2001:600::", id="v6-three"),
            pytest.param("2001:6f8:0:8d3:0:8a2e:70:7344", 4, "::", id="v6-all"),
            pytest.param("::ffff:213.34.51.91", 2, "::ffff:213.34.0.0", id="v4-in-v6"),
            pytest.param("", 2, "", id="none"),
        ],
    )
    def test_addresses_are_masked_as_before_they_are_stored(
        self, pegel: Tracked, address: str, count: int, masked: str
    ) -> None:
        site = pegel.add_site()
        insert_rows(pegel.database, "visits", [visit_row(site=site.id, ip=address, started=NOON)])
        self.masked(pegel, site, "addresses", count=count)
        assert [visit["ip"] for visit in pegel.visits(site)] == [masked]
        assert not address or masked == mask(ip_address(address), count)

    @pytest.mark.parametrize(
        ("days", "masks", "count", "says"),
        [
            pytest.param((TODAY, TODAY), (), 0, "nothing was chosen", id="nothing"),
            pytest.param((TODAY, TODAY), ("everything",), 0, "expected some of addresses, users", id="unknown"),
            pytest.param((TODAY, TODAY), ("addresses",), 0, "expected 1 to 4", id="no-bytes"),
            pytest.param((TODAY, TODAY), ("users",), 2, "only if addresses are masked", id="bytes-of-nothing"),
            pytest.param((TODAY, TODAY + timedelta(days=1)), ("users",), 0, "days that are over", id="today"),
            pytest.param((TODAY, TODAY - timedelta(days=1)), ("users",), 0, "the earlier one first", id="order"),
        ],
    )
    def test_what_is_refused(
        self, pegel: Tracked, days: tuple[date, date], masks: tuple[str, ...], count: int, says: str
    ) -> None:
        with pytest.raises(BadMask, match=says):
            checked_masking(pegel.add_site(), days, masks, count, self.NEXT_DAY)
