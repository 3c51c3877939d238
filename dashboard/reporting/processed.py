"""A report with all that is needed to show it: names of its columns, rows as people read them, and their totals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dashboard.api_calls import Call
from dashboard.api_parameters import ApiError
from dashboard.formats.shapes import VALUE
from dashboard.reporting.asked import Asked, answered
from dashboard.reporting.described import asked_entry, columns_of, has_goals
from dashboard.reporting.extra_columns import OF_VISITS
from dashboard.reporting.filters import finished
from dashboard.reporting.goal_columns import NAMES
from dashboard.reporting.part import Part
from dashboard.reporting.periods import pretty
from dashboard.reporting.report import Report
from dashboard.reporting.table import LABEL, Columns, Result, ResultMap, Row, Single, Table, added, is_of_people

IN_TOTALS = "nb_actions_per_visit"  # The one average that totals have, too.


class UnknownReport(ApiError):
    """Raised if a site has no such report."""

    def __init__(self, name: str, site: int) -> None:
        super().__init__(
            f"Requested report {name[:100]} for Website id={site} not found in the list of available reports."
        )


class OneSiteOnly(ApiError):
    """Raised if a processed report is asked of several sites: its names are those of one."""

    def __init__(self) -> None:
        super().__init__("API.getProcessedReport answers for one website at a time.")


def report_named(call: Call, reports: Mapping[str, Report]) -> Report:
    """Return the report that `apiModule` and `apiAction` name. Raises MissingParameter, UnknownReport."""
    given = call.parameters
    name = f"{given.required('apiModule')}.{given.required('apiAction')}"
    report, goal = reports.get(name), given.text("idGoal")
    if report is None or not report.title or (goal and not is_goal(goal, call)):
        raise UnknownReport(name, call.site)
    return report


def is_goal(text: str, call: Call) -> bool:
    return text in NAMES.values() or text in {str(goal.id) for goal in call.registry.goals(call.site)}


def processed_report(call: Call, reports: Mapping[str, Report]) -> dict[str, Any]:
    """Answer `API.getProcessedReport`: website, dates, names, rows, what is known of rows, and totals.

    Raises UnknownReport, OneSiteOnly.
    """
    report = report_named(call, reports)
    shown = replace(call, parameters=call.parameters.changed(format_metrics=how(call)))
    asked = Asked(shown)
    if asked.has_several_sites:
        raise OneSiteOnly
    site = asked.sites()[0]
    periods = asked.periods(site)
    part = asked.part(site, periods[0])
    names = visible(columns_of(report, part), call)
    raw = with_processed(answered(report, shown), report, part)
    done = finished(raw, shown.parameters, {site.id: site.currency})
    titles = [pretty(period) for period in periods]
    return {
        "website": site.name,
        "prettyDate": titles[0] if len(titles) == 1 else f"{titles[0]} – {titles[-1]}",
        "metadata": asked_entry(report, part),
        "columns": names,
        "reportData": by_title(done, titles, lambda result: rows_of(result, names)),
        "reportMetadata": by_title(done, titles, metadata_of),
        "reportTotal": totals(raw, call),
    }


def how(call: Call) -> str:
    return call.parameters.text("format_metrics") or ("0" if call.parameters.flag("showRawMetrics") else "all")


def visible(names: dict[str, str], call: Call) -> dict[str, str]:
    """Return the columns that the call wants to see."""
    return {column: title for column, title in names.items() if column == LABEL or is_wanted(column, call)}


def is_wanted(column: str, call: Call) -> bool:
    shown, hidden = (call.parameters.texts(name) for name in ("showColumns", "hideColumns"))
    return column not in hidden and (not shown or column in shown)


def with_processed(result: Result, report: Report, part: Part) -> Result:
    """Return a report that also computes what people see of it."""
    if isinstance(result, ResultMap):
        return replace(result, entries={k: with_processed(e, report, part) for k, e in result.entries.items()})
    if not isinstance(result, Table):
        return result
    more = {name: OF_VISITS[name] for name in report.processed if name in OF_VISITS}
    shown = (*report.metrics, *(["revenue"] if report.has_goals and has_goals(part) else []))
    counted = [column for column in shown if column not in result.processed]
    rows = [filled(row, counted) for row in result]
    return replace(result, rows=rows, processed={**more, **result.processed})


def filled(row: Row, columns: Sequence[str]) -> Row:
    """Return a row in which numbers that it lacks are 0, and so in the rows below it."""
    missing = {column: 0 for column in columns if row.columns.get(column) is None}
    below = row.table and replace(row.table, rows=[filled(inner, columns) for inner in row.table])
    return replace(row, columns={**row.columns, **missing}, table=below)


def by_title(result: Result, titles: list[str], read: Callable[[Result], Any]) -> Any:
    if not isinstance(result, ResultMap):
        return read(result)
    # A row about nothing is an empty list among others.
    found = ([] if isinstance(entry, Single) and entry.empty else read(entry) for entry in result.entries.values())
    return dict(zip(titles, found, strict=True))


def rows_of(result: Result, names: Mapping[str, str]) -> Any:
    """Return the rows with the columns that have names; numbers that a row lacks are 0."""
    if isinstance(result, Table):
        return [{**row_of(row.columns, names), **extra(row.columns)} for row in result]
    if isinstance(result, Single):
        found = {column: value for column, value in result.columns.items() if column in names}
        if len(found) == 1:
            return {VALUE: next(iter(found.values()))}
        return found
    return {VALUE: result}


def row_of(columns: Columns, names: Mapping[str, str]) -> Columns:
    return {column: columns.get(column, 0) for column in names}


def extra(columns: Columns) -> Columns:
    return {column: value for column, value in columns.items() if column.startswith("goal_")}


def metadata_of(result: Result) -> Any:
    return [row.metadata for row in result] if isinstance(result, Table) else []


def totals(result: Result, call: Call) -> Any:
    """Return the sums of all rows, whatever is shown of them."""
    entries = result.entries.values() if isinstance(result, ResultMap) else [result]
    rows = [row.columns for entry in entries if isinstance(entry, Table) for row in entry]
    if not any(isinstance(entry, Table) for entry in entries):
        return []
    found = people(rows) | added(rows)
    if any(isinstance(entry, Table) and IN_TOTALS in entry.processed for entry in entries):
        found[IN_TOTALS] = OF_VISITS[IN_TOTALS](found)
    return {column: value for column, value in found.items() if is_wanted(column, call)}


def people(rows: list[Columns]) -> Columns:
    """Return how many people all rows have, somebody in two rows twice."""
    names = dict.fromkeys(name for row in rows for name in row if is_of_people(name))
    return {name: sum(row.get(name, 0) for row in rows) for name in names}
