"""The same answers wherever the server stands: tests of reports again, in a process whose time zone is another.

ClickHouse takes the zone that it falls back to from the process it runs in, once.
"""

import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from sql.clickhouse import Database

ELSEWHERE = "Asia/Kolkata"
TESTS = (
    *("tests/test_elsewhere.py::test_the_database_has_the_zone_of_its_process", "tests/test_reports.py"),
    *("tests/test_elsewhere.py::test_times_are_utc_and_do_not_say_so", "tests/test_tracking_page.py"),
    *("tests/test_reporting_days.py::test_what_day_and_hour_it_is", "tests/test_reporting_visits.py"),
    "tests/test_reporting_times.py",
    *(f"tests/test_recomputed.py::test_reports_equal_what_python_counts[{number}]" for number in (1, 3)),
)
FEWEST = 150


def test_the_database_has_the_zone_of_its_process(database: Database) -> None:
    (row,) = database.rows("select timezone() as zone")
    assert row["zone"] == os.environ.get("TZ", row["zone"])


@pytest.mark.parametrize("type", ["DateTime('UTC')", "DateTime64(3, 'UTC')"])
def test_times_are_utc_and_do_not_say_so(database: Database, type: str) -> None:
    (row,) = database.rows("select cast('2026-05-13 07:01:00', {type:String}) as at", {"type": type})
    assert row["at"] == datetime(2026, 5, 13, 7, 1)  # noqa: DTZ001


def test_reports_are_the_same_elsewhere() -> None:
    usual = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    options = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *TESTS],
        cwd=Path(__file__).parent.parent,
        env={**usual, "TZ": ELSEWHERE},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    found = re.search(r"^(\d+) passed in ", run.stdout, re.MULTILINE)
    assert found, run.stdout[-5000:]
    assert int(found[1]) >= FEWEST
