"""Our own files of facts, read once: TOML beside this module."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def facts(name: str) -> dict[str, Any]:
    """Return the content of `ingest/lists/{name}.toml`, for example `search_engines`."""
    return tomllib.loads(files("ingest").joinpath("lists", f"{name}.toml").read_text("utf-8"))


def codes(name: str) -> frozenset[str]:
    """Return the codes of `places.toml` under a name, for example `countries`."""
    return frozenset(facts("places")[name].split())
