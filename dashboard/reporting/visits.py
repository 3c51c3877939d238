"""Visits counted: all of a period in one row, new and returning ones apart, or those with each of some values.

Tables about visits are made here for the modules that know their labels.
"""

from collections.abc import Mapping

from dashboard.reporting.goal_columns import MOST_DIMENSIONS, NOTHING
from dashboard.reporting.part import Part
from dashboard.reporting.table import Columns

COUNTS = (
    "nb_uniq_visitors",
    "nb_visits",
    "nb_actions",
    "nb_users",
    "max_actions",
    "sum_visit_length",
    "bounce_count",
    "nb_visits_converted",
)
DAILY = ("sum_daily_nb_uniq_visitors", "sum_daily_nb_users")

NO_CONTINENTS: Mapping[str, str] = {}

Key = tuple[str, ...]


def visits_by(
    part: Part, *dimensions: str, custom: int = 0, continents: Mapping[str, str] = NO_CONTINENTS, daily: bool = True
) -> dict[Key, Columns]:
    """Return the columns of visits for each value of up to three columns of `visits`.

    Further dimensions are `server_hour`, `local_hour`, `weekday` (1 is Monday), `came_back` (1: not new),
    `main_language`, `referrer_page`, `referrer_path`, `continent`, as `continents` tells it of countries, and
    `custom_dimension`, of which `custom` is the number. Keys are texts. Unless `daily` is False, people of longer
    periods are also told as the sum of its days.

    Raises DatabaseUnavailable.
    """
    first, second, third = (*dimensions, *[NOTHING] * (MOST_DIMENSIONS - len(dimensions)))
    shown = COUNTS if part.is_day or not daily else (*COUNTS, *DAILY)
    lists = {"countries": list(continents), "continents": list(continents.values())}
    asked = {"first": first, "second": second, "third": third, "custom": str(custom), "daily": int(shown != COUNTS)}
    names = ("key1", "key2", "key3")[: len(dimensions)]
    rows = part.rows("visits_by", **asked, **lists)
    return {tuple(row[name] for name in names): {column: row[column] for column in shown} for row in rows}
