"""Segments: `browserCode==FF;countryCode==de,countryCode==at` says which visits a report is about.

`;` is "and", `,` is "or" and binds tighter; `\\,` and `\\;` are a comma and a semicolon. Source: Reporting API
specification, section 5.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import unquote_plus

from dashboard.api_parameters import SHOWN, ApiError
from dashboard.segment_values import Context, UselessValue, tests_of
from sql.segment_names import Name, name_of
from sql.segment_tests import Operator, Test
from sql.segments import EVERYTHING, Condition, Filter, TooManyLists, composed

__all__ = ["Context", "parse"]

EMPTY: dict[str, Operator] = {"==": "empty", "!=": "filled"}
LONGEST = 16_384  # Letters.
MOST_CONDITIONS = 200
CONDITION = re.compile(r"\s*([a-zA-Z]\w*)\s*(==|!=|>=|<=|=@|!@|=\^|=\$|>|<)(.*)", re.ASCII | re.DOTALL)
OPPOSITES = {"!=": "==", "!@": "=@"}
# What stands for a character that HTML has another use for: rows of reports name their values so.
ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#039;": "'", "&#39;": "'"}
ENTITY = re.compile("|".join(ENTITIES))


class UnknownSegment(ApiError):
    """Raised if no visit or action has something of this name."""

    def __init__(self, name: str, reason: str = "") -> None:
        super().__init__(f"Segment '{name[:SHOWN]}' is not a supported segment. {reason}".rstrip())


class Withheld(UnknownSegment):
    """Raised if a site's privacy preset lets nobody tell one visitor from others in this way."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "This website's privacy preset does not tell visitors from each other by it.")


class BadCondition(ApiError):
    """Raised if a condition cannot be understood."""

    def __init__(self, text: str, expected: str = "") -> None:
        hint = f" Expected {expected}." if expected else ""
        super().__init__(f"The segment condition '{text[:SHOWN]}' is not valid.{hint}")


class TooLarge(ApiError):
    """Raised if a segment would take too long to look at, or to look for."""

    def __init__(self, expected: str) -> None:
        super().__init__(f"The segment is too large: expected {expected}.")


class Piece(NamedTuple):
    """A condition as it is written."""

    text: str
    name: str
    operator: str
    value: str


def parse(text: str, context: Context) -> Filter:
    """Return the visits that a segment means; it may be URL-encoded as a whole, and its values always may.

    Raises UnknownSegment, BadCondition, TooLarge.
    """
    if not text.strip():
        return EVERYTHING
    if len(text) > LONGEST:
        raise TooLarge(f"at most {LONGEST} letters")
    decoded = unquote_plus(text)
    try:
        return filter_of(decoded, context)
    except (UnknownSegment, BadCondition):
        if decoded == text:
            raise
    return filter_of(text, context)  # An encoded comma was meant as one.


def filter_of(text: str, context: Context) -> Filter:
    terms = [[piece_of(part) for part in split(",", term)] for term in split(";", text)]
    if sum(map(len, terms)) > MOST_CONDITIONS:
        raise TooLarge(f"at most {MOST_CONDITIONS} conditions")
    try:
        return composed([tuple(conditions_of(pieces, context)) for pieces in terms], context.timezone)
    except TooManyLists:
        raise TooLarge("fewer alternatives that look at actions") from None


def split(delimiter: str, text: str) -> list[str]:
    return re.split(rf"(?<!\\){delimiter}", text)


def piece_of(text: str) -> Piece:
    found = CONDITION.fullmatch(text)
    if found is None:
        raise BadCondition(text)
    name, operator, value = found.groups()
    return Piece(text, name, operator, value_of(value))


def value_of(text: str) -> str:
    """Return what a value says: without escapes, and with characters that can be stored."""
    decoded = unquote_plus(text.replace("\\,", ",").replace("\\;", ";"))
    meant = ENTITY.sub(lambda match: ENTITIES[match[0]], decoded)
    return meant.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def conditions_of(pieces: Iterable[Piece], context: Context) -> Iterator[Condition]:
    """Yield the conditions of a term; values of one name that are alternatives are compared together."""
    alike: dict[object, list[Piece]] = {}
    for number, piece in enumerate(pieces):
        key = piece.name if piece.operator == "==" and piece.value else number
        alike.setdefault(key, []).append(piece)
    for together in alike.values():
        yield condition_of(together, context)


def condition_of(pieces: list[Piece], context: Context) -> Condition:
    """Return the condition of pieces that have name and operator in common."""
    first = pieces[0]
    name = name_of(first.name, context.dimensions)
    if name is None:
        raise UnknownSegment(first.name)
    if name.text in context.withheld:
        raise Withheld(name.text)
    operator = OPPOSITES.get(first.operator, first.operator)
    if not first.value:
        return without_value(first, name)
    try:
        tests = tuple(tests_of(name, operator, [piece.value for piece in pieces], context))
    except UselessValue as error:
        raise BadCondition(first.text, str(error)) from None
    return Condition(tests, negated=first.operator in OPPOSITES)


def without_value(piece: Piece, name: Name) -> Condition:
    """Return the condition that something is there at all, or that it is not."""
    if piece.operator not in EMPTY:
        raise BadCondition(piece.text, "a value")
    return Condition(tuple(Test(attribute, EMPTY[piece.operator], (), name.key) for attribute in name.attributes))
