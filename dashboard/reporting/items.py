"""Reports of articles: what was bought, or is left in carts, and how often it was looked at."""

from collections.abc import Callable, Mapping
from typing import Any

from dashboard.reporting.actions import people
from dashboard.reporting.goal_columns import in_cents
from dashboard.reporting.page_paths import encoded
from dashboard.reporting.part import Part
from dashboard.reporting.rates import RATE_DIGITS, quotient
from dashboard.reporting.report import Report
from dashboard.reporting.table import DIGITS, LABEL, Columns, Processed, Row, Table

ORDERS, CARTS = "orders", "abandoned_carts"
Numbers = Mapping[str, Any]


def purchases(row: Numbers) -> float:
    """Return how many orders or carts held an article; a row has one of the two columns, or none."""
    return float(row.get(ORDERS, row.get(CARTS, 0)))


def avg_price(row: Numbers) -> float:
    """Return what an article cost on average, or what visitors saw if nobody bought it."""
    return quotient(row["price"], purchases(row), 2) if "price" in row else quotient(row.get("price_viewed", 0), 1, 2)


PROCESSED: Mapping[str, Processed] = {
    "avg_price": avg_price,
    "avg_quantity": lambda row: quotient(row.get("quantity", 0), purchases(row), 1),
    "conversion_rate": lambda row: quotient(purchases(row), row.get("nb_visits", 0), RATE_DIGITS),
}


def items(labels: str, title: str, segment: str) -> Callable[[Part], Table]:
    """Return what answers about articles by one of their texts; without one they are called by `title`.

    A site that sells nothing has none.
    """

    def answer(part: Part) -> Table:
        if not part.site.ecommerce:
            return Table(sort="revenue")
        left = part.parameters.flag("abandonedCarts")
        bought = {row[LABEL]: row for row in part.rows("items_sold", labels=labels, left=int(left))}
        viewed = {row[LABEL]: row for row in part.rows("items_viewed", labels=labels)}
        rows = []
        for text in dict.fromkeys([*bought, *viewed]):
            label = text or f"{title} not defined"
            columns = columns_of(part, bought.get(text, {}), viewed.get(text, {}), CARTS if left else ORDERS)
            rows.append(Row({LABEL: label, **columns}, {"segment": f"{segment}=={encoded(label)}"}))
        return Table(rows, PROCESSED, sort="revenue")

    return answer


def columns_of(part: Part, bought: Numbers, viewed: Numbers, purchases: str) -> Columns:
    """Return what is known of one article; its prices are sums, of which an average is made late."""
    columns: Columns = {}
    if bought:
        columns |= {"revenue": in_cents(bought["revenue"]), "quantity": bought["quantity"]}
        columns |= {"price": in_cents(bought["price"]), purchases: bought[purchases]}
    if viewed:
        columns |= {"nb_visits": viewed["nb_visits"], **people(part, viewed), "nb_actions": viewed["nb_actions"]}
    if viewed and not bought:
        columns["price_viewed"] = round(viewed["price"] or 0.0, DIGITS)
    return columns


NAMES = {
    "revenue": "Product Revenue",
    "quantity": "Quantity",
    "orders": "Unique Purchases",
    "nb_visits": "Visits",
    "avg_price": "Average Price",
    "avg_quantity": "Average Quantity",
    "conversion_rate": "Product Conversion Rate",
}


def report(method: str, labels: str, segment: str, title: str, order: int) -> Report:
    return Report(
        name=f"Goals.{method}",
        answer=items(labels, title, segment),
        title=title,
        category="Ecommerce",
        subcategory="Products",
        dimension=title,
        metrics=("revenue", "quantity", ORDERS, "nb_visits"),
        processed=("avg_price", "avg_quantity", "conversion_rate"),
        names=NAMES,
        order=order,
    )


REPORTS: tuple[Report, ...] = (
    report("getItemsSku", "skus", "productSku", "Product SKU", 31),
    report("getItemsName", "names", "productName", "Product Name", 32),
    report("getItemsCategory", "categories", "productCategory", "Product Category", 33),
)
