"""How an answer of the API is written: nothing, a value, a row or a table, in the format that was asked for."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from xml.sax.saxutils import escape, quoteattr

from starlette.responses import Response

from dashboard.api_parameters import ApiError

# None: it was done, and there is nothing to say.
Answer: TypeAlias = "str | bool | int | float | Mapping[str, object] | Sequence[object] | None"

DEFAULT = "xml"
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
XML_HEAD = '<?xml version="1.0" encoding="utf-8" ?>\n'
TAG = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)


class UnknownFormat(ApiError):
    """Raised if answers cannot be written in a format."""

    def __init__(self, name: str) -> None:
        known = ", ".join(FORMATS)
        super().__init__(f"Renderer format '{name[:50]}' not valid. Try any of the following instead: {known}.")


@dataclass(frozen=True, slots=True)
class Format:
    """A row of the table of formats."""

    media_type: str
    answer: Callable[[Answer], str]
    error: Callable[[str], str]

    def answered(self, answer: Answer) -> Response:
        return Response(self.answer(answer), 200, media_type=self.media_type)

    def refused(self, message: str, status: int, headers: Mapping[str, str]) -> Response:
        return Response(self.error(message), status, headers, media_type=self.media_type)


def json_of(answer: Answer) -> str:
    if answer is None:
        return json_text({"result": "success", "message": "ok"})
    return json_text(answer if is_table(answer) else {"value": answer})


def json_error(message: str) -> str:
    return json_text({"result": "error", "message": message})


def json_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def is_table(answer: object) -> bool:
    """Tell a row or a table from a value."""
    return isinstance(answer, Mapping) or (isinstance(answer, Sequence) and not isinstance(answer, str))


def xml_of(answer: Answer) -> str:
    if answer is None:
        return xml_result('<success message="ok" />')
    return XML_HEAD + "".join(element("result", answer))


def xml_error(message: str) -> str:
    return xml_result(f"<error message={quoteattr(NOT_XML.sub('', message))} />")


def xml_result(content: str) -> str:
    return f"{XML_HEAD}<result>\n\t{content}\n</result>"


def element(tag: str, value: object, depth: int = 0) -> Iterator[str]:
    """Yield an element: a row has an element for each column, a table one named `row` for each entry."""
    indent = "\t" * depth
    if not is_table(value):
        text = xml_text(value)
        yield f"{indent}<{tag}>{text}</{tag}>" if text else f"{indent}<{tag} />"
        return
    children = list(children_of(value))
    yield f"{indent}<{tag}>\n" if children else f"{indent}<{tag} />"
    for name, child in children:
        yield from element(name, child, depth + 1)
        yield "\n"
    if children:
        yield f"{indent}</{tag}>"


def children_of(value: object) -> Iterator[tuple[str, object]]:
    """Yield names and values; a name that no element can have becomes `row`."""
    if isinstance(value, Mapping):
        for name, child in value.items():
            yield str(name) if TAG.fullmatch(str(name)) else "row", child
    elif isinstance(value, Sequence):
        for child in value:
            yield "row", child


def xml_text(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return "" if value is None else escape(NOT_XML.sub("", str(value)))


FORMATS = {
    "xml": Format("text/xml; charset=utf-8", xml_of, xml_error),
    "json": Format("application/json; charset=utf-8", json_of, json_error),
}


def format_of(name: str) -> Format:
    """Return a format; without a name the default. Raises UnknownFormat."""
    found = FORMATS.get(name.strip().lower() or DEFAULT)
    if found is None:
        raise UnknownFormat(name)
    return found
