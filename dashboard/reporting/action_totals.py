"""How much was done on a site, in one row: `Actions.get`."""

from dashboard.reporting.part import Part
from dashboard.reporting.report import Report
from dashboard.reporting.table import Single

METRICS = (
    *("nb_pageviews", "nb_uniq_pageviews", "nb_downloads", "nb_uniq_downloads"),
    *("nb_outlinks", "nb_uniq_outlinks", "nb_searches", "nb_keywords"),
)


def totals(part: Part) -> Single:
    """Return the numbers, or those of them that `columns` names. Raises DatabaseUnavailable."""
    (row,) = part.rows("actions_summary")
    wanted = part.parameters.texts("columns") or METRICS
    return Single({column: row[column] for column in METRICS if column in wanted}, empty=not any(row.values()))


REPORTS: tuple[Report, ...] = (
    Report(
        name="Actions.get",
        answer=totals,
        title="Actions - Main metrics",
        category="Actions",
        subcategory="Actions",
        metrics=METRICS,
        order=1,
    ),
)
