"""Where hits wait until ClickHouse has them: a collector appends, and many hits share one sync of the disk."""

import asyncio
import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import orjson

from ingest import IngestError
from ingest.disk import DISK, Disk, SegmentGone
from ingest.segments import FORMAT, SUFFIX, SegmentWriter, framed, used_bytes

log = logging.getLogger(__name__)

SEGMENT_BYTES = 16_777_216
MEASURE_SECONDS = 0.5
SHARE = 16  # A segment holds at most this part of the spool: what is loaded of it is deleted only when it is finished.
PROBE_SECONDS = 1.0
LOOK_SECONDS = 1.0
PROBE_BYTES = 65_536


class SpoolUnavailable(IngestError):
    """Raised if a hit could not be made durable: the sender may try again."""


class SpoolFull(SpoolUnavailable):
    """Raised if the spool holds as much as it may."""


class Spool:
    """A collector's side of the spool: append, in groups, from one event loop."""

    def __init__(self, directory: Path, fields: tuple[str, ...], max_bytes: int, disk: Disk = DISK) -> None:
        disk.make_directory(directory)
        self.directory, self.disk = directory, disk
        self.head = orjson.dumps({"format": FORMAT, "fields": fields})
        self.max_bytes = max_bytes
        self.segment_bytes = min(SEGMENT_BYTES, max_bytes // SHARE)
        self.segment: SegmentWriter | None = None
        self.frames: list[bytes] = []
        self.waiting: list[asyncio.Future[None]] = []
        self.wake = asyncio.Event()
        self.stopping = False
        self.failure = ""
        self.used = 0
        self.measured = 0.0
        self.looked = 0.0
        # One thread of our own: the loop answers others while the disk is busy with this group.
        self.thread = ThreadPoolExecutor(1, "spool")

    async def append(self, *payloads: bytes) -> None:
        """Return only when the payloads, each at most LARGEST_FRAME bytes, would survive a crash of this machine.

        Raises SpoolUnavailable if they did not get there, and SpoolFull if there is no room: then none is kept.
        """
        if self.stopping:
            raise SpoolUnavailable("spool is closing; try again")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.frames.extend(map(framed, payloads))
        self.waiting.append(done)
        self.wake.set()
        await done

    async def run(self) -> None:
        """Write group after group until `stop`, and what arrived while we were told to stop."""
        while not self.stopping or self.frames:
            await self.woken()
            if self.frames or self.failure:  # While it fails, an empty group finds out whether it still does.
                await self.commit_group()
            if self.segment and time.monotonic() - self.looked >= LOOK_SECONDS:
                await asyncio.get_running_loop().run_in_executor(self.thread, self.look)
        self.close()

    async def woken(self) -> None:
        """Wait until there is something to do; while the spool fails or a segment is open, at most for a moment."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PROBE_SECONDS if self.failure else LOOK_SECONDS if self.segment else None):
                await self.wake.wait()
        self.wake.clear()

    def stop(self) -> None:
        self.stopping = True
        self.wake.set()

    async def commit_group(self) -> None:
        frames, self.frames = self.frames, []
        waiting, self.waiting = self.waiting, []
        error: SpoolUnavailable | None = None
        try:
            await asyncio.get_running_loop().run_in_executor(self.thread, self.write, b"".join(frames))
        except SpoolUnavailable as raised:
            error = raised
        except Exception as raised:  # The edge of the loop: whoever waits must hear something.
            error = SpoolUnavailable(f"spool failed: {type(raised).__name__}")
        self.note(error)
        for done in waiting:
            if done.cancelled():
                continue
            if error:
                done.set_exception(error)
            else:
                done.set_result(None)

    def note(self, error: SpoolUnavailable | None) -> None:
        """Log when the spool starts or stops failing, not once for each hit."""
        text = str(error or "")
        if text and not self.failure:
            log.error("spool refuses hits error=%s", text)
        elif self.failure and not text:
            log.warning("spool takes hits again")
        self.failure = text

    def write(self, data: bytes) -> None:
        """Write one group (runs in the spool's thread). Raises SpoolUnavailable."""
        try:
            self.check_room(len(data) or PROBE_BYTES)
            self.write_somewhere(data)
        except SpoolFull:
            self.close_segment()  # Only then can the loader delete it.
            raise
        except OSError as error:
            # After a failed sync nobody knows what the file holds: leave it to the reader, go on in a new one.
            self.close_segment()
            raise SpoolUnavailable(f"spool cannot be written: {error.strerror}") from error

    def write_somewhere(self, data: bytes) -> None:
        """Write to the open segment, or to a new one if somebody took that away. Raises OSError."""
        try:
            self.current_segment().write(data)
        except SegmentGone as gone:
            log.error("segment was taken away, going on in a new one segment=%s", gone.filename)
            self.close_segment()
            self.current_segment().write(data)

    def look(self) -> None:
        """Finish a segment whose end is waited for, or whose time is over, though nothing more comes."""
        self.looked = time.monotonic()
        segment = self.segment
        if segment and (segment.is_wanted() or segment.due(self.segment_bytes) or not segment.in_place()):
            self.close_segment()

    def current_segment(self) -> SegmentWriter:
        if self.segment and self.segment.due(self.segment_bytes):
            self.close_segment()
        if self.segment is None:
            self.disk.make_directory(self.directory)
            name = f"{time.time_ns():020d}-{os.getpid()}{SUFFIX}"
            self.segment = SegmentWriter(self.directory / name, self.head, self.disk)
        return self.segment

    def check_room(self, size: int) -> None:
        now = time.monotonic()
        if now - self.measured >= MEASURE_SECONDS:
            self.used, self.measured = used_bytes(self.directory), now
        if self.used + size > self.max_bytes:
            raise SpoolFull(f"spool holds {self.used} bytes, limit {self.max_bytes}; is the loader running?")
        self.used += size

    def healthy(self) -> bool:
        return not self.failure

    def close_segment(self) -> None:
        segment, self.segment = self.segment, None
        if segment:
            with suppress(OSError):  # What counts is on disk already.
                segment.close()

    def close(self) -> None:
        self.thread.shutdown()
        self.close_segment()
