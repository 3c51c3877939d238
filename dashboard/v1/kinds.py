"""The kinds of inputs: how each is written in JSON and in an address, and how it is read."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol
from urllib.parse import quote

from dashboard.v1.refusals import BadInput

Schema = dict[str, Any]
OPERATORS = ("==", "!=", ">", ">=", "<", "<=", "=@", "!@", "=^", "=$")
NEGATIVE = ("!=", "!@")
LONGEST_TEXT = 10_000
INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9]*", re.ASCII)
ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
FLAGS = {"true": True, "1": True, "false": False, "0": False}


class Kind(Protocol):
    """How an input is written."""

    @property
    def schema(self) -> Schema: ...

    def parsed(self, text: str) -> object:
        """Return what a text in an address says, as JSON would say it; what cannot be read stays as it is."""

    def read(self, name: str, value: object) -> Any:
        """Return the value. Raises BadInput."""


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number."""

    least: int
    most: int

    @property
    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}

    def parsed(self, text: str) -> object:
        return int(text) if INTEGER.fullmatch(text) else text

    def read(self, name: str, value: object) -> int:
        if isinstance(value, float) and value.is_integer():  # JSON knows no difference.
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            raise BadInput(name, f"expected a whole number from {self.least} to {self.most}")
        return value


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    @property
    def schema(self) -> Schema:
        return {"type": "boolean"}

    def parsed(self, text: str) -> object:
        return FLAGS.get(text, text)

    def read(self, name: str, value: object) -> bool:
        if not isinstance(value, bool):
            raise BadInput(name, "expected true or false")
        return value


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several words."""

    words: tuple[str, ...]

    @property
    def schema(self) -> Schema:
        return {"type": "string", "enum": list(self.words)}

    def parsed(self, text: str) -> object:
        return text

    def read(self, name: str, value: object) -> str:
        if value not in self.words:
            raise BadInput(name, f"expected one of {', '.join(self.words)}")
        return str(value)


@dataclass(frozen=True, slots=True)
class Text:
    """A text."""

    longest: int

    @property
    def schema(self) -> Schema:
        return {"type": "string", "maxLength": self.longest}

    def parsed(self, text: str) -> object:
        return text

    def read(self, name: str, value: object) -> str:
        if not isinstance(value, str) or len(value) > self.longest:
            raise BadInput(name, f"expected a text of at most {self.longest} characters")
        return value


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day."""

    @property
    def schema(self) -> Schema:
        return {"type": "string", "format": "date"}

    def parsed(self, text: str) -> object:
        return text

    def read(self, name: str, value: object) -> date:
        try:
            if isinstance(value, str) and ISO.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:  # 30 February.
            pass
        raise BadInput(name, "expected a day such as 2026-05-13")


@dataclass(frozen=True, slots=True)
class Names:
    """Several names, each once; in an address with commas between them. `item` is the schema of one."""

    item: Schema
    least: int
    most: int

    @property
    def schema(self) -> Schema:
        bounds = {"minItems": self.least, "maxItems": self.most, "uniqueItems": True}
        return {"type": "array", "items": self.item, **bounds}

    def parsed(self, text: str) -> object:
        return [part.strip() for part in text.split(",") if part.strip()]

    def read(self, name: str, value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            raise BadInput(name, "expected a list of names")
        if not self.least <= len(value) <= self.most or len(set(value)) < len(value):
            raise BadInput(name, f"expected {self.least} to {self.most} names, each once")
        return tuple(value)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which visits: the text of a segment, or a list of `[operator, name, [value, …]]`, all of which hold."""

    longest: int = LONGEST_TEXT

    @property
    def schema(self) -> Schema:
        condition = {
            "type": "array",
            "prefixItems": [
                {"type": "string", "enum": list(OPERATORS)},
                {"type": "string", "pattern": f"^{NAME.pattern}$"},
                {"type": "array", "items": {"type": ["string", "number"]}, "minItems": 1, "maxItems": 100},
            ],
            "items": False,
            "minItems": 3,
        }
        several = {"type": "array", "items": condition, "maxItems": 20}
        return {"anyOf": [{"type": "string", "maxLength": self.longest}, several]}

    def parsed(self, text: str) -> object:
        return text

    def read(self, name: str, value: object) -> str:
        """Return the text of a segment."""
        if isinstance(value, list):
            return ";".join(term(name, condition) for condition in value)
        return Text(self.longest).read(name, value)


def term(name: str, condition: object) -> str:
    """Return a condition as the grammar of segments has it: any of the values, or with a negative operator none."""
    expected = f'expected conditions such as ["==", "countryCode", ["ch", "at"]], with one of {" ".join(OPERATORS)}'
    match condition:
        case [str(operator), str(what), [_, *_] as values] if operator in OPERATORS and NAME.fullmatch(what):
            if all(isinstance(value, str | int | float) and not isinstance(value, bool) for value in values):
                # A segment may be encoded as a whole, and its values may: so they are, twice.
                parts = [f"{what}{operator}{quote(quote(str(value), safe=''), safe='')}" for value in values]
                return (";" if operator in NEGATIVE else ",").join(parts)
    raise BadInput(name, expected)
