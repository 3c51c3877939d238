"""How often somebody may try: tries in a window of time, counted per key in memory."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(slots=True)
class Window:
    """Tries since a moment."""

    since: datetime
    tries: int = 0


class Attempts:
    """Admits `limit` tries per key and window; keeps the newest `capacity` keys."""

    def __init__(self, limit: int, window: timedelta, clock: Callable[[], datetime], capacity: int = 10_000) -> None:
        self.limit, self.window, self.clock, self.capacity = limit, window, clock, capacity
        self._windows: OrderedDict[str, Window] = OrderedDict()

    def admit(self, key: str) -> bool:
        """Count a try, and tell whether it is allowed."""
        window = self._window(key)
        window.tries += 1
        return window.tries <= self.limit

    def exhausted(self, key: str) -> bool:
        """Tell whether a key has no try left, without counting one."""
        window = self._windows.get(key)
        return window is not None and window.tries >= self.limit and self.clock() - window.since < self.window

    def forgive(self, key: str) -> None:
        """Take a try back: it was no failure."""
        if window := self._windows.get(key):
            window.tries -= 1

    def _window(self, key: str) -> Window:
        window = self._windows.get(key)
        if window is None or self.clock() - window.since >= self.window:
            window = self._windows[key] = Window(self.clock())
            self._windows.move_to_end(key)
        while len(self._windows) > self.capacity:
            self._windows.popitem(last=False)
        return window
