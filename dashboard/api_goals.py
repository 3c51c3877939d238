"""Goals: what counts as a conversion of a site."""

from dataclasses import replace

from dashboard.api_access import at_site
from dashboard.api_calls import Call, Method
from dashboard.api_parameters import Field, MissingParameter, Parameters, fields_in
from sql.goals import Goal, NewGoal
from sql.refusals import UnknownGoal

Row = dict[str, object]

GOAL = {
    "name": Field("name", Parameters.text, may_be_empty=True),
    "matchAttribute": Field("match_attribute", Parameters.text),
    "pattern": Field("pattern", Parameters.text),
    "patternType": Field("pattern_type", Parameters.text),
    "caseSensitive": Field("case_sensitive", Parameters.flag),
    "revenue": Field("revenue", Parameters.amount),
    "allowMultipleConversionsPerVisit": Field("allow_multiple", Parameters.flag),
    "description": Field("description", Parameters.text, may_be_empty=True),
    "useEventValueAsRevenue": Field("event_value_as_revenue", Parameters.flag),
}
# What a goal that only its number reaches has no use for.
OF_PATTERNS = ("pattern", "pattern_type", "case_sensitive")


def add(call: Call) -> int:
    wanted = ["name", "matchAttribute"]
    if call.parameters.text("matchAttribute") != "manually":
        wanted += ["pattern", "patternType"]
    for name in wanted:
        if not call.parameters.given(name):
            raise MissingParameter(name)
    site = call.registry.site(call.site).id
    return call.registry.add_goal(NewGoal(site=site, **fields_in(call.parameters, GOAL))).id


def update(call: Call) -> None:
    """Change what was given, and nothing else."""
    call.registry.update_goal(replace(asked(call), **fields_in(call.parameters, GOAL)))


def delete(call: Call) -> None:
    call.registry.delete_goal(call.site, asked(call).id)


def one(call: Call) -> Row:
    return row(asked(call))


def all_of_site(call: Call) -> list[Row]:
    goals = [row(goal) for goal in call.registry.goals(call.registry.site(call.site).id)]
    return sorted(goals, key=lambda goal: str(goal["name"]).lower()) if call.parameters.flag("orderByName") else goals


def asked(call: Call) -> Goal:
    """Return the goal that a call is about. Raises UnknownGoal."""
    id = call.parameters.number("idGoal")
    goals = {goal.id: goal for goal in call.registry.goals(call.registry.site(call.site).id)}
    if id not in goals:
        raise UnknownGoal(id, goals)
    return goals[id]


def row(goal: Goal) -> Row:
    columns: Row = {
        "idsite": goal.site,
        "idgoal": goal.id,
        "name": goal.name,
        "description": goal.description,
        "match_attribute": goal.match_attribute,
        "pattern": goal.pattern,
        "pattern_type": goal.pattern_type,
        "case_sensitive": int(goal.case_sensitive),
        "allow_multiple": int(goal.allow_multiple),
        "revenue": goal.revenue,
        "deleted": 0,
        "event_value_as_revenue": int(goal.event_value_as_revenue),
    }
    manual = goal.match_attribute == "manually"
    return {name: value for name, value in columns.items() if not (manual and name in OF_PATTERNS)}


METHODS = (
    Method("Goals.addGoal", at_site("write"), add, changes=True),
    Method("Goals.updateGoal", at_site("write"), update, changes=True),
    Method("Goals.deleteGoal", at_site("write"), delete, changes=True),
    Method("Goals.getGoal", at_site("view"), one),
    Method("Goals.getGoals", at_site("view"), all_of_site),
)
