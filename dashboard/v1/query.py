"""The answer to a question: rows by dimensions, what they are compared with, and what must be known to read them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from dashboard.period import Bounds
from dashboard.v1.asked import Asked
from dashboard.v1.numbers import Labels, Line, Lines, Numbers, without_dimensions
from dashboard.v1.ranges import Comparison
from sql.clickhouse import Database

Row = dict[str, Any]
# Names of a row that are no metric and no dimension.
FOLDED, PARTIAL, COMPARISON = "folded", "partial", "comparison"


def answer(database: Database, asked: Asked) -> Row:
    """Return all that is told of a question. Raises DatabaseUnavailable."""
    began = time.monotonic()
    page = Numbers(database, asked).page(asked.bounds, asked.limit, asked.offset)
    rows = rows_of(page, asked)
    if asked.comparison:
        compare(database, asked, asked.comparison, page, rows)
    totals = {"totals": totals_of(database, asked)} if asked.totals else {}
    return {"query": asked.echo(), "meta": meta(asked, page, began), "rows": rows, **totals}


def rows_of(page: Lines, asked: Asked) -> list[Row]:
    return [row_of(line, asked) for line in page.lines]


def row_of(line: Line, asked: Asked) -> Row:
    """Return a row as programs read it: dimensions, then metrics, then what holds for this row only."""
    zone = asked.known.zone
    labels: list[str | None] = [*line.labels] if not line.folded else [None] * len(asked.dimensions)
    dimensions = {
        dimension.name: None if label is None else dimension.value(label, zone)
        for dimension, label in zip(asked.dimensions, labels, strict=True)
    }
    marks = {FOLDED: line.folded, PARTIAL: is_running(line, asked)}
    return {**dimensions, **metrics_of(line, asked), **{name: True for name, holds in marks.items() if holds}}


def metrics_of(line: Line, asked: Asked) -> Row:
    return {metric.name: metric.value(line.numbers[metric.name]) for metric in asked.metrics}


def meta(asked: Asked, page: Lines, began: float) -> Row:
    following = asked.offset + len(page.lines)
    told: Row = {
        "timezone": asked.known.site.timezone,
        **utc(asked.bounds),
        "partial": asked.is_partial,
        "total_rows": page.total,
        "next_offset": following if page.lines and following < page.total else None,
        "took_ms": round(1000 * (time.monotonic() - began), 1),
    }
    return told | ({"comparison": utc(asked.comparison.bounds)} if asked.comparison else {})


def utc(bounds: Bounds) -> dict[str, str]:
    """Return a half-open span: `until` is the first moment after it."""
    return {name: f"{getattr(bounds, name):%Y-%m-%dT%H:%M:%SZ}" for name in ("since", "until")}


def totals_of(database: Database, asked: Asked) -> Row:
    """Return the numbers of all rows together."""
    whole = without_dimensions(asked)
    found = metrics_of(Numbers(database, whole).page(asked.bounds, 1, 0).lines[0], whole)
    if not asked.comparison:
        return found
    before = Numbers(database, whole).page(asked.comparison.bounds, 1, 0).lines[0]
    return {**found, COMPARISON: metrics_of(before, whole)}


def compare(database: Database, asked: Asked, comparison: Comparison, page: Lines, rows: list[Row]) -> None:
    """Put beside each row what its counterpart has in the other range: nothing beside one that has none there."""
    pairs = [
        (row, counterparts(line.labels, asked, comparison))
        for line, row in zip(page.lines, rows, strict=True)
        if not line.folded
    ]
    if not pairs:
        return
    found = Numbers(database, replace(asked, order=())).only(comparison.bounds, [labels for _, labels in pairs])
    nothing = dict.fromkeys((metric.name for metric in asked.metrics), 0.0)
    for row, labels in pairs:
        row[COMPARISON] = metrics_of(found.get(labels, Line(labels, nothing)), asked)


def counterparts(labels: Labels, asked: Asked, comparison: Comparison) -> Labels:
    """Return the labels to look for in the other range: times are moved, all else is the same."""
    return tuple(
        MOVED[dimension.name](label, asked, comparison) if dimension.name in MOVED else label
        for dimension, label in zip(asked.dimensions, labels, strict=True)
    )


def moved_day(label: str, asked: Asked, comparison: Comparison) -> str:
    return comparison.counterpart(date.fromisoformat(label)).isoformat()


def moved_week(label: str, asked: Asked, comparison: Comparison) -> str:
    day = comparison.counterpart(within(date.fromisoformat(label), asked))
    return (day - timedelta(day.weekday())).isoformat()


def moved_month(label: str, asked: Asked, comparison: Comparison) -> str:
    return comparison.counterpart(within(date.fromisoformat(label), asked)).replace(day=1).isoformat()


def moved_year(label: str, asked: Asked, comparison: Comparison) -> str:
    return str(comparison.counterpart(within(date(int(label), 1, 1), asked)).year)


def moved_hour(label: str, asked: Asked, comparison: Comparison) -> str:
    local = datetime.fromtimestamp(int(label), asked.known.zone)
    return str(int(datetime.combine(comparison.counterpart(local.date()), local.timetz()).timestamp()))


def within(day: date, asked: Asked) -> date:
    """Return the day, or the first one of the period if it lies before that."""
    return max(day, asked.period.first)


MOVED: Mapping[str, Callable[[str, Asked, Comparison], str]] = {
    "day": moved_day,
    "week": moved_week,
    "month": moved_month,
    "year": moved_year,
    "hour": moved_hour,
}


def hour_of(now: datetime, zone: tzinfo) -> str:
    return str(int(now.astimezone(zone).replace(minute=0, second=0, microsecond=0).astimezone(UTC).timestamp()))


# Which time now is, as the statements write it.
RUNNING: Mapping[str, Callable[[datetime, tzinfo], str]] = {
    "year": lambda now, zone: f"{now.astimezone(zone):%Y}",
    "month": lambda now, zone: f"{now.astimezone(zone):%Y-%m-01}",
    "week": lambda now, zone: f"{monday(now.astimezone(zone).date())}",
    "day": lambda now, zone: f"{now.astimezone(zone):%Y-%m-%d}",
    "hour": hour_of,
}


def monday(day: date) -> date:
    return day - timedelta(day.weekday())


def is_running(line: Line, asked: Asked) -> bool:
    """Tell whether a row is about a time that is not over yet."""
    if line.folded:
        return False
    times = [
        (label, RUNNING[dimension.name])
        for dimension, label in zip(asked.dimensions, line.labels, strict=True)
        if dimension.name in RUNNING
    ]
    return bool(times) and all(label == running(asked.now, asked.known.zone) for label, running in times)
