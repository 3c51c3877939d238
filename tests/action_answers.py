"""Our answers about actions, in the shape of Matomo's reports: pages, titles, links, searches and events."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote_plus, urlsplit

from tests.parts import Part, Report, Row, Table, added, grouped, is_flat, percent, rounded, totals

Path = tuple[str, ...]


def summary(part: Part, _: Row) -> Row:
    found: Row = {}
    for name, kind in (("pageviews", "pageview"), ("downloads", "download"), ("outlinks", "outlink")):
        hits = [hit for hit in part.hits if hit["action"] == kind]
        found |= {f"nb_{name}": len(hits), f"nb_uniq_{name}": len({(hit["page"], hit["visit"]) for hit in hits})}
    searches = [hit["keyword"] for hit in part.hits if hit["action"] == "search"]
    return found | {"nb_searches": len(searches), "nb_keywords": len(set(searches))}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a report has rows for."""

    kind: str  # Of hits.
    column: str  # Of `hits`.
    path: Callable[[str], Path]  # From the column's value to labels, from the outermost folder inwards.
    credit: str = ""  # The column of `hits` that says where the time before a hit was spent.
    ends: str = ""  # The columns of `visits`, without `entry_` and `exit_`.


def page_path(page: str) -> Path:
    """Return the folders of a page and the page itself; the query is its last part's."""
    if not page:
        return ("Page URL not defined",)
    path, mark, query = page.partition("/")[2].partition("?")
    *inner, last = path.split("/")
    names = [shown(name) for name in inner if name.strip()]
    return (*names, f"/{shown(last + mark + query) or 'index'}")


def title_path(title: str) -> Path:
    return (f" {shown(title)}" if title else "Page Name not defined",)


def link_path(url: str) -> Path:
    host = urlsplit(url).netloc
    return (host, shown(url.partition("://")[2].removeprefix(host)) or "/")


def shown(text: str) -> str:
    """Return a label: Matomo decodes percent sequences and drops what they leave incomplete."""
    return unquote_plus(text, errors="ignore").strip()


PAGES = Subject("pageview", "page", page_path, "previous_page", "page")
TITLES = Subject("pageview", "title", title_path, "previous_title", "title")
KEYWORDS = Subject("search", "keyword", lambda keyword: (keyword,), "previous_title", "title")
OUTLINKS = Subject("outlink", "page", link_path)
DOWNLOADS = Subject("download", "page", link_path)
# The time before other hits is nobody's.
TIMED = ("pageview", "search", "outlink", "download", "content")


def leaves(part: Part, subject: Subject) -> dict[Path, Row]:
    """Return a row for each page, title, link or keyword."""
    hits = grouped((hit for hit in part.hits if hit["action"] == subject.kind), lambda hit: str(hit[subject.column]))
    spent = time_spent(part, subject)
    entries, exits = (ending(part, subject, end) for end in ("entry", "exit"))
    return {
        subject.path(name): viewed(part, group)
        | {"sum_time_spent": spent.get(name, 0)}
        | entered(part, entries.get(name, []))
        | {"exit_nb_visits": len(exits.get(name, []))}
        | part.people(exits.get(name, []), "visitor", "last_at", "exit_nb_uniq_visitors")
        for name, group in hits.items()
    }


def viewed(part: Part, hits: Table) -> Row:
    people = part.people(hits, "visitor", "at")
    return {"nb_visits": len({hit["visit"] for hit in hits}), "nb_hits": len(hits)} | people


def time_spent(part: Part, subject: Subject) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for hit in part.hits:
        if subject.credit and hit["action"] in TIMED:
            found[hit[subject.credit]] += hit["seconds_since_previous"]
    return found


def ending(part: Part, subject: Subject, end: str) -> dict[str, Table]:
    """Return the visits that began, or ended, with each."""
    if not subject.ends:
        return {}
    there = (visit for visit in part.visits if visit[f"{end}_action"] == subject.kind)
    return grouped(there, lambda visit: str(visit[f"{end}_{subject.ends}"]))


def entered(part: Part, visits: Table) -> Row:
    row = totals(visits)
    people = part.people(visits, "visitor", "last_at", "entry_nb_uniq_visitors")
    return {f"entry_{name}": row[name] for name in row if name != "max_actions"} | people


