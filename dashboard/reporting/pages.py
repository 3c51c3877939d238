"""Pages and page titles: `Actions.getPageUrls`, `getPageTitles`, those where visits begin and end, and single ones."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.reporting.actions import (
    RATES,
    Leaf,
    Rows,
    Shape,
    Subject,
    add_ends,
    counted,
    having,
    merged,
    rows_at,
    tree,
)
from dashboard.reporting.flattening import page_label
from dashboard.reporting.page_goals import add_goals, add_page_rates
from dashboard.reporting.page_paths import (
    NO_PREFIX,
    NO_TITLE,
    NO_URL,
    address,
    begins_with,
    escaped,
    is_address,
    page_path,
    title_path,
)
from dashboard.reporting.page_timings import OF_A_PAGE, add_timings
from dashboard.reporting.part import Part
from dashboard.reporting.report import Report
from dashboard.reporting.table import Columns, Path, Processed, Table

URLS = Subject("pageview", "page", "previous_page", "page")
TITLES = Subject("pageview", "title", "previous_title", "title")
FOLLOWING = "nb_hits_following_search"
PROCESSED: Mapping[str, Processed] = {**OF_A_PAGE, **RATES}


@dataclass(frozen=True, slots=True)
class Pages:
    """One report about pages: which of them it lists, and how their segments and columns are called."""

    subject: Subject
    dimension: str  # Such as "EntryPageUrl".
    having: str = "nb_hits"

    @property
    def segment(self) -> str:
        """Return the segment that picks a row's visits, '' if there is none."""
        return "" if self.having == FOLLOWING else self.dimension[:1].lower() + self.dimension[1:]

    def table(self, part: Part) -> Table:
        """Raises BadParameter, DatabaseUnavailable."""
        found, everything = self.found(part)
        leaves = having(merged(self.leaves(part, found)), self.having, part.parameters.flag("flat"))
        table = tree(leaves, self.shape(part))
        add_page_rates(table, everything)
        return table

    def at(self, part: Part, paths: Collection[Path]) -> Table:
        """Return the row at one of some paths, if there is one. Raises DatabaseUnavailable."""
        found, everything = self.found(part)
        table = Table(rows_at(self.leaves(part, found), paths), PROCESSED)
        add_page_rates(table, everything)
        return table

    def found(self, part: Part) -> tuple[Rows, Columns]:
        """Return the numbers of each page or title, and the conversions of the whole period."""
        rows = counted(part, self.subject)
        add_timings(part, self.subject.column, rows)
        add_ends(part, self.subject, rows)
        return rows, add_goals(part, self.subject.column, f"entry_{self.subject.ends}", rows)

    def leaves(self, part: Part, found: Rows) -> list[Leaf]:
        if self.subject is TITLES:
            return [self.titled(part, title, columns) for title, columns in found.items()]
        prefixes = {row["page"]: row["prefix"] for row in part.rows("page_prefixes")}
        return [self.addressed(page, prefixes.get(page, NO_PREFIX), columns) for page, columns in found.items()]

    def titled(self, part: Part, title: str, columns: Columns) -> Leaf:
        path = title_path(title, part.title_delimiter)
        return Leaf(path, columns, self.segmented(escaped(title)) if path != NO_TITLE else {})

    def addressed(self, page: str, prefix: int, columns: Columns) -> Leaf:
        path, url = page_path(page), address(page, prefix)
        return Leaf(path, columns, {"url": url, **self.segmented(url)} if path != NO_URL else {})

    def segmented(self, value: str) -> Columns:
        return {"segment": is_address(self.segment, value)} if self.segment else {}

    def shape(self, part: Part) -> Shape:
        names = (f"Actions_{self.dimension}",)
        if self.subject is TITLES:
            delimiter = part.title_delimiter or "/"
            return Shape(PROCESSED, self.folder("pageTitle", "", delimiter), delimiter, flat_names=names)
        main = part.site.urls[0].rstrip("/") if part.site.urls else ""
        return Shape(PROCESSED, self.folder("pageUrl", f"{main}/", "/"), "/", page_label, names)

    def folder(self, segment: str, start: str, delimiter: str) -> Callable[[Path], Columns]:
        def metadata(path: Path) -> Columns:
            text = start + delimiter.join(path)
            return {"segment": begins_with(segment, text)} if self.segment else {}

        return metadata


HITS = ("nb_hits", "nb_visits")
OF_PAGES: dict[str, Any] = {"metrics": HITS, "processed": tuple(RATES), "names": {"nb_visits": "Unique Pageviews"}}
OF_ENTRIES: dict[str, Any] = {"metrics": ("entry_nb_visits", "entry_bounce_count"), "processed": ("bounce_rate",)}
OF_EXITS: dict[str, Any] = {
    "metrics": ("exit_nb_visits", "nb_visits"),
    "processed": ("exit_rate",),
    "names": {"nb_visits": "Unique Pageviews"},
}
AFTER_SEARCHES: dict[str, Any] = {"metrics": (FOLLOWING, "nb_hits")}


def report(name: str, pages: Pages, title: str, dimension: str, **more: Any) -> Report:
    more = {"category": "Actions", "dimension": dimension, "below": f"Actions.{name}", **more}
    return Report(name=f"Actions.{name}", answer=pages.table, title=title, **more)


# fmt: off
REPORTS: tuple[Report, ...] = (
    report("getPageUrls", Pages(URLS, "PageUrl"), "Page URLs", "Page URL", subcategory="Pages", order=2, **OF_PAGES),
    report(
        "getEntryPageUrls", Pages(URLS, "EntryPageUrl", "entry_nb_visits"), "Entry pages", "Entry Page URL",
        subcategory="Entry pages", order=3, **OF_ENTRIES,
    ),
    report(
        "getExitPageUrls", Pages(URLS, "ExitPageUrl", "exit_nb_visits"), "Exit pages", "Exit Page URL",
        subcategory="Exit pages", order=4, **OF_EXITS,
    ),
    report(
        "getPageTitles", Pages(TITLES, "PageTitle"), "Page titles", "Page Title",
        subcategory="Page titles", order=5, **OF_PAGES,
    ),
    report(
        "getEntryPageTitles", Pages(TITLES, "EntryPageTitle", "entry_nb_visits"), "Entry page titles",
        "Entry Page Title", subcategory="Entry pages", order=6, **OF_ENTRIES,
    ),
    report(
        "getExitPageTitles", Pages(TITLES, "ExitPageTitle", "exit_nb_visits"), "Exit page titles", "Exit Page Title",
        subcategory="Exit pages", order=7, **OF_EXITS,
    ),
    report(
        "getPageUrlsFollowingSiteSearch", Pages(URLS, "DestinationPage", FOLLOWING), "Pages Following a Site Search",
        "Destination Page", subcategory="Site Search", order=16, **AFTER_SEARCHES,
    ),
    report(
        "getPageTitlesFollowingSiteSearch", Pages(TITLES, "DestinationPage", FOLLOWING),
        "Page Titles Following a Site Search", "Destination Page", subcategory="Site Search", order=17,
        **AFTER_SEARCHES,
    ),
)
# fmt: on
