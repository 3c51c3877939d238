"""A disk that fails when it is told to, and that forgets at a power cut what it was not asked to keep.

Files live in a real directory, so that the loader's own code reads them. Beside it stands what would be there after a
power cut: of a file the bytes that were synced, of a directory the names that were. Of everything later any part may
survive, in any order.
"""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ingest.disk import Disk

SECTOR = 16  # Bytes that survive together or not at all; as small as the test's records, so that they tear.


@dataclass
class File:
    """One file by its own name, whatever stands in the directory."""

    path: Path
    synced: bytes = b""
    named: bool = False  # The directory was synced since it was made.
    broken: bool = False  # A sync failed: what was not on disk then will not get there.


@dataclass
class SimulatedDisk(Disk):
    """Calls that fail are those named in `failing`, once each; `partly` says how much of a write goes through."""

    directory: Path
    failing: list[str] = field(default_factory=list)
    partly: int = 0
    files: dict[int, File] = field(default_factory=dict)
    all: dict[Path, File] = field(default_factory=dict)
    removed: dict[Path, bytes] = field(default_factory=dict)  # Not synced: they may come back.

    def fails(self, call: str) -> bool:
        if call not in self.failing:
            return False
        self.failing.remove(call)
        return True

    def may_fail(self, call: str) -> None:
        if self.fails(call):
            raise OSError(errno.EIO, f"{call} failed")

    def create(self, path: Path) -> int:
        self.may_fail("create")
        file = super().create(path)
        self.files[file] = self.all[path] = File(path)
        return file

    @contextmanager
    def alone(self, file: int) -> Iterator[None]:
        self.may_fail("lock")
        yield

    def write(self, file: int, data: memoryview) -> int:
        if self.fails("write"):
            os.write(file, data[: self.partly])
            raise OSError(errno.ENOSPC, "write failed")
        return os.write(file, data[: max(1, len(data) // 2)])  # The rest is written by another call.

    def sync(self, file: int) -> None:
        here = self.files[file]
        if self.fails("sync"):
            here.broken = True
            raise OSError(errno.EIO, "sync failed")
        if not here.broken:
            here.synced = here.path.read_bytes() if here.path.exists() else here.synced

    def truncate(self, file: int, size: int) -> None:
        self.may_fail("truncate")
        super().truncate(file, size)

    def close(self, file: int) -> None:
        super().close(file)
        self.files.pop(file)
        self.may_fail("close")

    def remove(self, path: Path) -> None:
        self.may_fail("remove")
        if path.exists():
            self.removed[path] = self.all.pop(path).synced
        super().remove(path)

    def sync_directory(self, directory: Path) -> None:
        self.may_fail("sync directory")
        for file in self.all.values():
            file.named = True
        self.removed.clear()

    def end_process(self) -> None:
        """Close what a killed process had open; its locks go with it, and nothing that it wrote."""
        for file in [*self.files]:
            os.close(file)
        self.files.clear()

    def cut_power(self, chosen: Callable[[str], bool]) -> None:
        """Leave of everything that was not synced what is `chosen`; the process ends, too."""
        self.end_process()
        for path, file in [*self.all.items()]:
            if file.named or chosen("new name stays"):
                path.write_bytes(after_power_cut(file.synced, path.read_bytes(), chosen))
                self.all[path] = File(path, path.read_bytes(), named=True)
            else:
                path.unlink()
                del self.all[path]
        for path, data in self.removed.items():
            if chosen("old name comes back"):
                path.write_bytes(data)
                self.all[path] = File(path, data, named=True)
        self.removed.clear()


def after_power_cut(synced: bytes, written: bytes, chosen: Callable[[str], bool]) -> bytes:
    """Return what a file holds: all that was synced, and any of the sectors that were written since; holes are zero."""
    if len(written) < len(synced):  # Cut off, and that not synced.
        return written if chosen("cut stays") else synced
    found = bytearray(synced)
    for start in range(len(synced), len(written), SECTOR):
        sector = written[start : start + SECTOR]
        if chosen("sector is on disk"):
            found.extend(bytes(start - len(found)) + sector)
    if len(found) < len(written) and chosen("size is on disk"):
        found.extend(bytes(len(written) - len(found)))
    return bytes(found)
