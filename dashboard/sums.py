"""Reports of days whose visits and hits are deleted: made of the sums that were kept of each day.

Each report here says what its rows are made of; they are added to those of the days that are still there. People are
added up day by day: nobody can tell any more who came back.
"""

from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from dashboard.period import start_of
from dashboard.question import Question, Row
from sql.clickhouse import Database

OTHERS = "Others"
FOLDED = "folded"  # Where a row has its label that stands for many.
HIGHEST = "max_actions"  # Not added up.
NO_PREFIX = 255

# Columns of visits, by those of the sums.
VISITS = {
    "nb_visits": "visits",
    "nb_uniq_visitors": "visitors",
    "nb_users": "users",
    "nb_actions": "actions",
    "nb_visits_converted": "converted",
    "bounce_count": "bounces",
    "sum_visit_length": "seconds",
    "max_actions": "most_actions",
}
CONVERSIONS = {
    "nb_conversions": "hits",
    "nb_visits_converted": "visits",
    "revenue": "revenue",
    "revenue_subtotal": "subtotal",
    "revenue_tax": "tax",
    "revenue_shipping": "shipping",
    "revenue_discount": "discount",
    "items": "items",
}
# Of `actions_summary`: what was done, and how often at all and once for each visit.
ACTIONS = {
    "pageview": ("nb_pageviews", "nb_uniq_pageviews"),
    "download": ("nb_downloads", "nb_uniq_downloads"),
    "outlink": ("nb_outlinks", "nb_uniq_outlinks"),
    "search": ("nb_searches", ""),
}
# Columns of `visits` by which there are sums.
BY_LABEL = {
    "nothing": "totals",
    "came_back": "visitor_types",
    "country": "countries",
    "language": "languages",
    "device_type": "devices",
    "browser": "browsers",
    "os": "systems",
}


@dataclass(frozen=True, slots=True)
class Sums:
    """How a report's rows follow from sums; the rows of equal keys are added up."""

    reports: tuple[str, ...]  # Of days.
    rows: Callable[[Question, Sequence[Row]], Iterable[Row]]
    keys: tuple[str, ...] = ()
    ranked: tuple[str, ...] = ()  # The columns by which the highest come first, where that is so.
    by_day: bool = False
    fits: Callable[[Question], bool] = lambda _: True  # Whether there are sums for what is asked.


def together_with(sums: Sums, database: Database, question: Question, rows: list[Row]) -> list[Row]:
    """Return a report's rows with what was kept of the days before. Raises DatabaseUnavailable."""
    if not sums.fits(question):
        return rows
    lines = database.query("reports/daily_lines", asked(sums, question))
    added = added_up([*rows, *sums.rows(question, lines)], sums.keys)
    return ranked(added, sums.ranked, question) if sums.ranked else added


def asked(sums: Sums, question: Question) -> dict[str, object]:
    zone = ZoneInfo(question.timezone)
    first, end = (moment.astimezone(zone).date() for moment in (question.bounds.since, question.bounds.until))
    end = min(end, question.summed_until or end)
    reports = [report.format(**question.more) for report in sums.reports]
    return {
        "site": question.site,
        "reports": [BY_LABEL.get(report, report) for report in reports],
        "by_day": int(sums.by_day),
        "first_day": max(first, date(1970, 1, 1)),
        "end_day": max(end, date(1970, 1, 1)),
    }


def added_up(rows: Iterable[Row], keys: tuple[str, ...]) -> list[Row]:
    """Return one row of each key."""
    found: dict[tuple[object, ...], Row] = {}
    for row in rows:
        key = (FOLDED in row, *(hashable(row[name]) for name in keys))
        found[key] = sum_of(found[key], row, keys) if key in found else row
    return list(found.values())


