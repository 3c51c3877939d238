"""Any question's answer as a file: all of its rows, in batches, as CSV or Arrow."""

from collections.abc import AsyncIterator, Iterable
from functools import partial
from typing import Any

import pyarrow as pa
from starlette.responses import Response, StreamingResponse

from dashboard.period import Period
from dashboard.v1.asked import Asked, asked
from dashboard.v1.endpoints import Use
from dashboard.v1.inputs import ASKED, Input
from dashboard.v1.kinds import Choice
from dashboard.v1.numbers import Line, Lines, Numbers
from dashboard.v1.query import FOLDED
from dashboard.v1.vocabulary import Dimension, Metric
from dashboard.v1.writing import FORMS, streamed
from sql.clickhouse import Database

BATCH = 50_000  # Rows.
FORMATS = ("csv", "arrow")
INPUTS = (*ASKED, Input("format", Choice(FORMATS), "How it is written.", "csv"))
TOTAL = "X-Total-Rows"
HEADERS = {TOTAL: "How many rows the file has.", "Content-Disposition": "A name for the file."}


async def export(use: Use) -> Response:
    """Answer with all rows. The first batch is asked for before anything is sent: a refusal is one."""
    question, form = asked(use.given, use.site, use.now), FORMS[use.given["format"]]
    first = await use.ask(partial(batch, asked=question, offset=0, most=use.guard.limits.rows))
    headers = {TOTAL: str(first.total), **named("numbers", use, question.period, form.ending)}
    return StreamingResponse(
        streamed(form.writer(), tables(use, question, first)), headers=headers, media_type=form.media_type
    )


def named(what: str, use: Use, period: Period, ending: str) -> dict[str, str]:
    name = f"pegel-{what}-{use.site.site.id}-{period.first}-{period.last}.{ending}"
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def batch(database: Database, asked: Asked, offset: int, most: int) -> Lines:
    return Numbers(database, asked).page(asked.bounds, min(BATCH, most), offset)


async def tables(use: Use, question: Asked, lines: Lines) -> AsyncIterator[pa.Table]:
    """Yield all rows; each further batch waits for its turn."""
    yield table_of(lines.lines, question)
    offset = len(lines.lines)
    while lines.lines and offset < lines.total:
        following = partial(batch, asked=question, offset=offset, most=use.guard.limits.rows)
        lines = await use.ask_patiently(following)
        offset += len(lines.lines)
        yield table_of(lines.lines, question)


def table_of(lines: list[Line], question: Asked) -> pa.Table:
    """Return lines as columns; where a site folds rows there is a column that says which one that is."""
    columns = [*dimension_columns(lines, question), *metric_columns(lines, question.metrics)]
    if question.known.site.fewest_visitors > 1:
        columns.append((FOLDED, pa.array([line.folded for line in lines], pa.bool_())))
    return pa.table(dict(columns))


def dimension_columns(lines: list[Line], question: Asked) -> Iterable[tuple[str, Any]]:
    zone = question.known.zone
    for place, dimension in enumerate(question.dimensions):
        values = [None if line.folded else dimension.value(line.labels[place], zone) for line in lines]
        yield dimension.name, pa.array(values, type_of(dimension))


def type_of(dimension: Dimension) -> pa.DataType:
    return pa.int64() if dimension.is_whole else pa.string()


def metric_columns(lines: list[Line], metrics: Iterable[Metric]) -> Iterable[tuple[str, Any]]:
    for metric in metrics:
        kind = pa.int64() if metric.is_whole else pa.float64()
        yield metric.name, pa.array([metric.value(line.numbers[metric.name]) for line in lines], kind)
