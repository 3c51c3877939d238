"""How fast a site's pages were, all of them together: `PagePerformance.get`."""

from collections.abc import Mapping
from typing import Any

from dashboard.reporting.page_timings import PARTS
from dashboard.reporting.part import Part
from dashboard.reporting.rates import quotient
from dashboard.reporting.report import Report
from dashboard.reporting.table import Columns, Single

WHOLE = "page_load"
AVERAGES = (*(f"avg_time_{name}" for name in PARTS), "avg_page_load_time")
# What totals are called among the numbers of `API.get`.
TOTALS = {
    "network": "network",
    "server": "server",
    "transfer": "transfer",
    "dom_processing": "domprocessing",
    "dom_completion": "domcompletion",
    "on_load": "onload",
    WHOLE: "pageload",
}


def speed(part: Part) -> Single:
    """Return how long pages took on average, in seconds. Raises DatabaseUnavailable."""
    (row,) = part.rows("timings_summary")
    columns = {f"avg_time_{name}": seconds(row, name) for name in PARTS}
    return Single({**columns, "avg_page_load_time": seconds(row, WHOLE)}, empty=not row[f"nb_hits_with_time_{WHOLE}"])


def seconds(row: Mapping[str, Any], name: str) -> float:
    return quotient((row[f"sum_time_{name}"] or 0) / 1000, row[f"nb_hits_with_time_{name}"], 2)


def totals(part: Part) -> Columns:
    """Return sums and counts as `API.get` tells them. Raises DatabaseUnavailable."""
    (row,) = part.rows("timings_summary")
    found: Columns = {}
    for name, called in TOTALS.items():
        # One of them has always been called so.
        time = "servery" if called == "server" else called
        found[f"PagePerformance_{time}_time"] = (row[f"sum_time_{name}"] or 0) / 1000
        found[f"PagePerformance_{called}_hits"] = row[f"nb_hits_with_time_{name}"]
    return found


REPORTS: tuple[Report, ...] = (
    Report(
        name="PagePerformance.get",
        answer=speed,
        title="Performance overview",
        category="Actions",
        subcategory="Performance",
        metrics=AVERAGES,
        order=26,
    ),
)
