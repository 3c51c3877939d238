"""The segment of a row finds the visits that the row counts."""

from collections.abc import Iterable, Iterator
from types import ModuleType

import pytest

from dashboard.reporting import devices, people, places, referrers, times
from dashboard.reporting.report import Report
from dashboard.reporting.table import Row, Table
from dashboard.reporting.visits import summary
from dashboard.segment import Context, parse
from sql.clickhouse import Database
from tests import test_reporting_devices, test_reporting_places, test_reporting_referrers, test_reporting_times
from tests.conftest import emptied
from tests.conversion_parts import BERLIN, filled_with, part_of

ROWS: tuple[tuple[ModuleType, tuple[ModuleType, ...]], ...] = (
    (test_reporting_devices, (devices, people)),
    (test_reporting_places, (places,)),
    (test_reporting_referrers, (referrers,)),
    (test_reporting_times, (times,)),
)
# Rows whose segment says something else, as in Matomo.
KNOWN = {
    ("Referrers.getWebsites", "a/b.htm?x=1"),  # Two addresses of one page, of which the segment names one.
    ("VisitorInterest.getNumberOfVisitsByDaysSinceLast", "1 day"),  # The visit of a customer.
}
CONTEXT = Context(timezone=BERLIN, dimensions={})


@pytest.fixture(params=ROWS, ids=lambda entry: entry[0].__name__.rpartition("_")[2])
def reports(request: pytest.FixtureRequest, database: Database) -> Iterator[list[Report]]:
    source, modules = request.param
    filled_with(emptied(database), visits=source.VISITS)
    yield [report for module in modules for report in module.REPORTS if report.dimension]
    emptied(database)


def with_inner(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        yield row
        yield from with_inner(row.table or ())


def test_segments_find_what_rows_count(reports: list[Report], database: Database) -> None:
    part = part_of(database, "flat=1")
    looked_at, wrong = 0, []
    for report in reports:
        result = report.answer(part)
        assert isinstance(result, Table)
        for row in with_inner(result):
            if not (text := row.metadata.get("segment")) or (report.name, row.label) in KNOWN:
                continue
            looked_at += 1
            found = summary(part.of(parse(text, CONTEXT)))["nb_visits"]
            if found != row.columns["nb_visits"]:
                wrong.append((report.name, row.label, text, row.columns["nb_visits"], found))
    assert wrong == []
    assert looked_at >= 5
