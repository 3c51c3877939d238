"""The names that segments may use: which rows know them, and by which expression. Nothing else of them gets into SQL.

An expression may contain `{zone}`, the site's time zone, and `{key}`, the key of a map: both are bound parameters.
Columns of `visits` are named with their table: reports may call something else by a column's name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

# Rows of visits: `sql/segments/{source}.sql` lists the visits that have some.
Source = Literal["visits", "hits", "orders", "carts", "articles"]
# `page`: a URL without protocol and `www.`; `code`: what people write is a word for one or several stored values;
# `visitor`: sixteen hexadecimal figures.
Kind = Literal["text", "page", "number", "date", "address", "visitor", "code"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """What a segment may ask of rows."""

    expression: str
    source: Source = "visits"
    kind: Kind = "text"
    only: str = ""  # Which rows have it at all.
    nullable: bool = False
    many: bool = False  # It is an array: any of its elements will do.
    nothing: str = ""  # What reports write in place of an empty one.


class Name(NamedTuple):
    """A name of segments with what it stands for, most often one attribute; the key is that of a map."""

    text: str
    attributes: tuple[Attribute, ...]
    key: str = ""

    @property
    def first(self) -> Attribute:
        return self.attributes[0]


def of_visit(column: str, kind: Kind = "text", *, nullable: bool = False, nothing: str = "") -> Attribute:
    return Attribute(expression=f"visits.{column}", kind=kind, nullable=nullable, nothing=nothing)


def worked_out(expression: str) -> Attribute:
    return Attribute(expression=expression, kind="number")


def seconds(column: str) -> Attribute:
    return of_visit(column, "number", nullable=True)


def days(column: str) -> Attribute:
    return replace(worked_out(f"intDiv(visits.{column}, 86400)"), nullable=True)


def of_page(end: str, column: str, nothing: str) -> Attribute:
    """Return what the first or last page of a visit is known by; a search is none."""
    kind: Kind = "page" if column == "page" else "text"
    only = f"visits.{end}_action = 'pageview'"
    return Attribute(expression=f"visits.{end}_{column}", kind=kind, only=only, nothing=nothing)


def of_hit(actions: str, expression: str, kind: Kind = "text", nothing: str = "") -> Attribute:
    nullable = expression in ("search_count", "event_value", "product_price")
    return Attribute(source="hits", expression=expression, kind=kind, only=actions, nullable=nullable, nothing=nothing)


def of_article(expression: str, nothing: str) -> Attribute:
    return Attribute(source="articles", expression=expression, nothing=NO_PRODUCT.format(nothing))


def of_moment(column: str, part: str) -> Attribute:
    kind: Kind = "date" if part == "Date" else "number"
    return Attribute(expression=PARTS[part].replace("{at}", f"visits.{column}"), kind=kind)


ACTION = "action in ('pageview', 'search', 'event', 'outlink', 'download', 'content')"
ON_PAGE = "action in ('pageview', 'content')"  # Contents are shown on pages; events have a URL of their own.
PAGE_VIEW, SEARCH, EVENT = "action = 'pageview'", "action = 'search'", "action = 'event'"
CONTENT, OUTLINK, DOWNLOAD = "action = 'content'", "action = 'outlink'", "action = 'download'"
ORDER = 0  # In place of a goal's number.
NO_URL, NO_TITLE = "Page URL not defined", "Page Name not defined"
NO_PRODUCT = "Product {} not defined"
UNKNOWN = "Unknown"

# Days are those of the site. Its hours go by the number that they begin with in UTC: that is how reports name the rows
# of hours, and what programs have learnt to ask.
HOUR = "toHour(toStartOfHour({at}, {zone}), 'UTC')"
PARTS = {
    "Date": "toDate({at}, {zone})",
    "Year": "toYear({at}, {zone})",
    "Quarter": "toQuarter({at}, {zone})",
    "Month": "toMonth({at}, {zone})",
    "WeekOfYear": "toISOWeek({at}, {zone})",
    "DayOfYear": "toDayOfYear({at}, {zone})",
    "DayOfMonth": "toDayOfMonth({at}, {zone})",
    "DayOfWeek": "toDayOfWeek({at}, 0, {zone})",  # 1 is Monday.
    "Hour": HOUR,
    "Minute": "toMinute({at})",
    "Second": "toSecond({at})",
}

VISIT = {
    "visitId": of_visit("id", "number"),
    "visitorId": of_visit("visitor", "visitor"),
    "userId": of_visit("user_id"),
    "visitIp": of_visit("ip", "address"),
    "visitorType": of_visit("returning", "code"),
    "visitCount": of_visit("visit_count", "number"),
    "visitDuration": of_visit("duration", "number"),
    "actions": of_visit("actions", "number"),
    "interactions": of_visit("interactions", "number"),
    "searches": of_visit("searches", "number"),
    "events": of_visit("events", "number"),
    "profilable": of_visit("profilable", "number"),
    "daysSinceFirstVisit": days("seconds_since_first"),
    "daysSinceLastVisit": days("seconds_since_last"),
    "daysSinceLastEcommerceOrder": days("seconds_since_order"),
    "secondsSinceFirstVisit": seconds("seconds_since_first"),
    "secondsSinceLastVisit": seconds("seconds_since_last"),
    "secondsSinceLastEcommerceOrder": seconds("seconds_since_order"),
    "visitConverted": of_visit("converted", "number"),
    # Which goals a visit reached; 0 stands for its orders.
    "visitConvertedGoalId": Attribute(
        expression=f"if(visits.buyer in (1, 3), arrayPushBack(visits.goals, {ORDER}), visits.goals)",
        kind="number",
        many=True,
    ),
    "visitConvertedGoalName": Attribute(expression="visits.goals", kind="code", many=True),
    "visitEcommerceStatus": of_visit("buyer", "code"),
    "visitLocalHour": worked_out("intDiv(visits.local_time, 3600)"),
    "visitLocalMinute": worked_out("intDiv(visits.local_time, 60) % 60"),
    "visitServerHour": of_moment("last_at", "Hour"),
    "visitServerMinute": of_moment("last_at", "Minute"),
    **{f"visitStartServer{part}": of_moment("started", part) for part in PARTS},
    **{f"visitEndServer{part}": of_moment("last_at", part) for part in PARTS},
    "countryCode": of_visit("country"),
    "countryName": of_visit("country", "code"),
    "continentCode": of_visit("country", "code"),
    "continentName": of_visit("country", "code"),
    "regionCode": of_visit("region", nothing=UNKNOWN),
    "city": of_visit("city", nothing=UNKNOWN),
    "latitude": of_visit("latitude", "number", nullable=True),
    "longitude": of_visit("longitude", "number", nullable=True),
    "languageCode": of_visit("language"),
    "deviceType": of_visit("device_type", "code"),
    "deviceBrand": of_visit("device_brand", nothing=UNKNOWN),
    "deviceModel": of_visit("device_model", nothing=UNKNOWN),
    "browserCode": of_visit("browser", "code"),
    "browserName": of_visit("browser", nothing=UNKNOWN),
    "browserVersion": of_visit("browser_version", nothing=UNKNOWN),
    "browserEngine": of_visit("browser_engine", nothing=UNKNOWN),
    "operatingSystemCode": of_visit("os", "code"),
    "operatingSystemName": of_visit("os", nothing=UNKNOWN),
    "operatingSystemVersion": of_visit("os_version", nothing=UNKNOWN),
    "resolution": of_visit("resolution"),
    "referrerType": of_visit("referrer_type", "code"),
    "referrerName": of_visit("referrer_name"),
    "referrerKeyword": of_visit("referrer_keyword", nothing="Keyword not defined"),
    "referrerUrl": of_visit("referrer_url"),
    "entryPageUrl": of_page("entry", "page", NO_URL),
    "entryPageTitle": of_page("entry", "title", NO_TITLE),
    "exitPageUrl": of_page("exit", "page", NO_URL),
    "exitPageTitle": of_page("exit", "title", NO_TITLE),
}
ACTIONS = {
    "pageUrl": of_hit(ON_PAGE, "page", "page", nothing=NO_URL),
    "pageTitle": of_hit(PAGE_VIEW, "title", nothing=NO_TITLE),
    "outlinkUrl": of_hit(OUTLINK, "page", nothing=NO_URL),
    "downloadUrl": of_hit(DOWNLOAD, "page", nothing=NO_URL),
    "eventUrl": of_hit(EVENT, "page", "page", nothing=NO_URL),
    "actionType": of_hit(ACTION, "action", "code"),
    "actionServerHour": of_hit(ACTION, HOUR.replace("{at}", "at"), "number"),
    "actionServerMinute": of_hit(ACTION, "toMinute(at)", "number"),
    "siteSearchKeyword": of_hit(SEARCH, "keyword"),
    "siteSearchCategory": of_hit(SEARCH, "search_category"),
    "siteSearchCount": of_hit(SEARCH, "search_count", "number"),
    "eventCategory": of_hit(EVENT, "event_category"),
    "eventAction": of_hit(EVENT, "event_action"),
    "eventName": of_hit(EVENT, "event_name", nothing="Event Name not defined"),
    "eventValue": of_hit(EVENT, "event_value", "number"),
    "contentName": of_hit(CONTENT, "content_name"),
    "contentPiece": of_hit(CONTENT, "content_piece", nothing=UNKNOWN),
    "contentTarget": of_hit(CONTENT, "content_target"),
    "contentInteraction": of_hit(CONTENT, "content_interaction"),
    "productViewSku": of_hit("product_sku != ''", "product_sku"),
    "productViewName": of_hit("product_sku != '' or product_name != ''", "product_name"),
    "productViewCategory": Attribute(
        source="hits", expression="product_categories", only="notEmpty(product_categories)", many=True
    ),
    "productViewPrice": of_hit("product_price is not null", "product_price", "number"),
}
SALES = {
    "orderId": Attribute(source="orders", expression="order_id"),
    "revenueOrder": Attribute(source="orders", expression="revenue", kind="number"),
    "revenueAbandonedCart": Attribute(source="carts", expression="revenue", kind="number"),
    "productSku": of_article("sku", "SKU"),
    "productName": of_article("name", "Name"),
    "productCategory": replace(of_article("categories", "Category"), many=True),
    "productPrice": Attribute(source="articles", expression="price", kind="number"),
}
NAMES: dict[str, tuple[Attribute, ...]] = {
    **{name: (attribute,) for name, attribute in (VISIT | ACTIONS | SALES).items()},
    "actionUrl": (ACTIONS["pageUrl"], ACTIONS["outlinkUrl"], ACTIONS["downloadUrl"]),
}

MOST_VARIABLES = 20
NUMBERED = re.compile(r"(dimension|customVariable(?:Page)?(?:Name|Value))([1-9][0-9]{0,2})", re.ASCII)
DIMENSION = {
    "visit": of_visit("dimensions[{key}]", nothing="Value not defined"),
    "action": of_hit(ACTION, "dimensions[{key}]", nothing="Value not defined"),
}
VARIABLES = {
    "customVariableName": of_visit("variables[{key}].name"),
    "customVariableValue": of_visit("variables[{key}].value"),
    "customVariablePageName": of_hit(ACTION, "variables[{key}].name"),
    "customVariablePageValue": of_hit(ACTION, "variables[{key}].value"),
}


def name_of(text: str, scopes: Mapping[int, str]) -> Name | None:
    """Return what a name means on a site that has these dimensions, 'visit' or 'action', by their ids."""
    if text in NAMES:
        return Name(text, NAMES[text])
    numbered = NUMBERED.fullmatch(text)
    if numbered is None:
        return None
    kind, number = numbered.groups()
    if kind in VARIABLES:
        return Name(text, (VARIABLES[kind],), number) if int(number) <= MOST_VARIABLES else None
    scope = scopes.get(int(number), "")
    return Name(text, (DIMENSION[scope],), number) if scope in DIMENSION else None
