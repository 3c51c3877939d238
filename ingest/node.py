"""A node that has no registry of its own works from a file, which a follower keeps as new as it can."""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from threading import RLock

from sql.cases import Case
from sql.entries import Site, Snapshot
from sql.registry import Clock, Registry, RegistryError, RegistryUnavailable, utc_now
from sql.sent import NotSent, received, sent

SNAPSHOT = "registry.json"  # In the data directory.
TRIES = 3  # Of reading: what was just replaced is overwritten, perhaps under the eyes of a reader.


class Kept:
    """The file; it holds salts, so that what it held before is overwritten before it is given back to the disk."""

    def __init__(self, file: Path) -> None:
        self.file, self.new, self.gone = file, file.with_suffix(".new"), file.with_suffix(".gone")

    def stamp(self) -> tuple[int, ...]:
        """Return what is another one after each change. Raises RegistryUnavailable."""
        try:
            status = os.stat(self.file)
        except OSError as error:
            raise RegistryUnavailable(f"no snapshot in {self.file} yet; it is asked for") from error
        return status.st_mtime_ns, status.st_ino, status.st_size

    def read(self) -> tuple[str, Snapshot]:
        """Return the tag that the snapshot came with, and the snapshot. Raises RegistryUnavailable, NotSent."""
        for _ in range(TRIES):
            stamp = self.stamp()
            try:
                tag, _, content = self.file.read_bytes().partition(b"\n")
                return tag.decode(), received(content, version=hash(stamp))
            except (NotSent, OSError, UnicodeDecodeError) as error:
                refused = error
        raise RegistryUnavailable(f"snapshot in {self.file} cannot be read: delete the file") from refused

    def replace(self, tag: str, snapshot: Snapshot) -> None:
        """Keep a snapshot, and leave nothing of the one before. Raises OSError."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.clear()
        with os.fdopen(os.open(self.new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(tag.encode() + b"\n" + sent(snapshot))
            file.flush()
            os.fsync(file.fileno())
        if self.file.exists():
            os.link(self.file, self.gone)
        os.replace(self.new, self.file)
        self.clear()

    def clear(self) -> None:
        """Destroy what is left over, from now or from a process that was killed."""
        for path in (self.new, self.gone):
            if path.exists():
                with path.open("r+b") as file:
                    file.write(bytes(path.stat().st_size))
                    file.flush()
                    os.fsync(file.fileno())
                path.unlink()


class NodeRegistry:
    """What a node knows of the registry: as much as collectors and a loader need, and nothing can be changed."""

    def __init__(self, file: Path, clock: Clock = utc_now) -> None:
        """Raises RegistryUnavailable if there is no snapshot yet."""
        self.kept, self.clock = Kept(file), clock
        self.lock = RLock()
        self.read_at = self.kept.stamp()
        _, self.latest = self.kept.read()

    def close(self) -> None:
        """Do nothing: no file stays open."""

    def stamp(self) -> tuple[int, ...]:
        return self.kept.stamp()

    def version(self) -> int:
        return self.snapshot().version

    def snapshot(self) -> Snapshot:
        with self.lock:
            if (stamp := self.kept.stamp()) != self.read_at:
                _, self.latest = self.kept.read()
                self.read_at = stamp
            return self.latest

    def sites(self) -> list[Site]:
        return [*self.snapshot().sites.values()]

    # What follows is done by the machine that has the registry.

    def rotate_salts(self, now: datetime) -> int:
        return 0

    def move_creation(self, id: int, created: datetime) -> None:
        pass

    def open_cases(self) -> Sequence[Case]:
        return ()

    def deleted_sites(self, until: datetime) -> list[int]:
        return []

    def move_raw_since(self, id: int, since: datetime) -> None:
        raise RegistryError("only the machine with the registry deletes months")


AnyRegistry = Registry | NodeRegistry
