"""How long pages took to load, by the parts of loading: of each page, and of all together."""

from collections.abc import Mapping
from typing import Any

from dashboard.reporting.actions import Rows
from dashboard.reporting.part import Part
from dashboard.reporting.rates import quotient
from dashboard.reporting.table import Columns, Processed

PARTS = ("network", "server", "transfer", "dom_processing", "dom_completion", "on_load")


def add_timings(part: Part, column: str, rows: Rows) -> None:
    """Add what is known of each page or title, in seconds. Raises DatabaseUnavailable."""
    for row in part.rows("action_timings", named=column):
        if row["name"] in rows:
            rows[row["name"]] |= timings_of(row)


def timings_of(row: Mapping[str, Any]) -> Columns:
    found: Columns = {}
    for name in PARTS:
        if count := row[f"nb_hits_with_time_{name}"]:
            found[f"sum_time_{name}"] = row[f"sum_time_{name}"] / 1000
            found[f"nb_hits_with_time_{name}"] = count
            found |= {f"{end}_time_{name}": row[f"{end}_time_{name}"] / 1000 for end in ("min", "max")}
    return found


def average(name: str, digits: int) -> Processed:
    def of(row: Mapping[str, Any]) -> float | None:
        count = row.get(f"nb_hits_with_time_{name}", 0)
        return quotient(row.get(f"sum_time_{name}", 0.0), count, digits) if count else None

    return of


AVERAGES: Mapping[str, Processed] = {f"avg_time_{name}": average(name, 3) for name in PARTS}


def avg_page_load_time(row: Mapping[str, Any]) -> float:
    """Return what the averages add up to, as they are shown."""
    return round(sum(of(row) or 0.0 for of in AVERAGES.values()), 3)


OF_A_PAGE: Mapping[str, Processed] = {**AVERAGES, "avg_page_load_time": avg_page_load_time}