def hashable(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def sum_of(one: Row, other: Row, keys: tuple[str, ...]) -> Row:
    numbers = {name: value for name, value in other.items() if name not in (*keys, FOLDED, "prefix", "example")}
    return one | {name: plus(name, one.get(name, 0), value) for name, value in numbers.items()}


def plus(name: str, one: float, other: float) -> float:
    return max(one, other) if name == HIGHEST else one + other


def ranked(rows: list[Row], by: tuple[str, ...], question: Question) -> list[Row]:
    """Return the rows between offset and limit, the highest first and what stands for many last."""
    ordered = sorted(rows, key=lambda row: (FOLDED in row, *(-row[name] for name in by)))
    values = [row[by[0]] for row in ordered]
    whole = {"all_rows": len(ordered), "all_values": sum(values), "highest_value": max(values, default=0)}
    return [row | whole for row in ordered[question.offset : question.offset + question.limit]]


def of_visits(_: Question, lines: Sequence[Row]) -> Iterator[Row]:
    return (columns(line, VISITS) for line in lines)


def columns(line: Row, names: Mapping[str, str]) -> Row:
    return {name: line[of] for name, of in names.items()}


def of_actions(_: Question, lines: Sequence[Row]) -> Iterator[Row]:
    """Yield what was done, and how many keywords there were."""
    keywords = sum(line["report"] == "searches" and not line["folded"] for line in lines)
    row: Row = {name: 0 for names in ACTIONS.values() for name in names if name} | {"nb_keywords": keywords}
    for line in lines:
        if line["report"] == "actions" and line["label"] in ACTIONS:
            hits, once = ACTIONS[line["label"]]
            row |= {hits: line["hits"]} | ({once: line["once"]} if once else {})
    yield row


def over_time(question: Question, lines: Sequence[Row]) -> Iterator[Row]:
    """Yield visits and page views of each day or month."""
    for line in lines:
        is_view = line["report"] == "actions"
        if is_view and line["label"] != "pageview":
            continue
        bucket = line["day"].replace(day=1) if question.bucket == "month" else line["day"]
        yield {"bucket": bucket, **views_or_visits(line, is_view)}


def by_hour(_: Question, lines: Sequence[Row]) -> Iterator[Row]:
    return (
        {"hour": int(line["label"]), **views_or_visits(line, line["report"] == "views_by_hour")}
        for line in lines
        if not line["folded"]
    )


def views_or_visits(line: Row, is_view: bool) -> Row:
    visits, people, views = (0, 0, line["hits"]) if is_view else (line["visits"], line["visitors"], 0)
    return {"nb_visits": visits, "nb_uniq_visitors": people, "nb_pageviews": views}


def by_period(question: Question, lines: Sequence[Row]) -> Iterator[Row]:
    """Yield visits by the last of some moments that is not after the beginning of their day."""
    starts, zone = question.more["starts"], ZoneInfo(question.timezone)
    assert isinstance(starts, list)
    for line in lines:
        at = bisect(starts, int(start_of(line["day"], zone).timestamp()))
        yield {"start": starts[max(at - 1, 0)], **columns(line, VISITS)}


def labelled(names: Mapping[str, str], fixed: Row | None = None) -> Callable[..., Iterator[Row]]:
    """Return what makes rows with a label; the line that stands for many is called so."""

    def rows(_: Question, lines: Sequence[Row]) -> Iterator[Row]:
        for line in lines:
            yield columns(line, names) | (fixed or {}) | ({FOLDED: OTHERS} if line["folded"] else {})

    return rows


def by_key(_: Question, lines: Sequence[Row]) -> Iterator[Row]:
    """Yield visits by one of their columns; what is folded has no label that could stand among others."""
    for line in lines:
        if not line["folded"]:
            days = {"sum_daily_nb_uniq_visitors": line["visitors"], "sum_daily_nb_users": line["users"], "example": ""}
            yield {"key1": line["label"], "key2": "", "key3": "", **columns(line, VISITS), **days}


def is_plain(question: Question) -> bool:
    """Tell whether visits are asked for by one column of which there are sums, and by nothing else."""
    more = question.more
    rest = (more["second"], more["third"], more["column"])
    return more["first"] in BY_LABEL and {*rest} == {"nothing"} and not more["brought_by"]


def by_goal(_: Question, lines: Sequence[Row]) -> Iterator[Row]:
    return ({"key": [line["kind"], "", ""], "goal": int(line["label"]), **columns(line, CONVERSIONS)} for line in lines)


def is_by_visitor(question: Question) -> bool:
    return (question.more["first"], question.more["second"]) == ("returning", "nothing")


def by_return(_: Question, lines: Sequence[Row]) -> Iterator[Row]:
    names = {"nb_visits": "visits", "nb_visits_converted": "converted"}
    return ({"returned": int(line["label"]), **columns(line, names)} for line in lines)


def of_site(question: Question, lines: Sequence[Row]) -> Iterator[Row]:
    """Yield how much happened in all."""
    goals = question.more["goals"]
    assert isinstance(goals, list)
    for line in lines:
        if line["report"] == "totals":
            yield {"nb_visits": line["visits"], "nb_actions": line["actions"]}
        elif line["report"] == "actions" and line["label"] == "pageview":
            yield {"nb_pageviews": line["hits"]}
        elif line["report"] == "goals" and int(line["label"]) in goals:
            worth = {"nb_conversions": line["hits"], "revenue": line["revenue"]}
            orders = {"orders": line["hits"], "ecommerce_revenue": line["revenue"]}
            yield worth | (orders if line["label"] == "0" else {})


def of_days(_: Question, lines: Sequence[Row]) -> Iterator[Row]:
    return ({"day": line["day"]} for line in lines if line["visits"])


PAGES = {"page": "label", "nb_hits": "hits", "nb_visits": "once"}
ENTRIES = {"page": "label", "entry_nb_visits": "visits", "entry_bounce_count": "bounces"}
PEOPLE = {"page": "label", "nb_uniq_visitors": "visitors"}
RANKED = {"nb_visits": "visits", "bounce_count": "bounces", "nb_uniq_visitors": "visitors"}
UNKNOWN_PREFIX = {"prefix": NO_PREFIX}
# By the name of the report; the others speak only of days whose visits and hits are there.
SUMS: Mapping[str, Sums] = {
    "visits_summary": Sums(("totals",), of_visits),
    "actions_summary": Sums(("actions", "searches"), of_actions),
    "visits_over_time": Sums(("totals", "actions"), over_time, ("bucket",), by_day=True),
    "visits_by_hour": Sums(("visits_by_hour", "views_by_hour"), by_hour, ("hour",)),
    "visits_by_period": Sums(("totals",), by_period, ("start",), by_day=True),
    "visits_by": Sums(("{first}",), by_key, ("key1", "key2", "key3"), fits=is_plain),
    "visited_days": Sums(("totals",), of_days, ("day",), by_day=True),
    "converted_visits": Sums(("visitor_types",), by_return, ("returned",)),
    "conversions_by": Sums(("goals",), by_goal, ("key", "goal"), fits=is_by_visitor),
    "site_totals": Sums(("totals", "actions", "goals"), of_site),
    "pages": Sums(("pages",), labelled(PAGES, UNKNOWN_PREFIX), ("page",), ("nb_hits", "nb_visits")),
    "entry_pages": Sums(("entry_pages",), labelled(ENTRIES, UNKNOWN_PREFIX), ("page",), ("entry_nb_visits",)),
    "page_people": Sums(("pages",), labelled(PEOPLE), ("page",)),
    "entry_page_people": Sums(("entry_pages",), labelled(PEOPLE), ("page",)),
    "referrers": Sums(
        ("referrers",),
        labelled({"referrer_type": "kind", "referrer_name": "label", **RANKED}),
        ("referrer_type", "referrer_name"),
        ("nb_visits",),
    ),
    "countries": Sums(("countries",), labelled({"country": "label", **RANKED}), ("country",), ("nb_visits",)),
    "browsers": Sums(("browsers",), labelled({"browser": "label", **RANKED}), ("browser",), ("nb_visits",)),
}
