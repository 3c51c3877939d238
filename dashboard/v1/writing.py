"""How exported rows are written: lines of JSON, CSV for spreadsheets, or Arrow; one batch after another."""

import io
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import orjson
import pyarrow as pa

from dashboard import DashboardError
from dashboard.formats.as_csv import cell
from dashboard.query_guard import ReaderGone, TooBusy
from sql.clickhouse import DatabaseUnavailable

log = logging.getLogger(__name__)

NDJSON, CSV, ARROW = "application/x-ndjson", "text/csv; charset=utf-8", "application/vnd.apache.arrow.stream"
# As Excel and our other answers end lines; what stands inside quotes keeps its own.
LINE_END = "\r\n"
AT_ONCE = 1000  # Rows that are Python's objects at a time: these take ten times as much as a table does.


class BrokenOff(DashboardError):
    """Raised if a file that is half sent cannot be finished; then nothing can be said any more."""


class Writer(Protocol):
    """Writes batches of one table; each piece is to be sent as it comes."""

    def batch(self, table: pa.Table) -> bytes: ...

    def end(self) -> bytes: ...


class Lines:
    """A JSON object on each line."""

    def batch(self, table: pa.Table) -> bytes:
        content = bytearray()
        for row in plain_rows(table):  # Joined at the end they would take twenty times as much: each has room to grow.
            content += orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
        return bytes(content)

    def end(self) -> bytes:
        return b""


class Csv:
    """Values between commas; no text is taken for a formula, and what has parts is JSON."""

    def __init__(self) -> None:
        self.begun = False

    def batch(self, table: pa.Table) -> bytes:
        lines = [] if self.begun else [line(table.column_names)]
        self.begun = True
        return "".join([*lines, *(line(row.values()) for row in plain_rows(table))]).encode()

    def end(self) -> bytes:
        return b""


class Arrow:
    """Arrow's stream: the schema, then batches as they come."""

    def __init__(self) -> None:
        self.sink = io.BytesIO()
        self.writer: Any = None

    def batch(self, table: pa.Table) -> bytes:
        if self.writer is None:
            self.writer = pa.ipc.new_stream(self.sink, table.schema)
        self.writer.write_table(table)
        return self._written()

    def end(self) -> bytes:
        if self.writer is not None:
            self.writer.close()
        return self._written()

    def _written(self) -> bytes:
        found = self.sink.getvalue()
        self.sink.seek(0)
        self.sink.truncate()
        return found


@dataclass(frozen=True, slots=True)
class Form:
    """A row of the table of forms."""

    media_type: str
    ending: str
    writer: Callable[[], Writer]


FORMS: Mapping[str, Form] = {
    "ndjson": Form(NDJSON, "ndjson", Lines),
    "csv": Form(CSV, "csv", Csv),
    "arrow": Form(ARROW, "arrows", Arrow),
}


def plain_rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    """Yield rows as JSON has them: maps are objects, moments are texts in UTC."""
    maps = {field.name for field in table.schema if pa.types.is_map(field.type)}
    for part in table.to_batches(max_chunksize=AT_ONCE):
        for row in part.to_pylist():
            yield {name: plain(value, name in maps) for name, value in row.items()}


def plain(value: object, is_map: bool) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return dict(value) if is_map and isinstance(value, list) else value


def line(values: Any) -> str:
    return ",".join(cell(written(value)) for value in values) + LINE_END


def written(value: object) -> object:
    """Return what stands in a cell."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return value


async def streamed(writer: Writer, tables: AsyncIterator[pa.Table]) -> AsyncIterator[bytes]:
    """Yield a document piece by piece. What goes wrong on the way breaks the connection: a part never seems whole."""
    try:
        async for table in tables:
            if piece := writer.batch(table):
                yield piece
    except ReaderGone:
        return
    except (DatabaseUnavailable, TooBusy) as error:
        log.warning("file broken off error=%s", error)
        raise BrokenOff("the rest of the file cannot be had") from error
    if piece := writer.end():
        yield piece
