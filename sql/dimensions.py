"""What a custom dimension is: a text that a site keeps of each visit or action (tracking specification, 2.9)."""

import re
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeVar, get_args

from sql.patterns import groups_in, pattern_problem
from sql.refusals import BadDimension

Scope = Literal["visit", "action"]
Source = Literal["url", "urlparam", "action_name"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
SOURCES: tuple[Source, ...] = get_args(Source)
LONGEST_NAME = 255
MOST = 999  # Ids go from 1 to this.
MOST_EXTRACTIONS = 20
PARAMETER_NAME = re.compile(r"[^\s?&=#]{1,255}")


class Extraction(NamedTuple):
    """Where a value is found that the tracker did not send: the first group of a pattern, or a URL's parameter."""

    dimension: Source
    pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionFields:
    """What an operator decides about a custom dimension; field names are column names."""

    name: str
    scope: Scope
    active: bool = True
    case_sensitive: bool = True  # Of the patterns.
    extractions: tuple[Extraction, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDimension(DimensionFields):
    """A dimension to be added; without an id it gets the site's next one."""

    site: int
    id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension(DimensionFields):
    """A text that a site keeps of each visit or action, sent as `dimension<id>`."""

    site: int
    id: int
    index: int  # Counted from 1 within the site's dimensions of one scope.


D = TypeVar("D", NewDimension, Dimension)


def checked_dimension(dimension: D) -> D:
    """Return a dimension as it is kept.

    Raises BadDimension if it cannot be.
    """
    name = dimension.name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadDimension(f"name {name[:50]!r}: expected 1 to {LONGEST_NAME} printable characters, such as Author")
    if dimension.scope not in SCOPES:
        raise BadDimension(f"scope {dimension.scope!r}: expected one of {', '.join(SCOPES)}")
    if dimension.id is not None and not 1 <= dimension.id <= MOST:
        raise BadDimension(f"dimension id {dimension.id}: expected a number from 1 to {MOST}")
    if len(dimension.extractions) > MOST_EXTRACTIONS:
        raise BadDimension(f"{len(dimension.extractions)} extractions: expected at most {MOST_EXTRACTIONS}")
    return replace(dimension, name=name, extractions=tuple(map(checked_extraction, dimension.extractions)))


def checked_extraction(extraction: Extraction) -> Extraction:
    source, pattern = extraction
    if source not in SOURCES:
        raise BadDimension(f"extraction from {source!r}: expected one of {', '.join(SOURCES)}")
    problem = parameter_problem(pattern) if source == "urlparam" else extraction_problem(pattern)
    if problem:
        raise BadDimension(f"extraction {source}={pattern[:100]!r}: {problem}")
    return Extraction(source, pattern)


def parameter_problem(name: str) -> str:
    return "" if PARAMETER_NAME.fullmatch(name) else "expected the name of a parameter, such as author"


def extraction_problem(pattern: str) -> str:
    """Return why nothing can be found with a pattern, '' if something can."""
    if problem := pattern_problem(pattern):
        return problem
    return "" if groups_in(pattern) else "expected the wanted part in parentheses, such as /blog/([^/]+)"
