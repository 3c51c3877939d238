"""What reports are about, in words: the list of all of them, and the columns of each."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from dashboard.reporting.goal_columns import CART, NAMES, ORDER
from dashboard.reporting.metric_names import title_of
from dashboard.reporting.part import Part
from dashboard.reporting.report import Report
from dashboard.reporting.table import LABEL, Columns

# What the columns of `Goals.get` are called for orders and for carts; elsewhere they are not told.
ORDERS = {
    "nb_conversions": "Ecommerce Orders",
    "nb_visits_converted": "Visits with Conversions",
    "conversion_rate": "Conversion Rate",
    "revenue": "Revenue",
    "revenue_subtotal": "Subtotal",
    "revenue_tax": "Tax",
    "revenue_shipping": "Shipping",
    "revenue_discount": "Discount",
    "items": "Purchased Products",
    "avg_order_revenue": "Average Order Value",
}
CARTS = {
    "nb_conversions": "Abandoned Carts",
    "conversion_rate": "Conversion Rate",
    "revenue": "Revenue left in cart",
    "items": "Products left in cart",
    "avg_order_revenue": "Average Order Value",
}
SOLD: Mapping[str, Mapping[str, str]] = {NAMES[ORDER]: ORDERS, NAMES[CART]: CARTS}


def columns_of(report: Report, part: Part) -> dict[str, str]:
    """Return the columns that people see of a report and what they are called, its label first."""
    goal = part.parameters.text("idGoal")
    if report.name == "Goals.get" and goal in SOLD:
        return dict(SOLD[goal])
    names = {column: report.names.get(column) or title_of(column) for column in report.columns}
    if report.has_goals and has_goals(part):
        names |= {column: title_of(column) for column in goal_columns_of(part)}
    return {LABEL: report.dimension, **names} if report.dimension else names


def goal_columns_of(part: Part) -> Iterator[str]:
    if part.parameters.flag("filter_update_columns_when_show_all_goals"):
        yield "conversion_rate"
    yield "revenue"


def has_goals(part: Part) -> bool:
    return bool(part.goals) or part.site.ecommerce


def entries(reports: Iterable[Report], part: Part) -> list[Columns]:
    """Return what there is to be asked about a site: one entry for each report, goal and custom dimension."""
    listed = [entry for report in reports if report.title for entry in entries_of(report, part)]
    return sorted(listed, key=lambda entry: (str(entry["category"]), int(entry["order"]), str(entry["uniqueId"])))


def entries_of(report: Report, part: Part) -> Iterator[Columns]:
    if report.name == "CustomDimensions.getCustomDimension":
        for dimension in part.dimensions.values():
            if dimension.active:
                yield entry(report, part, {"idDimension": str(dimension.id)}, dimension.name)
        return
    yield entry(report, part, dict(report.parameters))
    if report.name == "Goals.get":
        yield from goals_of(report, part)


def goals_of(report: Report, part: Part) -> Iterator[Columns]:
    for goal in part.goals.values():
        yield entry(report, part, {"idGoal": str(goal.id)}, f'Goal "{goal.name}"')
    if part.site.ecommerce:
        yield entry(report, part, {"idGoal": NAMES[ORDER]}, "Ecommerce")
        yield entry(report, part, {"idGoal": NAMES[CART]}, "Abandoned Carts")


def asked_entry(report: Report, part: Part) -> Columns:
    """Return the entry that a call is about: of the goal or dimension that it names, if it names one."""
    own = entry(report, part, dict(report.parameters))
    named = (each for each in entries_of(report, part) if is_named(each.get("parameters", {}), part))
    return max(named, key=lambda each: len(each.get("parameters", {})), default=own)


def is_named(parameters: Mapping[str, str], part: Part) -> bool:
    return all(part.parameters.text(name).strip() == value for name, value in parameters.items())


def entry(report: Report, part: Part, parameters: dict[str, str], name: str = "") -> Columns:
    names = columns_of(report, replace(part, parameters=part.parameters.changed(**parameters)))
    metrics = {column: title for column, title in names.items() if column != LABEL and column not in report.processed}
    found: dict[str, Any] = {
        "category": report.category,
        "subcategory": report.subcategory,
        "name": name or report.title,
        "module": report.module,
        "action": report.action,
        **({"parameters": parameters} if parameters else {}),
        **({"dimension": report.dimension} if report.dimension else {}),
        "metrics": metrics,
        "processedMetrics": {column: title for column, title in names.items() if column in report.processed},
        "order": report.order,
        "uniqueId": unique_id(report, parameters),
    }
    if report.below:
        found["actionToLoadSubTables"] = report.below
    return found


def unique_id(report: Report, parameters: Mapping[str, str]) -> str:
    told = (f"{name}--{value}" for name, value in sorted(parameters.items()))
    return "_".join([report.module, report.action, *told])
