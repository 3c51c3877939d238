"""Segments in SQL: which visits are looked at, as a condition that is put into a report at the place marked for it.

The condition's texts come from the tables below and nothing else; values travel as bound parameters. Where a report
reads `visits`, its file has the line `/* segment of visits */`; where it reads rows of visits, `/* segment of hits */`.
A file is plain SQL without a segment, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sql import load

VISITS_MARK = "/* segment of visits */"
HITS_MARK = "/* segment of hits */"


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on columns of `visits`, with its parameters; empty: all visits."""

    condition: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)

    def applied(self, statement: str) -> str:
        """Return a report's statement about these visits only."""
        if not self.condition:
            return statement
        visits = f"and ({self.condition})"
        return statement.replace(VISITS_MARK, visits).replace(HITS_MARK, f"and visit in (\n{self.visits}\n)")

    @property
    def visits(self) -> str:
        """The statement that lists these visits' ids."""
        return load("segments/visits").replace(VISITS_MARK, f"and ({self.condition})").strip()


EVERYTHING = Filter()
