"""What the machine with the registry does for all others: it makes and destroys salts, and dates sites."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta

from sql.clickhouse import Database
from sql.registry import Registry

log = logging.getLogger(__name__)

PAUSE_SECONDS = 600.0


class Caretaker:
    """Looks after the registry, in a thread of its own, also where no loader runs beside it."""

    def __init__(self, registry: Registry, database: Database) -> None:
        self.registry, self.database = registry, database
        self.stopping = threading.Event()

    def live(self) -> None:
        while not self.stopping.is_set():
            for step in (self.rotate, self.date_sites):
                try:
                    step()
                except Exception as error:  # The edge of the loop: it must not die.
                    log.error("caretaking failed step=%s error=%s", step.__name__, error)
            self.stopping.wait(PAUSE_SECONDS)

    def rotate(self) -> None:
        self.registry.rotate_salts(self.registry.clock())

    def date_sites(self) -> None:
        """Let sites be as old as their first visit, as a loader does that has the registry (specification 6.8)."""
        for row in self.database.query("retention/first_visits", {}):
            first = row["first"].replace(tzinfo=UTC, hour=0, minute=0, second=0, microsecond=0)
            self.registry.move_creation(row["site"], first - timedelta(days=1))


@contextmanager
def caring(registry: Registry, database: Database) -> Iterator[None]:
    caretaker = Caretaker(registry, database)
    thread = threading.Thread(target=caretaker.live, name="caretaker")
    thread.start()
    try:
        yield
    finally:
        caretaker.stopping.set()
        thread.join()
