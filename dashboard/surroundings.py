"""What the dashboard knows of the server it is a part of: it is told how to ask, and no more."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sql.people import Reach, Who

# The finest that can be told of an address: nothing, its country, or its city.
Precision = Literal["none", "country", "city"]


def nothing_waits() -> None:
    """What stands for `settled` where nobody loads hits on this machine."""


def nothing_remembered(who: Who, reach: Reach) -> Mapping[str, Sequence[object]]:
    """What stands for `remembered` there."""
    return {}


class Told(NamedTuple):
    """A text and its content type."""

    type: str
    text: str


def nothing_measured(accepted: str, own: Mapping[str, float]) -> Told:
    """What stands for `measured` where nobody counts."""
    return Told("text/plain; charset=utf-8", "")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The rest of the server, as far as the dashboard is concerned."""

    health: Callable[[], dict[str, object]]  # Says under `ok` whether all is well.
    settled: Callable[[], None] = nothing_waits  # Returns when every hit answered so far is loaded, or after a while.
    preset: str = "matomo"  # Privacy preset of new sites.
    title_delimiter: str = ""  # Between the parts of a page title; empty: titles are whole.
    collector_url: str = ""  # At which websites reach the collectors.
    masked_bytes: int = 2  # Of every IPv4 address, whatever a site's preset says.
    precision: Precision = "country"  # Of the place database.
    # Returns what the loader remembers of somebody, under names.
    remembered: Callable[[Who, Reach], Mapping[str, Sequence[object]]] = nothing_remembered
    # Returns the numbers of the server and the dashboard's own, in a format that a header `Accept` asks for.
    measured: Callable[[str, Mapping[str, float]], Told] = nothing_measured
    own_tracker: bool = True  # The collectors serve our tracker; else an operator's copy of another one.
