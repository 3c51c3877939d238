"""The ranked tables of a site: what each lists, and how its rows are named."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from dashboard import wording
from dashboard.countries import UNKNOWN, country_name
from dashboard.reports import ALL_ROWS, Question, Row, answer
from dashboard.sums import FOLDED
from sql.clickhouse import Database
from sql.registry import Site

ROWS = 10  # In a panel among others.
ROWS_ALONE = 100  # On a page of its own.
# Panels whose people are counted by a statement of its own: others would wait for it in vain.
PEOPLE = {"pages": "page_people", "entry-pages": "entry_page_people"}
SUMMED = ("nb_hits", "nb_visits", "bounce_count", "entry_nb_visits", "entry_bounce_count")

# What was cut off a page's address before it was stored; other numbers: nothing, and it is no link.
PREFIXES = {0: "http://", 1: "http://www.", 2: "https://", 3: "https://www."}
REFERRER_TYPES = {
    "direct": "Direct entry",
    "search": "Search",
    "website": "Website",
    "campaign": "Campaign",
    "social": "Social",
    "assistant": "AI assistant",
}


@dataclass(frozen=True, slots=True)
class Label:
    """What a row is called."""

    text: str
    kind: str = ""  # A second, quieter word.
    link: str = ""  # Only ever a page of the site itself: what others sent us is not for clicking.
    flag: str = ""  # Country code.


@dataclass(frozen=True, slots=True)
class Column:
    """A number beside the label."""

    title: str
    cell: Callable[[Row], str]


@dataclass(frozen=True, slots=True)
class Panel:
    """A table: the report behind it, and what its rows and columns are called."""

    name: str
    title: str
    rows_are: str
    value: str  # The column by which the report ranks.
    columns: tuple[Column, ...]
    label: Callable[[Row, Site], Label]

    @property
    def report(self) -> str:
        return self.name.replace("-", "_")


@dataclass(frozen=True, slots=True)
class Line:
    """One row, ready to be shown."""

    label: Label
    cells: tuple[str, ...]
    share: str
    width: str  # Of its bar, in per cent of the longest.


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a panel from `offset` on; `total` counts all there are."""

    panel: Panel
    lines: tuple[Line, ...]
    total: int
    offset: int
    limit: int

    @property
    def last_page(self) -> int:
        return max(1, -(-self.total // self.limit))


def page_label(row: Row, site: Site) -> Label:
    """Name a page by its path if it is on the site's main host, else by host and path."""
    page: str = row["page"]
    if not page:
        return Label("Page URL not defined")
    host, slash, path = page.partition("/")
    hosts = [host_of(url) for url in site.urls]
    link = PREFIXES.get(row["prefix"], "") + page if row["prefix"] in PREFIXES and host in hosts else ""
    return Label(slash + path if slash and host == hosts[0] else page, link=link)


def host_of(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2].lower().removeprefix("www.")


def referrer_label(row: Row, _: Site) -> Label:
    type: str = row["referrer_type"]
    kind = REFERRER_TYPES.get(type, type)
    return Label(row["referrer_name"], kind) if row["referrer_name"] else Label(kind)


def country_label(row: Row, _: Site) -> Label:
    return Label(country_name(row["country"]), flag=row["country"])


def browser_label(row: Row, _: Site) -> Label:
    return Label(row["browser"] or UNKNOWN)


def counted(column: str) -> Callable[[Row], str]:
    return lambda row: wording.number(row[column])


def per(column: str, of: str) -> Callable[[Row], str]:
    return lambda row: wording.percent(row[column] / row[of])


VISITS = (Column("Visits", counted("nb_visits")),)
PANELS = {
    panel.name: panel
    for panel in (
        Panel(
            "pages",
            "Top pages",
            "Page",
            "nb_hits",
            (Column("Views", counted("nb_hits")), Column("Visits", counted("nb_visits"))),
            page_label,
        ),
        Panel(
            "entry-pages",
            "Entry pages",
            "Page",
            "entry_nb_visits",
            (
                Column("Entries", counted("entry_nb_visits")),
                Column("Bounces", per("entry_bounce_count", "entry_nb_visits")),
            ),
            page_label,
        ),
        Panel(
            "referrers",
            "Referrers",
            "Source",
            "nb_visits",
            VISITS,
            referrer_label,
        ),
        Panel("countries", "Countries", "Country", "nb_visits", VISITS, country_label),
        Panel("browsers", "Browsers", "Browser", "nb_visits", VISITS, browser_label),
    )
}


def table(database: Database, panel: Panel, site: Site, question: Question) -> Table:
    """Return the rows of a panel that lie between the question's offset and limit.

    Raises DatabaseUnavailable.
    """
    rows = allowed(database, panel, site.fewest_visitors, question)
    total = rows[0]["all_rows"] if rows else 0
    lines = tuple(line(panel, row, site) for row in rows)
    return Table(panel, lines, total, question.offset, question.limit)


def allowed(database: Database, panel: Panel, fewest: int, question: Question) -> list[Row]:
    """Return the rows between offset and limit; where a site has a floor, those of fewer visitors as one, the last."""
    if not fewest:
        return answer(database, panel.report, question)
    rows = with_people(database, panel, replace(question, people=1, limit=ALL_ROWS, offset=0))
    few = [row for row in rows if row["nb_uniq_visitors"] < fewest]
    shown = [row for row in rows if row["nb_uniq_visitors"] >= fewest]
    if few:
        shown.append(together(few) | {FOLDED: f"Fewer than {fewest} visitors"})
    highest = max((row[panel.value] for row in shown), default=0)
    page = shown[question.offset : question.offset + question.limit]
    return [row | {"all_rows": len(shown), "highest_value": highest} for row in page]


def with_people(database: Database, panel: Panel, question: Question) -> list[Row]:
    """Return all rows with how many people each of them is about."""
    rows = answer(database, panel.report, question)
    if panel.name not in PEOPLE:
        return rows
    people = {row["page"]: row["nb_uniq_visitors"] for row in answer(database, PEOPLE[panel.name], question)}
    return [row | {"nb_uniq_visitors": people[row["page"]]} for row in rows]


def together(rows: list[Row]) -> Row:
    """Return the sum of rows; how many rows and how much of everything there is stays."""
    return rows[0] | {name: sum(row[name] for row in rows) for name in SUMMED if name in rows[0]}


def line(panel: Panel, row: Row, site: Site) -> Line:
    value = row[panel.value]
    return Line(
        Label(row[FOLDED]) if FOLDED in row else panel.label(row, site),
        tuple(column.cell(row) for column in panel.columns),
        wording.share(value, row["all_values"]),
        f"{100 * value / row['highest_value']:.1f}",
    )


def numbered(question: Question, page: int, limit: int) -> Question:
    return replace(question, limit=limit, offset=(page - 1) * limit)
