"""Visits or hits of a running dashboard, taken into a file: with progress, and taken up again where it broke off."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import BinaryIO
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request

from dashboard import DashboardError
from dashboard.direct import opened_directly

TRIES = 5  # Until something comes again.
PATIENCE = 60.0  # Seconds in which something has to come.
TAIL = 1_000_000  # No row is longer.
PROGRESS = b'{"progress":'


class DownloadFailed(DashboardError):
    """Raised if a file cannot be had, or not to its end."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to take from where; `query` are the parameters of `/api/v1/raw/…`."""

    address: str
    what: str
    query: Mapping[str, str]
    token: str = field(repr=False)


@dataclass(slots=True)
class Progress:
    """How far it is: `cursor` is that of the last row that is safe in the file, '' before the first."""

    rows: int = 0
    total: int = 0
    cursor: str = ""
    done: bool = False


def download(
    wanted: Wanted,
    file: Path,
    told: Callable[[Progress], None],
    resume: bool = False,
    wait: Callable[[float], None] = time.sleep,
) -> Progress:
    """Write the rows into a file, one JSON object on each line, and return what has come of it.

    A connection that breaks is made again, from the last row that is there. Raises DownloadFailed, OSError.
    """
    if file.exists() and not resume:
        raise DownloadFailed(f"{file} is there already; --resume goes on after its last row")
    with file.open("r+b" if file.exists() else "xb") as out:
        progress = Progress(cursor=last_cursor(out) if resume else "")
        failures = 0
        while not progress.done:
            before = progress.rows
            try:
                take(wanted, out, progress, told)
            except (HTTPException, OSError) as error:
                failures = 1 if progress.rows > before else failures + 1
                if failures >= TRIES or not is_passing(error):
                    raise failed(error, progress) from error
                wait(2.0**failures)
    return progress


def take(wanted: Wanted, out: BinaryIO, progress: Progress, told: Callable[[Progress], None]) -> None:
    """Write what comes over one connection; what comes after the last word on progress is not counted, and cut off."""
    taken, safe = progress.rows, out.tell()
    try:
        with opened(wanted, progress.cursor) as lines:
            for line in lines:
                if not line.startswith(PROGRESS):
                    out.write(line)
                    continue
                said = json.loads(line)["progress"]
                out.flush()
                safe = out.tell()
                progress.rows, progress.total = taken + said["rows"], taken + said["total"]
                progress.cursor, progress.done = said["cursor"] or progress.cursor, said["cursor"] is None
                told(progress)
    finally:
        out.seek(safe)
        out.truncate()
    if not progress.done:
        raise HTTPException("the connection was closed before the end")


@contextmanager
def opened(wanted: Wanted, cursor: str) -> Iterator[Iterator[bytes]]:
    query = {**wanted.query, "format": "ndjson", "progress": "true", **({"cursor": cursor} if cursor else {})}
    address = f"{wanted.address}/api/v1/raw/{wanted.what}?{urlencode(query)}"
    request = Request(address, headers={"Authorization": f"Bearer {wanted.token}"})
    with opened_directly(request, timeout=PATIENCE) as answer:
        yield iter(answer)


def last_cursor(out: BinaryIO) -> str:
    """Return the cursor of the last whole row of a file, and cut off what comes after that. Raises DownloadFailed."""
    size = out.seek(0, 2)
    out.seek(max(0, size - TAIL))
    tail = out.read()
    whole = tail[: tail.rfind(b"\n") + 1]
    out.seek(size - len(tail) + len(whole))
    out.truncate()
    if not whole:
        return ""
    try:
        return str(json.loads(whole.splitlines()[-1])["cursor"])
    except (ValueError, KeyError, TypeError):
        raise DownloadFailed("the file has no rows of an export at its end; expected one that was begun here") from None


def is_passing(error: Exception) -> bool:
    """Tell whether it may go better the next time."""
    return not isinstance(error, HTTPError) or error.code in (429, 503)


def failed(error: Exception, progress: Progress) -> DownloadFailed:
    kept = f"; {progress.rows} rows are in the file, --resume goes on after them" if progress.rows else ""
    return DownloadFailed(f"export: {reason_of(error)}{kept}")


def reason_of(error: Exception) -> str:
    if not isinstance(error, HTTPError):
        return f"{getattr(error, 'reason', None) or error}"
    try:
        said = json.loads(error.read())["error"]
        return " ".join(text for text in (said["message"], said["hint"]) if text)
    except (ValueError, KeyError, TypeError):
        return f"the dashboard answered {error.code}"


def bar(progress: Progress, seconds: float, width: int = 30) -> str:
    """Return how far it is in one line."""
    part = progress.rows / progress.total if progress.total else 1.0
    filled = "#" * round(part * width)
    rate = progress.rows / seconds if seconds else 0
    return f"[{filled:.<{width}}] {part:4.0%}  {progress.rows} of {progress.total} rows, {rate:.0f}/s"
