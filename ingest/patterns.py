"""Regular expressions that operators write: compiled once, and never searched for longer than a moment.

The syntax is that of PCRE as far as the `regex` package has it. Texts come from anybody, so a search has a time limit,
and a pattern that often needs more is left alone for a while: no pattern holds up what everybody else sends.
"""

import logging
import time
from collections.abc import Callable
from functools import lru_cache

import regex

from sql.patterns import repeats_too_often

log = logging.getLogger(__name__)

Match = regex.Match[str]

SEARCH_SECONDS = 0.05  # Of processor time.
MOST_FAILURES = 20  # Before a pattern is left alone: a second of searching that found nothing.
REST_SECONDS = 60.0
FLAGS = {"i": regex.IGNORECASE, "m": regex.MULTILINE, "s": regex.DOTALL, "x": regex.VERBOSE, "u": 0}


class Pattern:
    """A compiled expression that knows when it has wasted too much time."""

    __slots__ = ("clock", "expression", "failures", "resting_until")

    def __init__(self, expression: regex.Pattern[str], clock: Callable[[], float] = time.monotonic) -> None:
        self.expression = expression
        self.clock = clock
        self.failures = 0
        self.resting_until = 0.0

    def search(self, text: str) -> Match | None:
        """Return the first match; None too if there is no time for it."""
        if self.resting_until and self.clock() < self.resting_until:
            return None
        try:
            return self.expression.search(text, timeout=SEARCH_SECONDS)
        except (TimeoutError, MemoryError):
            self.fail()
            return None

    def replaced(self, text: str, word: str) -> str | None:
        """Return a text with a word in place of every match; None if there is no time to look for them."""
        if self.resting_until and self.clock() < self.resting_until:
            return None
        try:
            return self.expression.sub(lambda _: word, text, timeout=SEARCH_SECONDS)
        except (TimeoutError, MemoryError):
            self.fail()
            return None

    def fail(self) -> None:
        if not self.failures:
            log.warning("pattern too slow pattern=%.100r", self.expression.pattern)
        self.failures += 1
        if self.failures % MOST_FAILURES == 0:
            self.resting_until = self.clock() + REST_SECONDS


@lru_cache(4096)
def compiled(text: str, ignore_case: bool) -> Pattern | None:
    """Return the pattern of a bare expression; slashes in it are slashes. None if it is no regular expression."""
    return with_flags(text, regex.IGNORECASE if ignore_case else 0)


@lru_cache(4096)
def delimited(text: str, ignore_case: bool = False) -> Pattern | None:
    """Return the pattern of an expression written `/…/flags`; None for any other text."""
    body, _, letters = text[1:].rpartition("/")
    if not text.startswith("/") or not body or not set(letters) <= FLAGS.keys():
        return None
    flags = regex.IGNORECASE if ignore_case else 0
    for letter in letters:
        flags |= FLAGS[letter]
    return with_flags(body, flags)


def with_flags(text: str, flags: int) -> Pattern | None:
    if repeats_too_often(text):
        return None
    try:
        return Pattern(regex.compile(text, flags))
    except (regex.error, RecursionError, OverflowError, MemoryError):
        return None


def found(pattern: Pattern, text: str) -> Match | None:
    """Return the first match of a pattern in a text; None too if the search takes too long."""
    return pattern.search(text)
