"""The inputs of a question: one table, by which they are read and by which the document shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.period import KINDS
from dashboard.v1.kinds import Choice, Day, Filters, Flag, Integer, Kind, Names, Schema, Text
from dashboard.v1.refusals import BadInput
from dashboard.v1.vocabulary import DIMENSIONS, METRICS, MOST_DIMENSIONS, MOST_METRICS
from sql.entries import MAX_ID

COMPARISONS = ("previous_period", "year_before", "custom")
MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Input:
    """A row of the table of inputs."""

    name: str
    kind: Kind
    meaning: str
    default: object = None  # None: nothing.
    required: bool = False
    example: object = None

    @property
    def schema(self) -> Schema:
        default = {} if self.default is None else {"default": self.default}
        examples = {} if self.example is None else {"examples": [self.example]}
        return {**self.kind.schema, **default, **examples}


CUSTOM = {"type": "string", "pattern": "^dimension[1-9][0-9]{0,2}$"}
ONE_DIMENSION = {"anyOf": [{"type": "string", "enum": list(DIMENSIONS)}, CUSTOM]}
ONE_METRIC = {"type": "string", "enum": list(METRICS)}
ONE_ORDER = {"type": "string", "pattern": "^-?[a-zA-Z][a-zA-Z0-9_]*$"}
SITE = Input("site", Integer(1, MAX_ID), "Number of the site.", required=True, example=1)
RANGE = (
    Input("period", Choice(KINDS), "Kind of period; goes with `date`.", example="month"),
    Input("date", Text(50), "A day in the period, today or yesterday; of a range `A,B`, `last30` or `previous30`."),
    Input("from", Day(), "First day, instead of `period` and `date`; goes with `to`."),
    Input("to", Day(), "Last day; it belongs to the range."),
)
FILTERS = Input(
    "filters",
    Filters(),
    'Which visits: a segment such as `countryCode==ch;visitCount>2`, or in JSON `[["==", "countryCode", ["ch"]]]`.',
    example="countryCode==ch,countryCode==at",
)
ASKED = (
    SITE,
    Input("metrics", Names(ONE_METRIC, 1, MOST_METRICS), "Which numbers.", required=True, example=["nb_visits"]),
    Input("dimensions", Names(ONE_DIMENSION, 0, MOST_DIMENSIONS), "By what; nothing: one row.", [], example=["day"]),
    FILTERS,
    *RANGE,
    Input("order", Names(ONE_ORDER, 0, 3), "Metrics or dimensions to sort by; with a minus the largest first.", []),
)
PAGE = (
    Input("limit", Integer(1, MOST_ROWS), "Most rows of this page.", 100),
    Input("offset", Integer(0, 2**31 - 1), "Rows before this page.", 0),
)
COMPARED = (
    Input("compare", Choice(COMPARISONS), "With what each row is compared."),
    Input("compare_from", Day(), "First day of a `custom` comparison."),
    Input("compare_to", Day(), "Last day of a `custom` comparison."),
    Input("same_weekday", Flag(), "Let the comparison begin on the same day of the week.", False),
)
TOTALS = Input("totals", Flag(), "Tell the numbers of all rows together, too; people are counted once.", False)
QUERY = (*ASKED, *PAGE, *COMPARED, TOTALS)


def read(inputs: Sequence[Input], given: Mapping[str, object]) -> dict[str, Any]:
    """Return the value of each input. Raises BadInput, also for what is no input at all."""
    known = [entry.name for entry in inputs]
    if unknown := sorted(set(given) - set(known)):
        raise BadInput(unknown[0][:100], "there is no such parameter", f"Known are {', '.join(known)}.")
    return {entry.name: value_of(entry, given) for entry in inputs}


def value_of(entry: Input, given: Mapping[str, object]) -> Any:
    value = given.get(entry.name)
    if value is None and (entry.name in given or entry.required):
        raise BadInput(entry.name, "a value is missing", entry.meaning)
    if value is None:
        value = entry.default
    return None if value is None else entry.kind.read(entry.name, value)


def parsed(inputs: Sequence[Input], pairs: Sequence[tuple[str, str]]) -> dict[str, object]:
    """Return what an address says, as JSON would. Raises BadInput for what is said twice."""
    kinds = {entry.name: entry.kind for entry in inputs}
    found: dict[str, object] = {}
    for name, text in pairs:
        if name in found:
            raise BadInput(name[:100], "expected it once")
        found[name] = kinds[name].parsed(text) if name in kinds else text
    return found
