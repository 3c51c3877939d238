"""Reports of articles: hand-written orders, carts and views of products, and the rows that they make."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from dashboard.reporting.items import PROCESSED, REPORTS
from dashboard.reporting.table import Columns, Table, added
from sql.clickhouse import Database
from sql.segments import Filter
from tests.conftest import Values, emptied, hit_row, item_row
from tests.conversion_parts import SITE, at, filled_with, part_of, visit

ANSWERS = {report.name: report.answer for report in REPORTS}
BUYER, LOOKER, LATER = visit(1, "13T08:00", 600), visit(2, "13T09:00"), visit(3, "14T09:00", visitor=102)
SHOES = {"sku": "S", "name": "Shoes", "categories": ["Clothes", "Sale"]}
HAT = {"sku": "H", "name": "", "categories": []}
VIEWED_SHOES = {"product_sku": "S", "product_name": "Shoes", "product_categories": ["Clothes", "Sale"]}


def item(visit: Values, when: str, conversion: int, order: str = "", **changes: object) -> Values:
    """Return an article of an order, or of a cart if that has no number."""
    of_visit = {"visit": visit["id"], "visitor": visit["visitor"], "started": visit["started"]}
    return item_row(**of_visit, at=at(when), conversion=conversion, order_id=order, **changes)


def view(visit: Values, when: str, price: float | None = None, **changes: object) -> Values:
    return hit_row(visit=visit["id"], visitor=visit["visitor"], at=at(when), product_price=price, **changes)


ITEMS = [
    item(BUYER, "13T08:05", 1, "A", **SHOES, price=50.1, quantity=2),
    item(BUYER, "13T08:05", 1, "A", **HAT, price=9.9, quantity=1),
    item(BUYER, "13T08:06", 2, "B", **SHOES, price=40.0, quantity=1),
    item(BUYER, "13T08:06", 2, "B", **SHOES, price=1.0, quantity=7, deleted=1),
    item(BUYER, "13T08:09", 3, "", **{**SHOES, "name": "Boots"}, price=70.0, quantity=3),
    item(LATER, "14T09:00", 4, "C", **SHOES, price=45.0, quantity=1),
    item(LATER, "14T09:00", 4, "C", **SHOES, price=45.0, quantity=1, site=2),
]
VIEWS = [
    view(BUYER, "13T08:00", 50.0, **VIEWED_SHOES),
    view(BUYER, "13T08:01", 50.0, **VIEWED_SHOES),
    view(LOOKER, "13T09:00", None, **VIEWED_SHOES),
    view(LOOKER, "13T09:01", 30.0, product_sku="G", product_name="Gloves"),
    view(LOOKER, "13T09:02", 20.0, product_sku="G", product_name="Gloves"),
    view(LOOKER, "13T09:03", product_categories=["Clothes"]),
    view(LOOKER, "13T09:03:30", product_categories=["New", "Clothes"]),
    view(LOOKER, "13T09:04"),
    view(LATER, "14T09:00", 10.0, product_sku="G"),
]


@pytest.fixture(scope="module")
def filled(database: Database) -> Iterator[Database]:
    yield filled_with(emptied(database), visits=[BUYER, LOOKER, LATER], order_items=ITEMS, hits=VIEWS)
    emptied(database)


def rows(database: Database, method: str, asked: str = "", kind: str = "day", segment: str = "") -> list[Columns]:
    part = part_of(database, asked, kind)
    table = ANSWERS[method](part.of(Filter(segment)))
    assert isinstance(table, Table)
    assert table.sort == "revenue"
    processed = [{name: function(row.columns) for name, function in PROCESSED.items()} for row in table]
    return [row.columns | more | row.metadata for row, more in zip(table, processed, strict=True)]


def test_articles_by_sku(filled: Database) -> None:
    assert rows(filled, "Goals.getItemsSku") == [
        {
            **{"label": "H", "revenue": 9.9, "quantity": 1, "orders": 1, "price": 9.9},
            **{"avg_price": 9.9, "avg_quantity": 1, "conversion_rate": 0, "segment": "productSku==H"},
        },
        {
            **{"label": "S", "revenue": 140.2, "quantity": 3, "orders": 2, "price": 90.1},
            **{"nb_visits": 2, "nb_uniq_visitors": 2, "nb_actions": 3},
            **{"avg_price": 45.05, "avg_quantity": 1.5, "conversion_rate": 1, "segment": "productSku==S"},
        },
        {
            **{"label": "G", "nb_visits": 1, "nb_uniq_visitors": 1, "nb_actions": 2, "price_viewed": 25},
            **{"avg_price": 25, "avg_quantity": 0, "conversion_rate": 0, "segment": "productSku==G"},
        },
    ]


def test_articles_without_a_name(filled: Database) -> None:
    found = {row["label"]: row for row in rows(filled, "Goals.getItemsName")}
    assert found.keys() == {"Shoes", "Gloves", "Product Name not defined"}
    assert found["Product Name not defined"]["segment"] == "productName==Product+Name+not+defined"


def test_each_category_has_all_of_an_article(filled: Database) -> None:
    found = {row["label"]: row for row in rows(filled, "Goals.getItemsCategory")}
    columns = ("revenue", "orders", "nb_visits", "nb_actions")
    assert {label: tuple(row.get(column) for column in columns) for label, row in found.items()} == {
        "Clothes": (140.2, 2, 3, 5),  # In the second place it is counted again, as Matomo does.
        "Sale": (140.2, 2, 2, 3),
        "New": (None, None, 1, 1),
        "Product Category not defined": (9.9, 1, 1, 2),
    }


def test_articles_left_in_carts(filled: Database) -> None:
    found = {row["label"]: row for row in rows(filled, "Goals.getItemsName", "abandonedCarts=1")}
    assert found["Boots"] == {
        **{"label": "Boots", "revenue": 210, "quantity": 3, "abandoned_carts": 1, "price": 70},
        **{"avg_price": 70, "avg_quantity": 3, "conversion_rate": 0, "segment": "productName==Boots"},
    }
    assert found["Shoes"]["avg_price"] == 50  # As they were seen: nobody left them.
    assert "orders" not in found["Shoes"]


def test_articles_of_a_week(filled: Database) -> None:
    """People are counted once, and day by day; prices that were only seen add up, as they do in Matomo."""
    found = {row["label"]: row for row in rows(filled, "Goals.getItemsSku", kind="week")}
    assert {"nb_visits": 2, "nb_uniq_visitors": 1, "sum_daily_nb_uniq_visitors": 2}.items() <= found["G"].items()
    assert found["G"]["avg_price"] == 35
    assert {"orders": 3, "quantity": 4, "avg_price": 45.03}.items() <= found["S"].items()


def test_articles_of_a_segment(filled: Database) -> None:
    assert [row["label"] for row in rows(filled, "Goals.getItemsSku", segment="duration = 0")] == ["G", "S"]


def test_articles_added_up(filled: Database) -> None:
    """The average price of several is that of what was bought of them."""
    table = ANSWERS["Goals.getItemsSku"](part_of(filled))
    assert isinstance(table, Table)
    together = added(row.columns for row in table)
    assert {name: function(together) for name, function in PROCESSED.items()} == {
        "avg_price": 33.33,
        "avg_quantity": 1.3,
        "conversion_rate": 1,
    }


def test_a_site_that_does_not_sell_has_no_articles(filled: Database) -> None:
    part = part_of(filled, site=replace(SITE, ecommerce=False))
    assert [ANSWERS[method](part) for method in ANSWERS] == [Table(sort="revenue")] * 3


def test_nothing_was_sold(filled: Database) -> None:
    assert rows(filled, "Goals.getItemsSku", segment="country = 'xx'") == []


def test_the_average_of_prices_is_exact(clean_database: Database) -> None:
    """It is 17.925 here, of which binary fractions fall short."""
    seen = [view(LOOKER, "13T09:00", price, **VIEWED_SHOES) for price in (12.0, 19.9, 19.9, 19.9)]
    filled_with(clean_database, hits=seen)
    assert [row["avg_price"] for row in rows(clean_database, "Goals.getItemsSku")] == [17.93]
