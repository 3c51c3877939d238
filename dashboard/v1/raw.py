"""Every visit or hit of a site, one by one and in order: a stream in bounded memory that can be taken up anywhere.

ClickHouse is asked for one batch after the other, each within the limits of any question; between two batches whoever
reads slowly takes nobody's turn.
"""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Literal

import orjson
import pyarrow as pa
from starlette.responses import Response, StreamingResponse

from dashboard.period import Bounds
from dashboard.v1.endpoints import Use
from dashboard.v1.exports import TOTAL, named
from dashboard.v1.inputs import FILTERS, RANGE, SITE, Input
from dashboard.v1.kinds import Choice, Flag, Text
from dashboard.v1.ranges import period_of
from dashboard.v1.refusals import BadInput, Forbidden
from dashboard.v1.writing import FORMS, Writer, streamed
from sql.clickhouse import Database
from sql.policies import policy_of, why_no_visits
from sql.segments import Filter

What = Literal["visits", "hits"]

BATCH = 10_000  # Rows.
SHORTEST, LONGEST = timedelta(minutes=10), timedelta(days=64)  # Of the time that one question looks at.
EARLIER = timedelta(days=2)  # A visit of the range began at most so much before it.
CURSOR = re.compile(r"([0-9]{1,14})-([0-9]{1,20})-([0-9]{1,20})", re.ASCII)
LARGEST = 2**64
INPUTS = (
    SITE,
    *RANGE,
    FILTERS,
    Input("format", Choice(("ndjson", "csv", "arrow")), "How it is written.", "ndjson"),
    Input("cursor", Text(60), "Go on after the row that has this in its column `cursor`."),
    Input("progress", Flag(), "Put lines between those of NDJSON that say how far it is.", False),
)
HEADERS = {
    TOTAL: "How many rows are to come, as counted before the first one; visits and hits of today may be added.",
    "Content-Disposition": "A name for the file.",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order of rows: after this row."""

    at: int  # Milliseconds since 1970.
    sequence: int = 0
    id: int = 0

    @property
    def parameters(self) -> dict[str, object]:
        return {"after": self.at, "after_sequence": self.sequence, "after_id": self.id}


@dataclass(frozen=True, slots=True)
class Raw:
    """What is exported."""

    what: What
    parameters: Mapping[str, object]
    segment: Filter
    bounds: Bounds
    batch: int = BATCH

    def total(self, database: Database, place: Place) -> int:
        """Return how many rows there are after a place. Raises DatabaseUnavailable."""
        asked = {**self.parameters, **place.parameters}
        return int(database.query(f"reports/export_{self.what}_total", asked, self.segment)[0]["nb_rows"])

    def rows(self, database: Database, place: Place, before: int) -> pa.Table:
        """Return the next rows after a place and before a moment. Raises DatabaseUnavailable."""
        asked = {**self.parameters, **place.parameters, "before": before, "limit": self.batch}
        return database.arrow(f"reports/export_{self.what}", asked, self.segment)


async def visits(use: Use) -> Response:
    return await exported("visits", use)


async def hits(use: Use) -> Response:
    return await exported("hits", use)


async def exported(what: What, use: Use) -> Response:
    """Answer with the rows, as far as the site's privacy policy lets them be seen one by one.

    Raises BadInput, Forbidden, DatabaseUnavailable.
    """
    if why := why_no_visits(use.site.site):
        raise Forbidden(f"The visits of this site must not be looked at one by one: {why}.", parameter="site")
    if use.given["progress"] and use.given["format"] != "ndjson":
        raise BadInput("progress", "goes with format=ndjson")
    period = period_of(use.given, use.now, use.site.zone)
    raw = raw_of(what, use, period.bounds(use.site.zone))
    place = place_of(use.given["cursor"]) or Place(millis(raw.bounds.since - EARLIER))
    total = await use.ask(partial(raw.total, place=place))
    form = FORMS[use.given["format"]]
    writer = WithProgress(form.writer(), total) if use.given["progress"] else form.writer()
    headers = {TOTAL: str(total), **named(what, use, period, form.ending)}
    return StreamingResponse(streamed(writer, batches(use, raw, place)), headers=headers, media_type=form.media_type)


def raw_of(what: What, use: Use, bounds: Bounds) -> Raw:
    policy = policy_of(use.site.site)
    shown = {name: int(getattr(policy, name)) for name in ("addresses", "visitor_ids", "user_ids")}
    span = {"site": use.site.site.id, "since": bounds.since, "until": bounds.until}
    segment = use.site.filtered(use.given["filters"] or "")
    return Raw(what, {**span, **shown}, segment, bounds, min(BATCH, use.guard.limits.rows))


def place_of(cursor: str | None) -> Place | None:
    """Return where to go on. Raises BadInput."""
    if cursor is None:
        return None
    found = CURSOR.fullmatch(cursor)
    numbers = [int(part) for part in found.groups()] if found else [LARGEST]
    if max(numbers) >= LARGEST:
        raise BadInput("cursor", "expected what stands in the column `cursor` of a row")
    return Place(*numbers)


async def batches(use: Use, raw: Raw, place: Place) -> AsyncIterator[pa.Table]:
    """Yield the rows after a place. Each question looks at as much time as makes a batch, so that none looks at all."""
    end, span, first = millis(raw.bounds.until), timedelta(days=1), True
    while place.at < end:
        before = min(end, place.at + int(span / timedelta(milliseconds=1)))
        table = await use.ask_patiently(partial(raw.rows, place=place, before=before))
        if table.num_rows or first:  # The first one tells the columns, even if there is no row.
            yield table
        first = False
        full = table.num_rows >= raw.batch
        span = max(SHORTEST, span / 2) if full else min(LONGEST, span * 2) if table.num_rows < raw.batch / 4 else span
        last = place_of(table.column("cursor")[-1].as_py()) if full else None
        place = last or replace(place, at=before, sequence=0, id=0)


def millis(moment: datetime) -> int:
    return round(moment.astimezone(UTC).timestamp() * 1000)


class WithProgress:
    """Lines with a line after each batch that says how far it is, and from where to go on."""

    def __init__(self, writer: Writer, total: int) -> None:
        self.writer, self.total, self.rows = writer, total, 0

    def batch(self, table: pa.Table) -> bytes:
        if not table.num_rows:
            return b""
        self.rows += table.num_rows
        return self.writer.batch(table) + self._line(table.column("cursor")[-1].as_py())

    def end(self) -> bytes:
        return self._line(None)

    def _line(self, cursor: Any) -> bytes:
        """`cursor` is null when everything has been sent."""
        told = {"progress": {"rows": self.rows, "total": self.total, "cursor": cursor}}
        return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)
