"""The shapes of answers, as JSON Schema."""

from dashboard.v1.kinds import Schema
from dashboard.v1.vocabulary import METRICS, SUBJECTS

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
DAY: Schema = {"type": "string", "format": "date"}


def listed(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def shape(**properties: Schema) -> Schema:
    """Return the schema of an object that has all of these, and nothing else."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def optional(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


ENTRY = shape(name=TEXT, kind=TEXT, of=listed({"type": "string", "enum": list(SUBJECTS)}), meaning=TEXT)
METRIC_LIST = shape(metrics=listed(ENTRY))
DIMENSION_LIST = shape(dimensions=listed(ENTRY))
SITE = shape(
    **{"id": WHOLE, "name": TEXT, "timezone": TEXT, "currency": TEXT, "type": TEXT, "ecommerce": FLAG, "group": TEXT},
    **{"urls": listed(TEXT), "created": MOMENT},
)
SITE_LIST = shape(sites=listed(SITE))
WINDOW = shape(minutes=WHOLE, nb_uniq_visitors=WHOLE, nb_hits=WHOLE)
REALTIME = shape(site=WHOLE, at=MOMENT, windows=listed(WINDOW))
NUMBERS: Schema = {
    "type": "object",
    "properties": {name: {"type": "number", "description": metric.meaning} for name, metric in METRICS.items()},
}
ROW: Schema = {
    "type": "object",
    "description": "Dimensions and metrics that were asked for, each under its name.",
    "properties": {
        **NUMBERS["properties"],
        "comparison": NUMBERS,
        "partial": {**FLAG, "description": "Only there if true: the time of this row is not over."},
        "folded": {**FLAG, "description": "Only there if true: all rows with too few visitors together."},
    },
}
SPAN: Schema = shape(since=MOMENT, until=MOMENT)
META: Schema = {
    **shape(
        **{"timezone": TEXT, "since": MOMENT, "until": MOMENT, "partial": FLAG, "total_rows": WHOLE},
        **{"next_offset": optional(WHOLE), "took_ms": {"type": "number"}},
    )
}
META["properties"]["comparison"] = SPAN
DAYS = {"from": DAY, "to": DAY}
ECHO = shape(
    **{"site": WHOLE, "metrics": listed(TEXT), "dimensions": listed(TEXT), "filters": TEXT, "period": TEXT},
    **{"from": DAY, "to": DAY, "order": listed(TEXT), "limit": WHOLE, "offset": WHOLE},
    compare=optional(shape(**DAYS)),
)
QUERY_ANSWER: Schema = {
    "type": "object",
    "properties": {"query": ECHO, "meta": META, "rows": listed(ROW), "totals": ROW},
    "required": ["query", "meta", "rows"],
    "additionalProperties": False,
}
ERROR = shape(error=shape(code=TEXT, message=TEXT, hint=optional(TEXT), parameter=optional(TEXT)))
