"""What rows of pages tell beside their views: how long they took to load, and what they did for goals."""

from collections import defaultdict
from collections.abc import Iterable

from tests.goal_columns import CART, key_of
from tests.parts import Part, Row, Table, cents, grouped, rounded, summed

PARTS = ("network", "server", "transfer", "dom_processing", "dom_completion", "on_load")


def timings_of(timings: Iterable[Row]) -> Row:
    """Return sums, counts, least and most of each part of loading, in seconds, as far as it is known."""
    found: Row = {}
    rows = list(timings)
    for name in PARTS:
        if known := [row[name] for row in rows if row[name] is not None]:
            found[f"sum_time_{name}"] = sum(known) / 1000
            found[f"nb_hits_with_time_{name}"] = len(known)
            found |= {f"min_time_{name}": min(known) / 1000, f"max_time_{name}": max(known) / 1000}
    return found


def speed(part: Part, _: Row) -> Row:
    """Return how long pages took on average, in seconds."""
    found: Row = {}
    for name in PARTS:
        known = [row[name] for row in part.timings if row[name] is not None]
        found[f"avg_time_{name}"] = rounded(sum(known) / 1000, len(known), 2)
    whole = load_times(part)
    return {**found, "avg_page_load_time": rounded(sum(whole) / 1000, len(whole), 2)}


def load_times(part: Part) -> list[int]:
    """Return how long the pages took of which anything is known."""
    known = ([row[name] for name in PARTS if row[name] is not None] for row in part.timings)
    return [sum(times) for times in known if times]


def goals_of_pages(part: Part, column: str, name: str, entered: Table) -> Row:
    """Return `goals` of a page or title: what was converted after it, and in visits that began with it."""
    found = after_views(part, column, name)
    for goal, row in in_entries(part, f"entry_{column}", name, entered).items():
        found[goal] = {**found.get(goal, {}), **row}
    return {"goals": {key_of(goal): row for goal, row in found.items()}} if found else {}


def after_views(part: Part, column: str, name: str) -> dict[int, Row]:
    """Return conversions of each goal by day: a view counts for each that came after it in its visit."""
    views = grouped(
        (hit for hit in part.hits if hit["action"] == "pageview" and hit[column] == name), lambda hit: hit["visit"]
    )
    led: dict[tuple[int, object], list[Table]] = defaultdict(list)
    for (_, goal, day), rows in grouped(part.conversions, lambda row: visit_goal_day(part, row)).items():
        pairs = [row for row in rows for view in views.get(row["visit"], ()) if second(view) <= second(row)]
        if pairs:
            led[goal, day].append(pairs)
    days: dict[int, list[Row]] = defaultdict(list)
    for (goal, _), visits in led.items():
        days[goal].append(on_a_day(goal, visits))
    return {goal: summed(rows) for goal, rows in days.items()}


def visit_goal_day(part: Part, row: Row) -> tuple[int, int, object]:
    return row["visit"], row["goal"], part.day(row["at"])


def second(row: Row) -> int:
    return int(row["at"].timestamp())


def on_a_day(goal: int, visits: list[Table]) -> Row:
    """Return what the conversions of one day, those of each visit together, owe to a page."""
    rows = [row for visit in visits for row in visit]
    found: Row = {
        "nb_conversions": len(rows),
        "nb_conversions_page_uniq": len(rows),
        "revenue": cents(sum(row["revenue"] for row in rows)),
    }
    if goal == CART:
        return found
    return found | {
        "nb_conv_pages_before": max(row["pageviews_before"] for row in rows),
        "nb_conversions_attrib": sum(rounded(1, max(row["pageviews_before"], 1), 4) for row in rows),
        "revenue_attrib": sum(
            cents(sum(row["revenue"] / max(row["pageviews_before"], 1) for row in visit)) for visit in visits
        ),
    }


def in_entries(part: Part, column: str, name: str, entered: Table) -> dict[int, Row]:
    """Return conversions of each goal, day by day, in visits that began with a page."""
    entries = grouped(entered, lambda visit: part.day(visit["last_at"]))
    here = [row for row in part.conversions if row["goal"] != CART and began_with(part, row, column, name)]
    days: dict[int, list[Row]] = defaultdict(list)
    for (goal, day), rows in grouped(here, lambda row: (row["goal"], part.day(row["at"]))).items():
        days[goal].append(per_entry(rows, len(entries.get(day, ()))))
    return {goal: summed(rows) for goal, rows in days.items()}


def began_with(part: Part, conversion: Row, column: str, name: str) -> bool:
    visit = part.visit[conversion["visit"]]
    return bool(visit["entry_action"] == "pageview" and visit[column] == name)


def per_entry(rows: Table, entries: int) -> Row:
    revenue = sum(row["revenue"] for row in rows)
    return {
        "nb_conversions_entry": len(rows),
        "revenue_entry": cents(revenue),
        "nb_conversions_entry_rate": rounded(len(rows), max(entries, 1), 3),
        "revenue_per_entry": rounded(revenue, max(entries, 1), 3),
    }
