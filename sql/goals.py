"""What a goal is: which hits reach it, and what that is worth (tracking specification, 8.1)."""

import math
from dataclasses import dataclass, replace
from typing import Literal, TypeVar, get_args

from sql.patterns import pattern_problem
from sql.refusals import BadGoal

MatchAttribute = Literal[
    "manually",
    "url",
    "title",
    "file",
    "external_website",
    "event_category",
    "event_action",
    "event_name",
    "visit_duration",
]
PatternType = Literal["contains", "exact", "regex", "greater_than"]
MATCH_ATTRIBUTES: tuple[MatchAttribute, ...] = get_args(MatchAttribute)
PATTERN_TYPES: tuple[PatternType, ...] = get_args(PatternType)
EVENT_ATTRIBUTES = frozenset({"event_category", "event_action", "event_name"})
ANY_TEXT = EVENT_ATTRIBUTES | {"title"}  # What is no web address: `exact` need not begin like one.
MAX_ID = 2**31 - 1  # ClickHouse keeps a goal's id as Int32, of which 0 is an order and -1 a cart.
LONGEST_NAME = 50
LONGEST_DESCRIPTION = 255
LONGEST_PATTERN = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalFields:
    """What an operator decides about a goal; field names are column names."""

    name: str
    description: str = ""
    match_attribute: MatchAttribute = "manually"
    pattern: str = ""
    pattern_type: PatternType = "contains"
    case_sensitive: bool = False
    allow_multiple: bool = False  # Else once per visit.
    revenue: float = 0.0  # In the site's currency, where a hit names none.
    event_value_as_revenue: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGoal(GoalFields):
    """A goal to be added; without an id it gets the site's next one."""

    site: int
    id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal(GoalFields):
    """Something that a site wants its visitors to do."""

    site: int
    id: int


G = TypeVar("G", NewGoal, Goal)


def checked_goal(goal: G) -> G:
    """Return a goal as it is kept.

    Raises BadGoal if it cannot be.
    """
    name, description = goal.name.strip(), goal.description.strip()
    if goal.id is not None and not 1 <= goal.id <= MAX_ID:
        raise BadGoal(f"goal id {goal.id}: expected a number from 1 to {MAX_ID}")
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadGoal(
            f"name {name[:LONGEST_NAME]!r}: expected 1 to {LONGEST_NAME} printable characters, such as Newsletter"
        )
    if len(description) > LONGEST_DESCRIPTION:
        raise BadGoal(f"description of {len(description)} letters: expected at most {LONGEST_DESCRIPTION}")
    if not math.isfinite(goal.revenue) or goal.revenue < 0:
        raise BadGoal(f"revenue {goal.revenue}: expected 0 or more, such as 12.50")
    if goal.match_attribute not in MATCH_ATTRIBUTES:
        raise BadGoal(f"match attribute {goal.match_attribute!r}: expected one of {', '.join(MATCH_ATTRIBUTES)}")
    as_revenue = goal.event_value_as_revenue and goal.match_attribute in EVENT_ATTRIBUTES
    goal = replace(goal, name=name, description=description, event_value_as_revenue=as_revenue)
    if goal.match_attribute == "manually":
        return replace(goal, pattern="", pattern_type="contains", case_sensitive=False)
    check_pattern(goal)
    return goal


def check_pattern(goal: GoalFields) -> None:
    """Raise BadGoal if hits cannot be compared with a goal's pattern."""
    attribute, kind, pattern = goal.match_attribute, goal.pattern_type, goal.pattern
    if kind not in PATTERN_TYPES:
        raise BadGoal(f"pattern type {kind!r}: expected one of {', '.join(PATTERN_TYPES)}")
    if (attribute == "visit_duration") != (kind == "greater_than"):
        raise BadGoal(f"pattern type {kind!r}: expected greater_than with visit_duration, and only with it")
    if kind == "greater_than" and not (pattern.isascii() and pattern.isdigit() and len(pattern) < 6):
        raise BadGoal(f"pattern {pattern[:20]!r}: expected a whole number of minutes, such as 5")
    if not pattern.strip() or len(pattern) > LONGEST_PATTERN:
        raise BadGoal(
            f"pattern {pattern[:20]!r} of {len(pattern)} letters: expected 1 to {LONGEST_PATTERN}, such as /thanks"
        )
    if kind == "exact" and attribute not in ANY_TEXT and not pattern.lower().startswith("http"):
        raise BadGoal(f"pattern {pattern!r}: expected a whole address, such as https://example.org/thanks")
    if kind == "regex" and (problem := pattern_problem(pattern)):
        raise BadGoal(f"pattern {pattern!r}: {problem}")
