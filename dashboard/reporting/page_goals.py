"""What pages did for a site's goals: conversions after a page was viewed, and in visits that began with it."""

from collections.abc import Iterable, Mapping
from typing import Any

from dashboard.reporting.actions import Rows
from dashboard.reporting.goal_columns import CART, goals_by, in_cents, is_known, key_of
from dashboard.reporting.part import Part
from dashboard.reporting.rates import quotient
from dashboard.reporting.table import Columns, Row

GOALS = "goals"


def add_goals(part: Part, column: str, entry: str, rows: Rows) -> Columns:
    """Add `goals` to the rows, and return those of the whole period. Raises DatabaseUnavailable."""
    everything: Columns = goals_by(part).get((), {}).get(GOALS, {})
    if not everything:
        return {}
    for row in part.rows("action_goals", named=column):
        add(part, rows, row, after_views(row))
    for row in part.rows("entry_goals", end_named=entry):
        add(part, rows, row, after_entries(row))
    return everything


def add(part: Part, rows: Rows, row: Mapping[str, Any], columns: Columns) -> None:
    if row["name"] in rows and is_known(part.goals, row["goal"]):
        goals = rows[row["name"]].setdefault(GOALS, {})
        goals[key_of(row["goal"])] = {**goals.get(key_of(row["goal"]), {}), **columns}


def after_views(row: Mapping[str, Any]) -> Columns:
    found = {
        "nb_conversions": row["nb_conversions"],
        "revenue": in_cents(row["revenue"]),
        "nb_conversions_page_rate": 0.0,  # Told of the outermost rows only.
        "nb_conversions_page_uniq": row["nb_conversions"],
    }
    if row["goal"] == CART:  # How many pages led to it is not told.
        return found
    return {
        **found,
        "nb_conv_pages_before": row["nb_conv_pages_before"],
        "nb_conversions_attrib": round(row["nb_conversions_attrib"], 4),
        "revenue_attrib": in_cents(row["revenue_attrib"]),
    }


def after_entries(row: Mapping[str, Any]) -> Columns:
    return {
        "nb_conversions_entry": row["nb_conversions_entry"],
        "revenue_entry": in_cents(row["revenue_entry"]),
        "nb_conversions_entry_rate": round(row["nb_conversions_entry_rate"], 3),
        "revenue_per_entry": round(row["revenue_per_entry"], 3),
    }


def add_page_rates(rows: Iterable[Row], everything: Columns) -> None:
    """Tell of the outermost rows which part of all conversions came after them."""
    for row in rows:
        for key, goal in row.columns.get(GOALS, {}).items():
            if after := goal.get("nb_conversions_page_uniq"):
                all_of_it = everything.get(key, {}).get("nb_conversions", 0)
                goal["nb_conversions_page_rate"] = min(1.0, quotient(after, all_of_it, 3))
