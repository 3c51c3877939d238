"""How one row of a report, or several side by side, went from period to period."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_plus

from dashboard.api_calls import Call
from dashboard.api_parameters import ApiError
from dashboard.reporting.asked import Asked, answered
from dashboard.reporting.described import columns_of
from dashboard.reporting.filters import finished
from dashboard.reporting.processed import report_named, with_processed
from dashboard.reporting.report import Report
from dashboard.reporting.table import LABEL, Columns, Result, ResultMap, Row, Table

SEPARATOR = ">"  # Between the labels that lead to a row.
MOST_LABELS = 100
# What asks for some of the rows of a table stands for which rows are followed here, not for what is shown of each.
OF_TABLES = ("label", "filter_limit", "filter_offset", "filter_sort_column", "filter_sort_order", "expanded", "flat")


class NoEvolution(ApiError):
    """Raised if there is nothing to follow from period to period."""


def row_evolution(call: Call, reports: Mapping[str, Report]) -> dict[str, Any]:
    """Answer `API.getRowEvolution`: one row with all its metrics, or one metric of several rows."""
    report = report_named(call, reports)
    asked = Asked(call)
    if asked.has_several_sites or not asked.has_several_dates:
        raise NoEvolution("An evolution has one website and several dates, such as date=last30.")
    if not report.dimension:
        raise NoEvolution(f"{report.name} has no rows to follow.")
    site = asked.sites()[0]
    part = asked.part(site, asked.periods(site)[0])
    whole = replace(call, parameters=call.parameters.changed(**dict.fromkeys(OF_TABLES, "")))
    tables = with_processed(answered(report, whole), report, part)
    assert isinstance(tables, ResultMap)
    titles = {column: title for column, title in columns_of(report, part).items() if column != LABEL}
    labels = labels_of(call) or first_labels(tables, call, next(iter(titles)))
    if len(labels) == 1 and labels_of(call):
        return one_row(tables, labels[0], titles, whole)
    column = call.parameters.text("column") or next(iter(titles))
    return rows_side_by_side(tables, labels, column, titles.get(column, column), whole)


def labels_of(call: Call) -> list[str]:
    """Return the labels that were asked for: several are separated by commas, and each is encoded once more."""
    values = call.parameters.values("label")
    labels = [label for value in values for label in value.split(",")] if len(values) == 1 else values
    return [label.strip() for label in labels if label.strip()][:MOST_LABELS]


def first_labels(tables: ResultMap, call: Call, column: str) -> list[str]:
    """Return the labels of the rows that had most in all periods together."""
    sums: dict[str, float] = {}
    for table in tables.entries.values():
        for row in table if isinstance(table, Table) else ():
            sums[row.label] = sums.get(row.label, 0) + (row.columns.get(column) or 0)
    limit = call.parameters.count("filter_limit")
    ranked = sorted(sums, key=lambda label: -sums[label])
    return [encoded(label) for label in ranked[: MOST_LABELS if limit is None else limit]]


def encoded(label: str) -> str:
    """Return a label as it is asked for: what has a meaning there stands for itself."""
    marks = {"%": "%25", SEPARATOR: "%3E", ",": "%2C", "+": "%2B"}
    return "".join(marks.get(letter, letter) for letter in label)


def found_rows(tables: ResultMap, label: str, call: Call) -> dict[str, Row | None]:
    """Return a row in each period, None where it is missing."""
    chosen = finished(tables, call.parameters.changed(label=label))
    assert isinstance(chosen, ResultMap)
    return {key: first_row(result) for key, result in chosen.entries.items()}


def first_row(result: Result) -> Row | None:
    return next(iter(result), None) if isinstance(result, Table) else None


def one_row(tables: ResultMap, label: str, titles: Mapping[str, str], call: Call) -> dict[str, Any]:
    rows = found_rows(tables, label, call)
    kept = {key: [columns_in(row, titles)] if row else [] for key, row in rows.items()}
    numbers = found_rows(tables, label, replace(call, parameters=call.parameters.changed(format_metrics="0")))
    metrics = {
        column: {"name": title, **extremes(row.columns.get(column) if row else 0 for row in numbers.values())}
        for column, title in titles.items()
    }
    return {
        "label": name_of(rows.values(), label),
        "reportData": kept,
        "metadata": {"metrics": metrics},
    }


def numbers_of(found: Iterable[Mapping[str, Row | None]], column: str, key: str) -> Columns:
    rows = [rows[key] for rows in found]
    return {f"{column}_{number}": row.columns.get(column, 0) if row else 0 for number, row in enumerate(rows)}


def columns_in(row: Row, titles: Mapping[str, str]) -> Columns:
    return {column: row.columns[column] for column in titles if column in row.columns}


def name_of(rows: Iterable[Row | None], label: str) -> str:
    """Return what a row is called: a page by its address, everything else by its labels."""
    known = next((row for row in rows if row), None)
    if known and (url := str(known.metadata.get("url", ""))):
        return url.partition("://")[2].removeprefix("www.") or url
    parts = [unquote_plus(part).strip() for part in label.split(SEPARATOR)]
    return " - ".join(parts)


def extremes(values: Iterable[Any]) -> dict[str, Any]:
    """Return the least and the largest value, and the change from the first to the last one."""
    numbers = [value if isinstance(value, int | float) else 0 for value in values]
    first, last = numbers[0], numbers[-1]
    change = f"{100 * (last - first) / first:+.0f}%" if first else "+100%" if last else "0%"
    return {"min": min(numbers), "max": max(numbers), "change": change}


def rows_side_by_side(tables: ResultMap, labels: list[str], column: str, title: str, call: Call) -> dict[str, Any]:
    """Return one metric of several rows, in columns of their own."""
    found = [found_rows(tables, label, call) for label in labels]
    anything = any(row for rows in found for row in rows.values())
    data = {key: [numbers_of(found, column, key)] if anything else [] for key in tables.entries}
    names = [name_of(rows.values(), label) for rows, label in zip(found, labels, strict=True)]
    metrics = {
        f"{column}_{number}": {
            "name": f"{name} ({title})",
            **extremes(row.columns.get(column) if row else 0 for row in rows.values()),
        }
        for number, (name, rows) in enumerate(zip(names, found, strict=True))
    }
    return {"column": column, "reportData": data, "metadata": {"metrics": metrics, "columns": {column: title}}}
