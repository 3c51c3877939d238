"""What visitors looked for with a site's own search: keywords, those that found nothing, and categories."""

from collections.abc import Mapping
from typing import Any

from dashboard.reporting.actions import RATES, Subject, add_ends, counted, in_order
from dashboard.reporting.page_paths import is_value
from dashboard.reporting.part import Part
from dashboard.reporting.rates import quotient
from dashboard.reporting.report import Report
from dashboard.reporting.table import Columns, Processed, Row, Table

KEYWORDS = Subject("search", "keyword", "previous_title", "title")
CATEGORIES = Subject("search", "search_category")


def per_search(column: str) -> Mapping[str, Processed]:
    def pages(row: Mapping[str, Any]) -> float:
        return quotient(row.get(column, 0), row.get("nb_visits", 0), 1)

    return {"nb_pages_per_search": pages}


def keywords(part: Part) -> Table:
    """Raises DatabaseUnavailable."""
    found = counted(part, KEYWORDS)
    add_ends(part, KEYWORDS, found)
    rows = [
        Row({"label": keyword, **in_order(columns)}, {"segment": is_value("siteSearchKeyword", keyword)})
        for keyword, columns in found.items()
    ]
    return Table(rows, {**per_search("nb_hits"), **RATES}, flat_names=("Actions_SearchKeyword",))


def fruitless_keywords(part: Part) -> Table:
    """Raises DatabaseUnavailable."""
    fruitless = {row["keyword"] for row in part.rows("fruitless_keywords")}
    table = keywords(part)
    table.rows = [row for row in table if row.label in fruitless]
    table.flat_names = ("Actions_SearchNoResultKeyword",)
    return table


def categories(part: Part) -> Table:
    """Raises DatabaseUnavailable."""
    rows = [
        Row({"label": category, **of_category(columns)}, {"segment": is_value("siteSearchCategory", category)})
        for category, columns in counted(part, CATEGORIES).items()
        if category
    ]
    return Table(rows, per_search("nb_actions"), flat_names=("Actions_SearchCategory",))


def of_category(columns: Columns) -> Columns:
    """Return the columns of a category: its hits have always been called actions there."""
    kept = {column: value for column, value in columns.items() if column not in ("nb_hits", "sum_time_spent")}
    return in_order({**kept, "nb_actions": columns["nb_hits"]})


SEARCHES = {"nb_visits": "Searches", "exit_rate": "% Search Exits"}
METRICS = ("nb_visits", "nb_pages_per_search", "exit_rate")

REPORTS: tuple[Report, ...] = (
    Report(
        name="Actions.getSiteSearchKeywords",
        answer=keywords,
        title="Site Search Keywords",
        category="Actions",
        subcategory="Site Search",
        dimension="Keyword",
        metrics=METRICS,
        names=SEARCHES,
        order=15,
    ),
    Report(
        name="Actions.getSiteSearchNoResultKeywords",
        answer=fruitless_keywords,
        title="Search Keywords with No Results",
        category="Actions",
        subcategory="Site Search",
        dimension="Keyword with No Search Result",
        metrics=("nb_visits", "exit_rate"),
        names=SEARCHES,
        order=18,
    ),
    Report(
        name="Actions.getSiteSearchCategories",
        answer=categories,
        title="Search Categories",
        category="Actions",
        subcategory="Site Search",
        dimension="Search Category",
        metrics=METRICS,
        names=SEARCHES,
        order=19,
    ),
)
