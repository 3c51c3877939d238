"""Our answers about a site as a whole: everything in one row, and how it changed since the period before."""

from tests import action_answers, goal_answers, referrer_answers, visit_answers
from tests.goal_columns import CART
from tests.page_answers import PARTS, load_times, speed
from tests.parts import Part, Row, cents, rounded


def everything(part: Part, _: Row) -> Row:
    found: Row = {}
    for report in (
        *(visit_answers.summary, visit_answers.frequency, referrer_answers.sum_up),
        *(speed, goal_answers.overview, action_answers.summary),
    ):
        found |= report(part, {})
    return found | load_totals(part)


def load_totals(part: Part) -> Row:
    """Return how many seconds all pages took to load, and of how many that is known."""
    times = {name.replace("_", ""): [row[name] for row in part.timings if row[name] is not None] for name in PARTS}
    found: Row = {}
    for name, known in {**times, "pageload": load_times(part)}.items():
        found[f"PagePerformance_{'servery' if name == 'server' else name}_time"] = sum(known) / 1000
        found[f"PagePerformance_{name}_hits"] = len(known)
    return found


CHANGES = {"nb_visits": "visits", "nb_actions": "actions", "nb_pageviews": "pageviews", "revenue": "revenue"}


def numbers(part: Part) -> Row:
    return {
        "nb_visits": len(part.visits),
        "nb_actions": sum(visit["actions"] for visit in part.visits),
        "nb_pageviews": sum(hit["action"] == "pageview" for hit in part.hits),
        "revenue": cents(sum(row["revenue"] for row in part.conversions if row["goal"] != CART)),
    }


def compared(part: Part, _: Row) -> Row:
    """Return a site beside itself: of a period that still runs, with as much of the one before as has passed."""
    now, before = numbers(part), numbers(part.at(part.period.previous()))
    found: Row = {**now}
    for column, name in CHANGES.items():
        old = before[column] * passed(part)
        change = rounded(now[column] - old, old, 3) if old else float(bool(now[column]))
        trend = (now[column] > old) - (now[column] < old)
        found |= {f"{name}_evolution": change, f"{name}_evolution_trend": trend}
    return found


def passed(part: Part) -> float:
    bounds = part.period.bounds(part.zone)
    elapsed = (part.now - bounds.since).total_seconds() / (bounds.until - bounds.since).total_seconds()
    return rounded(min(elapsed, 1), 1, 3)
