"""Cases: what was done with the data of people on their behalf, and how far it is. Whom it was about is not kept."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from sql.refusals import Unknown
from sql.registry_file import RegistryFile
from sql.rows import stamp

Action = Literal["export", "erase", "anonymise"]
# asked → chosen (it is known what is to go) → counted (its sums are kept) → deleted (from every table) → done (no copy
# is left in any file).
Stage = Literal["asked", "chosen", "counted", "deleted", "done"]
MOST_SHOWN = 200
MAX_ID = 2**63 - 1  # The largest number of SQLite.


class UnknownCase(Unknown):
    """Raised if there is no case with this id."""

    def __init__(self, id: int) -> None:
        super().__init__("case", id)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    """Something to be done, or that was done; field names are column names."""

    action: Action
    site: int | None  # None: every site.
    what: str  # The kind of identity, or which columns.
    author: str  # An e-mail address, or the name of a token.
    asked: datetime
    identity: str = field(default="", repr=False)  # Only until it is found.
    details: Mapping[str, Any] = field(default_factory=dict)
    stage: Stage = "asked"
    visits: int = 0
    hits: int = 0
    finished: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(NewCase):
    """Something that is in the records."""

    id: int

    @property
    def told(self) -> dict[str, object]:
        """What anybody may know who administers the site."""
        shown = ("id", "action", "site", "what", "author", "stage", "visits", "hits")
        return {
            **{name: getattr(self, name) for name in shown},
            "asked": stamp(self.asked),
            "finished": stamp(self.finished) if self.finished else None,
        }


class Cases(RegistryFile):
    """The part of the registry that keeps cases."""

    def add_case(self, case: NewCase) -> Case:
        with self._changing():
            return case_of(self._rows("add_case", **row_of(case))[0])

    def update_case(self, case: Case, **changes: Any) -> Case:
        """Write down how far a case is, and return it."""
        changed = replace(case, **changes)
        with self._changing():
            return case_of(self._rows("update_case", id=case.id, **row_of(changed))[0])

    def open_cases(self) -> list[Case]:
        """Return what is not finished, the oldest first."""
        return [case_of(row) for row in self._rows("open_cases")]

    def cases(self, site: int | None = None, most: int = MOST_SHOWN) -> list[Case]:
        """Return the newest cases of a site, or of all."""
        return [case_of(row) for row in self._rows("cases", site=site, most=most)]

    def case(self, id: int) -> Case:
        """Raises UnknownCase."""
        rows = self._rows("case", id=id) if 0 < id <= MAX_ID else []
        if not rows:
            raise UnknownCase(id)
        return case_of(rows[0])

    def forgets(self) -> bool:
        """Empty the write-ahead log, in which what was overwritten lives on. Tell whether nobody was in the way."""
        return not self._rows("truncate_log")[0]["busy"]


def row_of(case: NewCase) -> dict[str, object]:
    values = {name: value for name, value in asdict(case).items() if name != "id"}
    times = {"asked": stamp(case.asked), "finished": stamp(case.finished) if case.finished else ""}
    return {**values, **times, "details": json.dumps(case.details)}


def case_of(row: sqlite3.Row) -> Case:
    values: dict[str, Any] = dict(row)
    times = {
        "asked": datetime.fromisoformat(values["asked"]),
        "finished": datetime.fromisoformat(values["finished"]) if values["finished"] else None,
    }
    return Case(**{**values, **times, "details": json.loads(values["details"])})
