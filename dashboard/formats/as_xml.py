"""Answers as XML: an element for each column, and one named `row` for each row."""

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from dashboard.formats.shapes import Answer, is_table, plain
from dashboard.reporting.table import ResultMap, Single, Table

HEAD = '<?xml version="1.0" encoding="utf-8" ?>\n'
TAG = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
KEYED = "="  # Between name and value of an attribute, in names such as `idgoal=1`.
SIMPLE = str | int | float | None
ALREADY_ENCODED = frozenset({"segment"})


def xml_of(answer: Answer) -> str:
    if answer is None:
        return xml_result('<success message="ok" />')
    if isinstance(answer, ResultMap):
        return HEAD + "".join(map_element(answer))
    of_report = isinstance(answer, Table | Single)
    return HEAD + "".join(element(Tag("result"), plain(answer), safe_twice if of_report else safe))


def xml_error(message: str) -> str:
    return xml_result(f"<error message={attribute(message)} />")


def xml_result(content: str) -> str:
    return f"{HEAD}<result>\n\t{content}\n</result>"


class Tag(NamedTuple):
    """An element's name and attributes, and the column that it is for."""

    name: str
    attributes: str = ""
    column: str = ""

    @property
    def opened(self) -> str:
        return f"{self.name} {self.attributes}" if self.attributes else self.name


# How a text becomes one of XML, by the column that it is from.
Safe = Callable[[str, str], str]


def safe(text: str, _: str) -> str:
    return escape(NOT_XML.sub("", text))


def safe_twice(text: str, column: str) -> str:
    """Escape a text of a report once more: clients put what they read into pages, and expect that it cannot be code."""
    return safe(text if column in ALREADY_ENCODED else html.escape(text), column)


def attribute(text: str) -> str:
    return quoteattr(NOT_XML.sub("", text))


def map_element(answer: ResultMap, attributes: str = "", depth: int = 0) -> Iterator[str]:
    """Yield `results` with an element for each date or site; those of a site have its dates inside."""
    name, indent = ("result" if attributes else "results"), "\t" * depth
    opened = Tag(name, attributes).opened
    if not answer.entries:
        yield f"{indent}<{opened} />"
        return
    yield f"{indent}<{opened}>\n"
    for key, entry in answer.entries.items():
        mark = f"{answer.key}={attribute(key)}"
        if isinstance(entry, ResultMap):
            yield from map_element(entry, mark, depth + 1)
        else:
            yield from element(Tag("result", mark), plain(entry, among_others=True), safe_twice, depth + 1)
        yield "\n"
    yield f"{indent}</{name}>"


def element(tag: Tag, value: object, safe: Safe, depth: int = 0) -> Iterator[str]:
    """Yield an element: a row has an element for each column, a table one named `row` for each entry."""
    indent = "\t" * depth
    if not is_table(value):
        yield leaf(tag, value, safe, indent)
        return
    children = list(children_of(value))
    yield f"{indent}<{tag.opened}>\n" if children else f"{indent}<{tag.opened} />"
    for child, inner in children:
        if isinstance(inner, SIMPLE):  # Most are: no need for another generator.
            yield leaf(child, inner, safe, f"{indent}\t")
        else:
            yield from element(child, inner, safe, depth + 1)
        yield "\n"
    if children:
        yield f"{indent}</{tag.name}>"


def leaf(tag: Tag, value: object, safe: Safe, indent: str) -> str:
    text = xml_text(value, tag.column, safe)
    return f"{indent}<{tag.opened}>{text}</{tag.name}>" if text else f"{indent}<{tag.opened} />"


def children_of(value: object) -> Iterator[tuple[Tag, object]]:
    if isinstance(value, Mapping):
        for name, child in value.items():
            yield tag_of(str(name)), child
    elif isinstance(value, Sequence):
        for child in value:
            yield Tag("row"), child


@lru_cache(1024)
def tag_of(name: str) -> Tag:
    """Return the element of a column: a name that no element can have becomes an attribute of a `row`."""
    if TAG.fullmatch(name):
        return Tag(name, column=name)
    key, equals, value = name.partition(KEYED)
    if equals and TAG.fullmatch(key):
        return Tag("row", f"{key}={attribute(value)}")
    return Tag("row", f"key={attribute(name)}")


def xml_text(value: object, column: str, safe: Safe) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, str):
        return safe(value, column)
    return "" if value is None else str(value)
