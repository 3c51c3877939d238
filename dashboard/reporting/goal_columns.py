"""What conversions add to the rows of a table: how many of each goal, and what they were worth.

Conversions have visits' values, such as their country, except for what brought them: that is kept with each conversion,
because it may be an earlier visit's.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from dashboard.reporting.part import Part
from dashboard.reporting.rates import rounded
from dashboard.reporting.table import DIGITS, Columns
from sql.goals import Goal

ORDER, CART = 0, -1  # In place of a goal's number.
PURCHASES = {"ecommerceOrder": ORDER, "ecommerceAbandonedCart": CART}  # What they are called in questions and answers.
NAMES = {number: name for name, number in PURCHASES.items()}
AMOUNTS = ("revenue_subtotal", "revenue_tax", "revenue_shipping", "revenue_discount")
BASIC = ("nb_conversions", "nb_visits_converted", "revenue")
COLUMNS: Mapping[int, tuple[str, ...]] = {ORDER: (*BASIC, *AMOUNTS, "items"), CART: (*BASIC, "items")}
NOTHING = "nothing"  # A column that is empty everywhere.
MOST_DIMENSIONS = 3

Key = tuple[str, ...]


def goals_by(part: Part, *dimensions: str, custom: int = 0) -> dict[Key, Columns]:
    """Return `goals`, `nb_conversions` and `revenue` for each value of up to three columns.

    They are columns of `visits`, or of the conversion itself: `referrer_type`, `referrer_name`, `referrer_keyword`,
    `hour`, `weekday` (1 is Monday) and `custom_dimension`, of which `custom` is the number. Keys are texts, and what
    has no conversion has no entry.
    """
    padded = (*dimensions, *[NOTHING] * (MOST_DIMENSIONS - len(dimensions)))
    first, second, third = padded
    found: dict[Key, list[Mapping[str, Any]]] = {}
    for row in part.rows("conversions_by", first=first, second=second, third=third, custom=str(custom)):
        if is_known(part.goals, row["goal"]):
            found.setdefault(tuple(row["key"][: len(dimensions)]), []).append(row)
    return {key: goal_columns(rows) for key, rows in found.items()}


def is_known(goals: Mapping[int, Goal], number: int) -> bool:
    """Tell whether a conversion is one of the site's: what reached a goal that was deleted is none any more."""
    return number <= ORDER or number in goals


def goal_columns(rows: Iterable[Mapping[str, Any]]) -> Columns:
    """Return the columns of one row from what each goal has there; a cart is shown, and counts for nothing."""
    rows = list(rows)
    counted = [row for row in rows if row["goal"] != CART]
    return {
        "goals": {key_of(row["goal"]): columns_of(row) for row in rows},
        "nb_conversions": sum(row["nb_conversions"] for row in counted),
        "revenue": in_cents(sum(row["revenue"] for row in counted)),
    }


def columns_of(row: Mapping[str, Any]) -> Columns:
    columns = COLUMNS.get(row["goal"], BASIC)
    return {column: in_cents(row[column]) if column.startswith("revenue") else row[column] for column in columns}


def key_of(number: int) -> str:
    """Return the key of a goal among `goals`."""
    return f"idgoal={NAMES.get(number, number)}"


def in_cents(amount: float) -> float:
    """Return a sum of amounts without what adding binary fractions put behind its cents; half a cent is one."""
    return amount if isinstance(amount, int) else rounded(round(amount, DIGITS), 2)
