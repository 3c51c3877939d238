"""A snapshot of the registry as JSON: what nodes get that have no registry of their own."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar

import orjson

from sql.dimensions import Dimension, Extraction
from sql.entries import Site, Snapshot, Token
from sql.goals import Goal
from sql.refusals import RegistryError

FORMAT = 1
NAMES = {cls.__name__: {field.name for field in fields(cls)} for cls in (Site, Token, Goal, Dimension)}
TIMES = ("created", "raw_since")

T = TypeVar("T", Site, Token, Goal, Dimension)


class NotSent(RegistryError):
    """Raised if something is not a snapshot that this version understands; what it is, is not repeated."""


def sent(snapshot: Snapshot) -> bytes:
    """Return a snapshot as JSON; its salts and the hashes of tokens are secrets."""
    content = {
        "format": FORMAT,
        "version": snapshot.version,
        "sites": [*snapshot.sites.values()],
        "tokens": snapshot.tokens,
        "salts": [(site, day, salt.hex()) for (site, day), salt in snapshot.salts.items()],
        "goals": [goal for of_site in snapshot.goals.values() for goal in of_site.values()],
        "dimensions": [each for of_site in snapshot.dimensions.values() for each in of_site.values()],
    }
    return orjson.dumps(content, default=tuple)  # Of a dimension's extractions.


def received(content: bytes, version: int | None = None) -> Snapshot:
    """Return what was sent, under a version of the receiver's if it has one.

    Raises NotSent.
    """
    try:
        given = orjson.loads(content)
        if given["format"] != FORMAT:
            raise NotSent(f"snapshot of the registry: expected format {FORMAT}; let all machines have one version")
        return Snapshot(
            version=given["version"] if version is None else version,
            sites={site.id: site for site in (made(Site, values) for values in given["sites"])},
            tokens={hash: made(Token, values) for hash, values in given["tokens"].items()},
            salts={(site, day): bytes.fromhex(salt) for site, day, salt in given["salts"]},
            goals=by_site(made(Goal, values) for values in given["goals"]),
            dimensions=by_site(made(Dimension, values) for values in given["dimensions"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotSent(f"snapshot of the registry: expected one, got something else ({type(error).__name__})") from None


def made(cls: type[T], values: Mapping[str, Any]) -> T:
    """Return an entry; what a newer version knows of it is passed over, and what an older one lacks is as usual."""
    known = NAMES[cls.__name__]
    return cls(**{name: read(name, value) for name, value in values.items() if name in known})


def read(name: str, value: Any) -> Any:
    if name in TIMES:
        return datetime.fromisoformat(value) if value else None
    if name == "extractions":
        return tuple(Extraction(*each) for each in value)
    return tuple(value) if isinstance(value, list) else value


def by_site(entries: Iterable[Any]) -> dict[int, dict[int, Any]]:
    found: dict[int, dict[int, Any]] = {}
    for entry in entries:
        found.setdefault(entry.site, {})[entry.id] = entry
    return found
