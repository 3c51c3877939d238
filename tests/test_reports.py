"""Reports: a dozen hand-written rows, and beside each report the table it must answer with."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dashboard.period import Kind, parse
from dashboard.reports import Question, Row, answer
from dashboard.timeline import timeline
from sql import load
from sql.clickhouse import Database
from tests.conftest import Values, bot_row, counter_row, emptied, hit_row, insert_rows, visit_row

BERLIN = "Europe/Berlin"
DAY = date(2026, 5, 13)
QUESTION = Question(site=1, timezone=BERLIN, bounds=parse("day", f"{DAY}", DAY).bounds(ZoneInfo(BERLIN)))
MONTH = replace(QUESTION, bounds=parse("month", f"{DAY}", DAY).bounds(ZoneInfo(BERLIN)))
NOBODY = replace(QUESTION, site=3)


def at(text: str) -> datetime:
    """Return a moment of May 2026, such as 13T08:00, in Berlin's time."""
    return datetime.fromisoformat(f"2026-05-{text}").replace(tzinfo=ZoneInfo(BERLIN)).astimezone(UTC)


def visit(number: int, started: str, duration: int = 0, **changes: object) -> Values:
    return visit_row(id=number, started=at(started), duration=duration, **{"visitor": 100 + number, **changes})


def grown(row: Values, **changes: object) -> Values:
    """Return the row of a visit as it is written again."""
    return {**row, "version": 2, **changes}


COUNTERS = [
    counter_row(minute=at("13T08:10"), hits=6),
    counter_row(minute=at("13T08:11"), hits=1),
    counter_row(minute=at("13T23:59"), outcome="dropped", reason="bot", hits=4),
    counter_row(minute=at("13T09:00"), outcome="refused", reason="cip", hits=2),
    counter_row(minute=at("13T09:01"), outcome="refused", reason="cip", hits=1),
    counter_row(minute=at("13T09:01"), outcome="refused", reason="ca", hits=1),
    counter_row(minute=at("14T00:00"), outcome="refused", reason="cip", hits=9),  # Too late.
    counter_row(site=2, minute=at("13T09:00"), outcome="refused", reason="cip", hits=9),  # Elsewhere.
    counter_row(site=8, minute=at("13T10:00"), outcome="refused", reason="idsite", hits=3),
    counter_row(site=0, minute=at("13T10:01"), outcome="refused", reason="idsite", hits=5),
]
BOTS = [
    bot_row(at=at("13T08:00"), page="a"),
    bot_row(at=at("13T08:01"), page="a"),
    bot_row(at=at("13T08:02"), page="b"),
    bot_row(at=at("13T09:00"), name="GPTBot", page="a", **{"class": "ai-training"}),
    bot_row(at=at("14T00:00")),  # Too late.
    bot_row(at=at("13T08:00"), site=2),  # Elsewhere.
]
BY_GOOGLE = {"referrer_type": "search", "referrer_name": "Google"}
FIRST = visit(1, "13T08:10", 600, actions=3, pageviews=3, **BY_GOOGLE)
GROWING = visit(8, "13T11:00", actions=1, pageviews=0)
VISITS = [
    FIRST,
    visit(2, "13T10:00", visitor=101),
    visit(3, "12T23:59:30", 40, actions=2, user_id="anna", browser="Chrome", country="de"),  # Ends on the 13th.
    visit(4, "13T23:59:58", 1, actions=2, user_id="anna", browser="Chrome", country="de", **BY_GOOGLE),
    visit(5, "14T00:00:00"),  # Too late.
    visit(6, "12T23:59:59"),  # Too early.
    visit(7, "13T12:00", site=2),  # Elsewhere.
    GROWING,
    grown(GROWING, actions=5, duration=61, last_at=at("13T11:01:01"), converted=1),
    visit(9, "13T12:00", actions=0, pageviews=0, entry_action="", entry_page="", browser="", country="xx"),  # A goal.
    visit(10, "13T12:30", pageviews=0, entry_action="search", entry_page=""),
    visit(11, "13T13:00", entry_prefix=0, referrer_type="campaign", referrer_name="spring"),
    visit(12, "13T14:00", entry_page="", entry_prefix=255),  # A page view without address.
    visit(13, "13T15:00", 5, visitor=108, actions=2, entry_page="example.org/b", **BY_GOOGLE),
]
ROOT, B = "example.org/", "example.org/b"
AGAIN = {"new_in_visit": 0}
FILE, LINK = {"action": "download", "prefix": 255}, {"action": "outlink", "prefix": 255}
SEARCH = {"action": "search", "page": "", "prefix": 255}
HITS = [
    hit_row(visit=1, visitor=101, at=at("13T08:10"), page=ROOT),
    hit_row(visit=1, visitor=101, at=at("13T08:12"), page=B),
    hit_row(visit=1, visitor=101, at=at("13T08:20"), page=ROOT, **AGAIN),
    hit_row(visit=2, visitor=101, at=at("13T10:00"), page=ROOT, prefix=0),
    hit_row(visit=3, visitor=103, at=at("12T23:59:30"), page=ROOT),  # Its visit counts on the 13th; it does not.
    hit_row(visit=3, visitor=103, at=at("13T00:00:10"), page=B),
    hit_row(visit=4, visitor=104, at=at("13T23:59:59.999"), page="", prefix=255),
    hit_row(visit=5, visitor=105, at=at("14T00:00:00"), page=ROOT),  # Too late.
    hit_row(visit=7, visitor=107, at=at("13T12:00"), page=ROOT, site=2),  # Elsewhere.
    hit_row(visit=8, visitor=108, at=at("13T11:00"), page="example.org/a.pdf", **FILE),
    hit_row(visit=8, visitor=108, at=at("13T11:00:30"), page="example.org/a.pdf", **FILE, **AGAIN),
    hit_row(visit=8, visitor=108, at=at("13T11:00:40"), page="https://elsewhere.example/", **LINK),
    hit_row(visit=8, visitor=108, at=at("13T11:00:50"), keyword="shoes", **SEARCH),
    hit_row(visit=8, visitor=108, at=at("13T11:01:01"), keyword="shoes", **SEARCH, **AGAIN),
    hit_row(visit=10, visitor=110, at=at("13T12:30"), keyword="Shoes", **SEARCH),
    hit_row(visit=9, visitor=109, at=at("13T12:00"), action="goal"),
    hit_row(visit=13, visitor=108, at=at("13T15:00"), page=B, action="event"),
]


