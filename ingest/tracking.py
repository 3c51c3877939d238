"""Matomo's tracking parameters as typed values: query strings, forms and JSON bulk bodies.

The text rules are those of the tracking specification, sections 0.4 (text), 0.5 (numbers) and 3 (bulk).
"""

import json
import re
from collections.abc import Iterator, Mapping
from html.entities import name2codepoint
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

import orjson

from ingest import IngestError

MAX_PARAMETERS = 1000
LONGEST_TEXT = 1024  # Bytes; Matomo's page_maximum_length.
BULK_MARKERS = (b'"requests"', b"'requests'")
HIGH_BYTE = re.compile(b"%[89A-Fa-f]")
ENTITY = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]*);")
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
LONGEST_ENTITY = 16  # Characters; those of the table have at most ten.
LONGEST_NUMBER = 40  # Characters; a longer one is not meant as a number, and costs time to convert.
LARGEST_NUMBER = 2.0**63  # Sums of larger ones soon have no end.


class BadRequest(IngestError):
    """Raised if a tracking request must be refused as a whole (status 400)."""

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"parameter {name}: expected {expected}")
        self.name = name


# What a website's tracker sends with every page view; nothing of it changes how a request is treated.
ORDINARY = frozenset(
    {
        *("idsite", "rec", "url", "urlref", "action_name", "r", "rand", "h", "m", "s", "send_image", "apiv"),
        *("_id", "_idn", "_idts", "_idvc", "_viewts", "_refts", "_ref", "res", "pv_id", "uadata"),
        *("fla", "java", "qt", "realp", "pdf", "wma", "ag", "dir", "gears", "cookie"),
        *("pf_net", "pf_srv", "pf_tfr", "pf_dm1", "pf_dm2", "pf_onl", "gt_ms", "_ects", "data", "queuedtracking", "dp"),
        *("_rcn", "_rck", "cs", "e_cvar", "consent", "cookie_consent"),
    }
)


class TrackingRequest:
    """The parameters of one tracking request, each typed when it is asked for.

    Absent, empty and unusable values give the default, as the specification says. `ordinary` tells that there are no
    others than those of every page view: most hits are so, and the rest of the rules need no look.
    """

    __slots__ = ("ordinary", "parameters")

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self.parameters = parameters
        self.ordinary = parameters.keys() <= ORDINARY

    def text(self, name: str, limit: int = LONGEST_TEXT) -> str:
        """Return a text: entities decoded, control characters dropped, trimmed and cut to `limit` bytes."""
        value = self.parameters.get(name)
        if value is None or value == "":
            return ""
        if value.__class__ is not str:
            value = scalar_text(value)
        if value.isalnum():  # An id, a resolution: nothing about it needs a closer look.
            return value if len(value) * 4 <= limit else cut(value, limit)
        return tidy(value, limit)

    def untrimmed(self, name: str, limit: int = LONGEST_TEXT) -> str:
        """Return a text like `text`, with the blanks around it."""
        value = without_entities(scalar_text(self.parameters.get(name)), limit)
        return cut(value if value.isprintable() else without_controls(value), limit)

    def integer(self, name: str, default: int) -> int:
        """Return a whole number; `5`, `007`, `1.0` and `1e1` are, `5abc`, `1.5` and lists are not."""
        value = self.parameters.get(name)
        if value is None or value == "":
            return default
        if value.__class__ is str and len(value) < 16 and value.isascii() and value.isdigit():
            return int(value)
        return loose_integer(value, default)

    def number(self, name: str) -> float | None:
        """Return a decimal number; None if there is none, and 0.0 for a text that is no number."""
        value = self.parameters.get(name)
        if value is None or value == "":
            return None
        return loose_number(scalar_text(value))

    def decimal(self, name: str) -> float | None:
        """Return a decimal number, None for a text that is none, too."""
        value = scalar_text(self.parameters.get(name)).strip()
        if not value:
            return None
        return loose_number(value) if parsed_number(value) is not None else None

    def structure(self, name: str) -> object:
        """Return what JSON text says; in a bulk body it may have been said without quotes. None if it says nothing."""
        value = self.parameters.get(name)
        return loads(value.encode("utf-8", "replace")) if value and isinstance(value, str) else value

    def has(self, name: str) -> bool:
        """Tell whether a text other than the empty one and `0` came."""
        return scalar_text(self.parameters.get(name)) not in ("", "0")


class Bulk(NamedTuple):
    """A bulk body: its entries in order, and what holds for all of them."""

    entries: list[object]
    token: str
    send_image: bool
    broken: bool = False  # It was not the JSON object with a list of requests that it should be.

    @property
    def requests(self) -> Iterator["TrackingRequest"]:
        """Yield the requests among the entries; what is none is skipped (specification 3.1)."""
        for entry in self.entries:
            if isinstance(entry, str):
                _, mark, query = entry.partition("?")
                if mark:
                    yield TrackingRequest(parse_query(query.partition("#")[0].encode("utf-8", "replace")))
            elif isinstance(entry, dict):
                yield TrackingRequest(entry)
            elif isinstance(entry, list):  # An empty object is an empty list to PHP.
                yield TrackingRequest({})


