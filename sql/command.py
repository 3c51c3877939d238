"""What a command is: its name, its arguments, what it does, and how people see its answer."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sql.registry import Registry

Row = Mapping[str, Any]
S = TypeVar("S")


class Call(Protocol):
    """One use of a command, as far as a command of the registry must know it."""

    @property
    def arguments(self) -> argparse.Namespace: ...

    def of(self, cls: type[S]) -> S:
        """Return the settings of one package."""
        ...

    def registry(self) -> AbstractContextManager[Registry]: ...


@dataclass(frozen=True, slots=True)
class Argument:
    """What `add_argument` wants to know."""

    flags: tuple[str, ...]
    options: Mapping[str, Any]


def argument(*flags: str, **options: Any) -> Argument:
    return Argument(flags, options)


def as_lines(answer: object) -> str:
    """Show rows as a table, a mapping as lines, anything else as it is."""
    if isinstance(answer, Mapping):
        return "\n".join(f"{name}: {shown(value)}" for name, value in answer.items())
    return table(answer) if isinstance(answer, list) else str(answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A row of the table of commands."""

    name: str  # One word, or two: "site add".
    help: str
    run: Callable[[Any], object]  # Takes one use of it; returns what is shown; None if there is nothing to show.
    arguments: tuple[Argument, ...] = ()
    text: Callable[[Any], str] = as_lines  # How people see the answer; programs see it as JSON.
    epilog: Callable[[], str] = str
    failed: Callable[[Any], bool] = lambda _: False  # Whether an answer means that something is wrong.


def optional(flag: str, help: str, **options: Any) -> Argument:
    """Return an option that leaves no trace if it is not given."""
    return argument(flag, default=argparse.SUPPRESS, help=help, **options)


def switch(flag: str, help: str) -> Argument:
    return optional(flag, help, action=argparse.BooleanOptionalAction)


def entries(flag: str, field: str, metavar: str, help: str) -> Argument:
    """Return an option that is given once for each entry of a list."""
    return optional(flag, f"{help}; may be repeated, '' is an empty list", dest=field, action="append", metavar=metavar)


def table(rows: Sequence[Row]) -> str:
    """Return rows under their column names, each column as wide as it must be."""
    if not rows:
        return "none"
    lines = [[name.upper() for name in rows[0]], *([shown(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def shown(value: object) -> str:
    """Return a value as people read it."""
    if value in (None, (), ""):
        return "(empty)" if value == "" else "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
