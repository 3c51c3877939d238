"""Parts of a table that are asked for on their own: the subtable with a number, the rows with certain labels."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from urllib.parse import unquote_plus

from dashboard.reporting.table import Path, Row, Table, subtable_id

BELOW = ">"  # Between labels, from the outermost inwards.
LEAF = "@"  # Before a label: the leaf is meant, not the folder.


class Place(NamedTuple):
    """A table and the labels of the rows that it is in."""

    table: Table
    path: Path = ()


def subtable(table: Table, number: int) -> Place:
    """Return the subtable that has a number, wherever it is; an empty one if there is none."""
    found = (place for place in tables_below(Place(table)) if subtable_id(place.path) == number)
    return next(found, Place(replace(table, rows=[])))


def tables_below(place: Place) -> Iterator[Place]:
    for row in place.table:
        if row.table is not None:
            below = Place(row.table, (*place.path, row.label))
            yield below
            yield from tables_below(below)


class Found(NamedTuple):
    """A row and the labels that lead to it."""

    row: Row
    path: Path


@dataclass(slots=True)
class Labels:
    """Finds rows of a table by labels; remembers where rows are, because there may be many labels."""

    place: Place
    known: dict[Path, dict[str, Row]] = field(default_factory=dict)

    def found(self, labels: Iterable[str]) -> list[Found]:
        return [found for label in labels if (found := self.at(label))]

    def at(self, label: str) -> Found | None:
        """Return the row to which labels lead, `folder > page`; each may be URL-encoded once more."""
        *folders, last = label.split(BELOW)
        place = self.place
        for name in folders:
            found = self.named(place, name)
            if found is None or found.row.table is None:
                return None
            place = Place(found.row.table, found.path)
        return self.named(place, last)

    def named(self, place: Place, name: str) -> Found | None:
        if place.path not in self.known:
            self.known[place.path] = {row.label: row for row in reversed(place.table.rows)}
        rows = self.known[place.path]
        found = next((rows[spelt] for spelt in spellings(name) if spelt in rows), None)
        return Found(found, (*place.path, found.label)) if found else None


def spellings(name: str) -> list[str]:
    """Return the labels that a name may mean, the likeliest first; leaves of titles begin with a blank."""
    raw = name.strip()
    label = unquote_plus(raw).strip()
    if raw.startswith(LEAF):
        bare = unquote_plus(raw.removeprefix(LEAF)).strip()
        return [f" {bare}", bare, label, raw]
    return [label, f" {label}", raw, f" {raw}"]
