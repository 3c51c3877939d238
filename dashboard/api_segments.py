"""Which segments there are, and which values a segment is most often about."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from dashboard.api_access import at_site, at_sites, somewhere
from dashboard.api_calls import Call, Method
from dashboard.segment import UnknownSegment
from dashboard.segment_labels import CLOSED, labels_of
from dashboard.segment_titles import DIMENSIONS, TITLES, Title
from sql.segment_names import NAMES, Attribute, Name, name_of
from sql.segments import Having

Row = dict[str, Any]

DAYS = timedelta(days=30)
MOST = 50  # Values.
MOST_ROWS = 500  # Several of them may be one value, or none that has a name.
# What tells one person from others, or may: nobody is offered a list of these.
PERSONAL = frozenset({"visitIp", "visitId", "visitorId", "userId", "orderId", "latitude", "longitude"})
# What clocks and calendars show.
RANGES = {
    "Hour": range(24),
    "Minute": range(60),
    "Second": range(60),
    "DayOfWeek": range(1, 8),
    "DayOfMonth": range(1, 32),
    "DayOfYear": range(1, 367),
    "WeekOfYear": range(1, 54),
    "Month": range(1, 13),
    "Quarter": range(1, 5),
}
COLUMN = re.compile(r"\w+", re.ASCII)
# What the statements call values that are no columns.
COLUMNS = {
    **{f"{table}dimensions[{{key}}]": "dimension" for table in ("", "visits.")},
    **{f"{table}variables[{{key}}].name": "variable_name" for table in ("", "visits.")},
    **{f"{table}variables[{{key}}].value": "variable_value" for table in ("", "visits.")},
    "intDiv(visits.seconds_since_first, 86400)": "days_since_first",
    "intDiv(visits.seconds_since_last, 86400)": "days_since_last",
    "intDiv(visits.seconds_since_order, 86400)": "days_since_order",
}
ASKED = {"visits": "values_of_visits", "hits": "values_of_hits", "articles": "values_of_articles"}


def all_segments(call: Call) -> list[Row]:
    """Return every name with its title; of custom dimensions, those of the sites that the call names."""
    dimensions = (dimension for site in sites_of(call) for dimension in call.registry.dimensions(site))
    titles = TITLES | {f"dimension{each.id}": Title(DIMENSIONS, each.name) for each in dimensions}
    return [described(name, title) for name, title in titles.items()]


def described(name: str, title: Title) -> Row:
    is_metric = name in NAMES and NAMES[name][0].kind == "number"
    row: Row = {
        "type": "metric" if is_metric else "dimension",
        "category": title.category,
        "name": title.text,
        "segment": name,
    }
    return row | ({"acceptedValues": ", ".join(CLOSED[name])} if name in CLOSED else {})


def sites_of(call: Call) -> Sequence[int]:
    """Return the sites that a call names, none if it names none. Raises AccessDenied, BadParameter."""
    if not any(call.parameters.given(name) for name in ("idSite", "idSites")):
        return ()
    named = at_sites("view").check(call.caller, call.parameters)
    return named or [site.id for site in call.caller.sites("view", call.registry.sites())]


def suggested(call: Call) -> list[str]:
    """Return the values that come most often, the most frequent first."""
    name = asked(call)
    if name.text in PERSONAL:
        return []
    values = fixed(name, call)
    return values if values is not None else [value for value, _ in found(name, call).most_common(MOST)]


def asked(call: Call) -> Name:
    """Raises MissingParameter, UnknownSegment."""
    text = call.parameters.required("segmentName")
    scopes: dict[int, str] = {each.id: each.scope for each in call.registry.dimensions(call.site)}
    if (name := name_of(text, scopes)) is None:
        raise UnknownSegment(text)
    return name


def fixed(name: Name, call: Call) -> list[str] | None:
    """Return all values that there are, None if that depends on what was tracked."""
    goals = call.registry.goals(call.site)
    part = next((part for part in RANGES if re.search(rf"(Server|Local){part}$", name.text)), "")
    known: dict[str, Iterable[object]] = {
        **CLOSED,
        "visitConverted": (0, 1),
        "profilable": (0, 1),
        "visitConvertedGoalId": (goal.id for goal in goals),
        "visitConvertedGoalName": (goal.name for goal in goals),
    }
    if part:
        return [str(number) for number in RANGES[part]]
    return [str(value) for value in known[name.text]] if name.text in known else None


def found(name: Name, call: Call) -> Counter[str]:
    """Return values by the number of visits that have them."""
    values: Counter[str] = Counter()
    for attribute in name.attributes:
        for row in rows_of(attribute, name, call):
            several = row["value"] if attribute.many else [row["value"]]
            for text in worded(name, attribute, several):
                values[text] += row["visits"]
    return values


def rows_of(attribute: Attribute, name: Name, call: Call) -> list[Row]:
    """Return the values of the last days as they are stored, none for what cannot be listed."""
    column = COLUMNS.get(attribute.expression, attribute.expression).removeprefix("visits.")
    if attribute.source not in ASKED or not COLUMN.fullmatch(column):
        return []
    parameters = {
        "site": call.site,
        "since": call.now - DAYS,
        "until": call.now,
        "column": column,
        "key": name.key,
        "fewest": call.registry.site(call.site).fewest_visitors,
        "limit": MOST_ROWS,
    }
    return call.database.query(f"segments/{ASKED[attribute.source]}", parameters, Having(attribute.only))


def worded(name: Name, attribute: Attribute, values: Iterable[Any]) -> Iterable[str]:
    """Yield values as people write them in segments; one without a word is none."""
    if attribute.kind != "code":
        return (f"{value:.15g}" if isinstance(value, float) else str(value) for value in values)
    words = {stored: word for word, stored in reversed([*labels_of(name.text, {})])}
    return (words[value] for value in values if value in words)


METHODS = (
    Method("API.getSegmentsMetadata", somewhere("view"), all_segments),
    Method("API.getSuggestedValuesForSegment", at_site("view"), suggested),
)
