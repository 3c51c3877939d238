"""Annotations: what people note about days of a site, such as a campaign that began, and where that is kept."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import TypeVar

from sql.refusals import BadEntry, Unknown
from sql.registry_file import RegistryFile

LONGEST_NOTE = 2000
MOST = 10_000  # Of one site.
MAX_ID = 2**63 - 1  # The largest number of SQLite.


class BadAnnotation(BadEntry):
    """Raised if a note cannot be kept as it was given, or a site has too many."""


class UnknownAnnotation(Unknown):
    """Raised if a site has no annotation with this id."""

    def __init__(self, id: int) -> None:
        super().__init__("annotation", id)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAnnotation:
    """A note to be added; field names are column names."""

    site: int
    day: date  # Of the site.
    note: str
    starred: bool = False
    author: str  # As it is shown: the name of a token.
    token: int  # The id of the author's token.


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation(NewAnnotation):
    """What somebody noted about a day."""

    id: int


A = TypeVar("A", NewAnnotation, Annotation)


def checked_annotation(annotation: A) -> A:
    """Return an annotation as it is kept. Raises BadAnnotation."""
    note = annotation.note.strip()
    if not note or len(note) > LONGEST_NOTE or not note.replace("\n", "").replace("\r", "").isprintable():
        raise BadAnnotation(
            f"note {note[:50]!r} of {len(note)} letters: expected 1 to {LONGEST_NOTE}, such as Campaign began"
        )
    return replace(annotation, note=note)


class Annotations(RegistryFile):
    """The part of the registry that keeps annotations; whether a site is there, its callers know."""

    def add_annotation(self, annotation: NewAnnotation, most: int = MOST) -> Annotation:
        """Add an annotation to a site that has fewer than `most`. Raises BadAnnotation."""
        values = row_of(checked_annotation(annotation))
        with self._changing():
            if len(self.annotations([annotation.site])) >= most:
                raise BadAnnotation(f"site {annotation.site} has {most} annotations: delete some first")
            return annotation_of(self._rows("add_annotation", **values)[0])

    def annotations(
        self, sites: Iterable[int], first: date | None = None, last: date | None = None
    ) -> list[Annotation]:
        """Return what was noted about days of sites from the first to the last day; without those, about any."""
        bounds = {"first": str(first or ""), "last": str(last or "")}
        return [annotation_of(row) for row in self._rows("annotations", sites=json.dumps([*sites]), **bounds)]

    def annotation(self, site: int, id: int) -> Annotation:
        """Raises UnknownAnnotation."""
        rows = self._rows("annotation", site=site, id=id) if id <= MAX_ID else []
        if not rows:
            raise UnknownAnnotation(id)
        return annotation_of(rows[0])

    def update_annotation(self, annotation: Annotation) -> Annotation:
        """Change day, note or star. Raises BadAnnotation, UnknownAnnotation."""
        values = row_of(checked_annotation(annotation))
        with self._changing():
            rows = self._rows("update_annotation", **values)
        if not rows:
            raise UnknownAnnotation(annotation.id)
        return annotation_of(rows[0])

    def delete_annotation(self, site: int, id: int) -> None:
        """Raises UnknownAnnotation."""
        with self._changing():
            self.annotation(site, id)
            self._rows("delete_annotation", site=site, id=id)

    def delete_annotations(self, site: int) -> None:
        with self._changing():
            self._rows("delete_annotations", site=site)


def row_of(annotation: NewAnnotation | Annotation) -> dict[str, object]:
    return {**asdict(annotation), "day": annotation.day.isoformat(), "starred": int(annotation.starred)}


def annotation_of(row: sqlite3.Row) -> Annotation:
    values = dict(row)
    return Annotation(**{**values, "day": date.fromisoformat(values["day"]), "starred": bool(values["starred"])})
