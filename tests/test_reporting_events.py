"""Reports about events and contents: hand-written hits, and what each report says of them."""

from collections.abc import Iterator
from typing import Any

import pytest

from dashboard.api_parameters import ApiError, MissingParameter
from dashboard.reporting import contents, events
from dashboard.reporting.filters import finished
from dashboard.reporting.report import Report
from dashboard.reporting.table import Table, subtable_id
from sql.clickhouse import Database
from sql.segments import Filter
from tests.conftest import Values, emptied, hit_row
from tests.conversion_parts import at, filled_with, part_of

REPORTS: dict[str, Report] = {report.name: report for module in (events, contents) for report in module.REPORTS}


def event(visit: int, when: str, texts: str, value: float | None = None) -> Values:
    """Return an event; its texts are category, action and name, such as "Video/play/Trailer"."""
    names = dict(zip(("event_category", "event_action", "event_name"), texts.split("/"), strict=True))
    return hit_row(visit=visit, visitor=100 + visit % 10, at=at(when), action="event", event_value=value, **names)


def content(visit: int, texts: str, interaction: str = "") -> Values:
    """Return a content; its texts are name, piece and target."""
    names = dict(zip(("content_name", "content_piece", "content_target"), texts.split("/"), strict=True))
    return hit_row(
        visit=visit, visitor=100 + visit, at=at("13T08:00"), action="content", content_interaction=interaction, **names
    )


HITS = [
    event(1, "13T08:00", "Video/play/Trailer"),
    event(1, "13T08:01", "Video/play/Trailer"),
    event(1, "13T08:02", "Video/play/"),
    event(1, "13T08:03", "Video/rate/Trailer", 4.5),
    event(2, "13T09:00", "Video/rate/Trailer", -1.2),
    event(2, "13T09:01", "Audio/play/It's"),
    event(11, "14T08:00", "Video/play/Trailer"),  # The first visitor, a day later.
    hit_row(visit=1, visitor=101, at=at("13T08:00")),  # No event.
    content(1, "Teaser/a.png/x"),
    content(1, "Teaser/a.png/x"),
    content(1, "Teaser/b.png/x"),
    content(2, "Teaser/a.png/y"),
    content(2, "Teaser/a.png/y", "click"),
    content(2, "Box//"),
    content(2, "Other/c.png/", "click"),  # Nobody saw it.
]


@pytest.fixture(scope="module")
def filled(database: Database) -> Iterator[Database]:
    yield filled_with(emptied(database), hits=HITS)
    emptied(database)


def table(database: Database, name: str, asked: str = "", **changes: Any) -> Table:
    part = part_of(database, f"format_metrics=0&expanded=1&{asked}", **changes)
    found = finished(REPORTS[name].answer(part), part.parameters)
    assert isinstance(found, Table)
    return found


def numbers(found: Table | None, *columns: str) -> dict[str, tuple[Any, ...]]:
    return {row.label: tuple(row.columns.get(column) for column in columns) for row in found or ()}


def test_event_categories(filled: Database) -> None:
    video, audio = table(filled, "Events.getCategory")
    # One visit had three sorts of these events, one had one: visits are counted for each sort.
    assert video.columns == {
        "label": "Video",
        "nb_uniq_visitors": 4,
        "nb_visits": 4,
        "nb_events": 5,
        "nb_events_with_value": 2,
        "sum_event_value": 3.3,
        "min_event_value": -1.2,
        "max_event_value": 4.5,
        "avg_event_value": 1.65,
    }
    assert numbers(video.table, "nb_visits", "nb_events") == {"play": (2, 3), "rate": (2, 2)}
    assert (audio.columns["min_event_value"], audio.columns["avg_event_value"]) == (None, 0)
    assert audio.metadata["segment"] == "eventCategory==Audio"


def test_event_names(filled: Database) -> None:
    found = table(filled, "Events.getName")
    assert numbers(found, "nb_visits", "nb_events") == {
        "Trailer": (3, 4),
        "Event Name not defined": (1, 1),
        "It's": (1, 1),
    }
    assert [row.metadata.get("segment") for row in found] == [
        "eventName==Trailer",
        None,
        "eventName==It%26%23039%3Bs",
    ]


