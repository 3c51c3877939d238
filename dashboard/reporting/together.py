"""All reports without labels in one row: `API.get`."""

from collections.abc import Mapping
from dataclasses import replace

from dashboard.reporting import performance
from dashboard.reporting.part import Part
from dashboard.reporting.report import Report
from dashboard.reporting.table import Columns, Single

# Where two have a column of the same name, it means the same.
JOINED = ("VisitsSummary.get", "VisitFrequency.get", "Referrers.get", "PagePerformance.get", "Goals.get", "Actions.get")


def everything(reports: Mapping[str, Report], part: Part) -> Single:
    """Return all metrics of a site; if only some of them are wanted, no more is asked than it takes.

    Raises DatabaseUnavailable.
    """
    wanted = {*part.parameters.texts("columns"), *part.parameters.texts("showColumns")}
    whole = replace(part, parameters=part.parameters.changed(columns="", idGoal=""))
    found: Columns = {}
    empty = True
    for name in JOINED:
        if wanted and wanted <= found.keys():
            break
        single = reports[name].answer(whole)
        assert isinstance(single, Single)
        found = {**computed(single), **found}
        empty = empty and single.empty
    if not wanted:
        found = {**performance.totals(whole), **found}
    return Single({column: value for column, value in found.items() if not wanted or column in wanted}, empty=empty)


def computed(single: Single) -> Columns:
    return single.columns | {column: compute(single.columns) for column, compute in single.processed.items()}
