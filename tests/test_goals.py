"""Goals: which of them a hit reaches by itself."""

from typing import Any

import pytest

from ingest.goals import Goals
from sql.goals import Goal
from tests.hits import a_hit, an_action


def a_goal(**changes: Any) -> Goal:
    """Return a goal that page views with `/thanks` in their address reach."""
    usual: dict[str, Any] = {"site": 1, "id": 1, "name": "Thanks", "match_attribute": "url", "pattern": "/thanks"}
    return Goal(**usual | changes)


def is_reached(goal: Goal, kind: str = "pageview", minutes: float = 0, **texts: Any) -> bool:
    title = texts.pop("title", "")
    return Goals([goal]).reached(a_hit(**texts), an_action(kind, title), minutes) == [goal]


URL = "https://example.org/Thanks/42?sid=9&q=a%20b#end"


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        pytest.param({"pattern": "thanks"}, True, id="contains"),
        pytest.param({"pattern": "sid=9"}, True, id="a-parameter-that-is-not-stored"),
        pytest.param({"pattern": "#end"}, True, id="the-fragment"),
        pytest.param({"pattern": "thanks", "case_sensitive": True}, False, id="contains-case-counts"),
        pytest.param({"pattern": "Thanks", "case_sensitive": True}, True, id="contains-same-case"),
        pytest.param({"pattern": "a+b"}, False, id="a-plus-is-no-percent-20"),
        pytest.param({"pattern": "sid=9&amp;q"}, True, id="entities-in-the-pattern"),
        pytest.param({"pattern": URL.lower(), "pattern_type": "exact"}, True, id="exact"),
        pytest.param({"pattern": URL.lower(), "pattern_type": "exact", "case_sensitive": True}, False, id="exact-case"),
        pytest.param(
            {"pattern": "https://example.org/thanks", "pattern_type": "exact"}, False, id="exact-is-all-of-it"
        ),
        pytest.param({"pattern": "/thanks/[0-9]+", "pattern_type": "regex"}, True, id="regex"),
        pytest.param(
            {"pattern": r"(.*)\/thanks\/(.*)", "pattern_type": "regex"}, True, id="regex-with-escaped-slashes"
        ),
        pytest.param({"pattern": "/thanks/", "pattern_type": "regex"}, True, id="regex-slashes-are-no-delimiters"),
        pytest.param({"pattern": "/42/", "pattern_type": "regex"}, False, id="regex-slashes-are-slashes"),
        pytest.param({"pattern": "/thanks", "pattern_type": "regex", "case_sensitive": True}, False, id="regex-case"),
        pytest.param({"pattern": "thanks(", "pattern_type": "regex"}, False, id="regex-that-is-none"),
        pytest.param({"pattern": "9", "pattern_type": "greater_than"}, False, id="no-text-is-greater"),
        pytest.param({"match_attribute": "manually"}, False, id="manually"),
    ],
)
def test_patterns(goal: dict[str, Any], expected: bool) -> None:
    assert is_reached(a_goal(**goal), url=URL) is expected


@pytest.mark.parametrize("pattern_type", ["contains", "exact", "regex"])
def test_a_pattern_with_percent_sequences_is_decoded_if_it_does_not_match_as_it_is(pattern_type: str) -> None:
    goal = a_goal(pattern="https://example.org/d%C3%A9j%C3%A0", pattern_type=pattern_type)
    assert is_reached(goal, url="https://example.org/d%C3%A9j%C3%A0")
    assert is_reached(goal, url="https://example.org/déjà")
    assert not is_reached(goal, url="https://example.org/deja")


KINDS = ("pageview", "search", "event", "outlink", "download", "content", "goal", "order", "cart", "ping")
EVENT: dict[str, Any] = {"event_category": "x", "event_action": "x", "event_name": "x"}


@pytest.mark.parametrize(
    ("attribute", "kinds"),
    [
        pytest.param("url", {"pageview"}, id="url"),
        pytest.param("title", {"pageview"}, id="title"),
        pytest.param("file", {"download"}, id="file"),
        pytest.param("external_website", {"outlink"}, id="outlink"),
        pytest.param("event_category", {"event"}, id="event-category"),
        pytest.param("event_action", {"event"}, id="event-action"),
        pytest.param("event_name", {"event"}, id="event-name"),
        pytest.param("manually", set(), id="manually"),
    ],
)
def test_which_hits_can_reach_a_goal(attribute: str, kinds: set[str]) -> None:
    """Each hit has an `x` in every text that a goal may look at."""
    goal = a_goal(match_attribute=attribute, pattern="x")
    assert {kind for kind in KINDS if is_reached(goal, kind, 9, url="x", title="x", link="x", **EVENT)} == kinds


@pytest.mark.parametrize(
    ("attribute", "kind", "text"),
    [
        pytest.param("url", "pageview", "url", id="url"),
        pytest.param("title", "pageview", "title", id="title"),
        pytest.param("file", "download", "link", id="file"),
        pytest.param("external_website", "outlink", "link", id="outlink"),
        pytest.param("event_category", "event", "event_category", id="event-category"),
        pytest.param("event_action", "event", "event_action", id="event-action"),
        pytest.param("event_name", "event", "event_name", id="event-name"),
    ],
)
def test_which_text_is_compared(attribute: str, kind: str, text: str) -> None:
    goal = a_goal(match_attribute=attribute, pattern="needle")
    others: dict[str, Any] = {name: "needle" for name in ("url", "title", "link", *EVENT) if name != text}
    assert is_reached(goal, kind, 0, **{text: "a needle"})
    assert not is_reached(goal, kind, 0, **{text: ""}, **others)


@pytest.mark.parametrize(
    ("pattern", "kind", "minutes", "expected"),
    [
        pytest.param("5", "pageview", 5, False, id="exactly"),
        pytest.param("5", "pageview", 5 + 1 / 60, True, id="a-second-longer"),
        pytest.param("0.5", "event", 1, True, id="half-a-minute"),
        pytest.param("5", "content", 6, True, id="content"),
        pytest.param("5", "search", 6, True, id="search"),
        pytest.param("5", "ping", 6, False, id="not-a-heartbeat"),
        pytest.param("0", "pageview", 0, False, id="not-the-first-hit"),
        pytest.param("-1", "pageview", 0, False, id="not-the-first-hit-whatever-is-wanted"),
        pytest.param("5", "pageview", -6, False, id="not-a-late-hit-from-before"),
        pytest.param("long", "pageview", 600, False, id="no-number"),
        pytest.param("nan", "pageview", 600, False, id="not-a-number"),
    ],
)
def test_duration_of_a_visit(pattern: str, kind: str, minutes: float, expected: bool) -> None:
    goal = a_goal(match_attribute="visit_duration", pattern=pattern, pattern_type="greater_than")
    assert is_reached(goal, kind, minutes) is expected


def test_a_duration_is_compared_in_no_other_way() -> None:
    assert not is_reached(a_goal(match_attribute="visit_duration", pattern="5", pattern_type="contains"), minutes=600)


def test_one_hit_reaches_several_goals_in_their_order() -> None:
    goals = [
        a_goal(id=3, pattern="example"),
        a_goal(id=1, pattern="elsewhere"),
        a_goal(id=2, match_attribute="visit_duration", pattern="5", pattern_type="greater_than"),
        a_goal(id=4, match_attribute="title", pattern="Home"),
    ]
    reached = Goals(goals).reached(a_hit(), an_action(title="Home"), 6)
    assert [goal.id for goal in reached] == [3, 2, 4]
