"""Segment files of the spool: what stands in them, how they are written, and how they are read again.

A frame is MAGIC, length, CRC-32 and a JSON payload; the first frame of a segment names the fields of its hits, so that
a segment explains itself after an upgrade. A collector holds a lock on the segment that it writes: who gets the lock
knows that the segment is finished. MAGIC starts with a byte that no UTF-8 text contains, so a reader finds the next
frame behind a damaged one.
"""

import fcntl
import logging
import os
import struct
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from ingest import IngestError
from ingest.disk import DISK, Disk

log = logging.getLogger(__name__)

FORMAT = 1
MAGIC = b"\xffHIT"
HEADER = struct.Struct("<4sII")
SUFFIX = ".segment"
FINISH = ".finish"
SEGMENT_SECONDS = 600.0
LARGEST_SEGMENT = 1 << 62
LARGEST_FRAME = 67_108_864  # Bytes; a length beyond it can only be damage.


class UnknownFormat(IngestError):
    """Raised if a segment was written by a newer version than this one; it is left untouched."""


class Frame(NamedTuple):
    """A payload and the byte position behind its frame."""

    payload: bytes
    end: int


def framed(payload: bytes) -> bytes:
    return HEADER.pack(MAGIC, len(payload), zlib.crc32(payload)) + payload


class SegmentWriter:
    """One growing segment file; every write returns only when its bytes are on disk."""

    def __init__(self, path: Path, head: bytes, disk: Disk = DISK) -> None:
        self.path, self.disk = path, disk
        self.opened = time.monotonic()
        self.file = disk.create(path)
        try:
            self.size = 0
            self.write(framed(head))
            disk.sync_directory(path.parent)
        except OSError:  # On a full disk this happens again and again: nothing may be left of each try.
            disk.remove(path)
            disk.close(self.file)
            raise

    def write(self, data: bytes) -> None:
        """Append and sync; after a failure the file ends where it ended before.

        The lock tells the loader to wait: what fails after it was read would be sent, and counted, again.
        Raises OSError.
        """
        with self.disk.alone(self.file):
            try:
                written = 0
                while written < len(data):
                    written += self.disk.write(self.file, memoryview(data)[written:])
                self.disk.sync(self.file)
                self.disk.check(self.path, self.file)
                self.size += len(data)
            except OSError:
                self.disk.truncate(self.file, self.size)
                raise

    def due(self, limit: int) -> bool:
        return self.size >= limit or time.monotonic() - self.opened >= SEGMENT_SECONDS

    def in_place(self) -> bool:
        return self.disk.in_place(self.path, self.file)

    def is_wanted(self) -> bool:
        """Tell whether somebody waits for the end of this segment."""
        return mark_of(self.path).exists()

    def close(self) -> None:
        self.disk.close(self.file)


def segments(directory: Path) -> list[Path]:
    """Return the segment files, oldest first."""
    return sorted(directory.glob(f"*{SUFFIX}")) if directory.exists() else []


def used_bytes(directory: Path) -> int:
    return sum(size_of(path) for path in segments(directory))


def size_of(path: Path) -> int:
    """Return the size of a file, 0 if it has gone."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def synced_size(path: Path) -> int:
    """Return how many bytes of a segment are on disk for good; waits while a group is being written."""
    try:
        with path.open("rb") as file:
            fcntl.lockf(file, fcntl.LOCK_SH)
            return os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        return 0


def finished(path: Path) -> bool:
    """Tell whether no collector writes to a segment any more: its lock is free."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def mark_of(path: Path) -> Path:
    """Return the file whose presence asks the collector that writes a segment to finish it."""
    return path.with_name(path.name + FINISH)


def ask_to_finish(path: Path) -> None:
    """Ask a collector to go on in another segment, so that this one can be deleted when it is loaded."""
    mark_of(path).touch(mode=0o640)


