"""Inserts of a batch: whole where that goes, else in parts, until the rows that the database refuses stand alone.

A part is a span of keys, and a row's key follows from its id. Which part was split and which one is in is written down,
so that after a crash each part is sent once more at most, with the same token: nothing is lost, nothing counts twice.
"""

import json
import logging
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from ingest.journal import Journal, Part, Rejected
from sql.clickhouse import Database
from sql.row_refusals import RowRefusal, row_refusal

log = logging.getLogger(__name__)

KEY_BITS = 62
TRIES = 3  # Of the whole; something else may have been wrong.
# So many refused rows are looked for one by one. Where there are more, they are set aside with those around them.
MOST_ALONE = 100
LARGEST_PART = 1000

Columns = Mapping[str, Sequence[Any]]


class Rows:
    """What a batch has for one table; `label` tells it from other rows of the same batch and table."""

    def __init__(self, table: str, columns: Columns, label: str = "") -> None:
        self.table, self.columns, self.label = table, columns, label or table
        self.order: list[int] = []
        self.keys: list[int] = []

    @property
    def whole(self) -> Part:
        return Part(self.label, 0, 1 << KEY_BITS)

    def sort(self) -> None:
        """Put the rows into the order of their keys, so that a part is a stretch of them."""
        keys = keys_of(self.columns)
        self.order = sorted(range(len(keys)), key=keys.__getitem__)
        self.keys = [keys[number] for number in self.order]

    def numbers(self, part: Part) -> list[int]:
        return self.order[bisect_left(self.keys, part.low) : bisect_left(self.keys, part.high)]

    def of(self, part: Part) -> Columns:
        if part == self.whole:
            return self.columns
        numbers = self.numbers(part)
        return {name: [values[number] for number in numbers] for name, values in self.columns.items()}

    def rejected(self, part: Part, reason: str) -> Iterator[Rejected]:
        """Yield the rows of a part as they are set aside."""
        for number in self.numbers(part):
            row = {name: values[number] for name, values in self.columns.items()}
            # Python's own JSON writes every number and every text, those too that are refused everywhere else.
            record = json.dumps(row, default=str).encode()
            yield Rejected(reason, record, self.table, "", whole_number(row.get("site")), minute_of(row))


class Inserter:
    """Sends the rows of batches; used by the loader's thread."""

    def __init__(self, journal: Journal, database: Database) -> None:
        self.journal, self.database = journal, database
        self.refused = ("", 0)  # The token that was refused last, and how often in a row.

    def insert(self, batch: int, rows: Rows) -> Iterator[Rejected]:
        """Insert the rows, but for those that are refused for what is in them: they are yielded.

        Raises DatabaseUnavailable, sqlite3.Error, and at first whatever refused them: then it is to be tried again.
        """
        states = self.journal.parts(rows.label)
        if not states:
            if not (refusal := self.refusal(batch, rows, rows.whole, TRIES)):
                return
            log.error("rows refused, looking for them table=%s reason=%s", rows.table, refusal.reason)
        rows.sort()
        yield from self.divided(batch, rows, rows.whole, states)

    def divided(self, batch: int, rows: Rows, part: Part, states: Mapping[Part, str]) -> Iterator[Rejected]:
        """Insert the halves of a part that cannot go in as a whole, and their halves where they are refused, too."""
        self.journal.note_part(part, "split")
        waiting, alone = [part], 0
        while waiting:
            part = waiting.pop()
            count = len(rows.numbers(part))
            if not count or states.get(part) == "done":
                continue
            split = states.get(part) == "split" or part == rows.whole
            refusal = None if split else self.refusal(batch, rows, part, 0)
            if refusal and is_small_enough(part, count, alone) and not refusal.size:
                alone += 1
                yield from rows.rejected(part, refusal.reason)
            elif refusal or split:
                self.journal.note_part(part, "split")
                waiting += reversed(part.halves())
            else:
                self.journal.note_part(part, "done")

    def refusal(self, batch: int, rows: Rows, part: Part, tries: int) -> RowRefusal | None:
        """Insert a part; return why it is refused, None if it is in. Raises until it was tried so often."""
        token = f"{self.journal.name}-{batch}-{rows.label}"
        token = token if part == rows.whole else f"{token}-{part.low:x}-{part.high:x}"
        try:
            self.database.insert(rows.table, rows.of(part), token)
        except Exception as error:
            refusal = row_refusal(error)
            before = self.refused[1] if self.refused[0] == token else 0
            self.refused = (token, before + 1)
            if refusal is None or before + 1 < tries or (refusal.size and len(rows.numbers(part)) == 1):
                raise
            return refusal
        return None


def is_small_enough(part: Part, count: int, alone: int) -> bool:
    """Tell whether a part that is refused is not looked into any more."""
    return count == 1 or part.high - part.low == 1 or (alone >= MOST_ALONE and count <= LARGEST_PART)


def keys_of(columns: Columns) -> list[int]:
    """Return a number for each row, alike in every run and spread evenly; counters have no id."""
    ids = columns.get("id")
    if ids is not None:
        return [id >> (64 - KEY_BITS) for id in ids]
    return [hashed(row) for row in zip(*(columns[name] for name in columns if name != "hits"), strict=True)]


def hashed(row: tuple[Any, ...]) -> int:
    return int.from_bytes(blake2b(repr(row).encode("utf-8", "replace"), digest_size=8).digest(), "big") >> (
        64 - KEY_BITS
    )


def minute_of(row: Mapping[str, Any]) -> int:
    """Return when it was, in minutes since 1970."""
    if "minute" in row:
        return whole_number(row["minute"]) // 60
    return whole_number(row.get("at", row.get("started"))) // 60_000


def whole_number(value: object) -> int:
    """Return a number that SQLite holds, 0 for what is none."""
    return value if isinstance(value, int) and abs(value) < 1 << 62 else 0
