"""Whether a clock can be believed: what is deleted under a wrong one nobody brings back."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

LEAP = timedelta(minutes=5)


class SteadyClock:
    """Compares a clock with one that nobody sets, and remembers since when the two agree."""

    def __init__(self, clock: Callable[[], datetime], monotonic: Callable[[], float] = time.monotonic) -> None:
        self.clock, self.monotonic = clock, monotonic
        self.since = self.looked_at = (clock(), monotonic())

    def steady_for(self) -> timedelta:
        """Return how long the clock has run without a leap, counted from the first look at it."""
        now, ticks = self.clock(), self.monotonic()
        before, ticks_before = self.looked_at
        if abs((now - before) - timedelta(seconds=ticks - ticks_before)) > LEAP:
            self.since = now, ticks
        self.looked_at = now, ticks
        return timedelta(seconds=ticks - self.since[1])
