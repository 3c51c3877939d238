"""How the registry's rows and what they stand for become each other."""

import json
import sqlite3
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sql.dimensions import Dimension, Extraction, NewDimension
from sql.entries import NewSite, Site, Token, User
from sql.globals import GlobalSettings
from sql.goals import Goal, NewGoal
from sql.lists import LISTS

JSON = ("urls", "scrubbed_patterns", *LISTS)
FLAGS = ("ecommerce", "search", "exclude_unknown_urls", "keep_bots", "exact_places")
# How a choice is kept whose default is decided elsewhere.
CHOICES: dict[bool | None, int] = {None: 0, True: 1, False: 2}
CHOSEN = {number: choice for choice, number in CHOICES.items()}


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def site_row(site: NewSite | Site, created: datetime) -> dict[str, Any]:
    values = asdict(site)
    changed = {name: json.dumps(values[name]) for name in JSON}
    return {**values, **changed, "created": stamp(created), "keep_fragment": CHOICES[site.keep_fragment]}


def site_of(row: sqlite3.Row) -> Site:
    values = kept_in(row)
    changed: dict[str, Any] = {name: tuple(json.loads(values[name])) for name in JSON}
    changed |= {name: bool(values[name]) for name in FLAGS}
    changed |= {"keep_fragment": CHOSEN[values["keep_fragment"]], "created": datetime.fromisoformat(values["created"])}
    changed |= {"raw_since": datetime.fromisoformat(values["raw_since"]) if values["raw_since"] else None}
    return Site(**{**values, **changed})


def kept_in(row: sqlite3.Row) -> dict[str, Any]:
    return {name: value for name, value in dict(row).items() if name not in ("deleted", "deleted_at")}


def user_of(row: sqlite3.Row) -> User:
    return User(**{**dict(row), "sites": tuple(json.loads(row["sites"]))})


def token_of(row: sqlite3.Row) -> Token:
    return Token(
        id=row["id"], name=row["name"], role=row["role"], site=row["site"], scopes=tuple(json.loads(row["scopes"]))
    )


def goal_row(goal: NewGoal | Goal) -> dict[str, Any]:
    return asdict(goal)


def goal_of(row: sqlite3.Row) -> Goal:
    values = kept_in(row)
    flags = {name: bool(values[name]) for name in ("case_sensitive", "allow_multiple", "event_value_as_revenue")}
    return Goal(**{**values, **flags})


def dimension_row(dimension: NewDimension | Dimension) -> dict[str, Any]:
    return {**asdict(dimension), "extractions": json.dumps(dimension.extractions)}


def dimension_of(row: sqlite3.Row) -> Dimension:
    values: dict[str, Any] = dict(row)
    extractions = tuple(Extraction(*entry) for entry in json.loads(values["extractions"]))
    flags = {name: bool(values[name]) for name in ("active", "case_sensitive")}
    return Dimension(**{**values, **flags, "extractions": extractions})


def global_settings_text(given: GlobalSettings) -> str:
    return json.dumps(asdict(given))


def global_settings_of(content: str) -> GlobalSettings:
    """Return the settings; what another version kept beside them is passed over."""
    known = {name: value for name, value in json.loads(content).items() if name in GlobalSettings.__slots__}
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in known.items()}
    return GlobalSettings(**values)
