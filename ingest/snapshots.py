"""The newest snapshot of the registry, known from the very next request; the last good one while it cannot be read."""

import asyncio
import logging
import time
from collections.abc import Callable

from ingest.node import AnyRegistry
from sql.registry import RegistryError, Snapshot

log = logging.getLogger(__name__)

# A look costs 4 µs, a tenth of a hit; after a change, no answer has reached its author that soon.
LOOK_SECONDS = 0.0005
SETTLING_SECONDS = 1.0  # From the first trace of a change in the files until nobody can miss it.


class Snapshots:
    """Follows the registry: asks the file system for every request, and the registry only after a change."""

    def __init__(self, registry: AnyRegistry, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the first snapshot. Raises RegistryError if there is none."""
        self.registry = registry
        self.clock = clock
        self.stamp = registry.stamp()
        self.snapshot = registry.snapshot()
        self.looked = 0.0
        self.settled = 0.0  # When the last change of the files will be old enough; 0: it is.
        self.failing = False

    def newest(self) -> Snapshot:
        """Return the newest snapshot; next to nothing while the files do not change, a look into the registry then.

        Files change before the change is seen by others, and may change twice within one tick of their clock: for a
        while after a trace of a change, the registry itself is asked each time. While it fails, only `refresh` asks.
        """
        now = self.clock()
        if now - self.looked >= LOOK_SECONDS and not self.failing:
            self.looked = now
            try:
                self.follow(now)
            except (RegistryError, OSError) as error:
                self.fail(error)
        return self.snapshot

    def follow(self, now: float) -> None:
        stamp = self.registry.stamp()
        if stamp != self.stamp:
            self.stamp, self.settled = stamp, now + SETTLING_SECONDS
        if not self.settled:
            return
        if now > self.settled:
            self.settled = 0.0
        if self.registry.version() != self.snapshot.version:
            self.snapshot = self.registry.snapshot()

    async def refresh(self) -> None:
        """Ask the registry itself, without holding up anybody; this is how a registry that failed comes back."""
        known = self.snapshot
        try:
            snapshot = await asyncio.to_thread(self.read, known.version)
        except Exception as error:  # The edge of a loop: it must not die.
            self.fail(error)
            return
        self.failing = False
        if snapshot and self.snapshot is known:  # Else a request found a newer one meanwhile.
            self.snapshot = snapshot

    def read(self, known: int) -> Snapshot | None:
        self.registry.stamp()  # An open connection does not notice that its file is gone; this does.
        return self.registry.snapshot() if self.registry.version() != known else None

    def fail(self, error: Exception) -> None:
        """Say once that the registry cannot be read."""
        if not self.failing:
            log.error("registry unreadable, going on with the last snapshot error=%s", error)
        self.failing = True