@pytest.fixture(scope="module")
def filled(database: Database) -> Iterator[Database]:
    emptied(database)
    insert_rows(database, "visits", VISITS[:9])
    insert_rows(database, "visits", VISITS[9:])  # A visit's two rows are merged in neither insert.
    insert_rows(database, "hits", HITS)
    insert_rows(database, "counters", COUNTERS)
    insert_rows(database, "bots", BOTS)
    yield database
    emptied(database)


def rows(database: Database, name: str, question: Question, *columns: str) -> list[tuple[object, ...]]:
    return [tuple(row[column] for column in columns) for row in answer(database, name, question)]


def one(database: Database, name: str, question: Question) -> Row:
    [row] = answer(database, name, question)
    return row


def test_visits_summary(filled: Database) -> None:
    assert one(filled, "visits_summary", QUESTION) == {
        "nb_visits": 10,
        "nb_uniq_visitors": 8,
        "nb_users": 1,
        "nb_actions": 18,
        "nb_visits_converted": 1,
        "bounce_count": 5,
        "sum_visit_length": 707,
        "max_actions": 5,
    }


def test_actions_summary(filled: Database) -> None:
    assert one(filled, "actions_summary", QUESTION) == {
        "nb_pageviews": 6,
        "nb_uniq_pageviews": 5,
        "nb_downloads": 2,
        "nb_uniq_downloads": 1,
        "nb_outlinks": 1,
        "nb_uniq_outlinks": 1,
        "nb_searches": 3,
        "nb_keywords": 2,
    }


