"""One site in one period, of which a report speaks, and the rows that statements tell of it."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from dashboard.api_parameters import Parameters
from dashboard.period import Period
from dashboard.reports import ALL_ROWS, Question, Row, answer
from sql.clickhouse import Database
from sql.dimensions import Dimension
from sql.goals import Goal
from sql.registry import Site
from sql.retention import first_whole_day
from sql.segments import EVERYTHING, Filter


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one answer is made from. `goals` and `dimensions` are those of the site, by their ids."""

    database: Database
    site: Site
    goals: dict[int, Goal]
    dimensions: dict[int, Dimension]
    period: Period
    parameters: Parameters
    now: datetime
    segment: Filter = EVERYTHING
    title_delimiter: str = ""  # Between the parts of a page title; empty: titles are whole.

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.site.timezone)

    @property
    def is_day(self) -> bool:
        """Tell whether people were counted on one day, so that the sum of daily numbers is the number itself."""
        return self.period.kind == "day"

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def rows(self, report: str, **more: object) -> list[Row]:
        """Return all rows of `sql/reports/{report}.sql`; `more` are parameters that only this one has.

        Raises DatabaseUnavailable.
        """
        question = Question(
            site=self.site.id,
            bounds=self.period.bounds(self.zone),
            timezone=self.site.timezone,
            limit=ALL_ROWS,
            segment=self.segment,
            more=more,
            summed_until=first_whole_day(self.site),
        )
        return answer(self.database, report, question)

    def of(self, segment: Filter) -> "Part":
        return replace(self, segment=segment)

    def at(self, period: Period) -> "Part":
        return replace(self, period=period)
