"""Raw data comes to its end: days are counted while their rows are there, and months that are too old are deleted.

All of it can be interrupted anywhere and done again. What is about to be deleted is written down first: from then on
every reader takes the sums of those days, no day of it is counted again, and what is left of it is deleted each time.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ingest.journal import Journal
from ingest.log_lines import said
from ingest.meter import RETENTION_RAN, Meter
from ingest.node import AnyRegistry, NodeRegistry
from ingest.steady_clock import SteadyClock
from sql import load
from sql.clickhouse import Database, DatabaseUnavailable, Row
from sql.daily import EPOCH, aggregate, day_number, start_of, uncounted
from sql.registry import Registry, Site, utc_now
from sql.retention import first_whole_day, kept_since

log = logging.getLogger(__name__)

PAUSE_SECONDS = 600.0
BREATH_SECONDS = 0.02  # Between two days, for others to have their turn.
SETTLED = timedelta(days=2)  # After its end a day is counted: by then what waited somewhere has come.
CALM = timedelta(hours=1)  # Without older hits; whoever loads history must not lose what follows.
LONGEST_LOADING = timedelta(days=3)
STEADY = timedelta(hours=1)  # Nothing is deleted under a clock that was just set: it may be wrong.
GONE = timedelta(days=7)  # After a site was deleted its data follows; until then that can be undone by hand.
DAY = timedelta(days=1)
FOR_EVER = datetime(2200, 1, 1, tzinfo=UTC)

# Tables of raw data, with the time that says in which month a row lies.
TABLES = {
    "hits": "at",
    "visits": "started",
    "conversions": "started",
    "order_items": "started",
    "timings": "at",
    "bots": "at",
}


class Due(NamedTuple):
    """What is to be deleted of one table: rows of some sites from before a moment, in these months."""

    table: str
    sites: tuple[int, ...]
    until: datetime
    months: Mapping[str, Mapping[int, int]]  # By month, such as 202405: how many rows each site has.

    def values(self, **more: object) -> dict[str, object]:
        return {"table": self.table, "time": TABLES[self.table], "sites": [*self.sites], "until": self.until, **more}


class Retention:
    """Counts days and deletes months, in a thread of its own: what takes long here, no hit waits for."""

    def __init__(
        self, journal: Journal, database: Database, registry: AnyRegistry, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.journal, self.database, self.registry, self.clock = journal, database, registry, clock
        self.steady_clock = SteadyClock(clock)
        self.meter = Meter()
        self.stopping = threading.Event()
        self.looked_back = False  # Days of an older version, or of a journal that is lost, are found once.
        # When each site got hits that are to be deleted, first and last, as far as we saw.
        self.loaded_old: dict[int, tuple[datetime, datetime]] = {}
        self.left: set[tuple[int, int, int]] = set()  # Days that could not be counted: nobody loads them anew.
        self.forgotten: dict[int, datetime] = {}  # Up to when the journal forgot each site.

    def live(self) -> None:
        """Run until `stop`, again and again; a database that is away is waited for."""
        while not self.stopping.is_set():
            try:
                self.run(deleting=self.steady_clock.steady_for() >= STEADY)
                self.meter.set(RETENTION_RAN, time.time_ns())
            except Exception as error:  # The edge of the loop: it must not die.
                log.error("counting days and deleting months failed error=%s", said(error))
            self.stopping.wait(PAUSE_SECONDS)
        self.journal.close()

    def stop(self) -> None:
        self.stopping.set()

    def run(self, deleting: bool = True) -> None:
        """Count what is settled, and delete what is due. Raises DatabaseUnavailable, RegistryError, sqlite3.Error."""
        now = self.clock()
        self.note_old_hits(now)
        self.look_back(now)
        self.count_days(now)
        if isinstance(self.registry, NodeRegistry):
            self.forget_deleted()
        elif deleting and not being_erased(self.registry):
            self.delete_months(now)
            self.delete_sites(now)

    def forget_deleted(self) -> None:
        """Have the journal forget what the machine with the registry has deleted."""
        for site in self.registry.sites():
            if site.raw_since:
                self.forget(site.id, site.raw_since)

    def look_back(self, now: datetime) -> None:
        """Note the days that have rows and were never counted."""
        if self.looked_back:
            return
        for site in self.registry.sites():
            days = uncounted(self.database, site, now - SETTLED)
            self.journal.count_days(site.id, map(day_number, days))
        self.looked_back = True

    def note_old_hits(self, now: datetime) -> None:
        """Note which sites got hits that are due already: somebody loads history, and may not be at its end."""
        sites = self.registry.sites()
        limits = {site.id: day_number(since.date()) for site in sites if (since := kept_since(site, now))}
        for site, day, batch in self.journal.days_to_count(max(limits.values(), default=0)):
            if day < limits.get(site, 0) and (site, day, batch) not in self.left:
                first, _ = self.loaded_old.get(site, (now, now))
                self.loaded_old[site] = first, now

    def calm(self, site: int, now: datetime) -> bool:
        """Tell whether nobody loads history any more; who never ends is not waited for."""
        if site not in self.loaded_old:
            return True
        first, last = self.loaded_old[site]
        if now - last < CALM and now - first < LONGEST_LOADING:
            return False
        del self.loaded_old[site]
        return True

    def count_days(self, now: datetime) -> None:
        """Count days that are over and settled; one that got hits since then is counted again."""
        sites = {site.id: site for site in self.registry.sites()}
        failed: set[int] = set()
        self.left = set()
        for number, day, batch in self.journal.days_to_count(day_number(now.date())):
            if self.stopping.is_set():
                return
            site, of = sites.get(number), EPOCH + day * DAY
            if site and not settled(site, of, now):
                continue
            if number in failed or (site and not self.counted(site, of)):  # Of a site that is gone nothing is counted.
                failed.add(number)  # Its other days wait for the next turn.
                self.left.add((number, day, batch))
                continue
            self.journal.day_counted(number, day, batch)
            self.stopping.wait(BREATH_SECONDS)

    def counted(self, site: Site, day: date) -> bool:
        """Count one day; a site whose day cannot be counted holds no other site up."""
        try:
            aggregate(self.database, site, [day])
        except Exception as error:  # The edge of one site's turn.
            log.error("day not counted site=%d day=%s error=%s", site.id, day, said(error))
            return False
        return True

    def delete_months(self, now: datetime) -> None:
        """Delete what is older than its site allows; the sums of its days stay."""
        calm = [site for site in self.registry.sites() if self.calm(site.id, now)]
        limits = {site: since for site in calm if (since := kept_since(site, now))}
        for since in sorted({*limits.values()}):
            sites = {site.id: site for site, limit in limits.items() if limit == since}
            due = list(self.due(sites, since))
            holders = sorted({site for each in due for rows in each.months.values() for site in rows})
            if closed := [id for id in holders if self.closed(sites[id], since)]:
                self.delete(list(self.due(closed, since)))
            for id in sites.keys() - set(holders) | set(closed):
                self.forget(id, since)

    def closed(self, site: Site, since: datetime) -> bool:
        """Close months of a site; one whose days cannot be counted holds no other site up."""
        try:
            self.close(site, since)
        except Exception as error:  # The edge of one site's turn.
            log.error("months stay for now site=%d error=%s", site.id, said(error))
            return False
        return True

    def close(self, site: Site, since: datetime) -> None:
        """Have every day counted that loses rows, then write down that it does."""
        last = since.astimezone(ZoneInfo(site.timezone)).date() + DAY  # A day that loses a part is counted whole.
        first = first_whole_day(site) or date.min
        waiting = self.journal.days_to_count(day_number(last))
        late = [EPOCH + day * DAY for number, day, _ in waiting if number == site.id]
        days = {*uncounted(self.database, site, start_of(last, ZoneInfo(site.timezone))), *late}
        aggregate(self.database, site, sorted(day for day in days if first <= day < last))
        self.registry.move_raw_since(site.id, since)

    def due(self, sites: Collection[int], until: datetime) -> Iterator[Due]:
        """Yield the tables in which these sites have rows from before a moment."""
        for table in TABLES:
            asked = Due(table, tuple(sites), until, {})
            months: dict[str, dict[int, int]] = {}
            for row in self.database.query("retention/holdings", asked.values()):
                months.setdefault(row["month"], {})[row["site"]] = row["nb_rows"]
            if months:
                yield asked._replace(months=months)

    def delete(self, due: Collection[Due]) -> None:
        """Delete parts of months as a whole where nothing else is in them, the rest row by row."""
        for each in due:
            parts = self.database.query("retention/parts", each.values(months=[*each.months]))
            left = [part for part in parts if not self.dropped(each.table, part)]
            if left:
                self.database.command(load("retention/delete_rows"), each.values())
            for month, rows in each.months.items():
                for site, count in rows.items():
                    log.info("raw data deleted site=%d table=%s month=%s rows=%d", site, each.table, month, count)

    def dropped(self, table: str, part: Row) -> bool:
        """Drop a part that is due as a whole. Tell whether it is gone; one that was just merged is not."""
        if part["nb_others"] or self.database.access.cluster:  # Servers give the same names to parts of their own.
            return False
        try:
            self.database.command(load("retention/drop_part"), {"table": table, "part": part["part"]})
        except DatabaseUnavailable as error:
            log.info("part stays for now table=%s error=%s", table, type(error).__name__)
            return False
        return True

    def forget(self, site: int, since: datetime) -> None:
        """Have the loader's journal forget visits and orders that are older."""
        if self.forgotten.get(site) == since:
            return
        count = self.journal.forget_site(site, int(since.timestamp()))
        self.forgotten[site] = since
        if count:
            log.info("visits forgotten site=%d count=%d", site, count)

    def delete_sites(self, now: datetime) -> None:
        """Delete all data of sites that were deleted a while ago; only anonymous counters of requests stay."""
        sites = self.registry.deleted_sites(now - GONE)
        if not sites:
            return
        self.delete(list(self.due(sites, FOR_EVER)))
        if self.database.query("retention/summed_sites", {"sites": sites}):
            self.database.command(load("retention/delete_sites"), {"sites": sites})
        for site in sites:
            self.forget(site, FOR_EVER)


@contextmanager
def running(retention: Retention) -> Iterator[None]:
    """Count and delete in a thread of its own meanwhile."""
    thread = threading.Thread(target=retention.live, name="retention")
    thread.start()
    try:
        yield
    finally:
        retention.stop()
        thread.join()


def being_erased(registry: Registry) -> bool:
    """Tell whether somebody's visits are counted apart and not deleted yet: sums that became final would have both."""
    return any(case.action == "erase" and case.stage in ("chosen", "counted") for case in registry.open_cases())


def settled(site: Site, day: date, now: datetime) -> bool:
    return start_of(day + DAY, ZoneInfo(site.timezone)) + SETTLED <= now
