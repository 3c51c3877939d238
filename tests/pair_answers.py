"""Our answers about events and contents: rows of one text, each with rows of another."""

from collections.abc import Callable

from tests.parts import Part, Report, Row, Table, grouped, rounded, summed

EVENTS = {"eventCategory": "event_category", "eventAction": "event_action", "eventName": "event_name"}
SECOND = {"eventCategory": "eventAction", "eventAction": "eventName", "eventName": "eventAction"}

Totals = Callable[[Part, Table], Row]


def events(dimension: str) -> Report:
    """Return a report of events by one text of theirs, and by a second one within it."""

    def report(part: Part, parameters: Row) -> Table:
        second = parameters.get("secondaryDimension") or SECOND[dimension]
        hits = [hit for hit in part.hits if hit["action"] == "event"]
        return pairs(part, hits, (EVENTS[dimension], EVENTS[second]), event_totals, "Event Name not defined")

    return report


def contents(column: str) -> Report:
    """Return how often contents were seen and used."""
    inner = "content_piece" if column == "content_name" else "content_name"

    def report(part: Part, _: Row) -> Table:
        hits = [hit for hit in part.hits if hit["action"] == "content"]
        return pairs(part, hits, (column, inner), content_totals, "Content Piece not defined")

    return report


def pairs(part: Part, hits: Table, columns: tuple[str, ...], count: Totals, missing: str | None) -> Table:
    """Return rows by the first column; one without a text is called so, and left out below another."""
    if not columns:
        return []
    groups = grouped(hits, lambda hit: hit[columns[0]] or missing)
    return [
        {"label": label, **count(part, group), "subtable": pairs(part, group, columns[1:], count, None)}
        for label, group in groups.items()
    ]


def sorts(part: Part, hits: Table, columns: tuple[str, ...]) -> Row:
    """Return visits and people: they are counted for each sort of hit, and added, as Matomo does."""
    groups = grouped(hits, lambda hit: tuple(hit[column] for column in columns))
    counts = [
        {"nb_visits": len({hit["visit"] for hit in group}), **part.people(group, "at")} for group in groups.values()
    ]
    return summed(counts)


def event_totals(part: Part, hits: Table) -> Row:
    values = [hit["event_value"] for hit in hits if hit["event_value"] is not None]
    return sorts(part, hits, tuple(EVENTS.values())) | {
        "nb_events": len(hits),
        "nb_events_with_value": len(values),
        "sum_event_value": round(sum(values), 6),
        "min_event_value": min(values, default=None),
        "max_event_value": max(values, default=None),
        "avg_event_value": rounded(round(sum(values), 6), len(values), 2),
    }


def content_totals(part: Part, hits: Table) -> Row:
    """Return impressions with their visits and people, and how many contents were used."""
    seen = [hit for hit in hits if not hit["content_interaction"]]
    return sorts(part, seen, ("content_name", "content_piece", "content_target")) | {
        "nb_impressions": len(seen),
        "nb_interactions": len(hits) - len(seen),
        "interaction_rate": rounded(len(hits) - len(seen), len(seen), 4),
    }
