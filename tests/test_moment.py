"""When a hit happened: what a sender may write as its time."""

import pytest

from ingest.moment import parse_time
from tests.tracked import NOON

NOW = NOON.timestamp()  # Wednesday, 2026-05-13 12:00 UTC.
MIDNIGHT = NOW - 12 * 3600
DAY = 86_400


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("1700000000", 1_700_000_000, id="unix-seconds"),
        pytest.param("1700000000.9", 1_700_000_000, id="unix-seconds-with-a-fraction"),
        pytest.param("@1700000000", 1_700_000_000, id="unix-seconds-with-a-sign"),
        pytest.param("2026-05-12", MIDNIGHT - DAY, id="iso-date"),
        pytest.param("2026-05-12 13:00:00", NOW - 23 * 3600, id="iso"),
        pytest.param("2026-05-12 13:00", NOW - 23 * 3600, id="iso-without-seconds"),
        pytest.param("2026-05-13T11:00:00+02:00", NOW - 3 * 3600, id="iso-with-offset"),
        pytest.param("2026-05-13T11:00:00Z", NOW - 3600, id="iso-with-z"),
        pytest.param("2026/05/12", MIDNIGHT - DAY, id="slashes"),
        pytest.param("2026/05/12 13:00", NOW - 23 * 3600, id="slashes-and-minutes"),
        pytest.param("2026/05/12 13:00:07", NOW - 23 * 3600 + 7, id="slashes-and-seconds"),
        pytest.param("12.05.2026", MIDNIGHT - DAY, id="points"),
        pytest.param("12.5.2026 13:00", NOW - 23 * 3600, id="points-and-minutes"),
        pytest.param("12.05.2026 13:00:07", NOW - 23 * 3600 + 7, id="points-and-seconds"),
        pytest.param("5/12/2026", MIDNIGHT - DAY, id="slashes-and-the-month-first"),
        pytest.param("2026-05-12 9:30", NOW - DAY - 9000, id="hour-of-one-digit"),
        pytest.param("2026-05-13 11:00:00 UTC", NOW - 3600, id="zone-by-name"),
        pytest.param("2026-05-13 11:00:00 +02:00", NOW - 3 * 3600, id="zone-after-a-blank"),
        pytest.param("Wed, 13 May 2026 11:00:00 GMT", NOW - 3600, id="mail"),
        pytest.param("Wed, 13 May 2026 11:00:00 +0200", NOW - 3 * 3600, id="mail-with-offset"),
        pytest.param("now", NOW, id="now"),
        pytest.param("today", MIDNIGHT, id="today"),
        pytest.param("Yesterday", MIDNIGHT - DAY, id="yesterday"),
        pytest.param("tomorrow", MIDNIGHT + DAY, id="tomorrow"),
        pytest.param("-1 hour", NOW - 3600, id="an-hour-back"),
        pytest.param("-90 min", NOW - 5400, id="minutes-back"),
        pytest.param("3 days ago", NOW - 3 * DAY, id="days-ago"),
        pytest.param("1 WEEK AGO", NOW - 7 * DAY, id="a-week-ago"),
        pytest.param("+2 hours", NOW + 7200, id="hours-ahead"),
        pytest.param("-2 hours ago", NOW + 7200, id="back-and-ago-is-ahead"),
    ],
)
def test_times(text: str, expected: float) -> None:
    assert parse_time(text, NOW) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "@", "@x", "garbage", "nan", "inf", "1e999", "٣ days ago", "3 months ago", "days ago"),
        *("2026/13/01", "31.02.2026", "2026/05/12 25:00", "12.05.26 1", "9999999999 days ago", "-1 hour or so"),
        *("Wed, 99 May 2026 11:00:00 GMT", "2026-05-13T11:00:00+99:00", "today today"),
    ],
)
def test_what_is_no_time_means_now(text: str) -> None:
    assert parse_time(text, NOW) == NOW
