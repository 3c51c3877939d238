"""On which day something happened: where clocks change, where hours are not whole, and where weeks span years."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from dashboard.period import Kind
from dashboard.reporting import action_totals, conversions, places, times, visits
from dashboard.reporting.part import Part
from dashboard.reporting.report import Report
from dashboard.reporting.table import Single, Table
from sql.clickhouse import Database
from tests.conftest import Values, conversion_row, emptied, hit_row, visit_row
from tests.conversion_parts import SITE, filled_with, part_of

BERLIN, KATHMANDU, LORD_HOWE = "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe"
CAIRO, HAVANA = "Africa/Cairo", "America/Havana"  # Where midnight is left out, and where it comes twice.
SUNDAY, MONDAY, WEDNESDAY, FRIDAY = "Sunday", "Monday", "Wednesday", "Friday"
TUESDAY, THURSDAY, SATURDAY = "Tuesday", "Thursday", "Saturday"
ONE_DAY = timedelta(days=1)


class Case(NamedTuple):
    """A moment, and what it is for people in a zone; `week` is the Monday of its week."""

    zone: str
    moment: str  # UTC
    day: str
    hour: str
    weekday: str
    week: str


# fmt: off
CASES = {
    "23-hours-before": Case(BERLIN, "2026-03-28T22:59:59.999", "2026-03-28", "23", SATURDAY, "2026-03-23"),
    "23-hours-first": Case(BERLIN, "2026-03-28T23:00:00", "2026-03-29", "00", SUNDAY, "2026-03-23"),
    "23-hours-winter": Case(BERLIN, "2026-03-29T00:59:59", "2026-03-29", "01", SUNDAY, "2026-03-23"),
    "23-hours-summer": Case(BERLIN, "2026-03-29T01:00:00", "2026-03-29", "03", SUNDAY, "2026-03-23"),
    "23-hours-last": Case(BERLIN, "2026-03-29T21:59:59.999", "2026-03-29", "23", SUNDAY, "2026-03-23"),
    "23-hours-after": Case(BERLIN, "2026-03-29T22:00:00", "2026-03-30", "00", MONDAY, "2026-03-30"),
    "25-hours-before": Case(BERLIN, "2025-10-25T21:59:59.999", "2025-10-25", "23", SATURDAY, "2025-10-20"),
    "25-hours-first": Case(BERLIN, "2025-10-25T22:00:00", "2025-10-26", "00", SUNDAY, "2025-10-20"),
    "25-hours-summer": Case(BERLIN, "2025-10-26T00:30:00", "2025-10-26", "02", SUNDAY, "2025-10-20"),
    "25-hours-winter": Case(BERLIN, "2025-10-26T01:30:00", "2025-10-26", "02", SUNDAY, "2025-10-20"),
    "25-hours-last": Case(BERLIN, "2025-10-26T22:59:59.999", "2025-10-26", "23", SUNDAY, "2025-10-20"),
    "25-hours-after": Case(BERLIN, "2025-10-26T23:00:00", "2025-10-27", "00", MONDAY, "2025-10-27"),
    "last-week-of-a-year": Case(BERLIN, "2024-12-29T22:59:59", "2024-12-29", "23", SUNDAY, "2024-12-23"),
    "first-week-begins": Case(BERLIN, "2024-12-29T23:00:00", "2024-12-30", "00", MONDAY, "2024-12-30"),
    "first-week-in-december": Case(BERLIN, "2024-12-31T22:59:59", "2024-12-31", "23", TUESDAY, "2024-12-30"),
    "first-week-in-january": Case(BERLIN, "2024-12-31T23:00:00", "2025-01-01", "00", WEDNESDAY, "2024-12-30"),
    "week-53-in-january": Case(BERLIN, "2020-12-31T23:00:00", "2021-01-01", "00", FRIDAY, "2020-12-28"),
    "quarter-hour-before": Case(KATHMANDU, "2026-05-12T18:14:59.999", "2026-05-12", "23", TUESDAY, "2026-05-11"),
    "quarter-hour-first": Case(KATHMANDU, "2026-05-12T18:15:00", "2026-05-13", "00", WEDNESDAY, "2026-05-11"),
    "quarter-hour-last": Case(KATHMANDU, "2026-05-13T18:14:59.999", "2026-05-13", "23", WEDNESDAY, "2026-05-11"),
    "quarter-hour-month": Case(KATHMANDU, "2026-04-30T18:15:00", "2026-05-01", "00", FRIDAY, "2026-04-27"),
    "quarter-hour-year": Case(KATHMANDU, "2025-12-31T18:15:00", "2026-01-01", "00", THURSDAY, "2025-12-29"),
    "24-and-a-half-before": Case(LORD_HOWE, "2026-04-04T12:59:59.999", "2026-04-04", "23", SATURDAY, "2026-03-30"),
    "24-and-a-half-first": Case(LORD_HOWE, "2026-04-04T13:00:00", "2026-04-05", "00", SUNDAY, "2026-03-30"),
    "24-and-a-half-again": Case(LORD_HOWE, "2026-04-04T15:00:00", "2026-04-05", "01", SUNDAY, "2026-03-30"),
    "24-and-a-half-last": Case(LORD_HOWE, "2026-04-05T13:29:59.999", "2026-04-05", "23", SUNDAY, "2026-03-30"),
    "24-and-a-half-after": Case(LORD_HOWE, "2026-04-05T13:30:00", "2026-04-06", "00", MONDAY, "2026-04-06"),
    "23-and-a-half-first": Case(LORD_HOWE, "2026-10-03T13:30:00", "2026-10-04", "00", SUNDAY, "2026-09-28"),
    "23-and-a-half-last": Case(LORD_HOWE, "2026-10-04T12:59:59.999", "2026-10-04", "23", SUNDAY, "2026-09-28"),
    "23-and-a-half-after": Case(LORD_HOWE, "2026-10-04T13:00:00", "2026-10-05", "00", MONDAY, "2026-10-05"),
    "no-midnight-before": Case(CAIRO, "2026-04-23T21:59:59.999", "2026-04-23", "23", THURSDAY, "2026-04-20"),
    "no-midnight-first": Case(CAIRO, "2026-04-23T22:00:00", "2026-04-24", "01", FRIDAY, "2026-04-20"),
    "first-midnight-before": Case(HAVANA, "2026-11-01T03:59:59.999", "2026-10-31", "23", SATURDAY, "2026-10-26"),
    "first-midnight": Case(HAVANA, "2026-11-01T04:00:00", "2026-11-01", "00", SUNDAY, "2026-10-26"),
    "second-midnight": Case(HAVANA, "2026-11-01T05:00:00", "2026-11-01", "00", SUNDAY, "2026-10-26"),
}
# fmt: on
REPORTS: dict[str, Report] = {
    report.name: report for module in (action_totals, conversions, places, times, visits) for report in module.REPORTS
}


# Two visits of one person, in one week, and on how many days they were.
PAIRS = {
    "23-hours": ("23-hours-before", "23-hours-first", 2),
    "within-23-hours": ("23-hours-first", "23-hours-last", 1),
    "25-hours": ("25-hours-before", "25-hours-first", 2),
    "within-25-hours": ("25-hours-first", "25-hours-last", 1),
    "two-years": ("first-week-in-december", "first-week-in-january", 2),
    "quarter-hour": ("quarter-hour-before", "quarter-hour-first", 2),
    "within-a-day": ("quarter-hour-first", "quarter-hour-last", 1),
    "within-24-and-a-half-hours": ("24-and-a-half-first", "24-and-a-half-last", 1),
    "two-midnights": ("first-midnight", "second-midnight", 1),
}
# Each has a site of its own.
MOMENTS = {
    **{name: (case.moment,) for name, case in CASES.items()},
    **{f"pair {name}": (CASES[one].moment, CASES[other].moment) for name, (one, other, _) in PAIRS.items()},
}
SITES = {name: number for number, name in enumerate(MOMENTS, 1)}


@pytest.fixture(scope="module")
def filled(database: Database) -> Iterator[Database]:
    """Of each site one person visits at some moments, each time looks at a page, and reaches a goal."""
    rows: dict[str, list[Values]] = {"visits": [], "hits": [], "conversions": []}
    for name, moments in MOMENTS.items():
        for number, moment in enumerate(moments, 1):
            at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
            here = {"site": SITES[name], "visitor": 7}
            rows["visits"].append(visit_row(**here, id=number, started=at, converted=1))
            rows["hits"].append(hit_row(**here, visit=number, at=at))
            rows["conversions"].append(conversion_row(**here, visit=number, started=at, at=at, goal=1, order_id=""))
    yield filled_with(emptied(database), **rows)
    emptied(database)


def asked(database: Database, name: str, zone: str, kind: Kind, day: str) -> Part:
    return part_of(database, kind=kind, day=day, site=replace(SITE, id=SITES[name], timezone=zone))


def answer(part: Part, name: str) -> Any:
    return REPORTS[name].answer(part)


def counts(part: Part) -> tuple[Any, ...]:
    """Return how many visits, page views and conversions there were."""
    actions = answer(part, "Actions.get")
    assert isinstance(actions, Single)
    return (
        answer(part, "VisitsSummary.getVisits"),
        actions.columns["nb_pageviews"],
        answer(part, "Goals.getConversions"),
    )


def busy(table: Any) -> list[str]:
    assert isinstance(table, Table)
    return [row.label for row in table if row.columns["nb_visits"]]


@pytest.mark.parametrize("name", CASES)
def test_what_day_and_hour_it_is(filled: Database, name: str) -> None:
    case = CASES[name]
    day = asked(filled, name, case.zone, "day", case.day)
    assert counts(day) == (1, 1, 1)
    assert busy(answer(day, "VisitTime.getVisitInformationPerServerTime")) == [case.hour]
    assert busy(answer(day, "VisitTime.getByDayOfWeek")) == [case.weekday]
    assert [f"{row['bucket']}" for row in day.rows("visits_over_time", bucket="day")] == [case.day]
    assert beside(day) == [(0, 0, 0)] * 2


def beside(part: Part) -> list[tuple[Any, ...]]:
    """Return what happened in the periods before and after."""
    return [in_one(part.at(period)) for period in (part.period.previous(), part.period.next())]


def in_one(part: Part) -> tuple[Any, ...]:
    (row,) = part.rows("site_totals", goals=[1])
    return row["nb_visits"], row["nb_pageviews"], row["nb_conversions"]


@pytest.mark.parametrize("name", CASES)
def test_in_which_longer_periods_it_is(filled: Database, name: str) -> None:
    """And in none of the periods beside them."""
    case = CASES[name]
    longer: dict[Kind, str] = {
        "week": case.week,
        "month": f"{case.day[:7]}-01",
        "year": f"{case.day[:4]}-07-01",
        "range": f"{case.day},{case.day}",
    }
    for kind, text in longer.items():
        part = asked(filled, name, case.zone, kind, text)
        assert answer(part, "VisitsSummary.getVisits") == 1, kind
        assert in_one(part) == (1, 1, 1), kind
        assert beside(part) == [(0, 0, 0)] * 2, kind
    last = date.fromisoformat(case.week) + 6 * ONE_DAY
    days = asked(filled, name, case.zone, "range", f"{case.week},{last}")
    assert busy(answer(days, "VisitTime.getByDayOfWeek")) == [case.weekday]


@pytest.mark.parametrize("name", PAIRS)
def test_people_are_counted_once_a_day(filled: Database, name: str) -> None:
    first, _, days = PAIRS[name]
    case = CASES[first]
    (row,) = answer(asked(filled, f"pair {name}", case.zone, "week", case.week), "UserCountry.getCountry")
    names = ("nb_visits", "nb_uniq_visitors", "sum_daily_nb_uniq_visitors")
    assert [row.columns[name] for name in names] == [2, 1, days]
