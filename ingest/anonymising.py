"""Rows that were stored before a policy became stricter are made to say less, in tables and in the loader's memory.

Visitor ids are replaced by hashes under a random key, which is destroyed when all rows are changed: then nobody can
tell any more which was which. A visit whose id is replaced is forgotten by the loader, or it would link old and new.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

import orjson

from ingest.journal import Journal
from ingest.mutations import mutated
from ingest.privacy import mask, parse_address
from ingest.visits import Visit, state_of
from sql import load
from sql.cases import Case
from sql.clickhouse import Database
from sql.masks import Masking, masking_of
from sql.registry import Registry


class Anonymising(NamedTuple):
    """Carries such cases out, until the rows are changed."""

    registry: Registry
    database: Database
    journal: Journal

    def step(self, case: Case, run: str, left: Mapping[str, object]) -> Case:
        """Do what can be done now. Raises DatabaseUnavailable, RegistryError, sqlite3.Error."""
        masking = masking_of(case.site or 0, case.details)
        if case.stage == "asked":
            (found,) = self.database.query("person/visits_between", masking.parameters)
            self.make_key(run)
            change_memory(self.journal, masking)
            details = {**case.details, **left}
            return self.registry.update_case(case, stage="chosen", details=details, **found)
        if not mutated(self.database, run, dict.fromkeys(masking.statements(), masking.parameters)):
            return case
        self.database.command(load("person/delete_key"), {"run": run})
        (row,) = self.database.query("person/now", {})
        details = {**case.details, "deleted": row["moment"].timestamp()}
        return self.registry.update_case(case, stage="deleted", details=details)

    def make_key(self, run: str) -> None:
        """Make the key of a run, if it was not made before a crash."""
        if not self.database.query("person/key", {"run": run})[0]["keys"]:
            first, second = ([secrets.randbits(64)] for _ in range(2))
            self.database.insert("passing_key", {"run": [run], "first": first, "second": second}, run)


def change_memory(journal: Journal, masking: Masking) -> None:
    """Let the loader forget, of visits in a span, what is taken out of their rows."""
    span = {"site": masking.site, "since": millis(masking.since), "until": millis(masking.until)}
    after = 0
    while rows := journal.rows("states_between", **span, after=after):
        after = int(rows[-1][0])
        with journal.transaction():
            for number, state in rows:
                change_state(journal, int(number), Visit(*orjson.loads(state)), masking)


def change_state(journal: Journal, number: int, visit: Visit, masking: Masking) -> None:
    if "visitors" in masking.masks:
        journal.rows("delete_state", number=number)
        return
    for name in masking.masks:
        if name in CHANGES:
            CHANGES[name](visit, masking)
    journal.rows("change_state", number=number, state=orjson.dumps(state_of(visit)))


def mask_address(visit: Visit, masking: Masking) -> None:
    visit.ip = mask(parse_address(visit.ip), masking.bytes)


def forget_place(visit: Visit, _: Masking) -> None:
    visit.region, visit.city, visit.latitude, visit.longitude = "", "", None, None


def forget_referrer(visit: Visit, _: Masking) -> None:
    visit.referrer_url = ""


def forget_custom(visit: Visit, _: Masking) -> None:
    visit.dimensions, visit.variables = {}, {}


CHANGES: Mapping[str, Callable[[Visit, Masking], None]] = {
    "addresses": mask_address,
    "places": forget_place,
    "referrers": forget_referrer,
    "custom": forget_custom,
}


def millis(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
