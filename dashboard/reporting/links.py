"""Files that were downloaded and links that led away: `Actions.getDownloads`, `Actions.getOutlinks`."""

from collections.abc import Collection
from dataclasses import dataclass

from dashboard.reporting.actions import Leaf, Shape, Subject, counted, rows_at, tree
from dashboard.reporting.page_paths import NO_URL, escaped, is_address, link_path
from dashboard.reporting.part import Part
from dashboard.reporting.report import Report
from dashboard.reporting.table import Columns, Path, Table


@dataclass(frozen=True, slots=True)
class Links:
    """One kind of link, and how its segment and its column in flat tables are called."""

    kind: str
    segment: str
    dimension: str

    def table(self, part: Part) -> Table:
        """Raises DatabaseUnavailable."""
        shape = Shape({}, lambda path: {}, flat_names=(f"Actions_{self.dimension}",))
        return tree(self.leaves(part), shape)

    def at(self, part: Part, paths: Collection[Path]) -> Table:
        """Return the row at one of some paths, if there is one. Raises DatabaseUnavailable."""
        return Table(rows_at(self.leaves(part), paths))

    def leaves(self, part: Part) -> list[Leaf]:
        rows = counted(part, Subject(self.kind, "page"))
        return [Leaf(link_path(url), columns, self.metadata(url)) for url, columns in rows.items()]

    def metadata(self, url: str) -> Columns:
        if link_path(url) == NO_URL:
            return {}
        return {"url": url, "segment": is_address(self.segment, escaped(url))}


DOWNLOADS = Links("download", "downloadUrl", "DownloadUrl")
OUTLINKS = Links("outlink", "outlinkUrl", "ClickedUrl")
METRICS = ("nb_visits", "nb_hits")

REPORTS: tuple[Report, ...] = (
    Report(
        name="Actions.getOutlinks",
        answer=OUTLINKS.table,
        title="Outlinks",
        category="Actions",
        subcategory="Outlinks",
        dimension="Clicked URL",
        metrics=METRICS,
        names={"nb_visits": "Unique Clicks", "nb_hits": "Clicks"},
        below="Actions.getOutlinks",
        order=8,
    ),
    Report(
        name="Actions.getDownloads",
        answer=DOWNLOADS.table,
        title="Downloads",
        category="Actions",
        subcategory="Downloads",
        dimension="Download URL",
        metrics=METRICS,
        names={"nb_visits": "Unique Downloads", "nb_hits": "Downloads"},
        below="Actions.getDownloads",
        order=9,
    ),
)
