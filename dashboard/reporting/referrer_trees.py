"""Tables of one type of referrers, each row with what it consists of: engines and keywords, websites and pages."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from dashboard.referrer_addresses import home_of, search_at
from dashboard.reporting.part import Part
from dashboard.reporting.referrer_types import (
    NAMED_WITH_TYPE,
    keyword_label,
    segment_of_keyword,
    segment_of_name,
)
from dashboard.reporting.table import LABEL, Columns, Row, Table
from dashboard.reporting.visit_tables import By, encoded, looks_below, table_by
from dashboard.reporting.visits import Extra, Key, visits_by

ROOT = "index"  # What the page at the root of a website is called.


@dataclass(frozen=True, slots=True, kw_only=True)
class Below:
    """What rows of a table consist of: visits of a second column, in a table for each value of the first.

    `row` tells label and metadata of a row inside from both values and an example of an address.
    """

    outer: str
    inner: str
    row: Callable[[str, str, str], tuple[str, Columns]]


def tables_below(part: Part, kind: str, below: Below) -> dict[str, Table]:
    """Return the subtables of the rows of one type, by the stored value of the outer column."""
    extra = Extra(brought_by=kind, example="referrer_url")
    found: dict[str, list[Row]] = {}
    for (outer, inner), columns in visits_by(part, below.outer, below.inner, extra=extra).items():
        label, metadata = below.row(outer, inner, columns.pop("example"))
        if label:
            found.setdefault(outer, []).append(Row({LABEL: label, **columns}, metadata))
    return {outer: Table(rows) for outer, rows in found.items()}


def names_of_type(kind: str, column: str) -> By:
    """Return by what visits of one type are told apart: the names, or what was looked for."""

    def keyed(converted: str, value: str) -> Key | None:
        return (value,) if converted == kind else None

    def of_name(name: str, example: str) -> Columns:
        address = home_of(kind, name, example) if kind in NAMED_WITH_TYPE else ""
        return {"segment": segment_of_name(kind, name), **({"url": address} if address else {})}

    return By(
        dimensions=(column,),
        label=str,
        metadata=of_name,
        extra=Extra(brought_by=kind, example="referrer_url"),
        conversions=("referrer_type", column),
        keyed=keyed,
    )


def keywords_of_type() -> By:
    by = names_of_type("search", "referrer_keyword")
    return replace(by, label=keyword_label, metadata=lambda keyword, _: {"segment": segment_of_keyword(keyword)})


def tree(part: Part, by: By, below: Below, flat_names: tuple[str, str], separator: str = " - ") -> Table:
    """Return a table whose rows consist of others; those are counted only if somebody may look at them."""
    table = table_by(part, by)
    if looks_below(part):
        found = tables_below(part, by.extra.brought_by, below)
        inside = {by.label(outer): inner for outer, inner in found.items()}
    else:
        inside = {row.label: Table() for row in table}
    for row in table:
        row.table = inside.get(row.label)
    return replace(table, flat_names=flat_names, separator=separator)


def keyword_at_engine(engine: str, keyword: str, example: str) -> tuple[str, Columns]:
    segment = f"{segment_of_name('search', engine)};referrerKeyword=={encoded(keyword)}"
    return keyword_label(keyword), {"url": search_at(engine, keyword, example), "segment": segment}


def search_engines(part: Part) -> Table:
    below = Below(outer="referrer_name", inner="referrer_keyword", row=keyword_at_engine)
    names = ("Referrers_SearchEngine", "Referrers_Keyword")
    return tree(part, names_of_type("search", "referrer_name"), below, names)


def keywords(part: Part) -> Table:
    def engine_of_keyword(keyword: str, engine: str, example: str) -> tuple[str, Columns]:
        _, metadata = keyword_at_engine(engine, keyword, example)
        return engine, metadata | {"url": home_of("search", engine, example)}

    below = Below(outer="referrer_keyword", inner="referrer_name", row=engine_of_keyword)
    return tree(part, keywords_of_type(), below, ("Referrers_Keyword", "Referrers_SearchEngine"))


def campaigns(part: Part) -> Table:
    """Return campaigns, each with its keywords, if there were any."""

    def keyword_of_campaign(name: str, keyword: str, _: str) -> tuple[str, Columns]:
        return keyword, {"segment": f"{segment_of_name('campaign', name)};referrerKeyword=={encoded(keyword)}"}

    below = Below(outer="referrer_name", inner="referrer_keyword", row=keyword_of_campaign)
    names = ("Referrers_Campaign", "Referrers_Keyword")
    return tree(part, names_of_type("campaign", "referrer_name"), below, names)


def of_page(url: str) -> Columns:
    return {"segment": f"referrerUrl=={encoded(url)}", "url": url}


def page_in_full(_: str, url: str, example: str) -> tuple[str, Columns]:
    return url, of_page(example)


def path_of_page(_: str, path: str, example: str) -> tuple[str, Columns]:
    return path or ROOT, of_page(example)


def websites(part: Part) -> Table:
    """Return websites with their pages: paths, or whole addresses where both tables are shown, as Matomo does."""
    in_full = part.parameters.flag("expanded") and not part.parameters.flag("flat")
    return websites_with(part, whole_pages("referrer_name") if in_full else paths())


def paths() -> Below:
    return Below(outer="referrer_name", inner="referrer_path", row=path_of_page)


def whole_pages(outer: str) -> Below:
    return Below(outer=outer, inner="referrer_url", row=page_in_full)


def websites_with(part: Part, below: Below) -> Table:
    by = names_of_type("website", "referrer_name")
    return tree(part, by, below, ("label1", "Referrers_WebsitePage"), separator="/")


def socials(part: Part) -> Table:
    """Return networks with their pages; where both are shown together pages are whole addresses."""
    if not (part.parameters.flag("expanded") or part.parameters.flag("flat")):
        return networks_with(part, pages())
    below = Below(outer="referrer_name", inner="referrer_url", row=lambda _, url, __: (url, {}))
    return networks_with(part, below)


def pages() -> Below:
    return Below(outer="referrer_name", inner="referrer_page", row=lambda _, page, example: (page, of_page(example)))


def networks_with(part: Part, below: Below) -> Table:
    by = names_of_type("social", "referrer_name")
    return tree(part, by, below, ("Referrers_SocialNetwork", "Referrers_WebsitePage"))


def urls_of_social(part: Part) -> Table:
    """Return the pages of one network, or of all of them."""
    if part.parameters.given("idSubtable"):
        return networks_with(part, pages())
    extra = Extra(brought_by="social", example="referrer_url")
    return table_by(
        part, By(dimensions=("referrer_page",), label=str, metadata=lambda _, url: of_page(url), extra=extra)
    )


def assistants(part: Part) -> Table:
    by = names_of_type("assistant", "referrer_name")
    return tree(part, by, pages(), ("Referrers_AIAssistant", "Referrers_WebsitePage"))


def inside(report: Callable[[Part], Table]) -> Callable[[Part], Table]:
    """Return a report of a subtable, which must be named. Raises MissingParameter."""

    def subtable(part: Part) -> Table:
        part.parameters.required("idSubtable")
        return report(part)

    return subtable