def test_visits_by_period(filled: Database) -> None:
    starts = [int(at(f"{day}T00:00").timestamp()) for day in (12, 13, 14)]
    asked = replace(MONTH, more={"starts": starts})
    columns = ("start", "nb_visits", "nb_uniq_visitors", "nb_users", "nb_actions", "bounce_count", "max_actions")
    assert rows(filled, "visits_by_period", asked, *columns) == [
        (starts[0], 1, 1, 0, 1, 1, 1),
        (starts[1], 10, 8, 1, 18, 5, 5),
        (starts[2], 1, 1, 0, 1, 1, 1),
    ]


def test_visited_days(filled: Database) -> None:
    assert rows(filled, "visited_days", MONTH, "day") == [
        (date(2026, 5, 12),),
        (date(2026, 5, 13),),
        (date(2026, 5, 14),),
    ]
    assert rows(filled, "visited_days", NOBODY, "day") == []


@pytest.mark.parametrize("name", ["visits_summary", "actions_summary"])
def test_nothing_is_zero(filled: Database, name: str) -> None:
    assert set(one(filled, name, NOBODY).values()) == {0}


def test_visits_over_time(filled: Database) -> None:
    columns = ("bucket", "nb_visits", "nb_uniq_visitors", "nb_pageviews")
    assert rows(filled, "visits_over_time", MONTH, *columns) == [
        (date(2026, 5, 12), 1, 1, 1),
        (date(2026, 5, 13), 10, 8, 9),
        (date(2026, 5, 14), 1, 1, 1),
    ]
    by_month = replace(MONTH, bucket="month")
    assert rows(filled, "visits_over_time", by_month, *columns) == [(date(2026, 5, 1), 12, 10, 11)]


def test_visits_by_hour(filled: Database) -> None:
    assert rows(filled, "visits_by_hour", QUESTION, "hour", "nb_visits", "nb_uniq_visitors", "nb_pageviews") == [
        (0, 1, 1, 1),
        (8, 1, 1, 3),
        (10, 1, 1, 1),
        (11, 1, 1, 0),
        (12, 2, 2, 0),
        (13, 1, 1, 0),
        (14, 1, 1, 0),
        (15, 1, 1, 0),
        (23, 1, 1, 1),
    ]


def test_pages(filled: Database) -> None:
    columns = ("page", "prefix", "nb_hits", "nb_visits", "all_rows", "all_values", "highest_value")
    everything = [
        (ROOT, 2, 3, 2, 3, 6, 3),
        (B, 2, 2, 2, 3, 6, 3),
        ("", 255, 1, 1, 3, 6, 3),
    ]
    assert rows(filled, "pages", QUESTION, *columns) == everything
    assert rows(filled, "pages", replace(QUESTION, limit=1, offset=1), *columns) == everything[1:2]


def test_entry_pages(filled: Database) -> None:
    columns = ("page", "prefix", "entry_nb_visits", "entry_bounce_count", "all_rows", "all_values", "highest_value")
    assert rows(filled, "entry_pages", QUESTION, *columns) == [
        (ROOT, 2, 6, 2, 3, 8, 6),
        ("", 255, 1, 1, 3, 8, 6),
        (B, 2, 1, 0, 3, 8, 6),
    ]


def test_people_of_pages(filled: Database) -> None:
    columns = ("page", "nb_uniq_visitors")
    assert rows(filled, "page_people", QUESTION, *columns) == [("", 1), (ROOT, 1), (B, 2)]
    assert rows(filled, "entry_page_people", QUESTION, *columns) == [("", 1), (ROOT, 5), (B, 1)]


def test_referrers(filled: Database) -> None:
    columns = ("referrer_type", "referrer_name", "nb_visits", "bounce_count", "all_rows")
    assert rows(filled, "referrers", QUESTION, *columns) == [
        ("direct", "", 6, 4, 3),
        ("search", "Google", 3, 0, 3),
        ("campaign", "spring", 1, 1, 3),
    ]


def test_countries(filled: Database) -> None:
    columns = ("country", "nb_visits", "bounce_count", "all_values")
    assert rows(filled, "countries", QUESTION, *columns) == [
        ("ch", 7, 4, 10),
        ("de", 2, 0, 10),
        ("xx", 1, 1, 10),
    ]


