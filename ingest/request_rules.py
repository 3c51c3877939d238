"""Requests that the operator does not want counted, told by one of their parameters (tracking specification, 9.5)."""

import re
from collections.abc import Callable
from typing import NamedTuple, Self
from urllib.parse import unquote_plus

from ingest import IngestError
from ingest.tracking import TrackingRequest, scalar_text

EXPECTED = "a parameter, one of == != =@ !@ =^ =$, and a value, such as e_c==test or url=@/admin"
RULE = re.compile(r"(?s)([^=!]+)(==|!=|=@|!@|=\^|=\$)(.*)")
TESTS: dict[str, Callable[[str, str], bool]] = {
    "==": lambda sent, value: sent == value,
    "!=": lambda sent, value: sent != value,
    "=@": lambda sent, value: value in sent,
    "!@": lambda sent, value: value not in sent,
    "=^": str.startswith,
    "=$": str.endswith,
}


class BadRule(IngestError):
    """Raised if a text is no rule about requests."""

    def __init__(self, text: str) -> None:
        self.text, self.expected = text, EXPECTED
        super().__init__(f"rule {text!r}: expected {EXPECTED}")


class RequestRule(NamedTuple):
    """A parameter and what its value must be for a request to be excluded; capital letters make no difference."""

    name: str
    test: Callable[[str, str], bool]
    value: str

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the rule that a text says; its value may be percent-encoded, for a comma as `%2C`. Raises BadRule."""
        match = RULE.fullmatch(text.strip())
        if not match or not match[1].strip():
            raise BadRule(text)
        return cls(match[1].strip(), TESTS[match[2]], unquote_plus(match[3]).strip().lower())

    def fits(self, request: TrackingRequest) -> bool:
        """Tell whether a request is to be excluded; a parameter that was not sent is an empty text."""
        return self.test(scalar_text(request.parameters.get(self.name)).strip().lower(), self.value)
