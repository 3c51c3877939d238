"""The inputs of an API call: query and form together, read as texts, numbers, lists; a refusal names its parameter."""

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from dashboard import DashboardError
from sql.entries import MAX_ID

FLAGS = {"1": True, "true": True, "0": False, "false": False}
INDEXED = re.compile(r"(\w+)\[(\w*)\](?:\[(\w+)\])?", re.ASCII)
SHOWN = 200  # Characters of a wrong value that a refusal repeats.

Pair = tuple[str, str]


class ApiError(DashboardError):
    """Root of what the API refuses; `status` is that of the answer."""

    status = 400


class MissingParameter(ApiError):
    """Raised if a call lacks a parameter that has no default."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Please specify a value for '{name}'.")
        self.name = name


class BadParameter(ApiError):
    """Raised if a parameter cannot be understood."""

    def __init__(self, name: str, value: object, expected: str) -> None:
        super().__init__(f"{name}={str(value)[:SHOWN]!r}: expected {expected}")
        self.name = name


class Parameters:
    """What a call was given. A form wins over the query, and the last of several values that cannot all be meant."""

    def __init__(self, query: Iterable[Pair], form: Iterable[Pair] = ()) -> None:
        form = list(form)
        sent = {base(name) for name, _ in form}
        self.pairs = [*((name, value) for name, value in query if base(name) not in sent), *form]

    def changed(self, **values: str) -> "Parameters":
        """Return the same with other values of some parameters."""
        return Parameters([(name, value) for name, value in self.pairs if base(name) not in values], values.items())

    def __contains__(self, name: str) -> bool:
        """Tell whether a parameter was sent, be it empty."""
        return any(base(sent) == name for sent, _ in self.pairs)

    def given(self, name: str) -> bool:
        """Tell whether a parameter was sent with a value; an empty one asks for the default."""
        return any(value.strip() for value in self.values(name))

    def values(self, name: str) -> list[str]:
        return [value for sent, value in self.pairs if base(sent) == name]

    def text(self, name: str) -> str:
        """Return a text, '' if it was not sent.

        Raises BadParameter for a list.
        """
        if any(sent != name and base(sent) == name for sent, _ in self.pairs):
            raise BadParameter(f"{name}[]", self.values(name)[-1], f"one value, as in {name}=…")
        return next(iter(self.values(name)[::-1]), "")

    def required(self, name: str) -> str:
        """Return a text that must be there. Raises MissingParameter."""
        if not self.given(name):
            raise MissingParameter(name)
        return self.text(name)

    def number(self, name: str) -> int:
        """Return the number of something, from 1 on. Raises MissingParameter, BadParameter."""
        return number_in(name, self.required(name))

    def count(self, name: str) -> int | None:
        """Return how many are wanted; None if that was not said, or -1: all. Raises BadParameter."""
        text = self.text(name).strip()
        if text in ("", "-1"):
            return None
        if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
            raise BadParameter(name, text, "a number, such as 10")
        return int(text)

    def flag(self, name: str) -> bool:
        """Return yes or no, no if it was not said. Raises BadParameter."""
        text = self.text(name).strip()
        if text.lower() not in {"": False, **FLAGS}:
            raise BadParameter(name, text, "1 or 0")
        return FLAGS.get(text.lower(), False)

    def amount(self, name: str) -> float:
        """Return an amount of money; `false` is none, and a comma may stand for the point. Raises BadParameter."""
        text = self.text(name).strip().replace(",", ".")
        try:
            amount = 0.0 if text.lower() in ("", "false") else float(text)
        except ValueError:
            amount = math.nan
        if not math.isfinite(amount):
            raise BadParameter(name, text, "an amount, such as 9.5")
        return amount

    def moment(self, name: str) -> datetime:
        """Return a date, or a date and a time, in UTC. Raises BadParameter."""
        text = self.text(name).strip()
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise BadParameter(name, text, "a date, such as 2026-05-13 or 2026-05-13 12:00:00") from None
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list: `name[]=a&name[]=b` and JSON as they are, `name=a,b` split at its commas; no blank entries."""
        entries = (entry for sent, value in self.pairs if base(sent) == name for entry in entries_of(sent, value))
        return tuple(entry.strip() for entry in entries if entry.strip())

    def rows(self, name: str) -> list[dict[str, str]]:
        """Return a table: `name[0][column]=…`, or the same as JSON. Raises BadParameter."""
        rows: dict[str, dict[str, str]] = {}
        for sent, value in self.pairs:
            if base(sent) != name or not value.strip():
                continue
            if sent == name:
                return rows_in(name, value)
            row, column = place_in(sent, rows)
            rows.setdefault(row, {})[column] = value
        return list(rows.values())


def base(name: str) -> str:
    return name.partition("[")[0]


def entries_of(name: str, value: str) -> Iterable[str]:
    if "[" in name:
        return (value,)
    return json_entries(value) or value.split(",")


def json_entries(value: str) -> list[str]:
    """Return the entries of a list that is written as JSON, [] for every other text."""
    try:
        found = json.loads(value) if value.lstrip().startswith("[") else []
    except (ValueError, RecursionError):
        return []
    return found if all(isinstance(entry, str) for entry in found) else []


def number_in(name: str, text: str) -> int:
    """Raises BadParameter if a text is not the number of something."""
    if not re.fullmatch(r"\s*\d{1,10}\s*", text, re.ASCII) or not 1 <= int(text) <= MAX_ID:
        raise BadParameter(name, text, f"a number from 1 to {MAX_ID}")
    return int(text)


def place_in(name: str, rows: Mapping[str, Mapping[str, str]]) -> tuple[str, str]:
    """Return row and column of `name[0][column]`; without a number, a column that comes again begins a new row."""
    found = INDEXED.fullmatch(name)
    if found is None or found[3] is None:
        raise BadParameter(name, "", f"a table, as in {base(name)}[0][column]=…")
    row, column = found[2], found[3]
    if row:
        return row, column
    unnumbered = [key for key in rows if key.startswith("+")]
    last = unnumbered[-1] if unnumbered else "+0"
    return (f"+{len(unnumbered)}" if column in rows.get(last, {}) else last), column


def rows_in(name: str, text: str) -> list[dict[str, str]]:
    try:
        found = json.loads(text)
        return list(texts_of(found))
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise BadParameter(name, text, f"a table, as in {name}[0][column]=…") from None


def texts_of(rows: Any) -> Iterator[dict[str, str]]:
    for row in rows:
        yield {str(column): str(value) for column, value in row.items()}


class Field(NamedTuple):
    """What a parameter becomes."""

    name: str
    read: Callable[[Parameters, str], Any]
    may_be_empty: bool = False  # If not, an empty one is as good as none.


def fields_in(parameters: Parameters, table: Mapping[str, Field]) -> dict[str, Any]:
    """Return the fields of those parameters that were sent. Raises BadParameter."""
    return {
        field.name: field.read(parameters, sent)
        for sent, field in table.items()
        if (sent in parameters if field.may_be_empty else parameters.given(sent))
    }
