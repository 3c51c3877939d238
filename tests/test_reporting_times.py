"""Reports of when visits were made and how much interest they show."""

from collections.abc import Iterator

import pytest

from dashboard.reporting.part import Part
from dashboard.reporting.table import Table
from dashboard.reporting.times import REPORTS
from sql.clickhouse import Database
from tests.conftest import emptied
from tests.conversion_parts import conversion, filled_with, part_of, visit
from tests.visit_parts import lines, metadata, row_named, table

EARLY = visit(1, "13T08:10", 60, actions=1, local_time=3600, visit_count=1)
VISITS = [
    EARLY,
    visit(2, "13T08:50", 10, actions=6, returning=1, visit_count=2, seconds_since_last=86399),
    visit(3, "13T10:00", 1801, actions=0, returning=1, visit_count=9, seconds_since_last=8 * 86400),
    visit(4, "13T23:00", 11, actions=21, returning=2, visit_count=201, seconds_since_last=86400),
    visit(
        5, "12T23:59:40", 60, actions=2, returning=1, visit_count=2
    ),  # Ends on the 13th; when it was last is unknown.
    visit(6, "15T09:00", visitor=101),
]
CONVERSIONS = [conversion(EARLY, 1, "13T09:01", 5.0)]  # An hour after its visit began.


@pytest.fixture(scope="module")
def filled(database: Database) -> Iterator[Database]:
    yield filled_with(emptied(database), visits=VISITS, conversions=CONVERSIONS)
    emptied(database)


def report(part: Part, method: str) -> Table:
    return table(REPORTS, method, part)


def busy(rows: Table) -> list[tuple[object, ...]]:
    return [line for line in lines(rows, "nb_visits") if line[1]]


def test_all_hours_of_the_site_stand_in_their_order(filled: Database) -> None:
    hours = report(part_of(filled), "VisitTime.getVisitInformationPerServerTime")
    assert [row.label for row in hours] == [f"{hour:02}" for hour in range(24)]
    assert hours.sort is None
    assert busy(hours) == [("08", 2), ("10", 1), ("23", 2)]
    assert row_named(hours, "00").columns == {
        "label": "00",
        "nb_uniq_visitors": 0,
        "nb_visits": 0,
        "nb_actions": 0,
        "nb_users": 0,
        "max_actions": 0,
        "sum_visit_length": 0,
        "bounce_count": 0,
        "nb_visits_converted": 0,
    }


def test_hours_in_segments_are_those_of_utc(filled: Database) -> None:
    """In May, Berlin is two hours ahead; in January one."""
    hours = metadata(report(part_of(filled), "VisitTime.getVisitInformationPerServerTime"))
    assert hours["00"] == {"segment": "visitStartServerHour==22"}
    assert hours["08"] == {"segment": "visitStartServerHour==6"}
    year = metadata(report(part_of(filled, kind="year"), "VisitTime.getVisitInformationPerServerTime"))
    assert year["00"] == {"segment": "visitStartServerHour==23"}


def test_hours_to_come_may_be_hidden(filled: Database) -> None:
    """It is 14:00 in Berlin."""
    method, asked = "VisitTime.getVisitInformationPerServerTime", "hideFutureHoursWhenToday=1"
    assert [row.label for row in report(part_of(filled, asked), method)][-1] == "14"
    assert len(report(part_of(filled, asked, kind="week"), method)) == 24


def test_conversions_have_hours_of_their_own(filled: Database) -> None:
    hours = report(part_of(filled), "VisitTime.getVisitInformationPerServerTime")
    nine = row_named(hours, "09").columns
    assert (nine["nb_visits"], nine["nb_conversions"], nine["revenue"]) == (0, 1, 5)
    assert nine["goals"] == {"idgoal=1": {"nb_conversions": 1, "nb_visits_converted": 1, "revenue": 5}}
    assert "goals" not in row_named(hours, "08").columns


def test_hours_of_visitors(filled: Database) -> None:
    hours = report(part_of(filled), "VisitTime.getVisitInformationPerLocalTime")
    assert busy(hours) == [("01", 1), ("12", 4)]
    assert len(hours) == 24
    assert row_named(hours, "01").metadata == {"segment": "visitLocalHour==1"}


def test_days_of_the_week(filled: Database) -> None:
    days = report(part_of(filled, kind="week"), "VisitTime.getByDayOfWeek")
    assert lines(days, "nb_visits", "nb_uniq_visitors", "day_of_week", "max_actions") == [
        ("Monday", 0, None, 1, None),
        ("Tuesday", 0, None, 2, None),
        ("Wednesday", 5, 5, 3, None),
        ("Thursday", 0, None, 4, None),
        ("Friday", 1, 1, 5, None),
        ("Saturday", 0, None, 6, None),
        ("Sunday", 0, None, 7, None),
    ]


def test_who_has_bounds_in_common_is_in_two_rows(filled: Database) -> None:
    durations = report(part_of(filled), "VisitorInterest.getNumberOfVisitsPerVisitDuration")
    assert lines(durations, "nb_visits", "segment") == [
        ("0–10s", 1, "visitDuration>=0;visitDuration<=10"),
        ("11–30s", 1, "visitDuration>=11;visitDuration<=30"),
        ("31–60s", 2, "visitDuration>=31;visitDuration<=60"),
        ("1-2 min", 2, "visitDuration>=60;visitDuration<=120"),
        ("2-4 min", 0, "visitDuration>=120;visitDuration<=240"),
        ("4-7 min", 0, "visitDuration>=240;visitDuration<=420"),
        ("7-10 min", 0, "visitDuration>=420;visitDuration<=600"),
        ("10-15 min", 0, "visitDuration>=600;visitDuration<=900"),
        ("15-30 min", 0, "visitDuration>=900;visitDuration<=1800"),
        ("30+ min", 1, "visitDuration>=1801"),
    ]


def test_visits_without_actions_have_no_row_of_pages(filled: Database) -> None:
    pages = report(part_of(filled), "VisitorInterest.getNumberOfVisitsPerPage")
    assert busy(pages) == [("1 page", 1), ("2 pages", 1), ("6-7 pages", 1), ("21+ pages", 1)]
    assert (len(pages), pages.sort) == (10, None)
    assert row_named(pages, "1 page").metadata == {"segment": "actions==1"}


def test_visits_by_their_number(filled: Database) -> None:
    counts = report(part_of(filled), "VisitorInterest.getNumberOfVisitsByVisitCount")
    assert [line for line in lines(counts, "nb_visits", "nb_visits_percentage") if line[1]] == [
        ("1 visit", 1, 0.2),
        ("2 visits", 2, 0.4),
        ("9-14 visits", 1, 0.2),
        ("201+ visits", 1, 0.2),
    ]
    assert len(counts) == 14


def test_customers_are_in_no_row_of_days(filled: Database) -> None:
    days = report(part_of(filled), "VisitorInterest.getNumberOfVisitsByDaysSinceLast")
    assert busy(days) == [("New visits", 1), ("0 days", 1), ("8-14 days", 1)]
    assert [line[0] for line in lines(days)][:4] == ["New visits", "0 days", "1 day", "2 days"]
    assert row_named(days, "8-14 days").metadata == {"segment": "daysSinceLastVisit>=8;daysSinceLastVisit<=14"}


@pytest.mark.parametrize("method", [report.name for report in REPORTS])
def test_where_nothing_happened_there_is_no_row(filled: Database, method: str) -> None:
    assert report(part_of(filled, day="2026-05-20"), method).rows == []
