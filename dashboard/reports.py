"""The questions that can be asked about a site, each answered by one statement: `sql/reports/{name}.sql`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dashboard.period import Bounds
from sql.clickhouse import Database
from sql.segments import EVERYTHING, Filter

Row = dict[str, Any]
ALL_ROWS = 2**31


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Of what a report speaks; statements take from it what they need."""

    site: int
    bounds: Bounds
    timezone: str = "UTC"
    bucket: Literal["day", "month"] = "day"
    limit: int = 10
    offset: int = 0
    people: int = 0  # 1: statements that can leave people out count them, too.
    segment: Filter = EVERYTHING
    more: Mapping[str, object] = field(default_factory=dict)  # What single statements ask for beyond that.

    @property
    def parameters(self) -> dict[str, object]:
        names = ("site", "timezone", "bucket", "limit", "offset", "people")
        given = {name: getattr(self, name) for name in names}
        return {**given, "since": self.bounds.since, "until": self.bounds.until, **self.more}


def answer(database: Database, name: str, question: Question) -> list[Row]:
    """Return the rows of a report.

    Raises DatabaseUnavailable.
    """
    return database.query(f"reports/{name}", question.parameters, question.segment)