def parse_query(query: bytes) -> dict[str, Any]:
    """Return the parameters of a query string or form body as PHP reads them: the last of one name wins."""
    parameters = parsed_as_json(query)
    if parameters is None:
        parameters = parsed_by_pairs(query)
    if unusual := parameters.keys() - ORDINARY:
        for name in [name for name in unusual if not (name.isidentifier() and name.isascii())]:
            put_under_plain_name(parameters, name)
    return parameters


def parsed_as_json(query: bytes) -> dict[str, Any] | None:
    """Return the parameters of an ordinary query string, None for one that is not.

    The JSON parser splits and decodes all at once, percent sequences as its own escapes: four times as fast as pair by
    pair, measured. A query that is no JSON object then, such as one with a name and no value, goes the long way.
    """
    if not query.isascii() or b'"' in query or b"\\" in query or query.count(b"&") >= MAX_PARAMETERS:
        return None
    escaped = query.replace(b"=", b'":"').replace(b"&", b'","').replace(b"+", b" ").replace(b"%", b"\\u00")
    try:
        parameters: dict[str, Any] = orjson.loads(b'{"%b"}' % escaped)
    except orjson.JSONDecodeError:
        return None
    if HIGH_BYTE.search(query):
        for name, value in parameters.items():
            if not name.isascii():
                return None
            if not value.isascii():
                parameters[name] = from_bytes(value.encode("latin-1"))
    return parameters


def parsed_by_pairs(query: bytes) -> dict[str, Any]:
    pairs = query.decode("latin-1").split("&", MAX_PARAMETERS)[:MAX_PARAMETERS]
    return {decoded(name): decoded(value) for name, _, value in (pair.partition("=") for pair in pairs)}


def decoded(value: str) -> str:
    """Decode percent sequences; a broken one stays as it is."""
    return from_bytes(unquote_to_bytes(value.replace("+", " ").encode("latin-1")))


def from_bytes(raw: bytes) -> str:
    """Return a text; bytes that are not UTF-8 are read as ISO-8859-1."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def put_under_plain_name(parameters: dict[str, Any], sent: str) -> None:
    """`a[]=1` makes a list, which no text parameter accepts; dots and spaces in names become underscores."""
    value = parameters.pop(sent)
    base, bracket, _ = sent.lstrip(" ").partition("[")
    base = base.replace(".", "_").replace(" ", "_")
    if base:
        parameters[base] = [value] if bracket else value


def looks_like_bulk(body: bytes) -> bool:
    """Tell whether a body is a bulk body, whatever its content type (specification 1.3)."""
    return any(body.find(marker) > 0 for marker in BULK_MARKERS)


def parse_bulk(body: bytes) -> Bulk:
    """Return what a bulk body holds; no entries if it is not the JSON object that it should be."""
    content = loads(body.replace(b"\r", b"").replace(b"\n", b"").strip())
    if not isinstance(content, dict) or not isinstance(content.get("requests"), list):
        return Bulk([], "", True, broken=True)
    token = content.get("token_auth")
    return Bulk(
        content["requests"],
        token if isinstance(token, str) else "",
        scalar_text(content.get("send_image", "1")) != "0",
    )


def loads(text: bytes) -> object:
    """Decode JSON, None if it is none; characters that are not allowed in it and endless numbers cost no neighbour."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    try:
        plain = text.decode("utf-8-sig", "replace")
        content = json.loads(plain, strict=False, parse_constant=str, parse_float=str, parse_int=str)
        return orjson.loads(json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def entity(match: re.Match[str]) -> str:
    """Return the character of an HTML entity; an unknown one stays as it is."""
    name = match[1]
    if name[0] != "#":
        return chr(name2codepoint[name]) if name in name2codepoint else match[0]
    code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    return chr(code) if 0 < code < 0xD800 or 0xDFFF < code < 0x110000 else match[0]


def without_entities(value: str, limit: int) -> str:
    """Return a text with its entities decoded, of a very long one as much as is enough for `limit` bytes."""
    return ENTITY.sub(entity, value[: LONGEST_ENTITY * limit])


def tidy(value: str, limit: int) -> str:
    """Return a text with its entities decoded, without control characters and blanks around it, cut to bytes."""
    if value.isalnum() and len(value) * 4 <= limit:
        return value
    if "&" in value:
        value = without_entities(value, limit)
    if not value.isprintable():
        value = without_controls(value)
    value = value.strip()
    return value if len(value) * 4 <= limit else cut(value, limit)


CONTROLS = {code: None for code in [*range(32), 127] if code != 9}


def without_controls(value: str) -> str:
    return value.translate(CONTROLS)


def cut(value: str, limit: int) -> str:
    """Return at most `limit` bytes of a text, whole characters only."""
    if value.isascii():
        return value[:limit]
    return value.encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")


def scalar_text(value: object) -> str:
    """Return what a JSON number or text says; lists, objects and truth values say nothing."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def loose_integer(value: object, default: int) -> int:
    number = parsed_number(scalar_text(value).strip(" \t\n\r\v\f"))
    if number is None or not number.is_integer():
        return default
    return int(number)


def loose_number(value: str) -> float:
    return parsed_number(value.strip().partition(",")[0] or "0") or 0.0


def parsed_number(value: str) -> float | None:
    """Return a finite number of everyday notation, else None."""
    if len(value) > LONGEST_NUMBER or not NUMBER.match(value):
        return None
    number = float(value.replace(",", "."))
    return number if abs(number) <= LARGEST_NUMBER else None