def test_browsers(filled: Database) -> None:
    columns = ("browser", "nb_visits", "bounce_count", "highest_value")
    assert rows(filled, "browsers", QUESTION, *columns) == [
        ("Firefox", 7, 4, 7),
        ("Chrome", 2, 0, 7),
        ("", 1, 1, 7),
    ]


def test_live_visitors(filled: Database) -> None:
    now = at("13T11:01")
    five_minutes = replace(QUESTION, bounds=replace(QUESTION.bounds, since=now - timedelta(minutes=5), until=now))
    assert one(filled, "live_visitors", five_minutes) == {"nb_visitors": 1, "nb_hits": 4}
    assert one(filled, "live_visitors", NOBODY) == {"nb_visitors": 0, "nb_hits": 0}


def test_first_hit(filled: Database) -> None:
    assert rows(filled, "first_hit", QUESTION, "at") == [(at("12T23:59:30").replace(tzinfo=None),)]
    assert rows(filled, "first_hit", NOBODY, "at") == []


def test_tracking_outcomes(filled: Database) -> None:
    assert rows(filled, "tracking_outcomes", QUESTION, "outcome", "reason", "nb_requests") == [
        ("kept", "", 7),
        ("dropped", "bot", 4),
        ("refused", "cip", 3),
        ("refused", "ca", 1),
    ]
    assert rows(filled, "tracking_outcomes", NOBODY, "reason") == []


def test_last_refused(filled: Database) -> None:
    nine, later = at("13T09:00").replace(tzinfo=None), at("13T09:01").replace(tzinfo=None)
    assert rows(filled, "last_refused", QUESTION, "minute", "reason", "nb_requests") == [
        (later, "ca", 1),
        (later, "cip", 1),
        (nine, "cip", 2),
    ]


def test_requests_by_hour(filled: Database) -> None:
    columns = ("hour", "nb_kept", "nb_dropped", "nb_refused")
    assert rows(filled, "requests_by_hour", QUESTION, *columns) == [(8, 7, 0, 0), (9, 0, 0, 4), (23, 0, 4, 0)]
    assert rows(filled, "requests_by_hour", NOBODY, *columns) == []


def test_requests_over_time(filled: Database) -> None:
    columns = ("bucket", "nb_kept", "nb_dropped", "nb_refused")
    days = [(date(2026, 5, 13), 7, 4, 4), (date(2026, 5, 14), 0, 0, 9)]
    assert rows(filled, "requests_over_time", MONTH, *columns) == days
    assert rows(filled, "requests_over_time", replace(MONTH, bucket="month"), *columns) == [
        (date(2026, 5, 1), 7, 4, 13)
    ]


def test_requests_by_site(filled: Database) -> None:
    columns = ("site", "nb_kept", "nb_dropped", "nb_refused", "parameter", "all_rows")
    everything = [(2, 0, 0, 9, "cip", 4), (0, 0, 0, 5, "idsite", 4), (1, 7, 4, 4, "cip", 4), (8, 0, 0, 3, "idsite", 4)]
    assert rows(filled, "requests_by_site", QUESTION, *columns) == everything
    assert rows(filled, "requests_by_site", replace(QUESTION, limit=1, offset=2), *columns) == everything[2:3]


def test_bots(filled: Database) -> None:
    assert rows(filled, "bots", QUESTION, "class", "name", "nb_requests", "nb_pages") == [
        ("search", "Googlebot", 3, 2),
        ("ai-training", "GPTBot", 1, 1),
    ]


