"""The lists in use: our own table, or the community's files in a folder that are read again when they change."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

import yaml_rs

from ingest import IngestError
from ingest.lists.engines import Engines, builtin_engines, community_engines
from ingest.lists.networks import (
    Assistants,
    Socials,
    Spammers,
    builtin_assistants,
    builtin_socials,
    builtin_sources,
    builtin_spammers,
    community_hosts,
)

log = logging.getLogger(__name__)

FILES = ("SearchEngines.yml", "Socials.yml", "AIAssistants.yml", "spammers.txt")
Stamp = tuple[tuple[str, int, int, int], ...]


class BadLists(IngestError):
    """Raised if a folder of lists cannot be used."""

    def __init__(self, folder: Path, problem: str) -> None:
        expected = "a clone of matomo-org/searchengine-and-social-list, with SearchEngines.yml and its neighbours"
        super().__init__(f"lists={str(folder)!r}: {problem}; expected a folder such as {expected}")
        self.folder = folder


@dataclass(frozen=True, slots=True)
class Lists:
    """Search engines, social networks, AI assistants and spammers."""

    engines: Engines
    socials: Socials
    assistants: Assistants
    spammers: Spammers

    @classmethod
    def from_folder(cls, folder: Path) -> Self:
        """Read the community's files; for a file that is missing our own table stands in.

        Raises BadLists if there is none of them, or one cannot be understood.
        """
        paths = found_in(folder)
        if not paths:
            raise BadLists(folder, "no list in it")
        try:
            made = (make(paths[name]) if name in paths else stand_in() for name, (make, stand_in) in SOURCES.items())
            return cls(*made)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise BadLists(folder, f"{type(error).__name__}: {error}") from error

    def is_spam(self, referrer: str) -> bool:
        """Tell whether a spammer's host stands anywhere in a referrer."""
        return self.spammers.sent(referrer)


def found_in(folder: Path) -> dict[str, Path]:
    """Return the lists in a folder, or one level below: the community keeps them in two repositories."""
    places = ((name, path) for name in FILES for path in (folder / name, *sorted(folder.glob(f"*/{name}"))))
    present: dict[str, Path] = {}
    for name, path in places:
        if name not in present and path.is_file():
            present[name] = path
    return present


def definitions_in(path: Path) -> Mapping[str, Any]:
    content = yaml_rs.loads(path.read_text("utf-8"))
    if not isinstance(content, dict):
        raise ValueError(f"{path.name} is not a mapping of names")
    return content


def community_assistants(path: Path) -> Assistants:
    return Assistants(community_hosts(definitions_in(path)), builtin_sources())


# How each file is read, and what stands in for it; in the order of the fields of Lists.
SOURCES: dict[str, tuple[Callable[[Path], Any], Callable[[], Any]]] = {
    "SearchEngines.yml": (lambda path: community_engines(definitions_in(path)), builtin_engines),
    "Socials.yml": (lambda path: Socials(community_hosts(definitions_in(path))), builtin_socials),
    "AIAssistants.yml": (community_assistants, builtin_assistants),
    "spammers.txt": (lambda path: Spammers(path.read_text("utf-8").splitlines()), builtin_spammers),
}


@cache
def builtin_lists() -> Lists:
    """Return our own table, which stands where no folder is set."""
    return Lists(builtin_engines(), builtin_socials(), builtin_assistants(), builtin_spammers())


class ListsFolder:
    """The lists of a folder, kept up to date; without a folder, our own table."""

    def __init__(self, folder: Path | None) -> None:
        """Read the lists. Raises BadLists."""
        self.folder = folder
        self.stamp = stamp_of(folder)
        self.lists = Lists.from_folder(folder) if folder else builtin_lists()

    def refresh(self) -> bool:
        """Read the lists again if a file changed; broken ones are logged once and change nothing. Tell if they did."""
        stamp = stamp_of(self.folder)
        if self.folder is None or stamp == self.stamp:
            return False
        self.stamp = stamp
        try:
            self.lists = Lists.from_folder(self.folder)
        except BadLists as error:
            log.warning("lists unchanged error=%s", error)
            return False
        return True


def stamp_of(folder: Path | None) -> Stamp:
    """Return what differs after any file of a folder was changed, replaced, added or removed."""
    paths = found_in(folder).values() if folder else ()
    return tuple((str(path), *changes(path)) for path in paths)


def changes(path: Path) -> tuple[int, int, int]:
    try:
        facts = path.stat()
    except OSError:  # Between looking and asking it was replaced: the next look sees the new one.
        return 0, 0, 0
    return facts.st_mtime_ns, facts.st_size, facts.st_ino
