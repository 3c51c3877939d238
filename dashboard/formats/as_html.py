"""Answers as a table of HTML."""

from collections.abc import Iterable
from html import escape

from dashboard.api_parameters import Parameters
from dashboard.formats.as_csv import NOTHING, text_of
from dashboard.formats.shapes import Answer
from dashboard.formats.tabular import Grid, grid_of


def html_of(answer: Answer, parameters: Parameters) -> str:
    return table_of(grid_of(answer, parameters.flag("translateColumnNames")))


def html_error(message: str) -> str:
    return f"<p>Error: {escape(message)}</p>"


def table_of(grid: Grid) -> str:
    if not grid.lines:
        return NOTHING
    body = "\n".join(line_of("td", line) for line in grid.lines)
    return f'<table border="1">\n<thead>\n{line_of("th", grid.names)}\n</thead>\n<tbody>\n{body}\n</tbody>\n</table>'


def line_of(tag: str, values: Iterable[object]) -> str:
    cells = (f"<{tag}>{escape(text_of(value))}</{tag}>" for value in values)
    return f"<tr>{''.join(cells)}</tr>"
