"""The spool: what was appended is there after every kind of crash, and a full or failing disk is said so."""

import asyncio
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE

import orjson
import pytest

from ingest.segments import (
    HEADER,
    MAGIC,
    SegmentReader,
    UnknownFormat,
    ask_to_finish,
    finished,
    framed,
    segments,
    synced_size,
    used_bytes,
)
from ingest.spool import Spool, SpoolFull, SpoolUnavailable
from ingest.tireless import STABLE_SECONDS, Tireless

FIELDS = ("site", "at")


def append(directory: Path, payloads: list[bytes], max_bytes: int = 1_000_000_000) -> Path:
    """Append payloads, all at once, as concurrent requests do; return the segment."""

    async def go() -> None:
        spool = Spool(directory, FIELDS, max_bytes)
        running = asyncio.create_task(spool.run())
        try:
            await asyncio.gather(*(spool.append(payload) for payload in payloads))
        finally:
            spool.stop()
            await running

    asyncio.run(go())
    return segments(directory)[-1]


def payloads_of(path: Path, *, whole: bool = True, start: int = 0, limit: int = 1 << 20) -> list[bytes]:
    reader = SegmentReader(path, FIELDS)
    frames = list(reader.frames(start, limit, whole=whole))
    assert reader.end(start, limit, whole=whole) == max([start, reader.start, *(frame.end for frame in frames)])
    return [frame.payload for frame in frames]


def test_what_is_appended_is_read_in_order(tmp_path: Path) -> None:
    sent = [b"%d" % number for number in range(500)]
    path = append(tmp_path, sent)
    assert payloads_of(path) == sent
    assert SegmentReader(path, ()).fields == FIELDS


def test_a_reader_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = append(tmp_path, [b"first", b"second"])
    first = next(SegmentReader(path, FIELDS).frames(0, 1 << 20, whole=True))
    assert payloads_of(path, start=first.end) == [b"second"]


def test_small_windows_read_everything(tmp_path: Path) -> None:
    path = append(tmp_path, [b"x" * size for size in (10, 5000, 3, 900)])
    reader, position, seen = SegmentReader(path, FIELDS), 0, []
    while frames := list(reader.frames(position, 64, whole=True)):
        position = frames[-1].end
        seen += [len(frame.payload) for frame in frames]
    assert seen == [10, 5000, 3, 900]
    assert position == path.stat().st_size


@pytest.mark.parametrize("lost", [1, 5, HEADER.size, HEADER.size + 3])
def test_a_torn_tail_is_passed_over(tmp_path: Path, lost: int) -> None:
    path = append(tmp_path, [b"whole", b"torn"])
    os.truncate(path, path.stat().st_size - lost)
    assert payloads_of(path) == [b"whole", b""]
    assert payloads_of(path, whole=False) == [b"whole"]


