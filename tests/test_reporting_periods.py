"""The dates of the Reporting API in all their forms."""

from datetime import date

import pytest

from dashboard.api_parameters import ApiError
from dashboard.period import KINDS
from dashboard.reporting.periods import MOST, BadDate, UnknownPeriod, are_several, key_of, kind_of, periods_of

TODAY = date(2024, 5, 15)  # A Wednesday.


@pytest.mark.parametrize(
    ("kind", "text", "keys"),
    [
        pytest.param("day", "2024-05-13", ["2024-05-13"], id="day"),
        pytest.param("day", "2024-5-3", ["2024-05-03"], id="without-zeros"),
        pytest.param("day", "today", ["2024-05-15"], id="today"),
        pytest.param("day", "now", ["2024-05-15"], id="now"),
        pytest.param("day", "yesterday", ["2024-05-14"], id="yesterday"),
        pytest.param("day", "lastWeek", ["2024-05-08"], id="last-week"),
        pytest.param("day", "last week", ["2024-05-08"], id="last-week-with-a-blank"),
        pytest.param("day", "LAST-MONTH", ["2024-04-15"], id="last-month-in-capitals"),
        pytest.param("month", "lastmonth", ["2024-04"], id="last-month"),
        pytest.param("day", "lastYear", ["2023-05-15"], id="last-year"),
        pytest.param("week", "2024-05-15", ["2024-05-13,2024-05-19"], id="week"),
        pytest.param("week", "2024-01-01", ["2024-01-01,2024-01-07"], id="first-week"),
        pytest.param("month", "today", ["2024-05"], id="month"),
        pytest.param("year", "2024-02-29", ["2024"], id="year"),
        pytest.param("day", "2024-05-13,2024-05-15", ["2024-05-13", "2024-05-14", "2024-05-15"], id="days"),
        pytest.param("day", "yesterday,today", ["2024-05-14", "2024-05-15"], id="days-by-words"),
        pytest.param("week", "2024-05-12,2024-05-13", ["2024-05-06,2024-05-12", "2024-05-13,2024-05-19"], id="weeks"),
        pytest.param("month", "2024-01-31,2024-02-01", ["2024-01", "2024-02"], id="months"),
        pytest.param("day", "last1", ["2024-05-15"], id="last-one"),
        pytest.param("day", "last3", ["2024-05-13", "2024-05-14", "2024-05-15"], id="last-days"),
        pytest.param("day", "previous2", ["2024-05-13", "2024-05-14"], id="previous-days"),
        pytest.param("month", "last2", ["2024-04", "2024-05"], id="last-months"),
        pytest.param("year", "previous1", ["2023"], id="previous-year"),
        pytest.param("range", "2024-05-01,2024-05-07", ["2024-05-01,2024-05-07"], id="range"),
        pytest.param("range", "last7", ["2024-05-09,2024-05-15"], id="range-of-last-days"),
        pytest.param("range", "previous7", ["2024-05-08,2024-05-14"], id="range-of-previous-days"),
        pytest.param("range", "lastWeek,today", ["2024-05-08,2024-05-15"], id="range-by-words"),
        pytest.param("range", "2024-05-03", ["2024-05-03,2024-05-03"], id="range-of-a-day"),
        pytest.param("day", "2999-01-01", ["2034-05-13"], id="far-ahead"),
    ],
)
def test_periods(kind: str, text: str, keys: list[str]) -> None:
    assert [key_of(period) for period in periods_of(kind_of(kind), text, TODAY)] == keys


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("day", "2024-05-13", False),
        ("day", "last1", True),
        ("week", "2024-05-01,2024-05-02", True),
        ("range", "2024-05-01,2024-05-02", False),
        ("range", "last7", False),
    ],
)
def test_which_dates_have_several_answers(kind: str, text: str, expected: bool) -> None:
    assert are_several(kind_of(kind), text) is expected


@pytest.mark.parametrize("text", ["", "tomorrow", "2024-13-01", "2024-02-30", "1991-08-05", "2024-05-15,2024-05-14"])
@pytest.mark.parametrize("kind", ["day", "range"])
def test_dates_that_are_none(kind: str, text: str) -> None:
    with pytest.raises(BadDate, match="Date format must be: YYYY-MM-DD, or 'today' or 'yesterday' or any keyword"):
        periods_of(kind_of(kind), text, TODAY)


def test_a_period_that_is_none() -> None:
    with pytest.raises(UnknownPeriod) as refused:
        kind_of("fortnight")
    assert isinstance(refused.value, ApiError)
    assert str(refused.value) == (
        "The period 'fortnight' is not supported. Try any of the following instead: day, week, month, year, range"
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["last999999999", "1991-08-06,today"])
def test_answers_are_bounded(kind: str, text: str) -> None:
    assert 1 <= len(periods_of(kind_of(kind), text, TODAY)) <= MOST[kind_of(kind)]
