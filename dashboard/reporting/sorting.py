"""In which order rows stand: by a number or a text, and what decides between rows that have the same."""

import re
from dataclasses import replace
from typing import Any

from dashboard.api_parameters import BadParameter
from dashboard.reporting.table import LABEL, Row, Table, value_of
from dashboard.reporting.wishes import Wishes

VISITS = "nb_visits"
ORDERS = {"": True, "desc": True, "asc": False}
DIGITS = re.compile("[0-9]+")
BLANKS = re.compile(r"\s+")
A_NUMBER = "0"  # Where numbers stand among other letters.
LONGEST = 0x10FFFF

Natural = tuple[str, int, str]


def in_order(table: Table, wishes: Wishes) -> Table:
    """Sort a table by the column that was asked for, or by its own. Raises BadParameter."""
    asked = wishes.parameters.text("filter_sort_column").strip()
    order = wishes.parameters.text("filter_sort_order").strip().lower()
    if order not in ORDERS:
        raise BadParameter("filter_sort_order", order, "desc or asc")
    column = known_column(table, asked or table.sort)
    return sorted_by(table, column, ORDERS[order]) if column else table


def known_column(table: Table, asked: str | None) -> str | None:
    """Return the column to sort by: one that no row has gives way to its daily sum, and that to visits."""
    if asked is None:
        return None
    names = (asked, f"sum_daily_{asked}", VISITS)
    return next((name for name in names if any(value(table, row, name) is not None for row in table)), None)


def sorted_by(table: Table, column: str, descending: bool) -> Table:
    """Return a table whose rows without the column, and the row that adds up others, stand last."""
    summary = [row for row in table if row.is_summary]
    usual = sorted((row for row in table if not row.is_summary), key=natural_label, reverse=not descending)
    valued = [(value(table, row, column), row) for row in usual]
    found = [(each, row) for each, row in valued if each is not None]
    without = [row for each, row in valued if each is None]
    if any(isinstance(each, str) for each, _ in found):
        found.sort(key=lambda pair: natural(str(pair[0])), reverse=descending)
    else:
        if column != VISITS:
            found.sort(key=lambda pair: pair[1].columns.get(VISITS) or 0, reverse=descending)
        found.sort(key=lambda pair: pair[0], reverse=descending)
    return replace(table, rows=[*(row for _, row in found), *without, *summary])


def value(table: Table, row: Row, column: str) -> Any:
    found = value_of(row, column, table.processed)
    return found if isinstance(found, str | int | float) else None


def natural_label(row: Row) -> Natural:
    return natural(str(row.columns.get(LABEL, "")))


def natural(text: str) -> Natural:
    """Return a key that sorts texts as people do: `2` before `10`, and neither case nor blanks matter at first."""
    return DIGITS.sub(number, BLANKS.sub("", text.upper())), len(text), text


def number(found: re.Match[str]) -> str:
    """Return a number so that letters order it: before its figures stands how many they are."""
    figures = found[0].lstrip("0")
    return f"{A_NUMBER}{chr(min(len(figures), LONGEST))}{figures}"
