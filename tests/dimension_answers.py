"""Our answers about custom dimensions: visits by their value, or actions and the pages they were on."""

import re

from tests.goal_columns import goal_columns
from tests.page_answers import timings_of
from tests.parts import Part, Row, Table, grouped, rates, rounded
from tests.visit_answers import visited

OF_ACTIONS = 2  # The other one is told of visits.
ACTIONS = ("pageview", "search", "event", "outlink", "download", "content")
PROTOCOL = re.compile(r"^[a-zA-Z]+://(www\.)?")


def dimension(part: Part, parameters: Row) -> Table:
    """Return the visits by a custom dimension, or the actions."""
    id = str(parameters["idDimension"])
    return of_actions(part, id) if int(id) == OF_ACTIONS else of_visits(part, id)


def named(value: str | None) -> str | None:
    return "Value not defined" if value == "" else value


def of_visits(part: Part, id: str) -> Table:
    visits, goals = (
        grouped(rows, lambda row: named(row["dimensions"].get(id))) for rows in (part.visits, part.conversions)
    )
    rows = []
    for label in dict.fromkeys([*visits, *goals]):
        row = visited(part, visits.get(label, []))
        rows.append({"label": label, **row, **rates(row), **goal_columns(goals.get(label, []))})
    return rows


def of_actions(part: Part, id: str) -> Table:
    """Return the actions with each value, and within it their pages; visits count once for each page."""
    with_value = [action for action in actions(part) if id in action["dimensions"] and action["page"]]
    rows = []
    for label, found in grouped(with_value, lambda action: named(action["dimensions"][id])).items():
        pages = grouped(found, lambda action: PROTOCOL.sub("", action["page"]))
        below = [{"label": page, **row_of(part, some)} for page, some in pages.items()]
        row = {**row_of(part, found), "nb_visits": sum(page["nb_visits"] for page in below)}
        rows.append({"label": label, **row, **action_rates(row), "subtable": below})
    return rows


def actions(part: Part) -> Table:
    """Return actions with how long each lasted, and whether its visit ended with it."""
    found = []
    for hits in grouped((hit for hit in part.hits if hit["action"] in ACTIONS), lambda hit: hit["visit"]).values():
        for hit, following in zip(hits, [*hits[1:], None], strict=True):
            seconds = following["seconds_since_previous"] if following else 0
            found.append({**hit, "seconds": seconds, "last": following is None})
    return found


def row_of(part: Part, found: Table) -> Row:
    ids = {action["id"] for action in found}
    row = {
        "nb_visits": len({action["visit"] for action in found}),
        "nb_hits": len(found),
        "sum_time_spent": sum(action["seconds"] for action in found),
        "bounce_count": sum(part.visit[action["visit"]]["actions"] <= 1 for action in found),
        "exit_nb_visits": sum(action["last"] for action in found),
        **part.people(found, "at"),
        **timings_of(row for row in part.timings if row["id"] in ids),
    }
    return row | action_rates(row)


def action_rates(row: Row) -> Row:
    """Return averages and rates."""
    found = {
        "avg_time_on_dimension": rounded(row["sum_time_spent"], row["nb_hits"], 0),
        "bounce_rate": rounded(row["bounce_count"], row["nb_visits"], 2),
        "exit_rate": rounded(row["exit_nb_visits"], row["nb_visits"], 2),
    }
    for name, count in row.items():
        if name.startswith("nb_hits_with_"):
            part = name.removeprefix("nb_hits_with_")
            found[f"avg_{part}"] = rounded(row[f"sum_{part}"], count, 3)
    return found
