"""How an answer of the API is written: nothing, a value, rows or several of these, in the format that was asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from dashboard.api_parameters import ApiError, Parameters
from dashboard.formats.as_json import callback_of, json_error, json_of
from dashboard.formats.as_xml import xml_error, xml_of
from dashboard.formats.shapes import Answer as Answer

DEFAULT = "xml"


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
    """A row of the table of formats: how an answer and a refusal become text, and a text what is sent."""

    answer: Callable[[Answer, Parameters], str]
    error: Callable[[str], str]
    body: Callable[[str, Parameters], Body]


def as_script(text: str, parameters: Parameters) -> Body:
    callback = callback_of(parameters)
    if callback:
        return Body(f"{callback}({text})".encode(), "application/javascript; charset=utf-8")
    return Body(text.encode(), "application/json; charset=utf-8")


FORMATS = {
    "xml": Format(
        lambda answer, _: xml_of(answer), xml_error, lambda text, _: Body(text.encode(), "text/xml; charset=utf-8")
    ),
    "json": Format(lambda answer, _: json_of(answer), json_error, as_script),
}


@dataclass(frozen=True, slots=True)
class Written:
    """A format, and how a call wants it."""

    format: Format
    parameters: Parameters

    def answered(self, answer: Answer) -> Response:
        """Raises ApiError if this answer has no such form."""
        return self.response(self.format.answer(answer, self.parameters), 200, {})

    def refused(self, message: str, status: int, headers: Mapping[str, str]) -> Response:
        return self.response(self.format.error(message), status, headers)

    def response(self, text: str, status: int, headers: Mapping[str, str]) -> Response:
        body = self.format.body(text, self.parameters)
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
    callback_of(parameters)
    return Written(found, parameters)
