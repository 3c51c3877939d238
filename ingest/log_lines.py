"""Log lines: one for each event, as `key=value` for people or as JSON for programs, with the same fields in both.

What is unexpected may repeat what somebody sent, so that of such an error its kind and its place are told, never its
words.
"""

import logging
import re
import sqlite3
import traceback
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import orjson

from ingest import IngestError
from sql import SqlError

# A field with a place for its value, such as `pid=%d` or `error=%s: %s`; a place among the words; a per cent sign.
PLACE = re.compile(r"\b(?P<key>[a-z_]+)=(?P<value>(?:%[\d.]*[a-zA-Z])(?:: %s)?)|(?P<place>%[\d.]*[a-zA-Z])|%%")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# What a field is, by the letter of its place.
NUMBERS: Mapping[str, Callable[[str], object]] = {"d": int, "f": float}
# Errors whose words are ours, or of programs that repeat nothing that anybody sent.
KNOWN = (IngestError, SqlError, OSError, sqlite3.Error)


class Event(NamedTuple):
    """What a line says: words, and fields by their names."""

    words: str
    fields: Mapping[str, object]


def event_of(record: logging.LogRecord) -> Event:
    """Take a message apart; a field's value may hold blanks, so that the finished line would be too late for that."""
    if not isinstance(record.args, tuple):
        return Event(record.getMessage(), {})
    values = iter(record.args)
    fields: dict[str, object] = {}

    def taken(found: re.Match[str]) -> str:
        text = found["value"] or found["place"] or ""
        given = tuple(next(values) for _ in range(text.count("%")))
        if found["key"]:
            fields[found["key"]] = NUMBERS.get(text[-1], str)(text % given)
        return "" if found["key"] else text % given or "%"

    words = " ".join(PLACE.sub(taken, str(record.msg)).split())
    return Event(words, fields | dict(failure_of(record)))


def failure_of(record: logging.LogRecord) -> Iterator[tuple[str, object]]:
    """Yield what is told of an unexpected error: its kind and those of its causes, and where the first was raised."""
    if record.exc_info and (error := record.exc_info[1]):
        causes = [*chain(error)]
        yield "error", " < ".join(type(cause).__name__ for cause in causes)
        stacks = [traceback.extract_tb(cause.__traceback__) for cause in reversed(causes)]
        frames = next(filter(None, stacks), stacks[0])
        yield "at", " < ".join(f"{place(frame.filename)}:{frame.lineno}" for frame in reversed(frames))


def place(filename: str) -> str:
    return "/".join(filename.split("/")[-2:])


def chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what caused it."""
    following: BaseException | None = error
    while following:
        yield following
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)


def said(error: BaseException) -> str:
    """Return an error as a log line may repeat it."""
    return f"{type(error).__name__}: {error}" if isinstance(error, KNOWN) else type(error).__name__


class Lines(logging.Formatter):
    """Makes lines in one of the two formats."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self.line = json_line if form == "json" else text_line

    def format(self, record: logging.LogRecord) -> str:
        try:
            return self.line(record, event_of(record))
        except Exception as error:  # Somebody's message does not fit its values; the line is wanted all the same.
            return self.line(record, Event("unreadable message", {"error": type(error).__name__}))


def text_line(record: logging.LogRecord, event: Event) -> str:
    at = datetime.fromtimestamp(record.created, UTC).astimezone()
    fields = " ".join(f"{name}={value}" for name, value in event.fields.items())
    line = f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03} {record.levelname} {record.name} {event.words} {fields}"
    return one_line(line.rstrip())


def json_line(record: logging.LogRecord, event: Event) -> str:
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    head = {"time": at, "level": record.levelname, "logger": record.name, "event": event.words}
    return one_line(orjson.dumps({**head, **event.fields, **head}, default=str).decode())


def one_line(text: str) -> str:
    """Return a text in which nobody can begin a line of their own; JSON reads it as it was."""
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def log_to_standard_error(form: str, quiet: Mapping[str, int]) -> None:
    """Write one line for each event; `quiet` programs say only what has at least the level that they have there."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines(form))
    logging.basicConfig(handlers=[handler], level=logging.INFO)
    for name, level in quiet.items():
        logging.getLogger(name).setLevel(level)
