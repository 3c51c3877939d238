"""The disk as a collector writes to it, call by call: tests put one in its place that fails and loses what it may."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC


class SegmentGone(OSError):
    """Raised if a file is not where it was any more: what is written to it, nobody will read."""


class Disk:
    """The real one. Every method raises OSError."""

    def create(self, path: Path) -> int:
        """Return a new file, locked for as long as it is open."""
        file = os.open(path, FLAGS, 0o640)
        fcntl.flock(file, fcntl.LOCK_EX)
        return file

    @contextmanager
    def alone(self, file: int) -> Iterator[None]:
        """Let readers wait meanwhile."""
        fcntl.lockf(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(file, fcntl.LOCK_UN)

    def write(self, file: int, data: memoryview) -> int:
        return os.write(file, data)

    def sync(self, file: int) -> None:
        os.fdatasync(file)

    def truncate(self, file: int, size: int) -> None:
        os.ftruncate(file, size)

    def check(self, path: Path, file: int) -> None:
        """Raises SegmentGone unless the file is the one that stands under its name."""
        if not self.in_place(path, file):
            raise SegmentGone(errno.ENOENT, "segment is gone", path.name)

    def in_place(self, path: Path, file: int) -> bool:
        try:
            return os.path.samestat(os.stat(path), os.fstat(file))
        except OSError:
            return False

    def close(self, file: int) -> None:
        os.close(file)

    def remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def make_directory(self, directory: Path) -> None:
        """Make a directory that survives a crash of the machine."""
        if not directory.is_dir():
            directory.mkdir(parents=True, exist_ok=True)
            self.sync_directory(directory.parent)

    def sync_directory(self, directory: Path) -> None:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


DISK = Disk()
