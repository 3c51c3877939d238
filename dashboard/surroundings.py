"""What the dashboard knows of the server it is a part of: it is told how to ask, and no more."""

from collections.abc import Callable
from dataclasses import dataclass


def nothing_waits() -> None:
    """What stands for `settled` where nobody loads hits on this machine."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The rest of the server, as far as the dashboard is concerned."""

    health: Callable[[], dict[str, object]]  # Says under `ok` whether all is well.
    settled: Callable[[], None] = nothing_waits  # Returns when every hit answered so far is loaded, or after a while.
    preset: str = "matomo"  # Privacy preset of new sites.
    title_delimiter: str = ""  # Between the parts of a page title; empty: titles are whole.
    collector_url: str = ""  # At which websites reach the collectors.
