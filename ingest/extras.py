"""What some requests carry beside their action: dimensions, variables, timings, attribution, what bots fetched."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any
from urllib.parse import unquote_plus

from ingest.bots import is_chatbot
from ingest.kinds import LONGEST_NAME, Kind, is_search
from ingest.parts import Content, Credit, Fetch
from ingest.tracking import (
    LONGEST_NUMBER,
    BadRequest,
    TrackingRequest,
    loose_integer,
    scalar_text,
    tidy,
    without_controls,
)
from sql.registry import Site

DIMENSION = re.compile(r"dimension([1-9][0-9]{0,2})\Z")
LONGEST_DIMENSION = 250  # Letters, as of a variable's name and value 200.
LONGEST_VARIABLE = 200
MOST_VARIABLES = 20
TIMINGS = ("pf_net", "pf_srv", "pf_tfr", "pf_dm1", "pf_dm2", "pf_onl")
timings_in = itemgetter(*TIMINGS)
NO_TIMINGS = [None] * len(TIMINGS)
LONGEST_TIMING = 16_777_215  # Milliseconds; more is a mistake.
PLUGINS = ("fla", "java", "qt", "realp", "pdf", "wma", "ag", "cookie")
PLUGINS_SHOWN = ("pdf", "java", "fla", "qt", "realp", "wma", "ag", "cookie")
BOT_ONLY, BOT_OR_VISITOR = 1, 2  # Values of `recMode`.


def dimensions_of(request: TrackingRequest) -> dict[str, str] | None:
    """Return the custom dimensions that were sent, by their ids; an empty text is sent on purpose (2.9)."""
    found = {
        match[1]: tidy(scalar_text(value), 4 * LONGEST_DIMENSION)[:LONGEST_DIMENSION]
        for name, value in request.parameters.items()
        if name[:9] == "dimension" and (match := DIMENSION.match(name)) and (value == "" or scalar_text(value))
    }
    return found or None


def variables_of(request: TrackingRequest, name: str) -> dict[str, list[str]] | None:
    """Return custom variables by their slots, `{"1": ["name", "value"]}`; what has another shape is none (2.10).

    An empty name is kept: it says that the slot is to be emptied.
    """
    sent = request.structure(name)
    if not isinstance(sent, dict):
        return None
    found = {str(int(slot)): pair for slot, entry in sent.items() if is_slot(slot) and (pair := variable_of(entry))}
    return found or None


def named(variables: dict[str, list[str]] | None) -> dict[str, list[str]] | None:
    """Return the variables that have a name, None if there is none: a page has none to be emptied."""
    return {slot: pair for slot, pair in variables.items() if pair[0]} or None if variables else None


def is_slot(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 3 and 1 <= int(text) <= MOST_VARIABLES


def variable_of(entry: object) -> list[str]:
    if not isinstance(entry, list) or len(entry) != 2:
        return []
    return [tidy(scalar_text(text), 4 * LONGEST_VARIABLE)[:LONGEST_VARIABLE] for text in entry]


def timings_of(request: TrackingRequest, kind: Kind, site: Site) -> Sequence[int | None] | None:
    """Return how long the page took, in milliseconds, None if nothing was sent (2.5).

    Raises BadRequest for a page view with a time below -1, which no tracker sends by mistake.
    """
    sent = request.parameters
    if sent.keys().isdisjoint(TIMINGS):
        return None
    try:
        values = timings_in(sent)
        digits = "".join(values)
    except (KeyError, TypeError):
        return unusual_timings(request, kind, site)
    # Page views that send any send all six, nearly always plain ones: these need no closer look.
    if digits.isdigit() and digits.isascii() and "" not in values and len(digits) < LONGEST_NUMBER:
        known = list(map(int, values))
        if max(known) <= LONGEST_TIMING:
            return known
    return unusual_timings(request, kind, site)


def unusual_timings(request: TrackingRequest, kind: Kind, site: Site) -> Sequence[int | None] | None:
    found = {name: request.integer(name, -1) for name in TIMINGS}
    wrong = next((name for name, value in found.items() if value < -1), "")
    if wrong and kind == "page" and not is_search(request, site):
        raise BadRequest(wrong, "milliseconds, or -1")
    known = [value if 0 <= value <= LONGEST_TIMING else None for value in found.values()]
    return None if known == NO_TIMINGS else known


def plugins_of(sent: Mapping[str, Any]) -> tuple[str, str]:
    """Return what the browser can do, such as `pdf,java,cookie`, and the same as the fingerprint takes it."""
    values = tuple(map(sent.get, PLUGINS))
    if values.count(None) + values.count("0") + values.count("1") < len(PLUGINS):
        values = tuple(map(flag, values))
    return spelled(values)


def flag(value: object) -> str | None:
    return None if value is None or value == "" else str(loose_integer(value, 0))


@lru_cache(1024)
def spelled(values: tuple[str | None, ...]) -> tuple[str, str]:
    found = dict(zip(PLUGINS, values, strict=True))
    return ",".join(name for name in PLUGINS_SHOWN if found[name] == "1"), str([value or "" for value in values])


def content_of(request: TrackingRequest, kind: Kind) -> Content | None:
    if kind != "content":
        return None
    return Content(*(request.text(name, LONGEST_NAME) for name in ("c_n", "c_p", "c_t", "c_i")))


def credit_sent(request: TrackingRequest) -> Credit | None:
    """Return to what the tracker ascribes conversions; a campaign's name and keyword are decoded once more (2.8)."""
    sent = request.parameters
    if "_ref" not in sent and "_rcn" not in sent:
        return None
    credit = Credit(again(request.text("_rcn")), again(request.text("_rck")), request.text("_ref", 1500))
    return credit if any(credit) else None


def again(text: str) -> str:
    return without_controls(unquote_plus(text)).strip() if "%" in text or "+" in text else text


def fetch_of(request: TrackingRequest, user_agent: str) -> Fetch | None:
    """Return what a server says of a bot's request, None for a request about a visitor (14)."""
    mode = request.integer("recMode", 0)
    if mode != BOT_ONLY and not (mode == BOT_OR_VISITOR and is_chatbot(user_agent)):
        return None
    return Fetch(
        natural(request, "http_status", 65_535),
        natural(request, "bw_bytes", 2**53),
        natural(request, "pf_srv", LONGEST_TIMING),
        request.text("source", 200)[:50],
    )


def natural(request: TrackingRequest, name: str, most: int) -> int | None:
    value = request.integer(name, -1)
    return value if 0 <= value <= most else None
