"""A process that dies between two steps: at a chosen line of our own code, as soon as it comes there."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, NamedTuple

Trace = Callable[[FrameType, str, Any], Any]


class Line(NamedTuple):
    """A line that is about to be carried out, and the function around it."""

    file: str
    number: int
    function: str

    def __str__(self) -> str:
        return f"{Path(self.file).name}:{self.number} in {self.function}"


class Death(BaseException):
    """The end of a process: nobody catches it, and what stands in `finally` is nothing that outlives one."""


class Watch:
    """Notes which lines a piece of work comes to, in their order; dies when it came to one of them so many times."""

    def __init__(self, modules: Sequence[ModuleType], fatal: Line | None = None, times: int = 1) -> None:
        self.files = {str(module.__file__) for module in modules}
        self.fatal, self.left = fatal, times
        self.seen: dict[Line, None] = {}

    def calls(self, frame: FrameType, event: str, argument: Any) -> Trace | None:
        return self.lines if frame.f_code.co_filename in self.files else None

    def lines(self, frame: FrameType, event: str, argument: Any) -> Trace:
        if event == "line":
            line = Line(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)
            self.seen[line] = None
            if line == self.fatal:
                self.left -= 1
                if self.left == 0:
                    raise Death(str(line))
        return self.lines


@contextmanager
def watching(watch: Watch) -> Iterator[None]:
    """Watch this thread; end quietly where it dies."""
    sys.settrace(watch.calls)
    try:
        yield
    except Death:
        return
    finally:
        sys.settrace(None)
