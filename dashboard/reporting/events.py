"""Events by category, action and name, each with one of the others within it: `Events.getCategory` and its like."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from dashboard.api_parameters import SHOWN, ApiError
from dashboard.reporting.actions import daily
from dashboard.reporting.page_paths import is_value
from dashboard.reporting.pairs import Pairs
from dashboard.reporting.part import Part
from dashboard.reporting.rates import quotient
from dashboard.reporting.report import Report
from dashboard.reporting.table import Table

COLUMNS = {"eventCategory": "event_category", "eventAction": "event_action", "eventName": "event_name"}
# What can be told within each; the first one unless another is wanted.
WITHIN = {
    "eventCategory": ("eventAction", "eventName"),
    "eventAction": ("eventName", "eventCategory"),
    "eventName": ("eventAction", "eventCategory"),
}
NOT_DEFINED = "Event Name not defined"


class NoSuchSecond(ApiError):
    """Raised if `secondaryDimension` is not one of the other texts of an event."""

    def __init__(self, value: str, outer: str) -> None:
        method, others = outer.replace("event", "get"), ", ".join(WITHIN[outer])
        super().__init__(
            f"Secondary dimension '{value[:SHOWN]}' is not valid for the API {method}. Use one of: {others}"
        )


def avg_event_value(row: Mapping[str, Any]) -> float:
    return quotient(row.get("sum_event_value") or 0, row.get("nb_events_with_value", 0), 2)


def events(part: Part, outer: str) -> Table:
    """Return events by one of their texts. Raises NoSuchSecond, DatabaseUnavailable."""
    wanted = part.parameters.text("secondaryDimension") or WITHIN[outer][0]
    if wanted not in WITHIN[outer]:
        raise NoSuchSecond(wanted, outer)
    return events_by(part, outer, wanted)


def within(part: Part, outer: str, inner: str) -> Table:
    """Return the table in which `idSubtable` names the row that is asked for. Raises MissingParameter."""
    part.parameters.required("idSubtable")
    return events_by(part, outer, inner)


def events_by(part: Part, outer: str, inner: str) -> Table:
    found = part.rows("events", outer_text=COLUMNS[outer], inner_text=COLUMNS[inner], daily=daily(part))
    segments = {row["outer"]: is_value(outer, row["outer"]) for row in found if row["outer"]}
    names = (flat_name(outer), flat_name(inner))
    return Pairs(NOT_DEFINED, {"avg_event_value": avg_event_value}, names).table(part, found, segments)


def flat_name(dimension: str) -> str:
    return f"Events_{dimension[:1].upper()}{dimension[1:]}"


METRICS = ("nb_events", "sum_event_value", "min_event_value", "max_event_value", "nb_events_with_value")


def report(name: str, answer: Callable[[Part], Table], title: str, **more: Any) -> Report:
    more = {"category": "Actions", "subcategory": "Events", "metrics": METRICS, **more}
    return Report(name=f"Events.{name}", answer=answer, title=title, processed=("avg_event_value",), **more)


def report_within(name: str, outer: str, inner: str) -> Report:
    return Report(name=f"Events.{name}", answer=partial(within, outer=outer, inner=inner))


REPORTS: tuple[Report, ...] = (
    report(
        "getCategory",
        partial(events, outer="eventCategory"),
        "Event Categories",
        dimension="Event Category",
        below="Events.getActionFromCategoryId",
        order=70,
    ),
    report(
        "getAction",
        partial(events, outer="eventAction"),
        "Event Actions",
        dimension="Event Action",
        below="Events.getNameFromActionId",
        order=71,
    ),
    report(
        "getName",
        partial(events, outer="eventName"),
        "Event Names",
        dimension="Event Name",
        below="Events.getActionFromNameId",
        order=72,
    ),
    report_within("getActionFromCategoryId", "eventCategory", "eventAction"),
    report_within("getNameFromCategoryId", "eventCategory", "eventName"),
    report_within("getCategoryFromActionId", "eventAction", "eventCategory"),
    report_within("getNameFromActionId", "eventAction", "eventName"),
    report_within("getActionFromNameId", "eventName", "eventAction"),
    report_within("getCategoryFromNameId", "eventName", "eventCategory"),
)
