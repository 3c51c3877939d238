"""What was done in a visit, in the order of time: pages, searches, events, links, contents, and what they led to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.reporting import live_times as times
from dashboard.reporting.metrics import in_words
from dashboard.reporting.page_paths import PREFIXES
from dashboard.reporting.table import Columns
from sql.dimensions import Dimension
from sql.entries import Site
from sql.goals import Goal

Row = Mapping[str, Any]
Told = Callable[[Row], Columns]

MOST_ACTIONS = 500  # Of one visit.
# Each takes the time until the next of them; what else happens meanwhile takes none of its own.
LASTING = frozenset({"pageview", "search", "outlink", "download"})
CONTENT = 13  # The type of contents has no name in Matomo, only this number.


@dataclass(frozen=True, slots=True)
class Happened:
    """What is known of one visit beside its row."""

    hits: Sequence[Row] = ()
    conversions: Sequence[Row] = ()
    items: Mapping[int, Sequence[Row]] = field(default_factory=dict)  # By conversion.


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells the actions of a site's visits."""

    site: Site
    goals: Mapping[int, Goal]
    dimensions: Mapping[int, Dimension]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.site.timezone)

    def actions(self, visit: Row, happened: Happened) -> list[Columns]:
        """Return actions and conversions; what an action led to stands after it."""
        spent = times_spent(visit, happened.hits)
        told = [(hit["at"], 0, self.action(hit, seconds)) for hit, seconds in zip(happened.hits, spent, strict=True)]
        told += [
            (row["at"], 1, self.conversion(row, happened.items.get(row["id"], ())))
            for row in happened.conversions
            if row["goal"] <= 0 or row["goal"] in self.goals
        ]
        return [columns for *_, columns in sorted(told, key=lambda entry: entry[:2])]

    def action(self, hit: Row, seconds: int | None) -> Columns:
        kind = hit["action"]
        return {
            **KINDS[kind](hit),
            "pageId": str(hit["id"]),
            "idpageview": hit["pageview"],
            "pageviewPosition": hit["position"] or None,
            **({} if seconds is None else {"timeSpent": seconds, "timeSpentPretty": in_words(seconds)}),
            **product(hit),
            **{f"dimension{id}": hit["dimensions"].get(str(id)) for id in self.own_dimensions()},
            **({"customVariables": variables(hit)} if hit["variables"] else {}),
            **self.when(hit),
        }

    def own_dimensions(self) -> Iterable[int]:
        return (id for id, known in self.dimensions.items() if known.active and known.scope == "action")

    def conversion(self, row: Row, items: Sequence[Row]) -> Columns:
        told = self.goal(row) if row["goal"] > 0 else purchase(row, items)
        credit = {name: row[column] or None for name, column in CREDIT.items()}
        return {**told, **credit, **self.when(row)}

    def goal(self, row: Row) -> Columns:
        return {
            "type": "goal",
            "goalName": self.goals[row["goal"]].name,
            "goalId": row["goal"],
            "revenue": row["revenue"],
            "goalPageId": str(row["hit"]) if row["hit"] else None,
            "url": url_of(row),
        }

    def when(self, row: Row) -> Columns:
        return {
            "serverTimePretty": times.moment(row["at"], self.zone),
            "timestamp": times.local_timestamp(row["at"], self.zone),
        }


CREDIT = {
    "referrerType": "referrer_type",
    "referrerName": "referrer_name",
    "referrerKeyword": "referrer_keyword",
}


def times_spent(visit: Row, hits: Sequence[Row]) -> list[int | None]:
    """Return how many seconds each action took, None for what takes no time of its own.

    That is the time until the next one that lasts; the last one lasts as long as the visit did, unless that is only the
    second by which a visit of several hits is longer than the time between them.
    """
    spent: list[int | None] = []
    until_next, is_last = 0, len(hits) < MOST_ACTIONS
    for hit in reversed(hits):
        if hit["action"] in LASTING:
            rest = times.timestamp(visit["started"]) + visit["duration"] - times.timestamp(hit["at"])
            spent.append(max(until_next, rest if rest > 1 else 0) if is_last else until_next)
            until_next, is_last = 0, False
        else:
            spent.append(None)
        until_next += hit["seconds_since_previous"]
    return spent[::-1]


def url_of(row: Row) -> str | None:
    return PREFIXES.get(row["prefix"], "") + row["page"] or None


def page(hit: Row) -> Columns:
    url = url_of(hit)
    return {"type": "action", "url": url, "pageTitle": hit["title"], "title": hit["title"], "subtitle": url}


def search(hit: Row) -> Columns:
    return {
        "type": "search",
        "url": url_of(hit),
        "siteSearchKeyword": hit["keyword"],
        "siteSearchCategory": hit["search_category"] or None,
        "siteSearchCount": hit["search_count"],
        "title": "Site Search",
        "subtitle": hit["keyword"],
    }


def event(hit: Row) -> Columns:
    names = {"eventCategory": hit["event_category"], "eventAction": hit["event_action"]}
    if hit["event_name"]:
        names["eventName"] = hit["event_name"]
    value = {} if hit["event_value"] is None else {"eventValue": hit["event_value"]}
    return {
        "type": "event",
        "url": url_of(hit),
        **names,
        **value,
        "title": "Event",
        "subtitle": " - ".join(names.values()),
    }


def link(hit: Row) -> Columns:
    url = url_of(hit)
    return {"type": hit["action"], "url": url, "pageTitle": None, "title": "", "subtitle": url}


def content(hit: Row) -> Columns:
    parts = ("content_name", "content_piece", "content_target", "content_interaction")
    names = ("contentName", "contentPiece", "contentTarget", "contentInteraction")
    known = {name: hit[part] for name, part in zip(names, parts, strict=True) if hit[part]}
    return {"type": CONTENT, "url": url_of(hit), **known, "title": "Content", "subtitle": hit["content_name"]}


KINDS: Mapping[str, Told] = {
    "pageview": page,
    "search": search,
    "event": event,
    "outlink": link,
    "download": link,
    "content": content,
}


def product(hit: Row) -> Columns:
    """Return the article or category that a page shows."""
    known = {
        "productViewName": hit["product_name"],
        "productViewSku": hit["product_sku"],
        "productViewPrice": hit["product_price"],
        "productViewCategories": hit["product_categories"],
    }
    return {name: value for name, value in known.items() if value or value == 0}


def variables(row: Row) -> Columns:
    """Return custom variables by their slots."""
    return {
        slot: {f"customVariableName{slot}": name, f"customVariableValue{slot}": value}
        for slot, name, value in row["variables"]
    }


def purchase(row: Row, items: Sequence[Row]) -> Columns:
    """Return an order, or a cart that was left with less that is known of it."""
    order = {
        "type": "ecommerceOrder",
        "orderId": row["order_id"],
        "revenue": row["revenue"],
        "revenueSubTotal": row["subtotal"] or 0,
        "revenueTax": row["tax"] or 0,
        "revenueShipping": row["shipping"] or 0,
        "revenueDiscount": row["discount"] or 0,
    }
    cart = {"type": "ecommerceAbandonedCart", "revenue": row["revenue"]}
    return {**(cart if row["goal"] else order), "items": row["items"], "itemDetails": [item(each) for each in items]}


def item(row: Row) -> Columns:
    return {
        "itemSKU": row["sku"],
        "itemName": row["name"],
        "itemCategory": next(iter(row["categories"]), ""),
        "price": row["price"],
        "quantity": row["quantity"],
        "categories": row["categories"],
    }
