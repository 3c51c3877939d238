"""Background tasks that are started again when they die, and say so: whoever serves goes on without them."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

FIRST_PAUSE = 0.1  # Seconds; twice as long after each death in a row.
LONGEST_PAUSE = 5.0  # Hits wait for the spool as long as this, and their visitors do not see it.
STABLE_SECONDS = 10.0


class Tireless:
    """One task, such as the one that writes the spool; `run` returns when it was told to stop."""

    def __init__(
        self, name: str, run: Callable[[], Awaitable[None]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.name, self.run, self.clock = name, run, clock
        self.died = float("-inf")
        self.deaths = 0  # In a row.
        self.reason = ""

    async def live(self) -> None:
        while not await self.ends_well():
            continue

    async def ends_well(self) -> bool:
        """Run once; after a death, wait for a while and tell that it is to be started again."""
        began = self.clock()
        try:
            await self.run()
            return True
        except Exception as error:  # The edge of the loop: it must not die.
            self.died = self.clock()
            self.deaths = 1 if self.died - began > STABLE_SECONDS else self.deaths + 1
            self.reason = f"{self.name} died: {type(error).__name__}"
            log.exception("task died, starting it again name=%s deaths=%d", self.name, self.deaths)
            await asyncio.sleep(min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self.deaths - 1, 10)))
            return False

    @property
    def problem(self) -> str:
        """Return what was wrong a moment ago, '' if it has lived for a while."""
        return self.reason if self.clock() - self.died < STABLE_SECONDS else ""
