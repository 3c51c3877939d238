"""Segments in SQL: which visits are looked at, as a condition that is put into a report at the place marked for it.

The condition's texts come from the tables of `sql.segment_names` and `sql.segment_tests` and nothing else; values
travel as bound parameters. Where a report reads `visits`, its file has the line `/* segment of visits */`; where it
reads rows of visits, `/* segment of hits */`. A file is plain SQL without a segment, too.

A segment is a list of terms that must all hold; in a term, any condition is enough. What is asked of actions must hold
on one action, in all terms together; "is not" asks that no action of the visit is. Orders, carts and articles are asked
in the same way; which goals a visit reached is a fact about the visit, as its country is.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from sql import SqlError, load
from sql.segment_names import Source
from sql.segment_tests import Binding, Test, row_text

VISITS_MARK = "/* segment of visits */"
HITS_MARK = "/* segment of hits */"
ROWS_MARK = "/* segment of rows */"
MOST_LISTS = 20  # How often other tables are read to find the visits of one segment.


class TooManyLists(SqlError):
    """Raised if a segment would read other tables too often."""


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
        return visits_with(self.condition)


EVERYTHING = Filter()


class Having(Filter):
    """Which rows of a table have an attribute at all: a condition on columns of that table."""

    __slots__ = ()

    def applied(self, statement: str) -> str:
        return statement.replace(ROWS_MARK, f"and ({self.condition})") if self.condition else statement


class Condition(NamedTuple):
    """What is asked of a visit or of its rows: any of the tests, all of which are about the same table."""

    tests: tuple[Test, ...]
    negated: bool = False

    @property
    def source(self) -> Source:
        return self.tests[0].attribute.source

    @property
    def wants_row(self) -> bool:
        """Tell whether a row of another table must be found."""
        return self.source != "visits" and not self.negated

    def wants(self, source: Source) -> bool:
        return self.wants_row and self.source == source


Term = Sequence[Condition]
Member = TypeVar("Member")
Key = TypeVar("Key", bound=Hashable)


def composed(terms: Iterable[Term], zone: str) -> Filter:
    """Return the filter of a segment; `zone` is the site's time zone.

    Raises TooManyLists.
    """
    composer = Composer(Binding(zone))
    condition = " and ".join(composer.parts(list(terms)))
    return Filter(condition, composer.bind.parameters)


def visits_with(condition: str) -> str:
    return load("segments/visits").replace(VISITS_MARK, f"and ({condition})").strip()


@dataclass(slots=True)
class Composer:
    """Puts the terms of one segment together, each table read as seldom as can be."""

    bind: Binding
    lists: int = 0

    def parts(self, terms: Sequence[Term]) -> Iterable[str]:
        """Yield conditions on visits that must all hold."""
        for group, members in grouped(terms, group_of).items():
            if group.is_unwanted:
                row = self.any_row([condition for (condition,) in members])
                yield f"visits.id not in ({self.rows_with(group.source, row)})"
            elif group.source == "visits" or len(members) == 1:
                yield from map(self.any_of, members)
            else:
                rows = " and ".join(self.row_or_visit(group.source, term) for term in members)
                yield f"visits.id in ({self.rows_with(group.source, rows)})"

    def row_or_visit(self, source: Source, term: Term) -> str:
        """Return a term as a condition on one row: it is as described, or its visit is."""
        own = [condition for condition in term if condition.wants(source)]
        others = [condition for condition in term if not condition.wants(source)]
        row = self.any_row(own)
        if not others:
            return f"({row})"
        return f"({row} or visit in ({self.counted(visits_with(self.any_of(others)))}))"

    def any_of(self, term: Term) -> str:
        """Return a term as a condition on columns of `visits`."""
        texts = [self.about_visit(condition) for condition in term if not condition.wants_row]
        for source, wanted in grouped((each for each in term if each.wants_row), source_of).items():
            texts.append(f"visits.id in ({self.rows_with(source, self.any_row(wanted))})")
        return f"({' or '.join(texts)})"

    def about_visit(self, condition: Condition) -> str:
        row = self.any_row([condition])
        if condition.source != "visits":
            return f"visits.id not in ({self.rows_with(condition.source, row)})"
        return f"not ({row})" if condition.negated else f"({row})"

    def any_row(self, conditions: Iterable[Condition]) -> str:
        """Return what holds of a row of which one of the conditions is true, whether or not it is wanted."""
        tests = (test for condition in conditions for test in condition.tests)
        return " or ".join(f"({row_text(test, self.bind)})" for test in tests)

    def rows_with(self, source: Source, row: str) -> str:
        return self.counted(load(f"segments/{source}").replace(ROWS_MARK, f"and ({row})").strip())

    def counted(self, statement: str) -> str:
        self.lists += 1
        if self.lists > MOST_LISTS:
            raise TooManyLists(f"a segment reads other tables {self.lists} times; expected at most {MOST_LISTS}")
        return f"\n{statement}\n"


class Group(NamedTuple):
    """Terms that are put together: no row may be as any of them says, or one row must be as all of them say."""

    source: Source
    is_unwanted: bool = False


def group_of(term: Term) -> Group:
    """Return where a term belongs; one that asks for rows of several tables is about actions first of all."""
    wanted = [condition.source for condition in term if condition.wants_row]
    if not wanted and len(term) == 1:
        return Group(term[0].source, term[0].source != "visits")
    if "hits" in wanted or len({*wanted}) == 1:
        return Group("hits" if "hits" in wanted else wanted[0])
    return Group("visits")


def source_of(condition: Condition) -> Source:
    return condition.source


def grouped(members: Iterable[Member], key: Callable[[Member], Key]) -> dict[Key, list[Member]]:
    groups: dict[Key, list[Member]] = {}
    for member in members:
        groups.setdefault(key(member), []).append(member)
    return groups
