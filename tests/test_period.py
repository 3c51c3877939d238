"""Periods: what an address means, which moments it spans where clocks change, and what it is compared with."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from dashboard import wording
from dashboard.addresses import asked_period
from dashboard.comparison import compared
from dashboard.period import BadPeriod, Kind, parse

TODAY = date(2026, 5, 13)  # A Wednesday.


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "text", "first", "last"),
    [
        pytest.param("day", "2026-05-13", "2026-05-13", "2026-05-13", id="day"),
        pytest.param("day", "today", "2026-05-13", "2026-05-13", id="today"),
        pytest.param("day", "yesterday", "2026-05-12", "2026-05-12", id="yesterday"),
        pytest.param("week", "2026-05-13", "2026-05-11", "2026-05-17", id="week-from-monday-to-sunday"),
        pytest.param("week", "2026-05-17", "2026-05-11", "2026-05-17", id="sunday-ends-its-week"),
        pytest.param("week", "2027-01-01", "2026-12-28", "2027-01-03", id="week-over-new-year"),
        pytest.param("week", "2026-W20", "2026-05-11", "2026-05-17", id="iso-week"),
        pytest.param("month", "yesterday", "2026-05-01", "2026-05-31", id="month"),
        pytest.param("month", "2028-02-10", "2028-02-01", "2028-02-29", id="leap-february"),
        pytest.param("year", "2026-05-13", "2026-01-01", "2026-12-31", id="year"),
        pytest.param("range", "2026-04-30,2026-05-13", "2026-04-30", "2026-05-13", id="range"),
        pytest.param("range", "yesterday,today", "2026-05-12", "2026-05-13", id="range-of-words"),
        pytest.param("range", "2026-05-02", "2026-05-02", "2026-05-02", id="range-of-one-day"),
        pytest.param("range", "last30", "2026-04-14", "2026-05-13", id="last-days-with-today"),
        pytest.param("range", "previous7", "2026-05-06", "2026-05-12", id="previous-days-without"),
    ],
)
def test_parse(kind: Kind, text: str, first: str, last: str) -> None:
    period = parse(kind, text, TODAY)
    assert (period.kind, f"{period.first}", f"{period.last}") == (kind, first, last)


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        pytest.param("decade", "today", "period='decade': expected one of day, week, month, year, range", id="kind"),
        pytest.param("day", "2026-02-30", "date='2026-02-30': expected today, yesterday or a date", id="no-such-day"),
        pytest.param("day", "<b>", "date='<b>': expected", id="no-date"),
        pytest.param("day", "", "date='': expected", id="nothing"),
        pytest.param("day", "1991-08-05", "expected a date from 1991-08-06", id="before-the-web"),
        pytest.param("day", "2999-01-01", "expected a date from 1991-08-06 to 10 years ahead", id="far-future"),
        pytest.param("range", "2026-05-13,2026-05-01", "expected the earlier date first", id="backwards"),
        pytest.param("range", "2026-05-01,", "date='': expected", id="half-a-range"),
        pytest.param("range", "last0", "date='last0': expected", id="no-days"),
    ],
)
def test_what_cannot_be_understood(kind: str, text: str, message: str) -> None:
    with pytest.raises(BadPeriod) as refusal:
        parse(kind, text, TODAY)
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        pytest.param({}, "2026-04-14", "2026-05-13", id="nothing-is-thirty-days"),
        pytest.param({"period": "day"}, "2026-05-13", "2026-05-13", id="no-date-is-today"),
        pytest.param(
            {"period": "range", "date": "2026-05-01", "until": "2026-05-04"}, "2026-05-01", "2026-05-04", id="form"
        ),
        pytest.param(
            {"period": "range", "date": "2026-05-04", "until": "2026-05-01"}, "2026-05-01", "2026-05-04", id="swapped"
        ),
    ],
)
def test_an_address(query: dict[str, str], first: str, last: str) -> None:
    period = asked_period(query, TODAY)
    assert (f"{period.first}", f"{period.last}") == (first, last)


@pytest.mark.parametrize(
    ("zone", "kind", "text", "since", "until"),
    [
        pytest.param("UTC", "day", "2026-05-13", "2026-05-13T00:00", "2026-05-14T00:00", id="utc"),
        pytest.param("Europe/Berlin", "day", "2026-05-13", "2026-05-12T22:00", "2026-05-13T22:00", id="summer"),
        pytest.param("Europe/Berlin", "day", "2026-03-29", "2026-03-28T23:00", "2026-03-29T22:00", id="23-hours"),
        pytest.param("Europe/Berlin", "day", "2026-10-25", "2026-10-24T22:00", "2026-10-25T23:00", id="25-hours"),
        pytest.param("Europe/Berlin", "month", "2026-03-01", "2026-02-28T23:00", "2026-03-31T22:00", id="month"),
        pytest.param(
            "America/Sao_Paulo", "day", "2018-11-04", "2018-11-04T03:00", "2018-11-05T02:00", id="no-midnight"
        ),
        pytest.param("America/Havana", "day", "2026-11-01", "2026-11-01T04:00", "2026-11-02T05:00", id="two-midnights"),
        pytest.param("Asia/Kathmandu", "day", "2026-05-13", "2026-05-12T18:15", "2026-05-13T18:15", id="quarter-hour"),
        pytest.param("Pacific/Apia", "day", "2011-12-30", "2011-12-30T10:00", "2011-12-30T10:00", id="day-left-out"),
    ],
)
def test_bounds(zone: str, kind: Kind, text: str, since: str, until: str) -> None:
    bounds = parse(kind, text, TODAY).bounds(ZoneInfo(zone))
    assert (bounds.since, bounds.until) == (utc(since), utc(until))
    assert bounds.until not in bounds


@pytest.mark.parametrize(
    ("kind", "text", "before", "after"),
    [
        pytest.param("day", "2026-03-01", ("2026-02-28", "2026-02-28"), ("2026-03-02", "2026-03-02"), id="day"),
        pytest.param("week", "2026-01-01", ("2025-12-22", "2025-12-28"), ("2026-01-05", "2026-01-11"), id="week"),
        pytest.param("month", "2026-03-31", ("2026-02-01", "2026-02-28"), ("2026-04-01", "2026-04-30"), id="month"),
        pytest.param("year", "2024-02-29", ("2023-01-01", "2023-12-31"), ("2025-01-01", "2025-12-31"), id="year"),
        pytest.param(
            "range", "2026-05-01,2026-05-10", ("2026-04-21", "2026-04-30"), ("2026-05-11", "2026-05-20"), id="range"
        ),
    ],
)
def test_neighbours(kind: Kind, text: str, before: tuple[str, str], after: tuple[str, str]) -> None:
    period = parse(kind, text, TODAY)
    earlier, later = period.previous(), period.next()
    assert (f"{earlier.first}", f"{earlier.last}") == before
    assert (f"{later.first}", f"{later.last}") == after


@pytest.mark.parametrize(
    ("kind", "text", "now", "until", "words"),
    [
        pytest.param("day", "2026-05-12", "2026-05-13T12:30", "2026-05-11T22:00", "Monday, 11 May 2026", id="over"),
        pytest.param("day", "2026-05-13", "2026-05-13T12:30", "2026-05-12T12:30", "12 May 2026, to 14:30", id="today"),
        pytest.param("week", "2026-05-13", "2026-05-13T12:30", "2026-05-06T12:30", "4–6 May 2026, to 14:30", id="week"),
        pytest.param(
            "month", "2026-05-13", "2026-05-13T12:30", "2026-04-13T12:30", "1–13 Apr 2026, to 14:30", id="month"
        ),
        pytest.param(
            "month", "2026-03-30", "2026-03-30T12:30", "2026-02-28T23:00", "February 2026", id="shorter-month"
        ),
        pytest.param(
            "year", "2024-02-29", "2024-02-29T12:30", "2023-02-28T12:30", "1 Jan – 28 Feb 2023, to 13:30", id="leap"
        ),
        pytest.param(
            "range",
            "2026-05-11,2026-05-20",
            "2026-05-13T12:30",
            "2026-05-03T12:30",
            "1–3 May 2026, to 14:30",
            id="range",
        ),
        pytest.param(
            "day", "2026-03-30", "2026-03-30T10:00", "2026-03-29T10:00", "29 Mar 2026, to 12:00", id="short-day"
        ),
    ],
)
def test_a_running_period_is_compared_with_as_much(kind: Kind, text: str, now: str, until: str, words: str) -> None:
    comparison = compared(parse(kind, text, TODAY), utc(now), ZoneInfo("Europe/Berlin"))
    assert comparison.bounds.until == utc(until)
    assert wording.comparison(comparison) == words


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        pytest.param("day", "2026-05-13", "Wednesday, 13 May 2026", id="day"),
        pytest.param("week", "2026-05-13", "11–17 May 2026", id="week"),
        pytest.param("week", "2026-05-01", "27 Apr – 3 May 2026", id="over-a-month"),
        pytest.param("week", "2026-01-01", "29 Dec 2025 – 4 Jan 2026", id="over-a-year"),
        pytest.param("month", "2026-05-13", "May 2026", id="month"),
        pytest.param("year", "2026-05-13", "2026", id="year"),
    ],
)
def test_names(kind: Kind, text: str, words: str) -> None:
    assert wording.period(parse(kind, text, TODAY)) == words


@pytest.mark.parametrize(
    ("written", "value", "words"),
    [
        pytest.param("number", 1234567, "1,234,567", id="thousands"),
        pytest.param("ratio", 2.25, "2.3", id="half-away-from-zero"),
        pytest.param("percent", 0.665, "67%", id="per-cent"),
        pytest.param("duration", 59.5, "1m 00s", id="a-minute"),
        pytest.param("duration", 42, "42s", id="seconds"),
        pytest.param("duration", 3725, "1h 02m", id="hours"),
    ],
)
def test_numbers(written: wording.Written, value: float, words: str) -> None:
    assert wording.WRITERS[written](value) == words
