"""Our answers about what brought visits, in the shape of Matomo's reports."""

from tests.parts import Label, Part, Report, Row, Table, grouped, rounded
from tests.visit_answers import By, distinct, of_itself, rows_of, table

# The name and number of each type.
TYPES = {
    "direct": ("Direct Entry", 1),
    "search": ("Search Engines", 2),
    "website": ("Websites", 3),
    "campaign": ("Campaigns", 6),
    "social": ("Social Networks", 7),
    "assistant": ("AI Assistants", 8),
}
NAMES = {
    "search": "SearchEngines",
    "social": "SocialNetworks",
    "direct": "DirectEntry",
    "website": "Websites",
    "campaign": "Campaigns",
    "assistant": "AIAssistants",
}


def from_type(kind: str, column: str, missing: str | None = None) -> Label:
    """Return a label for what came by one type of referrer."""
    return lambda row: (row[column] or missing) if row["referrer_type"] == kind else None


ENGINE = from_type("search", "referrer_name")
KEYWORD = from_type("search", "referrer_keyword", "Keyword not defined")
WEBSITE = from_type("website", "referrer_name")
WEBSITE_PAGE = from_type("website", "referrer_url")
CAMPAIGN = from_type("campaign", "referrer_name")
CAMPAIGN_KEYWORD = from_type("campaign", "referrer_keyword")
SOCIAL = from_type("social", "referrer_name")
SOCIAL_PAGE = from_type("social", "referrer_url")
ASSISTANT = from_type("assistant", "referrer_name")
NAMED = (KEYWORD, WEBSITE, CAMPAIGN, SOCIAL, ASSISTANT)
DISTINCT = {
    "SearchEngines": ENGINE,
    "SocialNetworks": SOCIAL,
    "Keywords": KEYWORD,
    "Websites": WEBSITE,
    "WebsitesUrls": WEBSITE_PAGE,
    "Campaigns": CAMPAIGN,
    "AIAssistants": ASSISTANT,
}


def without_protocol(label: Label) -> Label:
    return lambda row: url.partition("://")[2] if (url := label(row)) else None


ASSISTANT_PAGE = without_protocol(from_type("assistant", "referrer_url"))


def tree(outer: Label, inner: Label) -> Report:
    """Return a report of visits by two texts; conversions are told of the outer one alone."""
    return table(By(outer, of_itself(outer), below=By(inner)))


def type_name(row: Row) -> str:
    return TYPES[row["referrer_type"]][0]


def referrer(row: Row) -> str | None:
    """Return what is listed below a type: of search engines the keyword, else the name."""
    return next((text for label in NAMED if (text := label(row))), None)


EVERY = By(referrer, of_itself(referrer))


def types(part: Part, parameters: Row) -> Table:
    by = By(type_name, of_itself(type_name), below=EVERY)
    numbers = dict(TYPES.values())
    return [row | {"referrer_type": numbers[row["label"]]} for row in rows_of(part, by, part.visits, part.conversions)]


def everything(part: Part, _: Row) -> Table:
    kinds = {referrer(row): TYPES[row["referrer_type"]][1] for row in (*part.visits, *part.conversions)}
    rows = rows_of(part, EVERY, part.visits, part.conversions)
    return [row | {"referer_type": kinds[row["label"]]} for row in rows]


def sum_up(part: Part, _: Row) -> Row:
    groups = grouped(part.visits, lambda visit: visit["referrer_type"])
    found: Row = {f"Referrers_distinct{name}": distinct(label)(part, {}) for name, label in DISTINCT.items()}
    for kind, name in NAMES.items():
        count = len(groups.get(kind, ()))
        found[f"Referrers_visitorsFrom{name}"] = count
        found[f"Referrers_visitorsFrom{name}_percent"] = rounded(count, len(part.visits), 2)
    return found


social_pages = table(By(without_protocol(SOCIAL_PAGE)))
