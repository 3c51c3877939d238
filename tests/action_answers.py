"""Our answers about actions, in the shape of Matomo's reports: pages, titles, links and searches."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote_plus, urlsplit

from tests.goal_columns import by_goal, key_of
from tests.page_answers import goals_of_pages, timings_of
from tests.parts import Part, Report, Row, Table, grouped, is_of_people, rounded, summed, totals

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

    @property
    def is_page(self) -> bool:
        return self.kind == "pageview"


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


def itself(text: str) -> Path:
    return (text,)


PAGES = Subject("pageview", "page", page_path, "previous_page", "page")
TITLES = Subject("pageview", "title", title_path, "previous_title", "title")
KEYWORDS = Subject("search", "keyword", itself, "previous_title", "title")
OUTLINKS = Subject("outlink", "page", link_path)
DOWNLOADS = Subject("download", "page", link_path)
# The time before other hits is nobody's.
TIMED = ("pageview", "search", "outlink", "download", "content")
# What shows that a visitor went on from a search, or did not.
MOVING = ("pageview", "search")


def leaves(part: Part, subject: Subject) -> dict[Path, Row]:
    """Return a row for each page, title, link or keyword; two that stand at the same place are one, added."""
    found: dict[Path, list[Row]] = defaultdict(list)
    for name, row in rows_by_name(part, subject).items():
        found[subject.path(name)].append(row)
    return {path: summed(rows) for path, rows in found.items()}


def rows_by_name(part: Part, subject: Subject) -> dict[str, Row]:
    hits = grouped((hit for hit in part.hits if hit["action"] == subject.kind), lambda hit: hit[subject.column])
    spent, after_search = time_spent(part, subject), following_search(part)
    ends = {end: ending(part, subject, end) for end in ("entry", "exit")}
    return {
        name: viewed(part, group)
        | {"sum_time_spent": spent.get(name, 0)}
        | {"nb_hits_following_search": sum(hit["id"] in after_search for hit in group) if subject.is_page else 0}
        | entered(part, ends["entry"].get(name, []))
        | left(part, ends["exit"].get(name, []))
        | (timings_of(row for row in part.timings if row[subject.column] == name) if subject.is_page else {})
        | (goals_of_pages(part, subject.column, name, ends["entry"].get(name, [])) if subject.is_page else {})
        for name, group in hits.items()
    }


def viewed(part: Part, hits: Table) -> Row:
    return {"nb_visits": len({hit["visit"] for hit in hits}), "nb_hits": len(hits)} | part.people(hits, "at")


def time_spent(part: Part, subject: Subject) -> dict[str, int]:
    """Return the seconds on each page, title or keyword; a visitor who is on no page is at a search."""
    found: dict[str, int] = defaultdict(int)
    for hit in part.hits:
        if subject.credit and hit["action"] in TIMED and bool(hit["previous_page"]) is subject.is_page:
            found[hit[subject.credit]] += hit["seconds_since_previous"]
    return found


def following_search(part: Part) -> set[int]:
    """Return the page views before which the visitor had searched."""
    found: set[int] = set()
    searching: set[int] = set()
    for hit in part.everything["hits"]:
        if hit["action"] in MOVING:
            if hit["visit"] in searching:
                found.add(hit["id"])
            (searching.add if hit["action"] == "search" else searching.discard)(hit["visit"])
    return found


def ending(part: Part, subject: Subject, end: str) -> dict[str, Table]:
    """Return the visits that began, or ended, with each."""
    if not subject.ends:
        return {}
    there = (visit for visit in part.visits if visit[f"{end}_action"] == subject.kind)
    return grouped(there, lambda visit: visit[f"{end}_{subject.ends}"])


def entered(part: Part, visits: Table) -> Row:
    row = totals(visits)
    columns = ("nb_visits", "nb_actions", "sum_visit_length", "bounce_count")
    return {f"entry_{name}": row[name] for name in columns} | ended(part, visits, "entry")


def left(part: Part, visits: Table) -> Row:
    return {"exit_nb_visits": len(visits)} | ended(part, visits, "exit")


def ended(part: Part, visits: Table, end: str) -> Row:
    return part.people(visits, "last_at", name=f"{end}_nb_uniq_visitors")


def page_rates(row: Row) -> Row:
    return {
        "avg_time_on_page": rounded(row["sum_time_spent"], row["nb_hits"], 0),
        "bounce_rate": rounded(row["entry_bounce_count"], row["entry_nb_visits"], 2),
        "exit_rate": rounded(row["exit_nb_visits"], row["nb_visits"], 2),
    }


def speeds(row: Row) -> Row:
    """Return how long a page took on average; its loading is all parts together, as they are shown."""
    counts = {name.removeprefix("nb_hits_with_"): count for name, count in row.items() if "_with_time_" in name}
    found = {f"avg_{name}": rounded(row[f"sum_{name}"], count, 3) for name, count in counts.items()}
    return {**found, "avg_page_load_time": round(sum(found.values()), 3)}


def page(row: Row) -> Row:
    return row | page_rates(row) | speeds(row)


def link(row: Row) -> Row:
    return {name: value for name, value in row.items() if not name.startswith(("entry_", "exit_"))}


def keyword(row: Row) -> Row:
    return row | page_rates(row) | {"nb_pages_per_search": rounded(row["nb_hits"], row["nb_visits"], 1)}


FINISHED = {"pageview": page, "search": keyword, "outlink": link, "download": link}


def tree(subject: Subject, rows: dict[Path, Row], depth: int = 0) -> Table:
    """Return rows in their folders, which add up what can be added."""
    folders: dict[tuple[str, bool], dict[Path, Row]] = defaultdict(dict)
    for path, row in rows.items():
        folders[path[depth], len(path) == depth + 1][path] = row
    return [branch(subject, name, below, depth + 1) for (name, _), below in folders.items()]


def branch(subject: Subject, name: str, below: dict[Path, Row], depth: int) -> Row:
    is_leaf = all(len(path) == depth for path in below)
    row = summed(below.values())
    if not is_leaf:
        row = {column: value for column, value in row.items() if not is_of_people(column)}
    return {
        "label": name,
        **FINISHED[subject.kind](row),
        "subtable": [] if is_leaf else tree(subject, below, depth),
    }


def flat(part: Part, subject: Subject, rows: dict[Path, Row]) -> Table:
    found: Table = []
    for path, row in rows.items():
        here = [{"label": flat_label(path), **FINISHED[subject.kind](row)}]
        found += with_page_rates(part, here) if len(path) == 1 else here
    return found


def flat_label(path: Path) -> str:
    *folders, name = path
    if not name.startswith("/"):
        return name.strip()
    return "/" + "/".join([*folders, name[1:].removesuffix("index") if name == "/index" else name[1:]])


def is_flat(parameters: Row) -> bool:
    return str(parameters.get("flat", "0")) == "1"


def table(subject: Subject, having: str = "nb_hits") -> Report:
    """Return a report about actions: the rows in which a column is not 0.

    Of a flat report, Matomo asks that of the outermost folders.
    """

    def report(part: Part, parameters: Row) -> Table:
        rows = leaves(part, subject)
        if is_flat(parameters):
            outermost = {path[0] for path, row in rows.items() if row[having]}
            return flat(part, subject, {path: row for path, row in rows.items() if path[0] in outermost})
        return with_page_rates(part, tree(subject, {path: row for path, row in rows.items() if row[having]}))

    return report


def one(subject: Subject, parameter: str) -> Report:
    """Return a report of the row of one page, title or link."""

    def report(part: Part, parameters: Row) -> Table:
        text = parameters[parameter]
        path = subject.path(text.partition("://")[2] if subject is PAGES else text)
        found = {path[-1:]: row for place, row in leaves(part, subject).items() if place == path}
        return with_page_rates(part, tree(subject, found))

    return report


def with_page_rates(part: Part, rows: Table) -> Table:
    """Return outermost rows in which goals tell which part of all conversions came after their pages."""
    every = {key_of(goal): len(conversions) for goal, conversions in by_goal(part.conversions).items()}

    def rated(key: str, goal: Row) -> Row:
        return goal | {
            "nb_conversions_page_rate": min(1, rounded(goal.get("nb_conversions_page_uniq", 0), every[key], 3))
        }

    return [row | {"goals": {key: rated(key, goal) for key, goal in row.get("goals", {}).items()}} for row in rows]


def fruitless(part: Part, parameters: Row) -> Table:
    """Return keywords whose searches found nothing: the highest count that was told is 0."""
    told = [hit for hit in part.hits if hit["action"] == "search" and hit["search_count"] is not None]
    counts = grouped(told, lambda hit: hit["keyword"])
    found = {keyword for keyword, hits in counts.items() if not any(hit["search_count"] for hit in hits)}
    return [row for row in table(KEYWORDS)(part, parameters) if row["label"] in found]


def search_categories(part: Part, _: Row) -> Table:
    searches = (hit for hit in part.hits if hit["action"] == "search")
    groups = grouped(searches, lambda hit: hit["search_category"] or None)
    return [{"label": name, **category(viewed(part, hits))} for name, hits in groups.items()]


def category(row: Row) -> Row:
    """Return the row of a category: its hits have always been called actions there."""
    actions = row.pop("nb_hits")
    return row | {"nb_actions": actions, "nb_pages_per_search": rounded(actions, row["nb_visits"], 1)}
