"""What the values of segments mean, by the kind of what they are compared with: numbers, days, pages, words."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from ipaddress import ip_address
from typing import Self, get_args

from dashboard.segment_labels import CLOSED, labels_of
from sql.entries import SiteFields
from sql.policies import policy_of
from sql.query_names import without_unkept
from sql.segment_names import Attribute, Kind, Name
from sql.segment_tests import ORDERED, Operator, Test, Value

NUMBER = re.compile(r"\s*([+-]?[0-9]{1,20})(\.[0-9]{0,15})?\s*", re.ASCII)
WHOLE = range(-(2**63), 2**64)
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2149, 6, 6)
VISITOR = re.compile(r"[0-9a-f]{16}", re.IGNORECASE | re.ASCII)
ORIGIN = re.compile(r"(?:https?://)?(?:www\.)?", re.IGNORECASE)
MATCHES: Mapping[str, Callable[[str, str], bool]] = {
    "==": str.__eq__,
    "=@": str.__contains__,
    "=^": str.startswith,
    "=$": str.endswith,
}


# What tells one visitor from others, and what a privacy preset calls the permission to look at it. An order's number
# leads to one visit, like that of the visit.
PERSONAL = {
    **{"visitId": "visitor_log", "orderId": "visitor_log"},
    **{"visitorId": "visitor_ids", "userId": "user_ids", "visitIp": "addresses"},
}


class UselessValue(ValueError):
    """Raised if a value cannot be compared as wanted; its text says what could."""


@dataclass(frozen=True, slots=True)
class Context:
    """What names and values mean on a site."""

    timezone: str = "UTC"
    dimensions: Mapping[int, str] = field(default_factory=dict)  # 'visit' or 'action', by id.
    goals: Mapping[int, str] = field(default_factory=dict)  # Names, by id.
    excluded_parameters: tuple[str, ...] = ()  # What page URLs are not kept with, beside what never is.
    keep_fragment: bool = False  # Of page URLs.
    withheld: frozenset[str] = frozenset()  # Names that nobody may ask for, lest single visitors be looked at.

    @classmethod
    def of(cls, site: SiteFields, dimensions: Mapping[int, str], goals: Mapping[int, str]) -> Self:
        """Return what a site has, with the global settings in it, and what its privacy preset keeps to itself."""
        policy = policy_of(site)
        withheld = frozenset(name for name, allowed in PERSONAL.items() if not getattr(policy, allowed))
        return cls(site.timezone, dimensions, goals, site.excluded_parameters, bool(site.keep_fragment), withheld)


def tests_of(name: Name, operator: str, texts: Sequence[str], context: Context) -> Iterator[Test]:
    """Yield the comparisons of a name with values, any of which will do.

    Raises UselessValue.
    """
    known = next(sign for sign in get_args(Operator) if sign == operator)
    for attribute in name.attributes:
        values = values_of(name, attribute, known, texts, context)
        yield Test(attribute, known, tuple(values), name.key)
        if operator == "==" and attribute.nothing.lower() in map(str.lower, texts):
            yield Test(attribute, "empty", (), name.key)


def values_of(
    name: Name, attribute: Attribute, operator: Operator, texts: Sequence[str], context: Context
) -> Iterable[Value]:
    if attribute.kind == "code":
        return [value for text in texts for value in meant_by(name.text, operator, text, context)]
    if operator in ORDERED:
        return [ordered(attribute.kind, text) for text in texts]
    if attribute.kind == "page":
        return [page(text, context) if operator == "==" else without_origin(text) for text in texts]
    found = (compared(attribute.kind, operator, text) for text in texts)
    return [value for value in found if value is not None]


def meant_by(name: str, operator: str, text: str, context: Context) -> list[Value]:
    """Return the stored values that a word, or a part of one, stands for."""
    if operator in ORDERED:
        raise UselessValue("one of the operators ==, !=, =@, !@, =^ and =$")
    labels = labels_of(name, context.goals)
    found = [value for label, value in labels if MATCHES[operator](label.lower(), text.lower())]
    if not found and operator == "==" and name in CLOSED:
        raise UselessValue(f"one of {', '.join(CLOSED[name])}")
    return [*dict.fromkeys(found)]


def ordered(kind: Kind, text: str) -> Value:
    """Return a value that others can be greater than. Raises UselessValue."""
    if kind not in READ or kind == "visitor":
        raise UselessValue("one of the operators ==, !=, =@, !@, =^ and =$")
    value = READ[kind](text)
    if value is None:
        raise UselessValue(EXPECTED[kind])
    return value


def compared(kind: Kind, operator: str, text: str) -> Value | None:
    """Return what a text is compared with; None if nothing can be equal to it."""
    if operator == "==" and kind in READ and kind != "address":
        return READ[kind](text)
    return text


def number(text: str) -> Value | None:
    found = NUMBER.fullmatch(text)
    if found is None:
        return None
    whole = int(found[1])
    return whole if whole in WHOLE and not (found[2] or "").strip(".0") else float(text)


def day(text: str) -> Value | None:
    """Return a day that ClickHouse can count, None if it is none; before and after them nothing happens."""
    try:
        return min(max(date.fromisoformat(text.strip()), FIRST_DAY), LAST_DAY)
    except ValueError:
        return None


def address(text: str) -> Value | None:
    """Return an address in the form that all of them can be compared in."""
    try:
        found = ip_address(text.strip())
    except ValueError:
        return None
    return f"::ffff:{found}" if found.version == 4 else str(found)


def visitor(text: str) -> Value | None:
    return int(text, 16) if VISITOR.fullmatch(text) else None


def page(text: str, context: Context) -> str:
    """Return a page's URL as pages are kept: whoever copies it from a browser has more than that."""
    address, _, fragment = text.partition("#")
    path, _, query = address.partition("?")
    kept = without_unkept(query, context.excluded_parameters)
    end = f"#{fragment}" if fragment and context.keep_fragment else ""
    return without_origin(f"{path}{'?' if kept else ''}{kept}{end}")


def without_origin(text: str) -> str:
    """Return a URL without what makes no other page of it."""
    return ORIGIN.sub("", text.strip(), count=1)


READ: Mapping[Kind, Callable[[str], Value | None]] = {
    "number": number,
    "date": day,
    "address": address,
    "visitor": visitor,
}
EXPECTED: Mapping[Kind, str] = {
    "number": "a number",
    "date": "a date, such as 2026-05-13",
    "address": "an IP address",
}
