"""One row by its address or title: `Actions.getPageUrl`, `getPageTitle`, `getDownload`, `getOutlink`."""

import re
from collections.abc import Callable, Sequence

from dashboard.reporting.links import DOWNLOADS, OUTLINKS
from dashboard.reporting.page_paths import link_path, page_path, title_path
from dashboard.reporting.pages import TITLES, URLS, Pages
from dashboard.reporting.part import Part
from dashboard.reporting.report import Report
from dashboard.reporting.table import Path, Table
from sql.query_names import without_unkept

Paths = Callable[[Part, str], Sequence[Path]]
At = Callable[[Part, Sequence[Path]], Table]

SCHEME = re.compile(r"[a-z][a-z0-9+.\-]*://", re.IGNORECASE | re.ASCII)


def page_paths(part: Part, url: str) -> Sequence[Path]:
    return (page_path(SCHEME.sub("", without_excluded(part, url, bool(part.site.keep_fragment)), count=1)),)


def link_paths(part: Part, url: str) -> Sequence[Path]:
    """Return where a link may stand: links keep their whole query."""
    return link_path(url), link_path(without_excluded(part, url, True))


def title_paths(part: Part, title: str) -> Sequence[Path]:
    return (title_path(title, part.title_delimiter),)


def without_excluded(part: Part, url: str, keep_fragment: bool) -> str:
    """Return a URL without what pages are not kept with: whoever copies it from a browser has these, too."""
    address, hash, fragment = url.strip().partition("#")
    page, mark, query = address.partition("?")
    kept = without_unkept(query, part.site.excluded_parameters)
    return f"{page}{mark if kept else ''}{kept}{hash + fragment if keep_fragment else ''}"


def single(parameter: str, at: At, paths: Paths) -> Callable[[Part], Table]:
    """Return what answers with the row that a parameter names, and with an empty table if there is none."""

    def answer(part: Part) -> Table:
        return at(part, paths(part, part.parameters.required(parameter)))

    return answer


REPORTS: tuple[Report, ...] = tuple(
    Report(name=f"Actions.{name}", answer=single(parameter, at, paths))
    for name, parameter, at, paths in (
        ("getPageUrl", "pageUrl", Pages(URLS, "PageUrl").at, page_paths),
        ("getPageTitle", "pageName", Pages(TITLES, "PageTitle").at, title_paths),
        ("getDownload", "downloadUrl", DOWNLOADS.at, link_paths),
        ("getOutlink", "outlinkUrl", OUTLINKS.at, link_paths),
    )
)