def test_what_was_not_told_is_no_row_within_another(filled: Database) -> None:
    (play, _) = table(filled, "Events.getAction")
    assert numbers(play.table, "nb_events") == {"Trailer": (2,), "It's": (1,)}
    assert play.columns["nb_events"] == 4


def test_another_text_within(filled: Database) -> None:
    (video, _) = table(filled, "Events.getCategory", "secondaryDimension=eventName")
    assert numbers(video.table, "nb_events") == {"Trailer": (4,)}
    with pytest.raises(ApiError) as refused:
        table(filled, "Events.getName", "secondaryDimension=eventName")
    assert str(refused.value) == (
        "Secondary dimension 'eventName' is not valid for the API getName. Use one of: eventAction, eventCategory"
    )


@pytest.mark.parametrize(
    ("method", "label", "expected"),
    [
        ("getActionFromCategoryId", "Video", {"play": (3,), "rate": (2,)}),
        ("getNameFromCategoryId", "Video", {"Trailer": (4,)}),
        ("getCategoryFromActionId", "play", {"Audio": (1,), "Video": (3,)}),
        ("getNameFromActionId", "rate", {"Trailer": (2,)}),
        ("getActionFromNameId", "Trailer", {"play": (2,), "rate": (2,)}),
        ("getCategoryFromNameId", "It's", {"Audio": (1,)}),
    ],
)
def test_one_row_s_table(filled: Database, method: str, label: str, expected: dict[str, tuple[int]]) -> None:
    found = table(filled, f"Events.{method}", f"idSubtable={subtable_id([label])}")
    assert numbers(found, "nb_events") == expected
    with pytest.raises(MissingParameter):
        table(filled, f"Events.{method}")


def test_events_of_two_days(filled: Database) -> None:
    video = table(filled, "Events.getCategory", kind="week", day="2026-05-13").rows[0]
    assert (video.columns["nb_visits"], video.columns["nb_uniq_visitors"]) == (5, 4)
    assert video.columns["sum_daily_nb_uniq_visitors"] == 5
    assert "sum_daily_nb_uniq_visitors" not in table(filled, "Events.getCategory").rows[0].columns


def test_flat_events(filled: Database) -> None:
    first = table(filled, "Events.getCategory", "flat=1").rows[0]
    assert first.label == "Video - play"
    assert (first.metadata["Events_EventCategory"], first.metadata["Events_EventAction"]) == ("Video", "play")


def test_content_names(filled: Database) -> None:
    found = table(filled, "Contents.getContentNames")
    columns = ("nb_visits", "nb_uniq_visitors", "nb_impressions", "nb_interactions", "interaction_rate")
    assert numbers(found, *columns) == {
        "Teaser": (3, 3, 4, 1, 0.25),
        "Box": (1, 1, 1, 0, 0),
        "Other": (0, 0, 0, 1, 0),
    }
    assert numbers(found.rows[0].table, *columns) == {"a.png": (2, 2, 3, 1, 0.3333), "b.png": (1, 1, 1, 0, 0)}
    assert found.rows[1].table is None


def test_content_pieces(filled: Database) -> None:
    found = table(filled, "Contents.getContentPieces")
    assert numbers(found, "nb_impressions", "nb_interactions") == {
        "a.png": (3, 1),
        "b.png": (1, 0),
        "Content Piece not defined": (1, 0),
        "c.png": (0, 1),
    }
    assert [row.metadata.get("segment") for row in found][:3] == ["contentPiece==a.png", "contentPiece==b.png", None]


@pytest.mark.parametrize("name", ["Events.getCategory", "Contents.getContentNames"])
def test_some_visits(filled: Database, name: str) -> None:
    """A segment picks visits: here none, as no visit was written down."""
    assert len(table(filled, name)) > 0
    assert len(table(filled, name, segment=Filter("visitor = {who:UInt64}", {"who": 101}))) == 0


@pytest.mark.parametrize("name", ["Events.getCategory", "Contents.getContentPieces"])
def test_nothing(filled: Database, name: str) -> None:
    assert table(filled, name, day="2026-05-20").rows == []