def test_a_flipped_bit_costs_one_record(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = append(tmp_path, [b"one", b"two", b"three"])
    data = bytearray(path.read_bytes())
    data[data.index(b"two")] ^= 1
    path.write_bytes(data)
    assert payloads_of(path) == [b"one", b"", b"three"]
    assert "segment damaged" in caplog.text


def test_a_flipped_bit_in_a_length_costs_one_record(tmp_path: Path) -> None:
    path = append(tmp_path, [b"one", b"two", b"three"])
    data = bytearray(path.read_bytes())
    data[data.index(b"two") - HEADER.size + len(MAGIC) + 2] ^= 1
    path.write_bytes(data)
    assert payloads_of(path) == [b"one", b"", b"three"]


def test_a_segment_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "1.segment"
    path.write_bytes(framed(orjson.dumps({"format": 99, "fields": []})) + framed(b"future"))
    with pytest.raises(UnknownFormat, match="upgrade"):
        SegmentReader(path, FIELDS)
    assert b"future" in path.read_bytes()


def test_a_full_spool_refuses(tmp_path: Path) -> None:
    with pytest.raises(SpoolFull, match="limit 1000"):
        append(tmp_path, [b"x" * 2000], max_bytes=1000)
    assert used_bytes(tmp_path) == 0


def test_an_unwritable_spool_refuses_and_recovers(tmp_path: Path) -> None:
    directory = tmp_path / "spool"

    async def go() -> None:
        spool = Spool(directory, FIELDS, 1_000_000)
        running = asyncio.create_task(spool.run())
        directory.rmdir()
        directory.write_text("in the way")
        with pytest.raises(SpoolUnavailable):
            await spool.append(b"lost")
        assert not spool.healthy()
        directory.unlink()
        await spool.append(b"kept")
        assert spool.healthy()
        spool.stop()
        await running

    asyncio.run(go())
    assert payloads_of(segments(directory)[0]) == [b"kept"]


@contextmanager
def no_room_on_disk() -> Iterator[None]:
    """Let every write to a file fail, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    """Neither open files nor empty segments, however often it is tried; and hits are kept when there is room again."""

    def open_files() -> int:
        return len(os.listdir("/proc/self/fd"))

    spool = Spool(tmp_path, FIELDS, 1_000_000)
    before = open_files()
    with no_room_on_disk():
        for _ in range(3):
            with pytest.raises(SpoolUnavailable):
                spool.write(framed(b"lost"))
    assert (open_files(), segments(tmp_path)) == (before, [])
    spool.write(framed(b"kept"))
    spool.close()
    assert payloads_of(segments(tmp_path)[0]) == [b"kept"]


def nowhere(path: Path) -> None:
    """Let a file stand for nothing any more, as when somebody cleans up."""
    path.unlink()


def elsewhere(path: Path) -> None:
    shutil.rmtree(path.parent)


def replaced(path: Path) -> None:
    shutil.copy(path, path.with_suffix(".copy"))
    path.with_suffix(".copy").replace(path)


@pytest.mark.parametrize("vanish", [nowhere, elsewhere, replaced])
def test_hits_do_not_go_into_a_segment_that_was_taken_away(tmp_path: Path, vanish: Callable[[Path], None]) -> None:
    """What is answered afterwards stands where the loader looks."""

    async def go() -> None:
        spool = Spool(tmp_path / "spool", FIELDS, 1_000_000)
        running = asyncio.create_task(spool.run())
        await spool.append(b"before")
        vanish(segments(tmp_path / "spool")[0])
        await spool.append(b"after")
        await spool.append(b"later")
        spool.stop()
        await running

    asyncio.run(go())
    assert payloads_of(segments(tmp_path / "spool")[-1]) == [b"after", b"later"]


async def looked(spool: Spool) -> None:
    """Return when the spool has just looked after its segment, so that it does not for a second."""
    for _ in range(6000):
        if spool.looked:
            return
        await asyncio.sleep(0.01)


def broken_by(path: str, flags: int) -> Callable[[int], None]:
    """Return what puts another file in the place of an open one."""

    def replace(file: int) -> None:
        other = os.open(path, flags)
        os.dup2(other, file)
        os.close(other)

    return replace


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(broken_by("/dev/full", os.O_WRONLY), id="ENOSPC"),
        pytest.param(broken_by("/proc/self/mem", os.O_WRONLY), id="EIO"),
        pytest.param(broken_by("/dev/null", os.O_RDONLY), id="EBADF"),
    ],
)
def test_an_error_of_the_disk_costs_one_group_and_no_earlier_hit(tmp_path: Path, spoil: Callable[[int], None]) -> None:
    async def go() -> None:
        spool = Spool(tmp_path, FIELDS, 1_000_000)
        running = asyncio.create_task(spool.run())
        await spool.append(b"before")
        await looked(spool)
        assert spool.segment
        spoil(spool.segment.file)
        with pytest.raises(SpoolUnavailable):
            await spool.append(b"refused")
        await spool.append(b"after")
        assert spool.healthy()
        spool.stop()
        await running

    asyncio.run(go())
    assert [payloads_of(path) for path in segments(tmp_path)] == [[b"before"], [b"after"]]


def test_a_spool_that_dies_is_started_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Hits that came meanwhile are written; whoever asks is told until it lived for a while."""
    now = [0.0]

    async def go() -> None:
        spool = Spool(tmp_path, FIELDS, 1_000_000)
        task = Tireless("spool", spool.run, lambda: now[0])
        running = asyncio.create_task(task.live())
        await spool.append(b"before")
        await looked(spool)
        spool.looked = None  # type: ignore[assignment]  # It dies of this after each group.
        for number in range(3):
            await spool.append(b"%d" % number)
        assert (task.problem, task.deaths) == ("spool died: TypeError", 3)
        spool.looked = 0.0
        await spool.append(b"after")
        now[0] += STABLE_SECONDS
        assert task.problem == ""
        spool.stop()
        await running

    asyncio.run(go())
    assert payloads_of(segments(tmp_path)[0]) == [b"before", b"0", b"1", b"2", b"after"]
    assert "task died, starting it again name=spool deaths=3" in caplog.text


def test_a_segment_is_finished_when_its_collector_is_gone(tmp_path: Path) -> None:
    async def go() -> None:
        spool = Spool(tmp_path, FIELDS, 1_000_000)
        running = asyncio.create_task(spool.run())
        await spool.append(b"hit")
        assert not finished(segments(tmp_path)[0])
        spool.stop()
        await running
        assert finished(segments(tmp_path)[0])

    asyncio.run(go())


def test_the_loader_waits_for_a_group_that_is_being_written(tmp_path: Path) -> None:
    """Another process holds the collector's lock for a while; only then does the size count."""
    path = append(tmp_path, [b"synced"])
    size = path.stat().st_size
    writer = subprocess.Popen([sys.executable, "-c", HALF_A_GROUP, str(path)], stdin=PIPE, stdout=PIPE, text=True)
    assert writer.stdin
    assert writer.stdout
    assert writer.stdout.readline() == "writing\n"
    assert path.stat().st_size > size
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(synced_size, path)
        writer.communicate("give up\n")
        assert asked.result() == size


# A group that fails after some of it was written: it is cut off again before the lock is given back.
HALF_A_GROUP = """
import fcntl, os, sys
file = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)
size = os.fstat(file).st_size
fcntl.lockf(file, fcntl.LOCK_EX)
os.write(file, b"half")
print("writing", flush=True)
sys.stdin.readline()
os.ftruncate(file, size)
"""


def test_a_segment_ends_when_somebody_waits_for_it(tmp_path: Path) -> None:
    """Though no further hit comes: what was erased must not lie there for as long as nobody visits."""

    async def go() -> list[Path]:
        spool = Spool(tmp_path, FIELDS, 1_000_000_000)
        running = asyncio.create_task(spool.run())
        await spool.append(b"first")
        (path,) = segments(tmp_path)
        assert not finished(path)
        ask_to_finish(path)
        for _ in range(6000):
            if finished(path):
                break
            await asyncio.sleep(0.01)
        await spool.append(b"second")
        spool.stop()
        await running
        return segments(tmp_path)

    first, second = asyncio.run(go())
    assert (payloads_of(first), payloads_of(second)) == ([b"first"], [b"second"])
