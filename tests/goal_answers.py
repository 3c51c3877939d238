"""Our answers about conversions and orders, in the shape of Matomo's reports."""

from tests.goal_columns import CART, NUMBERS, ORDER, amounts
from tests.parts import Part, Report, Row, Table, rounded
from tests.visit_answers import DAYS, Buckets, filled, spans

VISITS = spans("visit", range(1, 9), ((9, 14), (15, 25), (26, 50), (51, 100)), 101)
BASIC = ("nb_conversions", "nb_visits_converted", "revenue")


def asked(parameters: Row) -> int | None:
    """Return the goal that is asked about, None if all are."""
    text = parameters.get("idGoal", "")
    return None if text == "" else NUMBERS.get(text, None) if text in NUMBERS else int(text)


def figures(part: Part, goal: int | None, visits: Table) -> Row:
    """Return the figures of one goal or of all, in some visits; carts are not among all."""
    ids = {visit["id"] for visit in part.everything["visits"] if visit["id"] in {each["id"] for each in visits}}
    wanted = [row for row in part.conversions if row["goal"] == goal or (goal is None and row["goal"] != CART)]
    rows = [row for row in wanted if row["visit"] in ids]
    found = amounts(goal, rows)
    if goal is None:  # Also a visit whose only order had been counted before.
        found["nb_visits_converted"] = sum(visit["converted"] for visit in visits)
    if goal in (ORDER, CART):
        found["avg_order_revenue"] = rounded(found["revenue"], len(rows), 2)
    return found | {"conversion_rate": rounded(found["nb_visits_converted"], len(visits), 4)}


def metrics(part: Part, parameters: Row) -> Row:
    return with_each_goal(part, parameters, part.visits)


def with_each_goal(part: Part, parameters: Row, visits: Table) -> Row:
    found = figures(part, asked(parameters), visits)
    if parameters.get("showAllGoalSpecificMetrics"):
        found["nb_visits"] = len(visits)
        for goal in (1, 2):
            found |= {f"goal_{goal}_{column}": value for column, value in figures(part, goal, visits).items()}
    return found


def overview(part: Part, parameters: Row) -> Row:
    """Return figures of all visits, of new ones, and of those by people who came back."""
    groups = {
        "": part.visits,
        "_new_visit": [visit for visit in part.visits if not visit["returning"]],
        "_returning_visit": [visit for visit in part.visits if visit["returning"]],
    }
    return {
        f"{column}{name}": value
        for name, visits in groups.items()
        for column, value in with_each_goal(part, parameters, visits).items()
    }


def single(column: str) -> Report:
    return lambda part, parameters: figures(part, asked(parameters), part.visits)[column]


def conversion_rates(part: Part, parameters: Row) -> Row:
    return {name: value for name, value in overview(part, parameters).items() if name.startswith("conversion_rate")}


def until(buckets: Buckets, column: str, unit: int) -> Report:
    """Return after how many days or visits conversions came; of all goals, if none is asked for, but no orders."""

    def report(part: Part, parameters: Row) -> Table:
        goal = asked(parameters)
        rows = [row for row in part.conversions if row["goal"] == goal or (goal is None and row["goal"] > 0)]
        values = [(part.visit[row["visit"]][column] or 0) // unit for row in rows]
        return filled(buckets, values, "nb_conversions") if rows else []

    return report


days_to_conversion = until(DAYS, "seconds_since_first", 86400)
visits_until_conversion = until(VISITS, "visit_count", 1)
