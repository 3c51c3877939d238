"""Somebody is erased: out of the tables, the loader's memory and the spool, while the sums of their days stay.

The loader does it, between two batches: nothing is written then, and it alone knows its memory. Every step can be done
again, so that it goes on where it was when the process is killed. How far it is stands in the registry.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from ingest.anonymising import Anonymising
from ingest.journal import Journal
from ingest.memory import Sought, erase_from
from ingest.mutations import Statements, mutated
from ingest.segments import ask_to_finish, finished, segments
from sql import load
from sql.cases import Case
from sql.clickhouse import Database
from sql.daily import aggregate, day_number
from sql.entries import Site
from sql.people import TABLES, Of, checked_who, counts_of, portions, reach_of
from sql.refusals import UnknownSite
from sql.registry import Registry

log = logging.getLogger(__name__)

T = TypeVar("T")

DAY = timedelta(days=1)
STATEMENTS: Statements = {f"person/delete_{table}": {} for table in TABLES}
LONGEST_STEP = 3.0  # Seconds of counting days; then hits have their turn.
SWEEP_SECONDS = 2.0


class Place(NamedTuple):
    """Where somebody is looked for."""

    registry: Registry
    database: Database
    journal: Journal
    spool: Path


class Erasures:
    """Carries cases out, step by step; used by the loader's thread."""

    def __init__(self, place: Place, longest_step: float = LONGEST_STEP) -> None:
        self.place, self.clock = place, place.registry.clock
        self.longest_step = longest_step
        self.swept = -SWEEP_SECONDS
        self.anonymising = Anonymising(place.registry, place.database, place.journal)
        self.steps: Mapping[str, Callable[[Case], Case]] = {
            "asked": self.choose,
            "chosen": self.keep_sums,
            "counted": self.delete,
            "deleted": self.clean,
        }

    def asked(self) -> list[Case]:
        """Return what is to be done, as it is known before a batch."""
        return self.place.registry.open_cases()

    def go_on(self, cases: list[Case]) -> None:
        """Do with each case what can be done now; everything that was answered before it was asked for is loaded.

        Raises DatabaseUnavailable, RegistryError, sqlite3.Error, OSError: then it is tried again from the last step.
        """
        for case in cases:
            current, before = case, ""
            while not current.finished and current.stage != before:
                before = current.stage
                current = self.step(current)

    def step(self, case: Case) -> Case:
        if case.action == "anonymise" and case.stage != "deleted":
            return self.anonymising.step(case, self.run_of(case), self.left())
        return self.steps[case.stage](case)

    def run_of(self, case: Case) -> str:
        """Return the name of a case's rows in ClickHouse, which may serve several loaders."""
        return f"{self.place.journal.name}-{case.id}"

    def choose(self, case: Case) -> Case:
        """Write down which visits are theirs, let the loader forget them, and forget who it is."""
        database, journal, run = self.place.database, self.place.journal, self.run_of(case)
        who = checked_who(case.what, case.identity, case.site or 0)
        reach = reach_of(database, who)
        database.command(load("person/delete_chosen"), {"run": run})
        for site, visits in portions(reach.visits):
            count = len(visits)
            columns: Mapping[str, list[object]] = {"run": [run] * count, "site": [site] * count, "visit": [*visits]}
            database.insert("chosen", columns, f"{run}-{site}-{visits[0]}-{self.clock().timestamp()}")
        orders = database.query("person/chosen_orders", {"run": run})
        erase_from(journal, Sought(who, reach, tuple((row["site"], row["order_id"]) for row in orders)))
        found = counts_of(database, reach.visits)
        return self.place.registry.update_case(
            case, stage="chosen", identity="", details=self.left(), visits=found["visits"], hits=found["hits"]
        )

    def left(self) -> dict[str, object]:
        """Ask the collectors to finish the segments that may hold what is erased. Return their names."""
        names = []
        for path in segments(self.place.spool):
            names.append(path.name)
            if not finished(path):
                ask_to_finish(path)
        return {"segments": names}

    def keep_sums(self, case: Case) -> Case:
        """Count the visits that go, under a source of their own: together with what is left, a day's sums stay."""
        source = f"erased-{self.run_of(case)}"
        left = [(site, day, visits) for site, day, visits in self.days_of(case) if not done(case, "summed", site, day)]
        for site, day, visits in self.timely(left):
            aggregate(self.place.database, site, [day], visits, source)
            case = noted(case, "summed", site, day)
            left = left[1:]
        stage = "chosen" if left else "counted"
        return self.place.registry.update_case(case, stage=stage)

    def days_of(self, case: Case) -> Iterator[tuple[Site, date, list[int]]]:
        """Yield the days on which the chosen visits were, with those of each; of a site that is gone, no sums stay."""
        rows = self.place.database.query("person/chosen", {"run": self.run_of(case)})
        for number, group in groupby(rows, key=itemgetter("site")):
            with suppress(UnknownSite):
                site = self.place.registry.site(number)
                visits = [(number, row["visit"]) for row in group]
                yield from ((site, day, some) for day, some in sorted(self.by_day(site, visits).items()))

    def by_day(self, site: Site, visits: Iterable[Of]) -> dict[date, list[int]]:
        zone, found = ZoneInfo(site.timezone), defaultdict[date, list[int]](list)
        for number, some in portions(visits):
            for row in self.place.database.query("person/spans", {"site": number, "visits": some}):
                for day in days_between(row["started"], row["last_at"], zone):
                    found[day].append(row["id"])
        return found

    def delete(self, case: Case) -> Case:
        """Delete the rows; large tables take a while, and hits are loaded meanwhile."""
        if not mutated(self.place.database, self.run_of(case), STATEMENTS):
            return case
        case, left = self.recounted(case)
        if left:
            return self.place.registry.update_case(case)
        self.place.database.command(load("person/delete_chosen"), {"run": self.run_of(case)})
        (row,) = self.place.database.query("person/now", {})
        details = {**case.details, "deleted": row["moment"].timestamp()}
        return self.place.registry.update_case(case, stage="deleted", details=details)

    def recounted(self, case: Case) -> tuple[Case, bool]:
        """Count days again that were counted with these visits. Tell too whether some are left for the next time."""
        summed = {(int(number), date.fromisoformat(day)) for number, day in case.details.get("summed", ())}
        left = sorted(number_and_day for number_and_day in summed if not done(case, "recounted", *number_and_day))
        for number, day in self.timely(left):
            self.recount(number, day)
            case = noted(case, "recounted", number, day)
            left = left[1:]
        if not left:
            for year in sorted({day.year for _, day in summed}):
                # Lines of a page that nobody else looked at are only replaced; this takes them away.
                self.place.database.command(load("person/merge_sums"), {"year": str(year)})
        return case, bool(left)

    def recount(self, site: int, day: date) -> None:
        """Count a day again if it was counted."""
        # Whoever counts it right now does so once more afterwards: it is noted as if it got hits.
        self.place.journal.count_days(site, [day_number(day)], self.place.journal.last_batch() + 1)
        if self.place.database.query("person/counted_day", {"site": site, "day": day}):
            with suppress(UnknownSite):
                aggregate(self.place.database, self.place.registry.site(site), [day])

    def timely(self, items: list[T]) -> Iterator[T]:
        """Yield as many as can be done while hits wait; at least one."""
        until = time.monotonic() + self.longest_step
        for number, item in enumerate(items):
            if number and time.monotonic() > until:
                return
            yield item

    def clean(self, case: Case) -> Case:
        """See to it that no file holds a copy any more."""
        if not (self.spool_is_clean(case) and self.logs_are_empty() and self.parts_are_gone(case)):
            return case
        log.info("case finished case=%d action=%s visits=%d hits=%d", case.id, case.action, case.visits, case.hits)
        return self.place.registry.update_case(case, stage="done", details={}, finished=self.clock())

    def spool_is_clean(self, case: Case) -> bool:
        """Tell whether all segments that may hold it are loaded to their end, and deleted."""
        return not {path.name for path in segments(self.place.spool)} & set(case.details.get("segments", ()))

    def logs_are_empty(self) -> bool:
        return self.place.journal.forgets() and self.place.registry.forgets()

    def parts_are_gone(self, case: Case) -> bool:
        """Tell whether ClickHouse has deleted the files that it wrote anew."""
        asked, database = {"moment": datetime.fromtimestamp(case.details["deleted"], UTC)}, self.place.database
        due = time.monotonic() - self.swept >= SWEEP_SECONDS
        if due and database.of_servers("person/old_parts", asked)[0]["parts"]:
            self.swept = time.monotonic()
            for table in (*TABLES, "daily", "chosen", "passing_key"):
                database.command(load("person/sweep"), {"table": table})
        return not database.of_servers("person/old_parts", asked)[0]["parts"]


def days_between(first: datetime, last: datetime, zone: ZoneInfo) -> Iterator[date]:
    """Yield the days of a site on which a visit was."""
    day, end = first.astimezone(zone).date(), last.astimezone(zone).date()
    while day <= end:
        yield day
        day += DAY


def done(case: Case, what: str, site: Site | int, day: date) -> bool:
    return entry(site, day) in case.details.get(what, ())


def noted(case: Case, what: str, site: Site | int, day: date) -> Case:
    """Return a case that says of a day that something was done."""
    return replace(case, details={**case.details, what: [*case.details.get(what, ()), entry(site, day)]})


def entry(site: Site | int, day: date) -> list[object]:
    return [site if isinstance(site, int) else site.id, day.isoformat()]
