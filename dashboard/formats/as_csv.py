"""Answers as text with a line for each row, for spreadsheets: values between commas (CSV) or tabs (TSV)."""

import re
from collections.abc import Iterable
from functools import partial

from dashboard.api_parameters import Parameters
from dashboard.formats.shapes import Answer
from dashboard.formats.tabular import grid_of

NOTHING = "No data available"
COMMA, TAB = ",", "\t"
QUOTED = re.compile('[",;\t\r\n]')
# A spreadsheet takes what begins like this for a formula and runs it; numbers do so too, and are none. Some do not
# mind blanks before it, and every page title begins with one.
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)*%?")
NOT_TEXT = re.compile("[\x00\ud800-\udfff]")


def separated(answer: Answer, parameters: Parameters, separator: str) -> str:
    grid = grid_of(answer, parameters.flag("translateColumnNames"))
    if not grid.lines:
        return NOTHING
    lines: list[Iterable[object]] = [grid.names, *grid.lines]
    return "\n".join(separator.join(map(cell, line)) for line in lines)


csv_of = partial(separated, separator=COMMA)
tsv_of = partial(separated, separator=TAB)


def csv_error(message: str) -> str:
    return f"Error: {message}"


def cell(value: object) -> str:
    if not isinstance(value, str):
        return text_of(value)
    text = harmless(text_of(value))
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if QUOTED.search(text) else text


def text_of(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return "" if value is None else NOT_TEXT.sub("", str(value))


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text.strip(" ")) else text
