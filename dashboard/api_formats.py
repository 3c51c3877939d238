"""How an answer of the API is written: nothing, a value, rows or several of these, in the format that was asked for."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from dashboard.api_parameters import ApiError, Parameters
from dashboard.formats.as_csv import csv_error, csv_of, tsv_of
from dashboard.formats.as_html import html_error, html_of
from dashboard.formats.as_json import callback_of, json_error, json_of
from dashboard.formats.as_rss import rss_of
from dashboard.formats.as_xml import xml_error, xml_of
from dashboard.formats.shapes import Answer as Answer

DEFAULT = "xml"
# As spreadsheets read it; the byte order mark tells them how.
UTF_16_MARK = b"\xff\xfe"
SPREADSHEET = "application/vnd.ms-excel"
NOT_IN_FILE_NAMES = re.compile(r"[^\w.,-]+", re.ASCII)
LONGEST_NAME = 100


class UnknownFormat(ApiError):
    """Raised if answers cannot be written in a format."""

    def __init__(self, name: str) -> None:
        known = ", ".join(FORMATS)
        super().__init__(f"Renderer format '{name[:50]}' not valid. Try any of the following instead: {known}.")


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent."""

    content: bytes
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Format:
    """A row of the table of formats."""

    answer: Callable[[Answer, Parameters], Body]
    error: Callable[[str, Parameters], Body]


def xml_body(text: str) -> Body:
    return Body(text.encode(), "text/xml; charset=utf-8")


def json_body(text: str, parameters: Parameters) -> Body:
    callback = callback_of(parameters)
    if callback:
        return Body(f"{callback}({text})".encode(), "application/javascript; charset=utf-8")
    return Body(text.encode(), "application/json; charset=utf-8")


def html_body(text: str) -> Body:
    return Body(text.encode(), "text/html; charset=utf-8")


def text_body(text: str) -> Body:
    return Body(text.encode(), "text/plain; charset=utf-8")


def spreadsheet(text: str, parameters: Parameters, ending: str) -> Body:
    """Return a file that is saved; spreadsheets know its letters unless the call wants plain UTF-8."""
    is_plain = parameters.given("convertToUnicode") and not parameters.flag("convertToUnicode")
    content = text.encode() if is_plain else UTF_16_MARK + text.encode("utf-16-le")
    name = f'attachment; filename="{file_name(parameters)}.{ending}"'
    return Body(content, SPREADSHEET, {"Content-Disposition": name})


def file_name(parameters: Parameters) -> str:
    """Return a name that tells files apart: the method and the dates."""
    parts = ("Export", *map(parameters.text, ("method", "date")))
    return "_".join(name for part in parts if (name := NOT_IN_FILE_NAMES.sub("", part)))[:LONGEST_NAME]


JSON = Format(
    lambda answer, asked: json_body(json_of(answer), asked),
    lambda message, asked: json_body(json_error(message), asked),
)
FORMATS = {
    "xml": Format(lambda answer, _: xml_body(xml_of(answer)), lambda message, _: xml_body(xml_error(message))),
    "json": JSON,
    "csv": Format(
        lambda answer, asked: spreadsheet(csv_of(answer, asked), asked, "csv"),
        lambda message, _: text_body(csv_error(message)),
    ),
    "tsv": Format(
        lambda answer, asked: spreadsheet(tsv_of(answer, asked), asked, "tsv"),
        lambda message, _: text_body(csv_error(message)),
    ),
    "html": Format(
        lambda answer, asked: html_body(html_of(answer, asked)),
        lambda message, _: html_body(html_error(message)),
    ),
    "rss": Format(
        lambda answer, asked: Body(rss_of(answer, asked).encode(), "application/rss+xml; charset=utf-8"),
        lambda message, _: text_body(csv_error(message)),
    ),
    "original": JSON,
}


@dataclass(frozen=True, slots=True)
class Written:
    """A format, and how a call wants it."""

    format: Format
    parameters: Parameters

    def answered(self, answer: Answer) -> Response:
        """Raises ApiError if this answer has no such form."""
        return response(self.format.answer(answer, self.parameters), 200, {})

    def refused(self, message: str, status: int, headers: Mapping[str, str]) -> Response:
        return response(self.format.error(message, self.parameters), status, headers)


def response(body: Body, status: int, headers: Mapping[str, str]) -> Response:
    return Response(body.content, status, {**body.headers, **headers}, media_type=body.media_type)


USUALLY = Written(FORMATS[DEFAULT], Parameters([]))  # For calls whose parameters cannot be read.


def written_as(parameters: Parameters) -> Written:
    """Return how a call wants its answer; without a word about it, in the default format.

    Raises UnknownFormat, BadParameter.
    """
    name = parameters.text("format")
    found = FORMATS.get(name.strip().lower() or DEFAULT)
    if found is None:
        raise UnknownFormat(name)
    callback_of(parameters)  # One that cannot be used is refused before anything is done.
    return Written(found, parameters)
