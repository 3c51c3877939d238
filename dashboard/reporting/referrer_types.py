"""The types of referrers: how much each brought, what is in each, and how many different names there are."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from dashboard.api_parameters import ApiError
from dashboard.reporting.part import Part
from dashboard.reporting.rates import quotient
from dashboard.reporting.table import Columns, Processed, Row, Single, Table
from dashboard.reporting.visit_tables import (
    By,
    encoded,
    goals_of,
    looks_below,
    merged,
    no_visits,
    row_of,
    table_by,
)
from dashboard.reporting.visits import Key, chosen, visits_by

NO_KEYWORD = "Keyword not defined"
DIRECT = "direct"


class Type(NamedTuple):
    """A type of referrer: its number for programs, and what people call it."""

    number: int
    label: str


TYPES = {
    "direct": Type(1, "Direct Entry"),
    "search": Type(2, "Search Engines"),
    "website": Type(3, "Websites"),
    "campaign": Type(6, "Campaigns"),
    "social": Type(7, "Social Networks"),
    "assistant": Type(8, "AI Assistants"),
}
# Their names are told together with the type in segments: a website may be called the same.
NAMED_WITH_TYPE = ("search", "social", "assistant")


class OneSiteOnly(ApiError):
    """Raised if a report that has no answer for several sites is asked for them."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} with multiple sites is not supported (yet).")


def refuse_several_sites(part: Part, name: str) -> None:
    """Raises OneSiteOnly."""
    asked = part.parameters.text("idSite") or part.parameters.text("idSites")
    if asked.strip() == "all" or "," in asked:
        raise OneSiteOnly(name)


def segment_of_name(kind: str, name: str) -> str:
    before = f"referrerType=={kind};" if kind in NAMED_WITH_TYPE else ""
    return f"{before}referrerName=={encoded(name)}"


def segment_of_keyword(keyword: str) -> str:
    return f"referrerType==search;referrerKeyword=={encoded(keyword)}"


def keyword_label(keyword: str) -> str:
    return keyword or NO_KEYWORD


def type_of(kind: str) -> Type:
    """Return a type; one that nobody knows stands for itself."""
    return TYPES.get(kind, Type(0, kind))


def by_type(part: Part) -> Table:
    """Return types, each with its names, or of searches with what was looked for. Raises OneSiteOnly."""
    refuse_several_sites(part, "Referrers.getReferrerType")
    by = By(
        dimensions=("referrer_type",),
        label=lambda kind: type_of(kind).label,
        metadata=lambda kind: {"segment": f"referrerType=={kind}", "referrer_type": str(type_of(kind).number)},
        conversions=("referrer_type",),
    )
    table = table_by(part, by)
    rows = [row for row in table if is_asked(row, part.parameters.text("typeReferrer"))]
    found = names_by_type(part) if looks_below(part) else {}
    for row in rows:
        kind = row.metadata["segment"].partition("==")[2]
        row.table = None if kind == DIRECT else Table(found.get(kind, []))
    return Table(rows)


def is_asked(row: Row, number: str) -> bool:
    return number.strip() in ("", row.metadata["referrer_type"])


def names_by_type(part: Part) -> dict[str, list[Row]]:
    """Return the rows of each type, without direct visits, for they have no names."""
    by = By(
        dimensions=("referrer_type", "referrer_label"),
        label=label_of,
        metadata=of_name,
        conversions=("referrer_type", "referrer_name", "referrer_keyword"),
        keyed=key_of,
    )
    visits, goals, nothing = visits_by(part, *by.dimensions), goals_of(part, by), no_visits(part)
    found: dict[str, list[Row]] = {}
    for key in dict.fromkeys([*visits, *goals]):
        if key[0] != DIRECT:
            row = row_of(by, key, visits.get(key, nothing) | goals.get(key, {}))
            found.setdefault(key[0], []).append(row)
    return found


def label_of(kind: str, text: str) -> str:
    return keyword_label(text) if kind == "search" else text


def of_name(kind: str, text: str) -> Columns:
    return {"segment": segment_of_keyword(text) if kind == "search" else segment_of_name(kind, text)}


def key_of(kind: str, name: str, keyword: str) -> Key:
    return (kind, keyword if kind == "search" else name)


def everything(part: Part) -> Table:
    """Return the names of all types in one table. Raises OneSiteOnly."""
    refuse_several_sites(part, "Referrers.getAll")
    found = names_by_type(part)
    for kind, rows in found.items():
        for row in rows:
            row.metadata["referer_type"] = type_of(kind).number
    return Table(merged(row for rows in found.values() for row in rows))


# What `Referrers.get` calls the types and what there are several of, by the columns of the statement.
COMING_FROM = {
    "search": "SearchEngines",
    "social": "SocialNetworks",
    "direct": "DirectEntry",
    "website": "Websites",
    "campaign": "Campaigns",
    "assistant": "AIAssistants",
}
DIFFERENT = {
    "engines": "SearchEngines",
    "networks": "SocialNetworks",
    "keywords": "Keywords",
    "websites": "Websites",
    "website_pages": "WebsitesUrls",
    "campaigns": "Campaigns",
    "assistants": "AIAssistants",
}
SHARES = ("DirectEntry", "SearchEngines", "Campaigns", "SocialNetworks", "Websites", "AIAssistants")


def coming_from(name: str) -> str:
    return f"Referrers_visitorsFrom{name}"


def totals(part: Part) -> Single:
    """Return how many visits came from each type, and how many different names there are."""
    (counts,) = part.rows("referrer_counts")
    columns = {coming_from(name): counts[kind] for kind, name in COMING_FROM.items()}
    columns |= {f"Referrers_distinct{name}": counts[column] for column, name in DIFFERENT.items()}
    processed = {f"{coming_from(name)}_percent": share(coming_from(name)) for name in SHARES}
    return chosen(part, Single(columns, processed, empty=not any(columns.values())))


def share(column: str) -> Processed:
    """Return how a type's share follows from the visits of all types."""

    def of_all(row: Mapping[str, int]) -> float:
        return quotient(row.get(column, 0), sum(row.get(coming_from(name), 0) for name in COMING_FROM.values()), 2)

    return of_all


def different(column: str) -> Callable[[Part], int]:
    def count(part: Part) -> int:
        (counts,) = part.rows("referrer_counts")
        return int(counts[column])

    return count
