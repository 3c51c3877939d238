"""Which goals a hit reaches by itself, by its address, title, link or event (tracking specification, section 8.1)."""

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import NamedTuple
from urllib.parse import unquote_plus

from ingest.actions import COUNTED, Action
from ingest.hit import Hit
from ingest.patterns import compiled, found
from ingest.tracking import ENTITY, entity
from sql.goals import Goal

Condition = Callable[[Hit, Action, float], bool]
Test = Callable[[str], bool]

# What a goal looks at, by its attribute: hits of one kind of action, and one text of theirs.
HIT_TEXTS: dict[str, tuple[str, Callable[[Hit], str]]] = {
    "url": ("pageview", attrgetter("url")),
    "file": ("download", attrgetter("link")),
    "external_website": ("outlink", attrgetter("link")),
    "event_category": ("event", attrgetter("event_category")),
    "event_action": ("event", attrgetter("event_action")),
    "event_name": ("event", attrgetter("event_name")),
}
ACTIONS = COUNTED | {"content"}


class Rule(NamedTuple):
    """A goal, and what reaches it."""

    goal: Goal
    kinds: frozenset[str]
    holds: Condition


class Goals:
    """The goals of one site, sorted by what can reach them."""

    def __init__(self, goals: Iterable[Goal]) -> None:
        self.by_id = {goal.id: goal for goal in goals}
        rules = [rule for goal in self.by_id.values() if (rule := rule_of(goal))]
        self.rules = {kind: [rule for rule in rules if kind in rule.kinds] for kind in ACTIONS}

    def reached(self, hit: Hit, action: Action, minutes: float) -> list[Goal]:
        """Return the goals that a hit reaches, so many minutes after its visit began."""
        return [rule.goal for rule in self.rules.get(action.kind, ()) if rule.holds(hit, action, minutes)]


def rule_of(goal: Goal) -> Rule | None:
    """Return what reaches a goal, None if nothing does but a request that names it."""
    if goal.match_attribute == "visit_duration":
        return duration_rule(goal)
    tests = list(tests_of(goal))
    if not tests:
        return None
    if goal.match_attribute == "title":
        return Rule(goal, frozenset({"pageview"}), lambda _hit, action, _: any(test(action.title) for test in tests))
    if goal.match_attribute not in HIT_TEXTS:
        return None
    kind, text_of = HIT_TEXTS[goal.match_attribute]
    return Rule(goal, frozenset({kind}), lambda hit, _action, _: any(test(text_of(hit)) for test in tests))


def duration_rule(goal: Goal) -> Rule | None:
    """Return the rule of a goal that long visits reach; nothing is longer than what is no number."""
    try:
        limit = float(goal.pattern)
    except ValueError:
        return None
    if goal.pattern_type != "greater_than":
        return None
    # The first hit of a visit comes after no time at all, and says nothing about how long somebody stayed.
    return Rule(goal, frozenset(ACTIONS), lambda _hit, _action, minutes: minutes > max(limit, 0))


def tests_of(goal: Goal) -> Iterator[Test]:
    """Yield the tests of which one must succeed: with the pattern as it is, and with its percent sequences decoded."""
    make = TESTS.get(goal.pattern_type)
    if make is None:
        return
    pattern = ENTITY.sub(entity, goal.pattern)
    for variant in dict.fromkeys((pattern, unquote_plus(pattern))):
        if test := make(variant, goal.case_sensitive):
            yield test


def contains(pattern: str, case_sensitive: bool) -> Test:
    if case_sensitive:
        return lambda text: pattern in text
    lower = pattern.lower()
    return lambda text: lower in text.lower()


def equals(pattern: str, case_sensitive: bool) -> Test:
    if case_sensitive:
        return lambda text: pattern == text
    lower = pattern.lower()
    return lambda text: lower == text.lower()


def matches(pattern: str, case_sensitive: bool) -> Test | None:
    """Return a test by regular expression; None for one that cannot be compiled: then nothing matches."""
    expression = compiled(pattern, ignore_case=not case_sensitive)
    if expression is None:
        return None
    return lambda text: found(expression, text) is not None


TESTS: dict[str, Callable[[str, bool], Test | None]] = {"contains": contains, "exact": equals, "regex": matches}