def with_rates(row: Row) -> Row:
    return row | {
        "avg_time_on_page": rounded(row["sum_time_spent"], row["nb_hits"], 0),
        "bounce_rate": percent(row["entry_bounce_count"], row["entry_nb_visits"]),
        "exit_rate": percent(row["exit_nb_visits"], row["nb_visits"]),
        "nb_pages_per_search": rounded(row["nb_hits"], row["nb_visits"], 1),
    }


def tree(rows: dict[Path, Row], depth: int = 0) -> Table:
    """Return rows in their folders, which add up what can be added."""
    folders: dict[str, dict[Path, Row]] = defaultdict(dict)
    for path, row in rows.items():
        folders[path[depth]][path] = row
    return [branch(name, below, depth + 1) for name, below in folders.items()]


def branch(name: str, below: dict[Path, Row], depth: int) -> Row:
    inner = {path: row for path, row in below.items() if len(path) > depth}
    row = added(below.values()) if inner else next(iter(below.values()))
    return {"label": name, **with_rates(row), "subtable": tree(inner, depth) if inner else []}


def flat(rows: dict[Path, Row]) -> Table:
    return [{"label": flat_label(path), **with_rates(row)} for path, row in rows.items()]


def flat_label(path: Path) -> str:
    *folders, name = path
    if not name.startswith("/"):
        return name.strip()
    return "/" + "/".join([*folders, name[1:].removesuffix("index") if name == "/index" else name[1:]])


def table(subject: Subject, having: str = "nb_hits") -> Report:
    """Return a report about actions: the rows in which a column is not 0.

    Of a flat report, Matomo asks that of the outermost folders.
    """

    def report(part: Part, parameters: Row) -> Table:
        rows = leaves(part, subject)
        if is_flat(parameters):
            outermost = {path[0] for path, row in rows.items() if row[having]}
            return flat({path: row for path, row in rows.items() if path[0] in outermost})
        return tree({path: row for path, row in rows.items() if row[having]})

    return report


def fruitless(part: Part, parameters: Row) -> Table:
    """Return keywords whose searches found nothing: the highest count that was told is 0."""
    told = [hit for hit in part.hits if hit["search_count"] is not None]
    counts = grouped(told, lambda hit: str(hit["keyword"]))
    found = {keyword for keyword, hits in counts.items() if not any(hit["search_count"] for hit in hits)}
    return [row for row in table(KEYWORDS)(part, parameters) if row["label"] in found]


def search_categories(part: Part, _: Row) -> Table:
    groups = grouped(part.hits, lambda hit: str(hit["search_category"]) or None)
    rows: Table = [{"label": name, **viewed(part, hits)} for name, hits in groups.items()]
    return [
        row | {"nb_actions": row["nb_hits"], "nb_pages_per_search": rounded(row["nb_hits"], row["nb_visits"], 1)}
        for row in rows
    ]


DIMENSIONS = {"Category": "event_category", "Action": "event_action", "Name": "event_name"}
SECOND = {"Category": "Action", "Action": "Name", "Name": "Action"}


def events(dimension: str) -> Report:
    """Return a report of events by one text of theirs, and by a second one within it."""

    def report(part: Part, parameters: Row) -> Table:
        second = str(parameters.get("secondaryDimension", "")).removeprefix("event") or SECOND[dimension]
        found = [hit for hit in part.hits if hit["action"] == "event"]
        return event_rows(part, found, (DIMENSIONS[dimension], DIMENSIONS[second]))

    return report


def event_rows(
    part: Part, hits: Table, columns: tuple[str, ...], missing: str | None = "Event Name not defined"
) -> Table:
    if not columns:
        return []
    groups = grouped(hits, lambda hit: str(hit[columns[0]]) or missing)
    return [
        {"label": label, **event_totals(part, group), "subtable": event_rows(part, group, columns[1:], None)}
        for label, group in groups.items()
    ]


def event_totals(part: Part, hits: Table) -> Row:
    """Return totals; visits and people are counted for each sort of event and added, as Matomo does."""
    values = [hit["event_value"] for hit in hits if hit["event_value"] is not None]
    sorts = grouped(hits, lambda hit: str([hit[column] for column in DIMENSIONS.values()]))
    counts = [viewed(part, group) for group in sorts.values()]
    visits: Row = {column: sum(count[column] for count in counts) for column in counts[0]}
    return visits | {
        "nb_events": len(hits),
        "nb_events_with_value": len(values),
        "sum_event_value": round(sum(values), 2),
        "min_event_value": min(values, default=None),
        "max_event_value": max(values, default=None),
        "avg_event_value": rounded(sum(values), len(values), 2),
    }
