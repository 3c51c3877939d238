"""One condition of a segment as it stands in SQL: an allowed expression, an operator, bound values.

Text is compared without regard to case, in every script, but accents count: `Zurich` is not `Zürich`. A database's
collation would take them for the same; people who look for one do not expect the other. Most values are ASCII, and
ASCII costs next to nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from sql.segment_names import Attribute, Kind

Value = str | int | float | date
# What people write, and whether there is a value at all.
Operator = Literal["==", ">", ">=", "<", "<=", "=@", "=^", "=$", "filled", "empty"]
ORDERED = frozenset({">", ">=", "<", "<="})
TEXTS = frozenset({"text", "page", "address"})
NOTHING, ALWAYS = "0", "1"

ASCII = {
    "==": "lower({column}) = lower({value})",
    "=@": "position(lower({column}), lower({value})) > 0",
    "=^": "startsWith(lower({column}), lower({value}))",
    "=$": "endsWith(lower({column}), lower({value}))",
}
# In every script one letter folds to one letter here, so that lengths can be compared.
ANY_SCRIPT = {
    "==": "lengthUTF8({column}) = lengthUTF8({value}) and positionCaseInsensitiveUTF8({column}, {value}) = 1",
    "=@": "positionCaseInsensitiveUTF8({column}, {value}) > 0",
    "=^": "positionCaseInsensitiveUTF8({column}, {value}) = 1",
    "=$": "positionCaseInsensitiveUTF8(rightUTF8({column}, lengthUTF8({value})), {value}) = 1",
}
# A zero is nothing, be it a number or a text: so programs that ask for "not empty" expect it.
FILLED: dict[Kind, str] = {
    "text": "{column} not in ('', '0')",
    "page": "{column} != ''",
    "address": "{column} != ''",
    "code": "toString({column}) not in ('', '0')",
    "number": "{column} != 0",
    "visitor": "{column} != 0",
    "date": ALWAYS,
}


@dataclass(frozen=True, slots=True)
class Test:
    """A comparison of one attribute; any of the values will do. `key` is that of a map."""

    attribute: Attribute
    operator: Operator
    values: tuple[Value, ...] = ()
    key: str = ""


@dataclass(slots=True)
class Binding:
    """The parameters of a segment: each value gets a name, and its place in the statement."""

    zone: str
    parameters: dict[str, object] = field(default_factory=dict)

    def __call__(self, value: object, type: str) -> str:
        name = f"s{len(self.parameters)}"
        self.parameters[name] = value
        return f"{{{name}:{type}}}"

    def expression(self, test: Test) -> str:
        text = test.attribute.expression
        if "{key}" in text:
            text = text.replace("{key}", self(test.key, "String"))
        return text.replace("{zone}", self(self.zone, "String")) if "{zone}" in text else text


def row_text(test: Test, bind: Binding) -> str:
    """Return a test as a condition on the columns of one row."""
    attribute, column = test.attribute, bind.expression(test)
    text = f"arrayExists(each -> {compared('each', test, bind)}, {column})" if attribute.many else ""
    text = text or compared(column, test, bind)
    if attribute.nullable:
        text = f"ifNull({text}, 0)"
    if test.operator != "empty":
        return only(attribute, text)
    # A visit whose entry is no page has no entry page, but a hit that is no page view is not one without a title.
    return f"not ({only(attribute, text)})" if attribute.source == "visits" else only(attribute, f"not ({text})")


def only(attribute: Attribute, text: str) -> str:
    return f"({attribute.only}) and ({text})" if attribute.only else f"({text})"


def compared(column: str, test: Test, bind: Binding) -> str:
    """Return a comparison; of `empty` its opposite, which the caller turns around."""
    kind, operator = test.attribute.kind, test.operator
    if operator in ("filled", "empty"):
        return FILLED[kind].format(column=column)
    if kind == "code":
        return one_of(column, test.values, bind)
    if operator == "==" and kind in TEXTS:
        return same_text(column, test.values, bind)
    texts = (COMPARED[kind](column, operator, value, bind) for value in test.values)
    return " or ".join(texts) or NOTHING


def one_of(column: str, values: tuple[Value, ...], bind: Binding) -> str:
    """Return a comparison with stored values."""
    if not values:
        return NOTHING
    type = "Array(String)" if isinstance(values[0], str) else "Array(Int64)"
    return f"{column} in {bind(list(values), type)}"


def same_text(column: str, values: tuple[Value, ...], bind: Binding) -> str:
    """Return whether a text is one of several: those in ASCII are looked for together."""
    texts = [str(value) for value in values]
    plain = [f"lower({bind(text, 'String')})" for text in texts if text.isascii()]
    others = [text_compared(column, "==", text, bind) for text in texts if not text.isascii()]
    if len(plain) > 1:
        return " or ".join([f"lower({column}) in ({', '.join(plain)})", *others])
    return " or ".join([*(f"lower({column}) = {value}" for value in plain), *others]) or NOTHING


def text_compared(column: str, operator: str, value: Value, bind: Binding) -> str:
    text = str(value)
    template = (ASCII if text.isascii() else ANY_SCRIPT)[operator]
    return template.format(column=column, value=bind(text, "String"))


def number_compared(column: str, operator: str, value: Value, bind: Binding) -> str:
    if operator in ASCII and isinstance(value, str):
        return text_compared(f"toString({column})", operator, value, bind)
    sign = "=" if operator == "==" else operator
    return f"{column} {sign} {bind(value, type_of(value))}"


def type_of(value: Value) -> str:
    """Return the type that keeps a number whole: ids have 64 bits."""
    if isinstance(value, float):
        return "Float64"
    if isinstance(value, int):
        return "Int64" if value < 0 else "UInt64"
    return "Date"


def address_compared(column: str, operator: str, value: Value, bind: Binding) -> str:
    if operator in ORDERED:
        return f"{column} != '' and toIPv6OrDefault({column}) {operator} {bind(value, 'IPv6')}"
    return text_compared(column, operator, value, bind)


def visitor_compared(column: str, operator: str, value: Value, bind: Binding) -> str:
    if operator == "==":
        return number_compared(column, operator, value, bind)
    return text_compared(f"leftPad(lower(hex({column})), 16, '0')", operator, value, bind)


COMPARED: dict[Kind, Callable[[str, str, Value, Binding], str]] = {
    "text": text_compared,
    "page": text_compared,
    "number": number_compared,
    "date": number_compared,
    "address": address_compared,
    "visitor": visitor_compared,
}
