"""A clock is believed once it has run for a while without a leap."""

from datetime import timedelta

import pytest

from ingest.steady_clock import SteadyClock
from tests.tracked import NOON

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("steps", "steady"),
    [
        pytest.param([(3600, 3600)], HOUR, id="no-leap"),
        pytest.param([(3600, 3600), (86_400 * 900, 10)], timedelta(0), id="forward"),
        pytest.param([(3600, 3600), (-7200, 10)], timedelta(0), id="back"),
        pytest.param([(86_400, 10), (600, 600), (600, 600)], timedelta(minutes=20), id="steady-again"),
        pytest.param([(1900, 1800), (1700, 1800)], HOUR, id="small-corrections"),
    ],
)
def test_how_long_a_clock_has_been_steady(steps: list[tuple[float, float]], steady: timedelta) -> None:
    now, ticks = NOON, 1000.0
    watched = SteadyClock(lambda: now, lambda: ticks)
    found = timedelta(0)
    for seconds, passed in steps:
        now, ticks = now + timedelta(seconds=seconds), ticks + passed
        found = watched.steady_for()
    assert found == steady