def read_frames(data: bytes, start: int) -> Iterator[Frame]:
    """Yield the whole frames of a stretch of bytes that begins at position `start`; stop at the first that is not."""
    position = 0
    while len(data) - position >= HEADER.size:
        magic, length, checksum = HEADER.unpack_from(data, position)
        end = position + HEADER.size + length
        if magic != MAGIC or length > LARGEST_FRAME or end > len(data):
            return
        payload = data[position + HEADER.size : end]
        if zlib.crc32(payload) != checksum:
            return
        position = end
        yield Frame(payload, start + end)


def next_frame(data: bytes, start: int) -> int:
    """Return the position of the first whole frame at or behind `start`, the end of the data if there is none."""
    position = data.find(MAGIC, start)
    while position >= 0 and next(read_frames(data[position:], 0), None) is None:
        position = data.find(MAGIC, position + 1)
    return position if position >= 0 else len(data)


class SegmentReader:
    """The loader's side of one segment: `fields` names the values of a hit, `upto` says how far it may be read."""

    def __init__(self, path: Path, fields: tuple[str, ...]) -> None:
        """Read the first frame; `fields` stands in when that frame is damaged. Raises UnknownFormat."""
        self.path = path
        self.fields = fields
        self.upto = LARGEST_SEGMENT
        with path.open("rb") as file:
            head = next(read_frames(file.read(4096), 0), None)
        self.start = head.end if head else 0
        if head:
            self.learn(orjson.loads(head.payload))

    def learn(self, head: dict[str, Any]) -> None:
        if head.get("format") != FORMAT:
            raise UnknownFormat(
                f"segment {self.path.name} has format {head.get('format')}, this version reads {FORMAT}: upgrade Pegel"
            )
        self.fields = tuple(head["fields"])

    def frames(self, start: int, limit: int, *, whole: bool) -> Iterator[Frame]:
        """Yield frames behind position `start`, from about `limit` bytes.

        With `whole` the segment is finished: what is no frame is a torn tail or damage; it is logged and passed over
        with a frame that has no payload.
        """
        start = max(start, self.start)
        data = self.bytes_from(start, limit)
        at_end = start + len(data) >= size_of(self.path)
        position = 0
        while position < len(data):
            for frame in read_frames(data[position:], start + position):
                position = frame.end - start
                yield frame
            if not whole or position == len(data) or (not at_end and cut_off(data, position)):
                return
            position = self.skip_damage(data, position, start)
            yield Frame(b"", start + position)

    def end(self, start: int, limit: int, *, whole: bool) -> int:
        """Return the position behind the last frame that `frames` would yield; checksums are left to it."""
        start = max(start, self.start)
        data = self.bytes_from(start, limit)
        position = behind_frames(data)
        at_end = start + len(data) >= size_of(self.path)
        if position == len(data) or not whole or (not at_end and cut_off(data, position)):
            return start + position
        return max((frame.end for frame in self.frames(start, limit, whole=True)), default=start)

    def bytes_from(self, start: int, limit: int) -> bytes:
        with self.path.open("rb") as file:
            file.seek(start)
            data = file.read(max(0, min(limit, self.upto - start)))
            if len(data) == limit and next(read_frames(data, start), None) is None:
                data += file.read(
                    max(0, min(LARGEST_FRAME, self.upto - start - limit))
                )  # One frame is larger than the limit.
            return data

    def skip_damage(self, data: bytes, position: int, start: int) -> int:
        found = next_frame(data, position + 1)
        log.error("segment damaged segment=%s at=%d bytes=%d", self.path.name, start + position, found - position)
        return found


def behind_frames(data: bytes) -> int:
    """Return the position behind the frames that a stretch of bytes begins with, by their lengths alone."""
    position, size = 0, len(data)
    while size - position >= HEADER.size:
        magic, length, _ = HEADER.unpack_from(data, position)
        end = position + HEADER.size + length
        if magic != MAGIC or end > size:
            break
        position = end
    return position


def cut_off(data: bytes, position: int) -> bool:
    """Tell whether a frame begins at `position` and goes on behind the bytes at hand."""
    if len(data) - position < HEADER.size:
        return MAGIC.startswith(data[position : position + len(MAGIC)])
    magic, length, _ = HEADER.unpack_from(data, position)
    return bool(magic == MAGIC and length <= LARGEST_FRAME and position + HEADER.size + length > len(data))
