"""Answers as JSON, or as a call of a function that gets it (JSONP)."""

import json
import re

from dashboard.api_parameters import BadParameter, Parameters
from dashboard.formats.shapes import VALUE, Answer, is_table, plain

CALLBACKS = ("callback", "jsoncallback")
# Nothing but a name: other texts could be scripts, and with points in them reach every method of a page.
CALLBACK = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)
LONGEST_CALLBACK = 100


def json_of(answer: Answer) -> str:
    if answer is None:
        return json_text({"result": "success", "message": "ok"})
    found = plain(answer)
    return json_text(found if is_table(found) else {VALUE: found})


def json_error(message: str) -> str:
    return json_text({"result": "error", "message": message})


def json_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def callback_of(parameters: Parameters) -> str:
    """Return the name of the function that wants the answer, '' if none does. Raises BadParameter."""
    name = next((text for text in map(parameters.text, CALLBACKS) if text), "")
    if name and (len(name) > LONGEST_CALLBACK or not CALLBACK.fullmatch(name)):
        raise BadParameter("callback", name, "the name of a function, such as tell")
    return name
