"""The reports as methods of the API: each row of the tables of reports, finished as the call wants it."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from dashboard.api_access import at_sites
from dashboard.api_calls import Call, Method
from dashboard.reporting import (
    action_totals,
    contents,
    conversions,
    devices,
    dimensions,
    events,
    items,
    links,
    multisites,
    pages,
    people,
    performance,
    places,
    referrers,
    searches,
    single_pages,
    times,
    together,
    visits,
)
from dashboard.reporting.asked import Asked, answered
from dashboard.reporting.described import entries
from dashboard.reporting.evolution import row_evolution
from dashboard.reporting.filters import finished
from dashboard.reporting.processed import processed_report
from dashboard.reporting.report import Report
from dashboard.reporting.table import Result

TABLES = (
    visits,
    times,
    single_pages,
    places,
    referrers,
    people,
    links,
    devices,
    action_totals,
    pages,
    searches,
    events,
    contents,
    performance,
    conversions,
    items,
    dimensions,
    multisites,
)
REPORTS: dict[str, Report] = {report.name: report for table in TABLES for report in table.REPORTS}
EVERYTHING = Report(name="API.get", answer=partial(together.everything, REPORTS))


def answer(report: Report, call: Call) -> Result:
    currencies = {site.id: site.currency for site in Asked(call).sites()}
    return finished(answered(report, call), call.parameters, currencies)


def metadata(call: Call) -> list[dict[str, Any]]:
    """Answer `API.getReportMetadata`: what there is to be asked about sites."""
    asked = Asked(replace(call, parameters=call.parameters.changed(period="day", date="today")))
    return [entry for part in asked.parts() for entry in entries(REPORTS.values(), part)]


def about_reports(name: str, answer: Callable[[Call, dict[str, Report]], dict[str, Any]]) -> Method:
    return Method(name, at_sites("view"), lambda call: answer(call, REPORTS))


METHODS = (
    *multisites.METHODS,
    *referrers.METHODS,
    *(Method(report.name, at_sites("view"), partial(answer, report)) for report in (*REPORTS.values(), EVERYTHING)),
    Method("API.getReportMetadata", at_sites("view"), metadata),
    about_reports("API.getProcessedReport", processed_report),
    about_reports("API.getRowEvolution", row_evolution),
)
