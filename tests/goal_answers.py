"""Our answers about conversions, orders, contents, dimensions and speed, in the shape of Matomo's reports."""

from tests.parts import Part, Report, Row, Table, grouped, rounded, totals, with_rates

ORDER, CART = 0, -1
NUMBERS = {"ecommerceOrder": ORDER, "ecommerceAbandonedCart": CART}
TIMINGS = ("network", "server", "transfer", "dom_processing", "dom_completion", "on_load")


def visits_converted(part: Part, _: Row) -> int:
    return len({row["visit"] for row in part.conversions if row["goal"] != CART})


def summary(part: Part, parameters: Row) -> Row:
    """Return conversions of one goal or of all, of all visits, new ones, and those that came back."""
    found = three_times(part, of_goal(part, str(parameters.get("idGoal", ""))))
    if not parameters.get("idGoal"):
        found |= converted(part)
    if parameters.get("showAllGoalSpecificMetrics"):
        for goal in sorted({row["goal"] for row in part.conversions}):
            of_one = three_times(part, of_goal(part, str(goal))).items()
            found |= {f"goal_{goal}_{column}": value for column, value in of_one}
    return found


def three_times(part: Part, rows: Table) -> Row:
    found = figures(rows, part.visits)
    returning = {visit["id"] for visit in part.visits if visit["returning"]}
    for name, back in (("new", False), ("returning", True)):
        visits = [visit for visit in part.visits if (visit["id"] in returning) is back]
        some = figures([row for row in rows if (row["visit"] in returning) is back], visits)
        found |= {f"{column}_{name}_visit": value for column, value in some.items()}
    return found


def converted(part: Part) -> Row:
    """Return the visits that converted: also one whose only order had been counted before."""
    found: Row = {}
    for name, visits in {
        "": part.visits,
        "_new_visit": [visit for visit in part.visits if not visit["returning"]],
        "_returning_visit": [visit for visit in part.visits if visit["returning"]],
    }.items():
        count = sum(visit["converted"] for visit in visits)
        found |= {f"nb_visits_converted{name}": count, f"conversion_rate{name}": share(count, len(visits))}
    return found


def of_goal(part: Part, asked: str) -> Table:
    if not asked:  # A site that sells nothing has no orders among its goals.
        return [row for row in part.conversions if row["goal"] > ORDER or (part.ecommerce and row["goal"] == ORDER)]
    number = NUMBERS.get(asked)
    return [row for row in part.conversions if row["goal"] == (int(asked) if number is None else number)]


def figures(rows: Table, visits: Table) -> Row:
    converted = len({row["visit"] for row in rows})
    found: Row = {
        "nb_conversions": len(rows),
        "nb_visits_converted": converted,
        "revenue": rounded(sum(row["revenue"] for row in rows), 1, 2),
        "conversion_rate": share(converted, len(visits)),
        "items": sum(row["items"] for row in rows),
    }
    for column in ("subtotal", "tax", "shipping", "discount"):
        found[f"revenue_{column}"] = rounded(sum(row[column] or 0 for row in rows), 1, 2)
    return {**found, "avg_order_revenue": rounded(found["revenue"], len(rows), 2)}


def share(part: int, whole: int) -> str:
    return f"{rounded(100 * part, whole, 2):g}%"


def items(column: str) -> Report:
    """Return what was ordered, or what carts were left with, by one column; what was only looked at comes later."""

    def report(part: Part, parameters: Row) -> Table:
        left = str(parameters.get("abandonedCarts", "0")) == "1"
        bought = [row for row in part.items if (row["order_id"] == "") is left]
        return [{"label": label, **sold(rows)} for label, rows in grouped(bought, lambda row: row[column]).items()]

    return report


def sold(rows: Table) -> Row:
    return {
        "revenue": rounded(sum(row["price"] * row["quantity"] for row in rows), 1, 2),
        "quantity": sum(row["quantity"] for row in rows),
        "orders": len({row["conversion"] for row in rows}),
    }


def contents(column: str) -> Report:
    """Return how often contents were seen and used."""
    inner = "content_piece" if column == "content_name" else "content_name"

    def report(part: Part, _: Row) -> Table:
        rows = [row for row in part.hits if row["action"] == "content"]
        return content_rows(part, rows, (column, inner))

    return report


def content_rows(part: Part, rows: Table, columns: tuple[str, ...]) -> Table:
    if not columns:
        return []
    groups = grouped(rows, lambda row: row[columns[0]] or "Content Piece not defined")
    return [
        {
            "label": label,
            "nb_visits": len({row["visit"] for row in group}),
            "nb_impressions": (seen := sum(not row["content_interaction"] for row in group)),
            "nb_interactions": (used := sum(bool(row["content_interaction"]) for row in group)),
            "interaction_rate": share(used, seen),
            **part.people(group, "visitor", "at"),
            "subtable": content_rows(part, group, columns[1:]),
        }
        for label, group in groups.items()
    ]


def dimension(part: Part, parameters: Row) -> Table:
    """Return the visits by a custom dimension."""
    id = str(parameters["idDimension"])
    groups = grouped(part.visits, lambda visit: visit["dimensions"].get(id) or "Value not defined")
    return [
        {"label": label}
        | with_rates(totals(group))
        | part.people(group, "visitor", "last_at")
        | part.people(group, "user_id", "last_at", "nb_users")
        for label, group in groups.items()
    ]


def speed(part: Part, _: Row) -> Row:
    """Return how long pages took on average, in seconds; all parts of one add up to its loading."""
    found: Row = {}
    for name in TIMINGS:
        known = [row[name] for row in part.timings if row[name] is not None]
        found[f"avg_time_{name}"] = rounded(sum(known) / 1000, len(known), 2)
    exact = [
        sum(known) / len(known) / 1000
        for name in TIMINGS
        if (known := [row[name] for row in part.timings if row[name] is not None])
    ]
    return {**found, "avg_page_load_time": rounded(sum(exact), 1, 2)}
