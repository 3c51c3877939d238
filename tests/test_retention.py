"""Raw data is deleted on time, never before its days are counted, and never too much of it."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from sqlite3 import ProgrammingError
from typing import Any

import pytest

from ingest.journal import Batch, Done, Journal, Rejected
from ingest.retention import STEADY, TABLES, Retention, running
from sql import migrate
from sql.cases import NewCase
from sql.clickhouse import Database, DatabaseUnavailable
from sql.daily import aggregate, day_number
from sql.registry import Registry, Site
from sql.retention import first_whole_day, kept_since, next_deletion
from tests.conftest import NOW, ROWS, a_site, emptied, insert_rows
from tests.hits import a_visit
from tests.running import eventually
from tests.tracked import Tracked

JANUARY = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
APRIL = datetime(2026, 4, 15, 12, 0, tzinfo=UTC)
Row = dict[str, Any]


@pytest.fixture
def engine(clean_database: Database) -> Iterator[Database]:
    clean_database.command("truncate table daily")
    yield clean_database
    emptied(clean_database)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "loader.sqlite")
    yield journal
    journal.close()


@pytest.fixture
def retention(journal: Journal, engine: Database, registry: Registry) -> Retention:
    return Retention(journal, engine, registry, lambda: NOW)


@pytest.mark.parametrize(
    ("months", "now", "since", "deletion"),
    [
        pytest.param(25, "2026-05-13", "2024-05-01", "2026-06-01", id="usual"),
        pytest.param(25, "2026-05-01", "2024-05-01", "2026-06-01", id="first-of-a-month"),
        pytest.param(25, "2026-04-30", "2024-04-01", "2026-05-01", id="last-of-a-month"),
        pytest.param(14, "2026-01-02", "2024-12-01", "2026-02-01", id="over-a-new-year"),
        pytest.param(1, "2026-05-13", "2026-05-01", "2026-06-01", id="one-month"),
        pytest.param(1, "2026-05-02", "2026-04-28", "2026-06-01", id="last-days-of-one-month-settle-first"),
        pytest.param(0, "2026-05-13", None, None, id="for-ever"),
    ],
)
def test_how_long_data_is_kept(
    registry: Registry, months: int, now: str, since: str | None, deletion: str | None
) -> None:
    site = a_site(registry, retention_months=months, created=datetime(2020, 1, 1, tzinfo=UTC))
    moment = datetime.fromisoformat(f"{now}T00:00:00+00:00")
    assert kept_since(site, moment) == (since and datetime.fromisoformat(f"{since}T00:00:00+00:00"))
    assert next_deletion(site, moment) == (deletion and date.fromisoformat(deletion))


def test_a_new_site_loses_its_first_month_first(registry: Registry) -> None:
    assert next_deletion(a_site(registry, retention_months=3), NOW) == date(2026, 8, 1)


def test_a_preset_has_data_deleted_earlier(registry: Registry) -> None:
    old = datetime(2020, 1, 1, tzinfo=UTC)
    assert next_deletion(a_site(registry, preset="tdddg", retention_months=0, created=old), NOW) == date(2026, 6, 1)


def test_what_is_deleted_stays_so_when_a_site_keeps_more(registry: Registry) -> None:
    site = a_site(registry, retention_months=0)
    registry.move_raw_since(site.id, APRIL)
    registry.move_raw_since(site.id, JANUARY)
    site = registry.site(site.id)
    assert kept_since(site, NOW) == APRIL
    assert registry.update_site(replace(site, retention_months=25)).raw_since == APRIL
    assert kept_since(registry.site(site.id), NOW) == APRIL


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        pytest.param("UTC", "2026-04-01", id="utc"),
        pytest.param("Europe/Berlin", "2026-04-02", id="its-first-hours-are-gone"),
        pytest.param("America/New_York", "2026-04-01", id="the-evening-before-is-there"),
    ],
)
def test_a_day_is_whole_if_nothing_of_it_is_deleted(registry: Registry, zone: str, day: str) -> None:
    site = a_site(registry, timezone=zone)
    assert first_whole_day(site) is None
    registry.move_raw_since(site.id, datetime(2026, 4, 1, tzinfo=UTC))
    assert first_whole_day(registry.site(site.id)) == date.fromisoformat(day)


def row_of(table: str, site: Site, at: datetime, **more: object) -> Row:
    return ROWS[table](site=site.id, **{TABLES[table]: at}, **more)


def fill(database: Database, site: Site, *times: datetime) -> None:
    """Insert a row into every table for each of some times."""
    for table in TABLES:
        insert_rows(database, table, [row_of(table, site, at) for at in times])


def kept(database: Database, site: Site) -> dict[str, set[datetime]]:
    return {
        table: {
            row["at"].replace(tzinfo=UTC)
            for row in database.rows(f"select {time} as at from {table} where site = {site.id}")
        }
        for table, time in TABLES.items()
    }


def all_tables(*times: datetime) -> dict[str, set[datetime]]:
    return {table: {*times} for table in TABLES}


def days(database: Database, site: Site) -> list[tuple[date, int]]:
    rows = database.rows(
        f"select day, sum(arraySum(lines.visits)) as n from daily final where site = {site.id} and report = 'totals'"
        " group by day order by day"
    )
    return [(row["day"], row["n"]) for row in rows]


def test_a_month_is_deleted_and_its_sums_stay(
    retention: Retention, engine: Database, registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    short, other = a_site(registry, retention_months=3), a_site(registry, retention_months=0)
    fill(engine, short, JANUARY, APRIL)
    fill(engine, other, JANUARY, APRIL)
    with caplog.at_level(logging.INFO, "ingest.retention"):
        retention.run()
    assert kept(engine, short) == all_tables(APRIL)
    assert kept(engine, other) == all_tables(JANUARY, APRIL)
    assert days(engine, short) == [(JANUARY.date(), 1), (APRIL.date(), 1)]
    assert registry.site(short.id).raw_since == datetime(2026, 3, 1, tzinfo=UTC)
    assert registry.site(other.id).raw_since is None
    assert sorted(record.getMessage() for record in caplog.records) == sorted(
        f"raw data deleted site={short.id} table={table} month=202601 rows=1" for table in TABLES
    )


@pytest.mark.parametrize(
    ("action", "stage", "waits"),
    [
        pytest.param("erase", "asked", False, id="nothing-done"),
        pytest.param("erase", "chosen", True, id="being-counted"),
        pytest.param("erase", "counted", True, id="counted"),
        pytest.param("erase", "deleted", False, id="rows-gone"),
        pytest.param("anonymise", "chosen", False, id="no-erasure"),
    ],
)
def test_nothing_is_deleted_while_somebody_is_counted_twice(
    retention: Retention, registry: Registry, action: Any, stage: Any, waits: bool
) -> None:
    site, engine = a_site(registry, retention_months=3), retention.database
    fill(engine, site, JANUARY)
    new = NewCase(action=action, site=site.id, what="user", author="boss", asked=NOW, stage=stage)
    case = registry.add_case(new)
    retention.run()
    assert kept(engine, site) == (all_tables(JANUARY) if waits else all_tables())
    registry.update_case(case, stage="done", finished=NOW)
    retention.run()
    assert kept(engine, site) == all_tables()


def test_again_deletes_and_counts_nothing(
    retention: Retention, engine: Database, registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    site = a_site(registry, retention_months=3)
    fill(engine, site, JANUARY, APRIL)
    retention.run()
    before = engine.rows("select * from daily final order by all")
    with caplog.at_level(logging.INFO, "ingest.retention"):
        retention.run()
        Retention(retention.journal, engine, registry, lambda: NOW).run()
    assert caplog.records == []
    assert engine.rows("select * from daily final order by all") == before


def test_parts_in_which_all_is_due_are_dropped(
    retention: Retention, engine: Database, registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    one, two = a_site(registry, retention_months=3), a_site(registry, retention_months=2)
    fill(engine, one, JANUARY)
    fill(engine, two, JANUARY + timedelta(days=3))
    before = mutations(engine)
    retention.run()
    assert (kept(engine, one), kept(engine, two)) == (all_tables(), all_tables())
    assert mutations(engine) == before


def mutations(database: Database) -> int:
    (row,) = database.rows("select count() as n from system.mutations where database = currentDatabase()")
    return int(row["n"])


def test_nothing_is_deleted_that_cannot_be_counted(engine: Database, registry: Registry, journal: Journal) -> None:
    class Reluctant(Database):
        """A database that takes no sums."""

        def command(self, statement: str, parameters: Any = None) -> Any:
            if "insert into daily" in statement:
                raise DatabaseUnavailable("disk full")
            return super().command(statement, parameters)

    site = a_site(registry, retention_months=3)
    fill(engine, site, JANUARY)
    reluctant = Reluctant(engine.dsn)
    reluctant._clients = engine._clients
    retention = Retention(journal, reluctant, registry, lambda: NOW)
    retention.run()
    retention.delete_months(NOW)
    assert kept(engine, site) == all_tables(JANUARY)
    assert registry.site(site.id).raw_since is None


def test_killed_between_writing_down_and_deleting_it_goes_on(
    retention: Retention, engine: Database, registry: Registry
) -> None:
    site = a_site(registry, retention_months=3)
    fill(engine, site, JANUARY, APRIL)
    retention.look_back(NOW)
    retention.count_days(NOW)
    registry.move_raw_since(site.id, datetime(2026, 3, 1, tzinfo=UTC))
    engine.command("alter table visits delete where started < '2026-02-01' settings mutations_sync = 1")
    retention.run()
    assert kept(engine, site) == all_tables(APRIL)
    assert days(engine, site) == [(JANUARY.date(), 1), (APRIL.date(), 1)]


def test_a_day_that_loses_its_first_hours_is_counted_whole(
    retention: Retention, engine: Database, registry: Registry
) -> None:
    site = a_site(registry, retention_months=2, timezone="Europe/Berlin")
    night, noon = datetime(2026, 3, 31, 22, 30, tzinfo=UTC), datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
    fill(engine, site, night, noon)
    retention.run()
    assert kept(engine, site) == all_tables(noon)
    assert days(engine, site) == [(date(2026, 4, 1), 2)]
    journal = retention.journal
    journal.count_days(site.id, [20544])
    retention.run()
    assert days(engine, site) == [(date(2026, 4, 1), 2)]
    assert journal.days_to_count(99_999) == []


def test_late_hits_have_their_day_counted_again(retention: Retention, engine: Database, registry: Registry) -> None:
    site = a_site(registry, retention_months=0)
    fill(engine, site, APRIL)
    retention.run()
    fill(engine, site, APRIL)
    batch = retention.journal.begin(())
    retention.journal.finish(batch, Done([], [], [], [], [(site.id, (APRIL.date() - date(1970, 1, 1)).days)]), 0)
    retention.run()
    assert days(engine, site) == [(APRIL.date(), 2)]


def test_days_wait_until_they_are_settled(retention: Retention, engine: Database, registry: Registry) -> None:
    site = a_site(registry, retention_months=0, timezone="UTC")
    fill(engine, site, NOW - timedelta(days=2), NOW - timedelta(days=3), NOW)
    retention.run()
    assert days(engine, site) == [(date(2026, 5, 10), 1)]


def test_a_batch_that_comes_while_a_day_is_counted_is_not_forgotten(journal: Journal) -> None:
    journal.finish(Batch(5, ()), Done([], [], [], [], [(1, 20_000)]), 0)
    ((site, day, batch),) = journal.days_to_count(20_000)
    journal.finish(Batch(6, ()), Done([], [], [], [], [(1, 20_000)]), 0)
    journal.day_counted(site, day, batch)
    assert journal.days_to_count(20_000) == [(1, 20_000, 6)]
    journal.day_counted(1, 20_000, 6)
    assert journal.days_to_count(20_000) == []


def test_the_journal_forgets_what_is_too_old(retention: Retention, registry: Registry) -> None:
    journal, site = retention.journal, a_site(registry, retention_months=3)
    visits = [
        a_visit(id=number, site=site.id, last_at=int(at.timestamp() * 1000))
        for number, at in enumerate((JANUARY, APRIL), 1)
    ]
    journal.finish(Batch(1, ()), Done(visits, [(site.id, 77)], [], []), int(JANUARY.timestamp() * 1000))
    journal.finish(Batch(2, ()), Done([], [(site.id, 78)], [], []), int(APRIL.timestamp() * 1000))
    retention.run()
    assert [row[0] for row in journal.rows("visits_of_visitor", site=site.id, key=7)] == [2]
    assert [bool(journal.order_taken(site.id, number)) for number in (77, 78)] == [False, True]


def test_data_of_a_deleted_site_follows_after_a_week(engine: Database, tmp_path: Path, journal: Journal) -> None:
    now = NOW
    registry = Registry(tmp_path / "registry.sqlite", lambda: now)
    retention = Retention(journal, engine, registry, lambda: now)
    gone, stays = a_site(registry), a_site(registry)
    fill(engine, gone, APRIL)
    fill(engine, stays, APRIL)
    retention.run()
    registry.delete_site(gone.id)
    now = NOW + timedelta(days=6)
    retention.run()
    assert kept(engine, gone) == all_tables(APRIL)
    now = NOW + timedelta(days=8)
    retention.run()
    assert (kept(engine, gone), kept(engine, stays)) == (all_tables(), all_tables(APRIL))
    assert (days(engine, gone), days(engine, stays)) == ([], [(APRIL.date(), 1)])
    registry.close()


def test_a_database_that_is_away_ends_nothing(journal: Journal, registry: Registry, tmp_path: Path) -> None:
    a_site(registry)
    retention = Retention(journal, Database("clickhouse://127.0.0.1:1/pegel"), registry, lambda: NOW)
    with pytest.raises(DatabaseUnavailable):
        retention.run()
    assert not retention.looked_back


def test_hits_of_deleted_months_are_dropped_for_a_reason(pegel: Tracked) -> None:
    site = pegel.add_site(retention_months=3, created=datetime(2020, 1, 1, tzinfo=UTC))
    pegel.registry.move_raw_since(site.id, datetime(2026, 3, 1, tzinfo=UTC))
    token = pegel.token("write", site.id)
    answers = [pegel.get(site, cdt=f"{day} 12:00:00", token_auth=token) for day in ("2026-02-28", "2026-03-01")]
    assert [answer.headers.get("x-pegel", "") for answer in answers] == ["ignored: too-old", ""]
    assert [row["at"].date() for row in pegel.hits(site)] == [date(2026, 3, 1)]
    assert pegel.counters(site) == {"": 1, "too-old": 1}


def test_history_can_be_loaded_before_anything_is_deleted(pegel: Tracked) -> None:
    site = pegel.add_site()
    answer = pegel.get(site, cdt="2010-03-06 12:00:00", token_auth=pegel.token("write", site.id))
    assert "x-pegel" not in answer.headers
    assert [row["at"].date() for row in pegel.hits(site)] == [date(2010, 3, 6)]


def test_nothing_is_deleted_while_somebody_loads_history(
    journal: Journal, engine: Database, registry: Registry
) -> None:
    now = NOW
    retention = Retention(journal, engine, registry, lambda: now)
    site = a_site(registry, retention_months=3)
    fill(engine, site, JANUARY, APRIL)
    for minutes, loading in ((0, True), (50, True), (100, False)):
        now = NOW + timedelta(minutes=minutes)
        journal.count_days(site.id, [day_number(JANUARY.date())] if loading else [])
        retention.run()
        assert kept(engine, site) == all_tables(JANUARY, APRIL)
    now = NOW + timedelta(minutes=110)
    retention.run()
    assert kept(engine, site) == all_tables(APRIL)


def test_hits_that_waited_too_long_are_dropped_by_the_loader(pegel: Tracked) -> None:
    site = pegel.add_site(retention_months=3, created=datetime(2020, 1, 1, tzinfo=UTC))
    pegel.get(site, cdt="2026-03-01 12:00:00", token_auth=pegel.token("write", site.id))
    pegel.registry.move_raw_since(site.id, datetime(2026, 4, 1, tzinfo=UTC))
    assert (pegel.hits(site), pegel.counters(site)) == ([], {"too-old": 1})


def test_the_loader_notes_the_days_of_hits(pegel: Tracked) -> None:
    site = pegel.add_site(timezone="Europe/Berlin", created=datetime(2020, 1, 1, tzinfo=UTC))
    token = pegel.token("write", site.id)
    for time in ("2026-03-09 22:59:59", "2026-03-09 23:00:00"):
        pegel.get(site, cdt=time, token_auth=token)
    pegel.load()
    noted = [day for number, day, _ in pegel.loader.journal.days_to_count(99_999) if number == site.id]
    assert [date(1970, 1, 1) + timedelta(days=day) for day in noted] == [date(2026, 3, 9), date(2026, 3, 10)]


def test_old_records_that_were_set_aside_are_forgotten(pegel: Tracked) -> None:
    journal = pegel.loader.journal
    ((before,),) = journal.rows("set_aside_count")
    journal.finish(Batch(10**9, ()), Done([], [], [Rejected("KeyError", b"x")], []), 0)
    assert journal.rows("set_aside_count") == [(before + 1,)]
    journal.forget_set_aside(86_400)
    assert journal.rows("set_aside_count") == [(before,)]


def test_a_thread_of_its_own_counts_and_stops(retention: Retention, engine: Database, registry: Registry) -> None:
    site = a_site(registry, retention_months=3)
    fill(engine, site, JANUARY, APRIL)
    retention.steady_clock.since = NOW, retention.steady_clock.monotonic() - STEADY.total_seconds()
    with running(retention):
        eventually(lambda: kept(engine, site) == all_tables(APRIL))
    assert days(engine, site) == [(JANUARY.date(), 1), (APRIL.date(), 1)]
    with pytest.raises(ProgrammingError, match="closed"):
        retention.journal.offsets()


def test_who_loads_history_for_ever_is_not_waited_for(journal: Journal, engine: Database, registry: Registry) -> None:
    now = NOW
    retention = Retention(journal, engine, registry, lambda: now)
    site = a_site(registry, retention_months=3)
    fill(engine, site, JANUARY, APRIL)
    for hours in range(0, 73, 12):
        now = NOW + timedelta(hours=hours)
        journal.count_days(site.id, [day_number(JANUARY.date())])
        for later in (0, 30):
            now = NOW + timedelta(hours=hours, minutes=later)
            retention.run()
    assert kept(engine, site) == all_tables(APRIL)


class Picky(Database):
    """A database that cannot count the days of one site."""

    site = 0

    def command(self, statement: str, parameters: Mapping[str, object] | None = None) -> Any:
        if parameters and parameters.get("site") == self.site and "into daily" in statement:
            raise DatabaseUnavailable("not enough memory")
        return super().command(statement, parameters)


def test_a_site_that_cannot_be_counted_holds_no_other_up(
    journal: Journal, engine: Database, registry: Registry
) -> None:
    heavy, light = a_site(registry, retention_months=3), a_site(registry, retention_months=3)
    picky = Picky(engine.dsn)
    picky.site = heavy.id
    for site in (heavy, light):
        fill(engine, site, JANUARY, APRIL)
    retention = Retention(journal, picky, registry, lambda: NOW)
    retention.run()
    assert (kept(engine, heavy), kept(engine, light)) == (all_tables(JANUARY, APRIL), all_tables(APRIL))
    assert days(engine, heavy) == []
    picky.site = 0
    retention.run()
    assert kept(engine, heavy) == all_tables(APRIL)
    assert days(engine, heavy) == days(engine, light)
    picky.client.close()


def test_nothing_is_deleted_under_a_clock_that_was_just_set(
    retention: Retention, engine: Database, registry: Registry
) -> None:
    site = a_site(registry, retention_months=3)
    fill(engine, site, JANUARY, APRIL)
    with running(retention):
        eventually(lambda: len(days(engine, site)) == 2)
    assert kept(engine, site) == all_tables(JANUARY, APRIL)


def test_failing_is_noted_and_ends_nothing(
    journal: Journal, registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    a_site(registry)
    retention = Retention(journal, Database("clickhouse://127.0.0.1:1/pegel"), registry, lambda: NOW)
    with caplog.at_level(logging.ERROR, "ingest.retention"), running(retention):
        eventually(lambda: caplog.records)
    assert "counting days and deleting months failed error=DatabaseUnavailable" in caplog.text


def test_a_server_does_the_same(clickhouse_server: str, journal: Journal, registry: Registry) -> None:
    database = Database(clickhouse_server)
    migrate.apply(database)
    keeps, short = a_site(registry, retention_months=0), a_site(registry, retention_months=3)
    fill(database, keeps, JANUARY, APRIL)
    fill(database, short, JANUARY, APRIL)
    aggregate(database, short, [APRIL.date()], range(2**62, 2**62 + 1000), "erased-1")
    Retention(journal, database, registry, lambda: NOW).run()
    assert (kept(database, keeps), kept(database, short)) == (all_tables(JANUARY, APRIL), all_tables(APRIL))
    assert days(database, short) == [(JANUARY.date(), 1), (APRIL.date(), 1)]
    database.client.close()
