"""Goals and custom dimensions in the registry: which are kept, which are refused, and which ids they get."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import fields, replace
from typing import Any

import pytest

from sql.dimensions import DimensionFields, Extraction
from sql.goals import GoalFields
from sql.refusals import BadDimension, BadEntry, BadGoal, RegistryError, Taken, UnknownDimension, UnknownGoal
from sql.registry import Dimension, Goal, NewDimension, NewGoal, Registry, UnknownSite
from tests.conftest import a_site, fixed_clock


@pytest.fixture
def registry(registry: Registry) -> Registry:
    """A registry with the sites 1 and 2."""
    for _ in range(2):
        a_site(registry)
    return registry


def a_goal(**changes: Any) -> NewGoal:
    usual: dict[str, Any] = {"site": 1, "name": "Order", "match_attribute": "url", "pattern": "/thanks"}
    return NewGoal(**usual | changes)


def a_dimension(**changes: Any) -> NewDimension:
    usual: dict[str, Any] = {"site": 1, "name": "Author", "scope": "action"}
    return NewDimension(**usual | changes)


def test_a_goal_is_kept_as_it_was_given(registry: Registry) -> None:
    given = a_goal(
        id=7,
        name=" Łódź ",
        description=" What it is for:\nmuch ",
        match_attribute="event_name",
        pattern=" ^buy$",
        pattern_type="regex",
        case_sensitive=True,
        allow_multiple=True,
        revenue=12.5,
        event_value_as_revenue=True,
    )
    added = registry.add_goal(given)
    tidied = replace(given, name="Łódź", description="What it is for:\nmuch")
    assert {field.name: getattr(added, field.name) for field in fields(given)} == values_of(tidied)
    assert registry.goals() == registry.goals(1) == [added]
    assert registry.goals(2) == []
    assert registry.snapshot().goals == {1: {7: added}}


def values_of(entry: GoalFields | DimensionFields) -> dict[str, Any]:
    return {field.name: getattr(entry, field.name) for field in fields(entry)}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param(
            {"match_attribute": "manually", "pattern": "(", "pattern_type": "regex", "case_sensitive": True},
            {"pattern": "", "pattern_type": "contains", "case_sensitive": False},
            id="nothing-to-compare",
        ),
        pytest.param({"event_value_as_revenue": True}, {"event_value_as_revenue": False}, id="value-of-no-event"),
        pytest.param({"revenue": 5}, {"revenue": 5.0}, id="whole-revenue"),
        pytest.param({"name": "x" * 50}, {"name": "x" * 50}, id="longest-name"),
        pytest.param({"pattern": "x" * 255}, {"pattern": "x" * 255}, id="longest-pattern"),
        pytest.param({"pattern": "HTTPS://a.example", "pattern_type": "exact"}, {}, id="exact-address"),
        pytest.param({"match_attribute": "title", "pattern_type": "exact"}, {}, id="exact-title"),
        pytest.param({"match_attribute": "event_action", "pattern_type": "exact"}, {}, id="exact-event"),
        pytest.param(
            {"match_attribute": "visit_duration", "pattern": "0", "pattern_type": "greater_than"}, {}, id="minutes"
        ),
        pytest.param({"pattern": r"(?<=/a+)b\p{L}++", "pattern_type": "regex"}, {}, id="regex-that-re-has-not"),
    ],
)
def test_a_goal_is_tidied(registry: Registry, given: dict[str, Any], kept: dict[str, Any]) -> None:
    goal = registry.add_goal(a_goal(**given))
    assert values_of(goal).items() >= {**given, **kept}.items()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"name": " "}, "name '': expected 1 to 50", id="no-name"),
        pytest.param({"name": "x" * 51}, "expected 1 to 50", id="long-name"),
        pytest.param({"name": "a\nb"}, "printable", id="name-of-two-lines"),
        pytest.param({"description": "x" * 256}, "256 letters: expected at most 255", id="long-description"),
        pytest.param({"match_attribute": "page"}, "expected one of manually, url", id="unknown-attribute"),
        pytest.param({"pattern_type": "like"}, "expected one of contains, exact", id="unknown-type"),
        pytest.param({"pattern": " "}, "such as /thanks", id="no-pattern"),
        pytest.param({"pattern": "x" * 256}, "256 letters: expected 1 to 255", id="long-pattern"),
        pytest.param({"pattern_type": "exact"}, "such as https://example.org/thanks", id="exact-path"),
        pytest.param({"pattern_type": "exact", "match_attribute": "file"}, "whole address", id="exact-file"),
        pytest.param({"pattern_type": "exact", "match_attribute": "external_website"}, "whole", id="exact-outlink"),
        pytest.param({"pattern": "(", "pattern_type": "regex"}, "'(': missing )", id="half-a-group"),
        pytest.param({"pattern": "(a{999}){999}", "pattern_type": "regex"}, "repetitions", id="regex-of-a-million"),
        pytest.param({"pattern_type": "greater_than"}, "only with it", id="greater-address"),
        pytest.param({"match_attribute": "visit_duration", "pattern": "5"}, "greater_than", id="duration-contains"),
        pytest.param(
            {"match_attribute": "visit_duration", "pattern": "1.5", "pattern_type": "greater_than"},
            "whole number of minutes",
            id="minute-and-a-half",
        ),
        pytest.param({"revenue": -0.01}, "0 or more", id="negative-revenue"),
        pytest.param({"revenue": float("nan")}, "revenue nan", id="revenue-that-is-no-number"),
        pytest.param({"revenue": float("inf")}, "revenue inf", id="endless-revenue"),
        pytest.param({"id": 0}, "goal id 0", id="id-of-an-order"),
        pytest.param({"id": 2**31}, "to 2147483647", id="too-large-an-id"),
    ],
)
def test_a_bad_goal_is_refused(registry: Registry, change: dict[str, Any], message: str) -> None:
    known = registry.add_goal(a_goal())
    with pytest.raises(BadGoal) as refusal:
        registry.add_goal(a_goal(**change))
    assert message in str(refusal.value)
    with pytest.raises(BadGoal):
        registry.update_goal(replace(known, **change))
    assert registry.goals() == [known]


def test_goals_get_the_next_id_that_none_had(registry: Registry) -> None:
    assert [registry.add_goal(a_goal(id=id)).id for id in (None, 4, None, 2)] == [1, 4, 5, 2]
    registry.delete_goal(1, 5)
    assert registry.add_goal(a_goal()).id == 6
    assert registry.add_goal(a_goal(site=2)).id == 1
    assert [(goal.site, goal.id) for goal in registry.goals()] == [(1, 1), (1, 2), (1, 4), (1, 6), (2, 1)]
    assert {site: [*goals] for site, goals in registry.snapshot().goals.items()} == {1: [1, 2, 4, 6], 2: [1]}


def test_a_goal_is_changed(registry: Registry) -> None:
    first, second = (registry.add_goal(a_goal(name=name)) for name in "AB")
    wanted = Goal(site=1, id=2, name=" Newsletter", match_attribute="manually", pattern="gone", revenue=3)
    changed = registry.update_goal(wanted)
    assert changed == replace(wanted, name="Newsletter", pattern="")
    assert registry.goals() == [first, changed]
    assert second != changed


def test_a_dimension_is_kept_as_it_was_given(registry: Registry) -> None:
    extractions = tuple(
        Extraction(*pair)
        for pair in (("url", "/blog/([^/]+)"), ("urlparam", "author"), ("action_name", r"\bby (?P<x>\w+)"))
    )
    given = a_dimension(id=999, name=" Author's name ", active=False, case_sensitive=False, extractions=extractions)
    added = registry.add_dimension(given)
    assert values_of(added) == {**values_of(replace(given, name="Author's name")), "index": 1}
    assert all(isinstance(extraction, Extraction) for extraction in registry.dimensions(1)[0].extractions)
    assert registry.dimensions() == [added]
    assert registry.dimensions(2) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"name": ""}, "such as Author", id="no-name"),
        pytest.param({"name": "x" * 256}, "expected 1 to 255", id="long-name"),
        pytest.param({"scope": "page"}, "expected one of visit, action", id="unknown-scope"),
        pytest.param({"id": 0}, "from 1 to 999", id="zero"),
        pytest.param({"id": 1000}, "from 1 to 999", id="too-large-an-id"),
        pytest.param({"extractions": (("title", "(x)"),)}, "one of url, urlparam, action_name", id="unknown-source"),
        pytest.param({"extractions": (("url", ""),)}, "in parentheses", id="no-pattern"),
        pytest.param({"extractions": (("url", r"/blog/\(x\)"),)}, "in parentheses", id="no-group"),
        pytest.param({"extractions": (("action_name", "("),)}, "missing )", id="half-a-group"),
        pytest.param({"extractions": (("url", "(" + "x" * 255 + ")"),)}, "at most 255", id="long-pattern"),
        pytest.param({"extractions": (("urlparam", "a=b"),)}, "name of a parameter", id="no-parameter-name"),
        pytest.param({"extractions": (("urlparam", ""),)}, "name of a parameter", id="parameter-without-name"),
        pytest.param({"extractions": (("url", "(x)"),) * 21}, "21 extractions: expected at most 20", id="too-many"),
    ],
)
def test_a_bad_dimension_is_refused(registry: Registry, change: dict[str, Any], message: str) -> None:
    known = registry.add_dimension(a_dimension())
    with pytest.raises(BadDimension) as refusal:
        registry.add_dimension(a_dimension(**change))
    assert message in str(refusal.value)
    with pytest.raises(BadDimension):
        registry.update_dimension(replace(known, **change))
    assert registry.dimensions() == [known]


def test_dimensions_are_counted_in_their_scope(registry: Registry) -> None:
    wanted = ((1, None, "visit"), (1, None, "action"), (1, 10, "visit"), (1, None, "visit"), (2, None, "visit"))
    added = [registry.add_dimension(a_dimension(site=site, id=id, scope=scope)) for site, id, scope in wanted]
    assert [(each.id, each.index) for each in added] == [(1, 1), (2, 1), (10, 2), (11, 3), (1, 1)]
    registry.add_dimension(a_dimension(id=999))
    with pytest.raises(BadDimension, match="expected a free one, because 999 is the last"):
        registry.add_dimension(a_dimension())


def test_a_dimension_is_changed(registry: Registry) -> None:
    first, second = (registry.add_dimension(a_dimension(name=name)) for name in "AB")
    wanted = Dimension(site=1, id=2, index=77, name="C", scope="action", active=False, case_sensitive=False)
    changed = registry.update_dimension(wanted)
    assert changed == replace(wanted, index=second.index)
    assert registry.dimensions() == [first, changed]
    assert registry.snapshot().dimensions == {1: {1: first}}


@pytest.mark.parametrize(
    ("refused", "error", "message"),
    [
        pytest.param(lambda r: r.add_goal(a_goal(id=1)), Taken, "goal id 1 is taken", id="goal-id-taken"),
        pytest.param(lambda r: r.add_goal(a_goal(id=2)), Taken, "goal id 2 is taken", id="id-of-a-deleted-goal"),
        pytest.param(lambda r: r.add_goal(a_goal(site=3)), UnknownSite, "site 3", id="goal-of-no-site"),
        pytest.param(lambda r: r.add_goal(a_goal(site=2**70)), UnknownSite, "site", id="goal-of-an-impossible-site"),
        pytest.param(
            lambda r: r.update_goal(replace(r.goals()[0], id=2)), UnknownGoal, "expected one of 1", id="deleted-goal"
        ),
        pytest.param(lambda r: r.delete_goal(1, 2), UnknownGoal, "goal 2 is unknown", id="deleted-twice"),
        pytest.param(lambda r: r.delete_goal(2, 1), UnknownGoal, "id of an added goal", id="goal-of-another-site"),
        pytest.param(lambda r: r.delete_goal(3, 1), UnknownSite, "site 3", id="delete-at-no-site"),
        pytest.param(lambda r: r.add_dimension(a_dimension(id=1)), Taken, "dimension id 1", id="dimension-id-taken"),
        pytest.param(lambda r: r.add_dimension(a_dimension(site=3)), UnknownSite, "3", id="dimension-of-no-site"),
        pytest.param(
            lambda r: r.update_dimension(replace(r.dimensions()[0], id=2)),
            UnknownDimension,
            "dimension 2 is unknown; expected one of 1",
            id="unknown-dimension",
        ),
        pytest.param(
            lambda r: r.update_dimension(replace(r.dimensions()[0], scope="visit")),
            BadDimension,
            "expected action, because it cannot be changed",
            id="another-scope",
        ),
    ],
)
def test_a_refusal_changes_nothing(
    registry: Registry, refused: Callable[[Registry], object], error: type[RegistryError], message: str
) -> None:
    for _ in range(2):
        registry.add_goal(a_goal())
    registry.delete_goal(1, 2)
    registry.add_dimension(a_dimension())
    before = registry.version(), registry.snapshot()
    with pytest.raises(error) as refusal:
        refused(registry)
    assert message in str(refusal.value)
    assert (registry.version(), registry.snapshot()) == before


def test_several_threads_and_processes_never_share_an_id(registry: Registry) -> None:
    with closing(Registry(registry.file, fixed_clock)) as other, ThreadPoolExecutor(4) as threads:
        goals = list(threads.map(lambda n: (registry, other)[n % 2].add_goal(a_goal()).id, range(20)))
        dimensions = list(threads.map(lambda n: (registry, other)[n % 2].add_dimension(a_dimension()).id, range(20)))
    assert sorted(goals) == sorted(dimensions) == list(range(1, 21))


def test_what_is_wrong_use_has_one_root() -> None:
    assert all(issubclass(error, BadEntry) for error in (BadGoal, BadDimension))
    assert not any(issubclass(error, BadEntry) for error in (Taken, UnknownGoal, UnknownDimension))
