"""When visits were made, and how much interest they show: how long, how deep, how often, after how many days.

Rows stand in their natural order, and all of them are there unless nothing happened at all.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import NamedTuple

from dashboard.reporting.part import Part
from dashboard.reporting.rates import quotient
from dashboard.reporting.report import Report
from dashboard.reporting.table import LABEL, Columns, Row, Table
from dashboard.reporting.visit_tables import By, listed, report_of, table_by

HOURS = range(24)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAY_SECONDS = 86400
NEW, BACK = 0, 1  # Visits of customers are neither.


def hour_label(hour: str) -> str:
    return f"{int(hour):02}"


def by_server_hour(part: Part) -> Table:
    """Return the hours in which visits began; in segments hours are UTC's."""
    by = By(
        dimensions=("server_hour",),
        label=hour_label,
        metadata=lambda hour: starting_at(part, int(hour)),
        conversions=("hour",),
    )
    table = listed(table_by(part, by), part, hours(lambda hour: starting_at(part, hour)))
    if part.parameters.flag("hideFutureHoursWhenToday") and part.is_day and part.period.first == part.today:
        table.rows = table.rows[: part.now.astimezone(part.zone).hour + 1]
    return in_natural_order(table)


def starting_at(part: Part, hour: int) -> Columns:
    moment = datetime.combine(part.period.first, time(hour), part.zone).astimezone(UTC)
    return {"segment": f"visitStartServerHour=={moment.hour}"}


def by_local_hour(part: Part) -> Table:
    by = By(dimensions=("local_hour",), label=hour_label, metadata=lambda hour: local_at(int(hour)))
    return in_natural_order(listed(table_by(part, by), part, hours(local_at)))


def local_at(hour: int) -> Columns:
    return {"segment": f"visitLocalHour=={hour}"}


def hours(metadata: Callable[[int], Columns]) -> Iterator[tuple[str, Columns]]:
    return ((f"{hour:02}", metadata(hour)) for hour in HOURS)


def by_weekday(part: Part) -> Table:
    by = By(dimensions=("weekday",), label=lambda day: WEEKDAYS[int(day) - 1])
    table = listed(table_by(part, by), part, ((day, {}) for day in WEEKDAYS), {"nb_visits": 0})
    for number, row in enumerate(table, 1):
        row.columns.pop("max_actions", None)
        row.columns["day_of_week"] = number
    return in_natural_order(table)


def in_natural_order(table: Table) -> Table:
    return replace(table, sort=None)


class Bucket(NamedTuple):
    """The numbers that a row counts, from `low` to `high`, both included; without `high` all above."""

    label: str
    low: int
    high: int | None = None

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self.low <= number and (self.high is None or number <= self.high)

    def segment(self, name: str) -> str:
        if self.low == self.high:
            return f"{name}=={self.low}"
        return f"{name}>={self.low}" + (f";{name}<={self.high}" if self.high is not None else "")


def buckets(unit: str, ones: Iterable[int], spans: Iterable[tuple[int, int]], last: int) -> tuple[Bucket, ...]:
    """Return buckets such as `1 visit`, `2 visits`, `9-14 visits`, `201+ visits`."""
    single = [Bucket(f"{number} {unit}{'s' if number != 1 else ''}", number, number) for number in ones]
    several = [Bucket(f"{low}-{high} {unit}s", low, high) for low, high in spans]
    return (*single, *several, Bucket(f"{last}+ {unit}s", last))


PAGES = buckets("page", range(1, 6), ((6, 7), (8, 10), (11, 14), (15, 20)), 21)
COUNTS = buckets("visit", range(1, 9), ((9, 14), (15, 25), (26, 50), (51, 100), (101, 200)), 201)
DAYS = buckets("day", range(8), ((8, 14), (15, 30), (31, 60), (61, 120), (121, 364)), 365)
# Minutes share their bounds with their neighbours, as in Matomo: a visit of 60 seconds is in two rows.
DURATIONS = (
    *(Bucket(f"{low}–{high}s", low, high) for low, high in ((0, 10), (11, 30), (31, 60))),
    *(
        Bucket(f"{low}-{high} min", 60 * low, 60 * high)
        for low, high in ((1, 2), (2, 4), (4, 7), (7, 10), (10, 15), (15, 30))
    ),
    Bucket("30+ min", 1801),
)


