"""CustomDimensions: what a site wants to know of its visits and actions beyond what is always asked."""

from collections import Counter
from dataclasses import replace

from dashboard.api_access import at_site, somewhere
from dashboard.api_calls import Call, Method
from dashboard.api_parameters import BadParameter, Field, MissingParameter, Parameters, fields_in
from sql.dimensions import MOST, Dimension, Extraction, NewDimension
from sql.refusals import UnknownDimension

Row = dict[str, object]

SCOPES = {"visit": "Visit", "action": "Action"}
SOURCES = {"url": "Page URL", "urlparam": "Page URL Parameter", "action_name": "Page Title"}


def extractions(parameters: Parameters, name: str) -> tuple[Extraction, ...]:
    """Return where values come from; a row that is empty all over is none. Raises BadParameter."""
    rows = (row for row in parameters.rows(name) if any(row.values()))
    return tuple(extraction(row, name) for row in rows)


def extraction(row: dict[str, str], name: str) -> Extraction:
    source, pattern = row.get("dimension", ""), row.get("pattern", "")
    for known in SOURCES:
        if source == known and pattern:
            return Extraction(known, pattern)  # type: ignore[arg-type]
    if source in SOURCES:
        raise BadParameter(f"{name}[pattern]", pattern, "what to look for, such as /shop/(.*)/")
    raise BadParameter(f"{name}[dimension]", source, f"one of {', '.join(SOURCES)}")


DIMENSION = {
    "name": Field("name", Parameters.text, may_be_empty=True),
    "active": Field("active", Parameters.flag),
    "extractions": Field("extractions", extractions, may_be_empty=True),
    "caseSensitive": Field("case_sensitive", Parameters.flag),
}


def add(call: Call) -> int:
    for name in ("name", "scope"):
        if not call.parameters.given(name):
            raise MissingParameter(name)
    site = call.registry.site(call.site).id
    fields = {"scope": call.parameters.text("scope"), **fields_in(call.parameters, DIMENSION)}
    return call.registry.add_dimension(NewDimension(site=site, **fields)).id


def update(call: Call) -> None:
    """Change what was given, and nothing else."""
    call.registry.update_dimension(replace(asked(call), **fields_in(call.parameters, DIMENSION)))


def asked(call: Call) -> Dimension:
    """Return the dimension that a call is about. Raises UnknownDimension."""
    id = call.parameters.number("idDimension")
    dimensions = {dimension.id: dimension for dimension in all_of_site(call)}
    if id not in dimensions:
        raise UnknownDimension(id, dimensions)
    return dimensions[id]


def all_of_site(call: Call) -> list[Dimension]:
    return call.registry.dimensions(call.registry.site(call.site).id)


def configured(call: Call) -> list[Row]:
    return [row(dimension) for dimension in all_of_site(call)]


def of_scope(call: Call) -> list[Row]:
    scope = call.parameters.required("scope")
    if scope not in SCOPES:
        raise BadParameter("scope", scope, f"one of {', '.join(SCOPES)}")
    return [row(dimension) for dimension in all_of_site(call) if dimension.scope == scope]


def row(dimension: Dimension) -> Row:
    return {
        "idcustomdimension": dimension.id,
        "idsite": dimension.site,
        "name": dimension.name,
        "index": dimension.index,
        "scope": dimension.scope,
        "active": dimension.active,
        "extractions": [entry._asdict() for entry in dimension.extractions],
        "case_sensitive": dimension.case_sensitive,
    }


def scopes(call: Call) -> list[Row]:
    """Return how many dimensions there are of each scope, and how many more there can be."""
    used: Counter[str] = Counter(dimension.scope for dimension in all_of_site(call))
    left = MOST - used.total()
    return [
        {
            "value": scope,
            "name": name,
            "numSlotsAvailable": used[scope] + left,
            "numSlotsUsed": used[scope],
            "numSlotsLeft": left,
            "supportsExtractions": scope == "action",
        }
        for scope, name in SCOPES.items()
    ]


def sources(_: Call) -> list[Row]:
    return [{"value": value, "name": name} for value, name in SOURCES.items()]


METHODS = (
    Method("CustomDimensions.configureNewCustomDimension", at_site("admin"), add, changes=True),
    Method("CustomDimensions.configureNewDimension", at_site("admin"), add, changes=True),
    Method("CustomDimensions.configureExistingCustomDimension", at_site("admin"), update, changes=True),
    Method("CustomDimensions.configureExistingDimension", at_site("admin"), update, changes=True),
    Method("CustomDimensions.getConfiguredCustomDimensions", at_site("view"), configured),
    Method("CustomDimensions.getConfiguredCustomDimensionsHavingScope", at_site("view"), of_scope),
    Method("CustomDimensions.getAvailableScopes", at_site("view"), scopes),
    Method("CustomDimensions.getAvailableExtractionDimensions", somewhere("view"), sources),
)
