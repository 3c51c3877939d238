"""Reports of custom dimensions: the visits with each value, or the actions with it and the pages they were on."""

from collections.abc import Mapping
from typing import Any

from dashboard.api_parameters import ApiError
from dashboard.reporting.actions import daily, people
from dashboard.reporting.goal_columns import goals_by
from dashboard.reporting.page_paths import encoded
from dashboard.reporting.page_timings import AVERAGES, PARTS, timings_of
from dashboard.reporting.part import Part
from dashboard.reporting.rates import quotient
from dashboard.reporting.report import Report
from dashboard.reporting.table import LABEL, Columns, Processed, Row, Table
from dashboard.reporting.visits import RATES, rates, visits_by
from sql.dimensions import Dimension

NOT_DEFINED = "Value not defined"  # What an empty value is called; a visit that nobody told a value has no row.
HAS_VALUE = "1"
OF_ACTIONS: Mapping[str, Processed] = {
    **AVERAGES,
    "avg_time_on_dimension": lambda row: quotient(row["sum_time_spent"], row["nb_hits"], 0),
    "bounce_rate": lambda row: quotient(row["bounce_count"], row["nb_visits"], 2),
    "exit_rate": lambda row: quotient(row["exit_nb_visits"], row["nb_visits"], 2),
}
UNMEASURED = {f"{what}_time_{name}": 0 for name in PARTS for what in ("sum", "nb_hits_with", "min", "max")}

Pages = dict[str, Columns]  # By their addresses; '' is all of a value's pages together.


class UnknownDimension(ApiError):
    """Raised if a site has no such custom dimension, or does not use it any more."""

    def __init__(self, site: int, id: int, problem: str) -> None:
        super().__init__(f"Dimension {id} for website {site} {problem}.")


def custom_dimension(part: Part) -> Table:
    """Answer CustomDimensions.getCustomDimension. Raises MissingParameter, BadParameter, UnknownDimension."""
    dimension = dimension_asked(part)
    return of_visits(part, dimension) if dimension.scope == "visit" else of_actions(part, dimension)


def dimension_asked(part: Part) -> Dimension:
    id = part.parameters.number("idDimension")
    dimension = part.dimensions.get(id)
    if dimension is None:
        raise UnknownDimension(part.site.id, id, "does not exist")
    if not dimension.active:
        raise UnknownDimension(part.site.id, id, "is not active")
    return dimension


def of_visits(part: Part, dimension: Dimension) -> Table:
    """Return a row for each value that visits ended with; conversions count for the value that they came with."""
    asked = ("custom_dimension", "has_custom_dimension")
    visits = visits_by(part, *asked, custom=dimension.id)
    goals = goals_by(part, *asked, custom=dimension.id)
    rows = [
        Row({LABEL: value or NOT_DEFINED, "nb_visits": 0, **visits.get(key, {}), **goals.get(key, {})}, segment)
        for key in dict.fromkeys([*visits, *goals])
        if key[1] == HAS_VALUE
        for value, segment in [(key[0], {"segment": segment_of(dimension, key[0])})]
    ]
    return Table(rows, rates())


def of_actions(part: Part, dimension: Dimension) -> Table:
    rows = [value_row(dimension, value, pages) for value, pages in pages_by_value(part, dimension).items()]
    return Table(rows, OF_ACTIONS, flat_names=(f"CustomDimension_CustomDimension{dimension.id}",))


def pages_by_value(part: Part, dimension: Dimension) -> dict[str, Pages]:
    found: dict[str, Pages] = {}
    for row in part.rows("dimension_actions", custom=str(dimension.id), daily=daily(part)):
        found.setdefault(row["value"], {})[row["page"]] = {**columns_of(part, row), **UNMEASURED}
    for row in part.rows("dimension_timings", custom=str(dimension.id)):
        if row["page"] in found.get(row["value"], {}):
            found[row["value"]][row["page"]] |= timings_of(row)
    return found


def columns_of(part: Part, row: Mapping[str, Any]) -> Columns:
    columns = ("nb_hits", "sum_time_spent", "bounce_count", "exit_nb_visits")
    return {"nb_visits": row["nb_visits"], **people(part, row), **{column: row[column] for column in columns}}


def value_row(dimension: Dimension, value: str, pages: Pages) -> Row:
    """Return the row of a value and its pages; a visit counts once for each page, as in folders of pages."""
    rows = [page_row(dimension, value, page, columns) for page, columns in pages.items() if page]
    columns = {**pages[""], "nb_visits": sum(row.columns["nb_visits"] for row in rows)}
    segment = {"segment": segment_of(dimension, value)}
    return Row({LABEL: value or NOT_DEFINED, **columns}, segment, Table(rows, OF_ACTIONS))


def page_row(dimension: Dimension, value: str, page: str, columns: Columns) -> Row:
    """Return the row of a page; without a value, there is no segment that would pick its visits."""
    segment = f"{segment_of(dimension, value)};actionUrl=${encoded(page)}"
    return Row({LABEL: page, **columns}, {"segment": segment, "url": encoded(page)} if value else {})


def segment_of(dimension: Dimension, value: str) -> str:
    return f"dimension{dimension.id}=={encoded(value)}"


REPORTS: tuple[Report, ...] = (
    Report(
        name="CustomDimensions.getCustomDimension",
        answer=custom_dimension,
        title="Custom Dimensions",
        category="Visitors",
        subcategory="Custom Dimensions",
        dimension="Value",
        metrics=("nb_visits", "nb_uniq_visitors", "nb_actions"),
        processed=tuple(RATES),
        has_goals=True,
        order=100,
    ),
)
