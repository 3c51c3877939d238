"""Custom dimensions and variables of hits and visits: what was sent, or extracted as a site wants it."""

import re
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from ingest.actions import COUNTED, Action
from ingest.hit import Hit
from ingest.patterns import Pattern, compiled, found
from ingest.site_search import decoded
from sql.dimensions import Dimension, Extraction

LONGEST = 250  # Letters.


class Rule(NamedTuple):
    """Where to look for a value that was not sent."""

    source: Literal["url", "action_name"]
    pattern: Pattern


class Known(NamedTuple):
    """A dimension as it is asked for."""

    id: str
    rules: tuple[Rule, ...]


class Dimensions:
    """The active dimensions of one site."""

    def __init__(self, dimensions: Iterable[Dimension]) -> None:
        known = [(each.scope, Known(str(each.id), rules_of(each))) for each in dimensions]
        self.of_visit = tuple(dimension for scope, dimension in known if scope == "visit")
        self.of_action = tuple(dimension for scope, dimension in known if scope == "action")

    def in_visit(self, hit: Hit, action: Action) -> dict[str, str]:
        return values_in(self.of_visit, hit, action)

    def in_action(self, hit: Hit, action: Action) -> dict[str, str]:
        """Return the values of a hit; only an action has some (specification 2.9)."""
        has_action = action.kind in COUNTED or action.kind == "content"
        return values_in(self.of_action, hit, action) if has_action else {}


def rules_of(dimension: Dimension) -> tuple[Rule, ...]:
    rules = (rule_of(extraction, not dimension.case_sensitive) for extraction in dimension.extractions)
    return tuple(rule for rule in rules if rule)


def rule_of(extraction: Extraction, ignore_case: bool) -> Rule | None:
    """Return how to extract; None for a pattern that another version took and this one cannot compile."""
    text = extraction.pattern
    if extraction.dimension == "urlparam":
        text = rf"\?.*{re.escape(text)}=([^&]*)"
    pattern = compiled(text, ignore_case)
    return Rule("action_name" if extraction.dimension == "action_name" else "url", pattern) if pattern else None


def values_in(dimensions: Iterable[Known], hit: Hit, action: Action) -> dict[str, str]:
    """Return the values that were sent, an empty one too, or else extracted."""
    sent: Mapping[str, str] = hit.dimensions or {}
    values = {each.id: sent[each.id] if each.id in sent else extracted(each, hit, action) for each in dimensions}
    return {id: value for id, value in values.items() if value is not None}


def extracted(dimension: Known, hit: Hit, action: Action) -> str | None:
    """Return what the first rule finds that finds something."""
    texts = {"url": hit.url, "action_name": action.title}
    for rule in dimension.rules:
        match = found(rule.pattern, texts[rule.source])
        if match and match.groups() and match[1]:
            return decoded(match[1], "")[:LONGEST]
    return None


def with_variables(kept: Mapping[str, list[str]], sent: Mapping[str, object]) -> dict[str, list[str]]:
    """Return a visit's variables after a hit: slots are overwritten, and emptied by an empty name."""
    merged = {**kept, **{slot: list(pair) for slot, pair in sent.items() if isinstance(pair, list | tuple)}}
    return {slot: pair for slot, pair in merged.items() if pair[0]}