def numbers(part: Part, measured: str, unit: int = 1) -> list[dict[str, int]]:
    return part.rows("visits_with", measured=measured, unit=unit)


def counted(rows: Iterable[dict[str, int]]) -> Counter[int]:
    found: Counter[int] = Counter()
    for row in rows:
        found[row["number"]] += row["nb_visits"]
    return found


def rows_of(counts: Counter[int], scale: Iterable[Bucket], name: str) -> list[Row]:
    return [
        Row(
            {LABEL: bucket.label, "nb_visits": sum(count for number, count in counts.items() if number in bucket)},
            {"segment": bucket.segment(name)},
        )
        for bucket in scale
    ]


def histogram(measured: str, scale: tuple[Bucket, ...], name: str) -> Callable[[Part], Table]:
    """Return a report of how many visits are in each bucket; `name` is what segments call the number."""

    def report(part: Part) -> Table:
        counts = counted(numbers(part, measured))
        return Table(rows_of(counts, scale, name) if counts else [], sort=None)

    return report


def by_visit_count(part: Part) -> Table:
    table = histogram("visit_count", COUNTS, "visitCount")(part)
    every = sum(row.columns["nb_visits"] for row in table)
    for row in table:
        row.columns["nb_visits_percentage"] = quotient(row.columns["nb_visits"], every, 2)
    return table


def by_days_since_last(part: Part) -> Table:
    """Return after how many days visitors came back, and how many are new; customers are in no row."""
    found = numbers(part, "seconds_since_last", DAY_SECONDS)
    new = sum(row["nb_visits"] for row in found if row["returning"] == NEW)
    days = counted(row for row in found if row["returning"] == BACK)
    first = Row({LABEL: "New visits", "nb_visits": new}, {"segment": "visitorType==new"})
    return Table([first, *rows_of(days, DAYS, "daysSinceLastVisit")] if found else [], sort=None)


WHEN = ("Visitors", "Times")
INTEREST = ("Actions", "Engagement")
ONLY_VISITS = {"metrics": ("nb_visits",), "processed": ()}
REPORTS: tuple[Report, ...] = (
    report_of(
        "VisitTime.getVisitInformationPerServerTime",
        by_server_hour,
        "Visits per hour in the site's time zone",
        "Site time — hour (start of visit)",
        WHEN,
        has_goals=True,
        order=15,
    ),
    report_of(
        "VisitTime.getVisitInformationPerLocalTime",
        by_local_hour,
        "Visits per local time",
        "Visitor's local time — hour (start of visit)",
        WHEN,
        order=20,
    ),
    report_of(
        "VisitTime.getByDayOfWeek",
        by_weekday,
        "Visits by Day of Week",
        "Day of the week",
        WHEN,
        order=25,
        single_period=True,
    ),
    report_of(
        "VisitorInterest.getNumberOfVisitsPerVisitDuration",
        histogram("duration", DURATIONS, "visitDuration"),
        "Length of Visits",
        "Visit duration",
        INTEREST,
        order=15,
        **ONLY_VISITS,
    ),
    report_of(
        "VisitorInterest.getNumberOfVisitsPerPage",
        histogram("actions", PAGES, "actions"),
        "Pages per Visit",
        "Pages per visit",
        INTEREST,
        order=20,
        **ONLY_VISITS,
    ),
    report_of(
        "VisitorInterest.getNumberOfVisitsByVisitCount",
        by_visit_count,
        "Visits by visit number",
        "Visits by visit number",
        INTEREST,
        order=25,
        metrics=("nb_visits",),
        processed=("nb_visits_percentage",),
    ),
    report_of(
        "VisitorInterest.getNumberOfVisitsByDaysSinceLast",
        by_days_since_last,
        "Visits by days since last visit",
        "Visits by days since last visit",
        INTEREST,
        order=30,
        **ONLY_VISITS,
    ),
)
