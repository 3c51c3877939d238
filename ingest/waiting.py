"""What is not in the reports yet: segments that wait, and what was set aside; shown, loaded again, or dropped.

The loader owns its journal and may be at work. Each change here is one statement that it sees before its next batch, so
that whoever is killed in the middle has done all of it or nothing.
"""

import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from ingest.hit import Hit
from ingest.journal import Journal, listed
from ingest.loader import Sources
from ingest.segments import SegmentReader, UnknownFormat, finished, segments, size_of
from sql.refusals import BadEntry

Row = dict[str, Any]

WINDOW = 4_194_304  # Bytes that are read at once.
DAY_MINUTES = 1440


class BadChoice(BadEntry):
    """Raised if it was not said which records, or not agreed to."""


class Choice(NamedTuple):
    """Which records are meant: these, or all there are."""

    numbers: tuple[int, ...]
    everything: bool

    @classmethod
    def of(cls, given: Namespace) -> "Choice":
        """Raises BadChoice."""
        if bool(given.numbers) == given.all:
            raise BadChoice(
                "nothing was chosen: expected numbers, such as 3 4, or --all; 'pegel spool list' shows them"
            )
        return cls(tuple(given.numbers), given.all)


def show(sources: Sources, now: float) -> Row:
    """Return the segments and the records, without anything that stands in them."""
    with closing(Journal(sources.journal)) as journal:
        offsets = journal.offsets()
        aside = [dict(record_row(row)) for row in journal.rows("set_aside_list")]
    return {
        "segments": [segment_row(path, offsets.get(path.name, 0), now) for path in segments(sources.spool)],
        "set_aside": aside,
    }


def segment_row(path: Path, loaded: int, now: float) -> Row:
    """Return what can be told of a segment; one that goes meanwhile has nothing left to load."""
    size = size_of(path)
    try:
        hits, state = hits_behind(path, loaded), "finished" if finished(path) else "being written"
    except UnknownFormat:
        hits, state = None, "of a newer version"
    except OSError as error:
        hits, state = None, "loaded" if isinstance(error, FileNotFoundError) else f"unreadable: {error.strerror}"
    age = max(0.0, now - int(path.name.partition("-")[0] or 0) / 1e9) if path.name[:20].isdigit() else None
    return {
        "segment": path.name,
        "bytes": size,
        "loaded": min(loaded, size),
        "hits_waiting": hits,
        "age_seconds": age if age is None else round(age),
        "state": state,
    }


def hits_behind(path: Path, position: int) -> int:
    """Count the hits of a segment that are not loaded."""
    reader, hits = SegmentReader(path, Hit._fields), 0
    while frames := list(reader.frames(position, WINDOW, whole=False)):
        position = frames[-1].end
        hits += sum(hits_in(frame.payload) for frame in frames)
    return hits


def hits_in(payload: bytes) -> int:
    try:
        return len(orjson.loads(payload)[1])
    except (ValueError, TypeError, LookupError):
        return 0


def record_row(row: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    """Yield what is known of a record that says nothing about anybody."""
    number, form, reason, site, minute, day, again, size = row
    yield from {
        "number": number,
        "what": form if form in ("record", "hit") else f"row of {form}",
        "reason": reason,
        "site": site,
        "at": datetime.fromtimestamp((minute or day * DAY_MINUTES) * 60, UTC),
        "bytes": size,
        "state": "waits to be loaded" if again else "set aside",
    }.items()


def retry(sources: Sources, given: Namespace) -> Row:
    """Have the loader take records once more, in a batch of their own. Raises BadChoice."""
    with closing(Journal(sources.journal)) as journal:
        numbers = chosen(journal, Choice.of(given))
        journal.rows("ask_again", numbers=listed(numbers))
    return {"asked": len(numbers)}


def drop(sources: Sources, given: Namespace) -> Row:
    """Delete records for good, after a second look. Raises BadChoice."""
    with closing(Journal(sources.journal)) as journal:
        numbers = chosen(journal, Choice.of(given))
        if not given.yes:
            confirm(len(numbers))
        with journal.transaction():
            before = len(journal.rows("known_set_aside", numbers=listed(numbers)))
            journal.rows("drop_set_aside", numbers=listed(numbers))
            left = len(journal.rows("known_set_aside", numbers=listed(numbers)))
        journal.forgets()
    return {"dropped": before - left, "being_loaded": left}


def chosen(journal: Journal, choice: Choice) -> list[int]:
    """Return the numbers that are meant. Raises BadChoice for one that is not there."""
    if choice.everything:
        return [int(row[0]) for row in journal.rows("set_aside_list")]
    known = {int(number) for (number,) in journal.rows("known_set_aside", numbers=listed(choice.numbers))}
    if missing := sorted({*choice.numbers} - known):
        raise BadChoice(f"there is no record {missing[0]}: 'pegel spool list' shows those there are")
    return sorted(known)


def confirm(count: int) -> None:
    """Raises BadChoice unless somebody says yes."""
    if not sys.stdin.isatty():
        raise BadChoice("nobody is there to be asked: expected --yes")
    sys.stderr.write(f"Delete {counted(count)} for good, which no report will ever count? Type yes: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() != "yes":
        raise BadChoice("nothing was dropped: expected yes")


def retry_text(done: Mapping[str, int]) -> str:
    return f"the loader takes {counted(done['asked'])} once more; what fails again is set aside again"


def drop_text(done: Mapping[str, int]) -> str:
    kept = f"; {counted(done['being_loaded'])} stay, which are being loaded" if done["being_loaded"] else ""
    return f"{counted(done['dropped'])} dropped{kept}"


def counted(count: int) -> str:
    return f"{count} record{'s' * (count != 1)}"
