"""What conversions add to rows of a report, counted one by one."""

from tests.parts import Row, Table, cents, grouped

ORDER, CART = 0, -1
NUMBERS = {"ecommerceOrder": ORDER, "ecommerceAbandonedCart": CART}
NAMES = {number: name for name, number in NUMBERS.items()}
AMOUNTS = ("subtotal", "tax", "shipping", "discount")


def key_of(goal: int) -> str:
    return f"idgoal={NAMES.get(goal, goal)}"


def goal_columns(conversions: Table) -> Row:
    """Return the columns of one row; a cart is shown, and counts for nothing."""
    if not conversions:
        return {}
    counted = [row for row in conversions if row["goal"] != CART]
    return {
        "goals": {key_of(goal): amounts(goal, rows) for goal, rows in by_goal(conversions).items()},
        "nb_conversions": len(counted),
        "revenue": cents(sum(row["revenue"] for row in counted)),
    }


def by_goal(conversions: Table) -> dict[int, Table]:
    return grouped(conversions, lambda row: row["goal"])


def amounts(goal: int | None, rows: Table) -> Row:
    """Return what conversions of one goal were worth, if the goal is known; only orders tell all their amounts."""
    found: Row = {
        "nb_conversions": len(rows),
        "nb_visits_converted": len({row["visit"] for row in rows}),
        "revenue": cents(sum(row["revenue"] for row in rows)),
    }
    if goal in (ORDER, CART):
        found["items"] = sum(row["items"] for row in rows)
    if goal == ORDER:
        found |= {f"revenue_{column}": cents(sum(row[column] or 0 for row in rows)) for column in AMOUNTS}
    return found
