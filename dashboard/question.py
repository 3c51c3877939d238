"""What can be asked of a site: which of its days, which rows, which visits; and the one statement that answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from dashboard.period import Bounds, start_of
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
    summed_until: date | None = None  # Of days before this one only sums are left. None: of none.

    @property
    def parameters(self) -> dict[str, object]:
        names = ("site", "timezone", "bucket", "limit", "offset", "people")
        given = {name: getattr(self, name) for name in names}
        return {**given, "since": self.bounds.since, "until": self.bounds.until, **self.more}

    @property
    def raw_since(self) -> datetime | None:
        """The moment from which on there are visits and hits, None if it is long before all that is asked for."""
        if self.summed_until is None:
            return None
        since = start_of(self.summed_until, ZoneInfo(self.timezone))
        return since if self.bounds.since < since else None

    def from_raw(self, since: datetime) -> "Question":
        """Return what can be asked of visits and hits that are there: all rows, since a moment."""
        bounds = Bounds(max(self.bounds.since, since), max(self.bounds.until, since))
        return replace(self, bounds=bounds, limit=ALL_ROWS, offset=0, summed_until=None)


def from_rows(database: Database, name: str, question: Question) -> list[Row]:
    """Return what `sql/reports/{name}.sql` says of the rows that are there. Raises DatabaseUnavailable."""
    return database.query(f"reports/{name}", question.parameters, question.segment)