STATEMENTS = sorted(path.stem for path in Path("sql/reports").glob("*.sql"))
# What single statements ask for beyond the parameters of all.
MORE: dict[str, object] = {
    **{"first": "country", "second": "nothing", "third": "nothing", "custom": "1"},  # conversions_by, visits_by
    **{"daily": 1, "column": "country", "values": ["ch"], "groups": ["eur"], "example": "browser"},  # visits_by
    **{"brought_by": "", "measured": "duration", "unit": 60},  # visits_by, visits_with
    **{"labels": "categories", "left": 0},  # items_sold, items_viewed
    **{"named": "page", "kind": "pageview", "daily": 1, "credited": "previous_page", "searching": 0},  # action_…
    **{"end_named": "entry_page", "end_action": "entry_action"},  # visit_ends, entry_goals
    **{"visits": [1], "visitors": [1], "visitor": 0, "goals": [0], "sign": -1, "most": 1},  # live_…
    **{"outer_text": "event_category", "inner_text": "event_action"},  # events
    **{"outer_part": "content_name", "inner_part": "content_piece"},  # contents
    **{f"dimension{number}": "none" for number in (1, 2, 3)},  # query_…
    **{f"custom{number}": "1" for number in (1, 2, 3)},
    **{f"metric{number}": "nothing" for number in range(1, 13)},
    **{f"order{number}": "nothing" for number in (1, 2, 3)},
    **{f"descending{number}": 0 for number in (1, 2, 3)},
    "starts": [1_700_000_000],
    **{"reports": ["totals"], "by_day": 1, "first_day": DAY, "end_day": DAY},  # daily_lines
    **{"only": 0, "rows": [], "folding": 0, "shown": [], "counted": [1]},
    **{"after": 0, "after_sequence": 0, "after_id": 0, "before": 0},  # export_…
    **{"visitor_ids": 1, "user_ids": 1, "addresses": 1},
}


@pytest.mark.parametrize("report", STATEMENTS)
def test_a_report_says_what_it_answers(filled: Database, report: str) -> None:
    """One statement; the header asks a question and lists the columns, which are those of the answer."""
    text = load(f"reports/{report}")
    question, columns = (line.removeprefix("-- ") for line in text.splitlines()[:2])
    assert "?" in question
    assert ";" not in text
    described = filled.client.query(f"describe (\n{text}\n)", parameters={**QUESTION.parameters, **MORE})
    types = [(name, re.sub(r"LowCardinality\((.*?)\)", r"\1", type)) for name, type, *_ in described.result_rows]
    assert columns == ", ".join(f"{name} {type}" for name, type in types).replace("DateTime('UTC')", "DateTime")


@pytest.mark.parametrize(
    ("zone", "kind", "text", "labels"),
    [
        pytest.param(BERLIN, "day", "2026-05-13", ("00:00", "23:00", 24), id="hours"),
        pytest.param(BERLIN, "day", "2026-03-29", ("00:00", "23:00", 23), id="23-hours"),
        pytest.param(BERLIN, "day", "2025-10-26", ("00:00", "23:00", 25), id="25-hours"),
        pytest.param("Asia/Kathmandu", "day", "2026-05-13", ("00:00", "23:00", 24), id="quarter-hour-zone"),
        pytest.param("Australia/Lord_Howe", "day", "2026-04-05", ("00:00", "23:30", 25), id="half-an-hour-more"),
        pytest.param(BERLIN, "week", "2026-05-13", ("11 May", "17 May", 7), id="days-of-a-week"),
        pytest.param(BERLIN, "range", "2026-03-28,2026-03-30", ("28 Mar", "30 Mar", 3), id="days-of-a-range"),
        pytest.param(BERLIN, "year", "2026-05-13", ("Jan", "Dec", 12), id="months"),
        pytest.param(BERLIN, "range", "2025-01-15,2026-05-13", ("Jan 2025", "May 2026", 17), id="months-of-a-range"),
    ],
)
def test_timeline(filled: Database, zone: str, kind: Kind, text: str, labels: tuple[str, str, int]) -> None:
    period = parse(kind, text, DAY)
    question = Question(site=1, timezone=zone, bounds=period.bounds(ZoneInfo(zone)))
    points = timeline(filled, question, period, now=at("13T16:30"))
    assert (points[0].slot.label, points[-1].slot.label, len(points)) == labels
    assert all(one.slot.bounds.until == after.slot.bounds.since for one, after in pairwise(points))


def test_a_running_day(filled: Database) -> None:
    points = timeline(filled, QUESTION, parse("day", f"{DAY}", DAY), now=at("13T16:30"))
    assert [point.counts for point in points[:9:8]] == [(1, 1), (1, 3)]
    assert [point.slot.label for point in points if point.running] == ["16:00"]
    assert {point.slot.label for point in points if point.counts is None} == {f"{hour}:00" for hour in range(17, 24)}
