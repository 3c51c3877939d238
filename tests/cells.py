"""Answers taken apart: every value of a report with its place, so that two of them can be compared number by number."""

import math
import re
from collections.abc import Iterator
from typing import Any

Path = tuple[str, ...]
Cells = dict[Path, Any]

# What conversions lengthen by a second or more in Matomo, and on purpose not here.
LASTING = re.compile(r"(entry_)?sum_visit_length.*|avg_time_on_site.*|visitDuration|.*\.getSumVisitsLength")
CLOCK = re.compile(r"(\d\d):(\d\d):(\d\d)")


def cells(result: Any, keys: Path = (), path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every value of a report with its place; a row's is its label, its values of `keys`, or its number."""
    if isinstance(result, list):
        yield (*path, "rows"), len(result)
        for number, row in enumerate(result):
            yield from cells(row, (), (*path, name_of(row, keys) or str(number)))
    elif isinstance(result, dict):
        for name in result.keys() - {"label"}:
            yield from cells(result[name], keys, (*path, name))
    elif isinstance(result, str) and not result.strip() and "\n" in result:
        yield (*path, "rows"), 0  # How the recordings write an empty list inside an object.
    else:
        yield path, plain(result)


def name_of(row: Any, keys: Path) -> str:
    return (
        row.get("label") or row.get("itemSKU") or "@".join(str(row[key]) for key in keys)
        if isinstance(row, dict)
        else ""
    )


def plain(value: Any) -> Any:
    """Return a value as it can be compared: a number may be a text, nothing is '', and 00:01:30 are 90 seconds."""
    if isinstance(value, str) and (clock := CLOCK.fullmatch(value)):
        return float(3600 * int(clock[1]) + 60 * int(clock[2]) + int(clock[3]))
    try:
        return "" if value is None else float(value)
    except ValueError:
        return value


def differing(ours: Cells, theirs: Cells, seconds: int = 0) -> Cells:
    """Return both values where they differ; by conversions, visits may last that many seconds longer."""

    def agree(path: Path, mine: Any, recorded: Any) -> bool:
        if seconds and LASTING.fullmatch(path[-1]) and isinstance(mine, float):
            return bool(0 <= recorded - mine <= seconds)
        if isinstance(mine, float) and isinstance(recorded, float):
            return math.isclose(mine, recorded, rel_tol=1e-9)  # Recorded sums have what binary fractions leave behind.
        return bool(mine == recorded)

    return {path: (ours.get(path), value) for path, value in theirs.items() if not agree(path, ours.get(path), value)}
