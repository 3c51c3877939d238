"""Our answers about articles: what was bought or is left in carts, and how often it was looked at."""

from collections.abc import Callable

from tests.parts import Part, Report, Row, Table, cents, grouped, rounded, summed

Labels = Callable[[Row], list[str]]


def sku(item: Row) -> list[str]:
    return [item["sku"]]


def name(item: Row) -> list[str]:
    return [item["name"]]


def categories(item: Row) -> list[str]:
    """Return the categories of an article: each has all of it."""
    return list(dict.fromkeys(item["categories"])) or [""]


def seen(hit: Row) -> Row:
    """Return the article that a page view is about."""
    return {"sku": hit["product_sku"], "name": hit["product_name"], "categories": hit["product_categories"]}


def is_about(labels: Labels, hit: Row) -> bool:
    """Tell whether a page view counts in a report: a page of a category alone is about no article."""
    article = bool(hit["product_sku"] or hit["product_name"])
    if labels is sku:
        return bool(hit["product_sku"])
    return article if labels is name else article or bool(hit["product_categories"])


def items(labels: Labels, missing: str) -> Report:
    def report(part: Part, parameters: Row) -> Table:
        left = parameters.get("abandonedCarts", "0") == "1"
        bought = exploded([item for item in part.items if (item["order_id"] == "") is left], labels)
        views = viewed(part, labels)
        return [
            {"label": text or missing, **row_of(bought.get(text, []), views.get(text, []), part, left)}
            for text in dict.fromkeys([*bought, *views])
        ]

    return report


def exploded(rows: Table, labels: Labels) -> dict[str, Table]:
    return grouped(({**row, "label": text} for row in rows for text in labels(row)), lambda row: row["label"])


def viewed(part: Part, labels: Labels) -> dict[str, Table]:
    """Return the views of each article or category, with its place among the categories."""
    hits = [hit for hit in part.hits if is_about(labels, hit)]
    rows = ({**hit, "label": text, "place": place} for hit in hits for place, text in enumerate(labels(seen(hit))))
    return grouped(rows, lambda row: row["label"])


def row_of(bought: Table, views: Table, part: Part, left: bool) -> Row:
    found = (looked_at(part, views) if views else {}) | (sold(bought, left) if bought else {})
    purchases = found.get("abandoned_carts" if left else "orders", 0)
    price = found["price"] / purchases if bought else found.get("price_viewed", 0)
    return found | {
        "avg_price": rounded(round(price, 6), 1, 2),
        "avg_quantity": rounded(found.get("quantity", 0), purchases, 1),
        "conversion_rate": rounded(purchases, found.get("nb_visits", 0), 4),
    }


def sold(rows: Table, left: bool) -> Row:
    purchases = {row["visit" if left else "conversion"] for row in rows}
    return {
        "revenue": cents(sum(row["price"] * row["quantity"] for row in rows)),
        "quantity": sum(row["quantity"] for row in rows),
        "price": cents(sum(row["price"] for row in rows)),
        ("abandoned_carts" if left else "orders"): len(purchases),
        "price_viewed": 0,  # What visitors saw is told of articles that nobody bought.
    }


def looked_at(part: Part, rows: Table) -> Row:
    """Return views; visits and people are counted for each place among the categories, and added.

    So are the prices that visitors saw, on average, each day.
    """
    places = grouped(rows, lambda row: row["place"]).values()
    days = grouped(rows, lambda row: (row["place"], part.day(row["at"]))).values()
    counts = [{"nb_visits": len({row["visit"] for row in place}), **part.people(place, "at")} for place in places]
    return summed(counts) | {"nb_actions": len(rows), "price_viewed": round(sum(map(average_price, days)), 6)}


def average_price(rows: Table) -> float:
    prices = [row["product_price"] for row in rows if row["product_price"] is not None]
    return sum(prices) / len(prices) if prices else 0
