"""Columns that a report has only if a call wants them: averages of visits, and those of each goal."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import isfinite
from typing import Any

from dashboard.reporting.rates import quotient
from dashboard.reporting.table import Processed, Table
from dashboard.reporting.visits import rates
from dashboard.reporting.wishes import Wishes

ALL_COLUMNS = "filter_add_columns_when_show_all_columns"
ALL_GOALS = "filter_update_columns_when_show_all_goals"
GOALS = "filter_show_goal_columns_process_goals"  # Whose columns are shown, all of them; without it, rates of all.
ORDER, CART = "idgoal=ecommerceOrder", "idgoal=ecommerceAbandonedCart"

Numbers = Mapping[str, Any]


def ratio(part: str, digits: int, whole: str = "nb_visits") -> Processed:
    return lambda row: quotient(row.get(part) or 0, row.get(whole) or 0, digits)


OF_VISITS: Mapping[str, Processed] = {
    "conversion_rate": ratio("nb_visits_converted", 4),
    **rates(),
}


def with_averages(table: Table, wishes: Wishes) -> Table:
    if not is_wanted(wishes, ALL_COLUMNS):
        return table
    visited = [row for row in table if row.columns.get("nb_visits") or row.columns.get("nb_actions")]
    return replace(table, rows=visited, processed={**OF_VISITS, **table.processed})


def with_goals(table: Table, wishes: Wishes) -> Table:
    if not is_wanted(wishes, ALL_GOALS):
        return table
    chosen = wishes.parameters.texts(GOALS)
    goals = dict(all_of(chosen)) if chosen else dict(rates_of(goals_in(table)))
    return replace(table, processed={**OF_VISITS, "revenue_per_visit": revenue_per_visit, **goals, **table.processed})


def is_wanted(wishes: Wishes, name: str) -> bool:
    return wishes.parameters.text(name).strip() not in ("", "0")


def goals_in(table: Table) -> list[str]:
    keys = dict.fromkeys(key for row in table for key in row.columns.get("goals", ()))
    return [key.removeprefix("idgoal=") for key in keys]


def revenue_per_visit(row: Numbers) -> float:
    # Cents of each goal are not counted: so Matomo does, and clients compare.
    earned = sum(whole(goal.get("revenue") or 0) for key, goal in row.get("goals", {}).items() if key != CART)
    return quotient(earned, row.get("nb_visits") or 0, 2)


def whole(amount: float) -> float:
    return int(amount) if isfinite(amount) else amount


def rates_of(goals: list[str]) -> Iterator[tuple[str, Processed]]:
    for goal in goals:
        yield f"goal_{goal}_conversion_rate", of_goal(goal, "nb_conversions", 4)


def all_of(goals: tuple[str, ...]) -> Iterator[tuple[str, Processed]]:
    for goal in goals:
        yield f"goal_{goal}_conversion_rate", of_goal(goal, "nb_conversions", 4)
        yield f"goal_{goal}_nb_conversions", in_goal(goal, "nb_conversions")
        yield f"goal_{goal}_revenue_per_visit", of_goal(goal, "revenue", 2)
        yield f"goal_{goal}_revenue", in_goal(goal, "revenue")
        if key_of(goal) in (ORDER, CART):
            yield f"goal_{goal}_avg_order_revenue", per_conversion(goal)
            yield f"goal_{goal}_items", in_goal(goal, "items")


def key_of(goal: str) -> str:
    return f"idgoal={goal}"


def number(row: Numbers, goal: str, column: str) -> float:
    found: float = row.get("goals", {}).get(key_of(goal), {}).get(column) or 0
    return found


def in_goal(goal: str, column: str) -> Processed:
    return lambda row: number(row, goal, column)


def of_goal(goal: str, column: str, digits: int) -> Processed:
    return lambda row: quotient(number(row, goal, column), row.get("nb_visits") or 0, digits)


def per_conversion(goal: str) -> Processed:
    return lambda row: quotient(number(row, goal, "revenue"), number(row, goal, "nb_conversions"), 2)
