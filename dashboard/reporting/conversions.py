"""Reports of conversions: how many, by how many visits, worth how much, and after how long.

Orders are among a site's conversions if it sells, carts never: both have figures of their own, as goals have.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from dashboard.api_parameters import BadParameter
from dashboard.reporting.goal_columns import BASIC, CART, COLUMNS, NOTHING, ORDER, PURCHASES, in_cents, is_known
from dashboard.reporting.part import Part
from dashboard.reporting.rates import RATE_DIGITS, quotient
from dashboard.reporting.report import Report
from dashboard.reporting.table import LABEL, Columns, Result, Row, Single, Table

Numbers = dict[str, Any]
Bucket = tuple[int, int | None]  # Both ends belong to it; the last one has no end.

NEW, RETURNING = "_new_visit", "_returning_visit"
OF_WHOM = {"": (False, True), NEW: (False,), RETURNING: (True,)}  # Whether visitors had been there before.
DAYS: tuple[Bucket, ...] = (
    *((day, day) for day in range(8)),
    *((8, 14), (15, 30), (31, 60), (61, 120), (121, 364), (365, None)),
)
VISITS: tuple[Bucket, ...] = (
    *((visit, visit) for visit in range(1, 9)),
    *((9, 14), (15, 25), (26, 50), (51, 100), (101, None)),
)


class Counted(NamedTuple):
    """Visits and conversions, each row with whether its visitor had `returned`; one goal or all of them."""

    visits: list[Numbers]
    conversions: list[Numbers]
    goal: int | None

    def of(self, returned: Iterable[bool]) -> "Counted":
        visits, conversions = ([row for row in rows if row["returned"] in returned] for rows in self[:2])
        return Counted(visits, conversions, self.goal)

    def with_goal(self, goal: int) -> "Counted":
        return Counted(self.visits, [row for row in self.conversions if row["goal"] == goal], goal)

    def total(self, column: str, *, of_visits: bool = False) -> float:
        return in_cents(sum(row[column] for row in (self.visits if of_visits else self.conversions)))


def goal_asked(part: Part) -> int | None:
    """Return the number of the goal that is asked about, None if all are.

    Raises BadParameter.
    """
    text = part.parameters.text("idGoal").strip()
    if not text:
        return None
    if text in PURCHASES:
        return PURCHASES[text]
    if not re.fullmatch(r"-1|\d{1,9}", text, re.ASCII):
        raise BadParameter("idGoal", text, f"the number of a goal, or {' or '.join(PURCHASES)}")
    return int(text)


def conversions_by(part: Part, dimension: str) -> list[Numbers]:
    """Return conversions of known goals by one column of `reports/conversions_by`: its value is the first in `key`."""
    rows = part.rows("conversions_by", first=dimension, second=NOTHING, third=NOTHING, custom="")
    return [row for row in rows if is_known(part.goals, row["goal"])]


def counted(part: Part) -> Counted:
    """Return what there was; the goal that is asked about is not picked out yet."""
    conversions = [{**row, "returned": row["key"][0] != "0"} for row in conversions_by(part, "returning")]
    return Counted(part.rows("converted_visits"), conversions, None)


def is_counted(part: Part, goal: int) -> bool:
    return goal > ORDER or (goal == ORDER and part.site.ecommerce)


def asked_figures(part: Part, every: Counted, goal: int | None) -> Counted:
    if goal is not None:
        return every.with_goal(goal)
    return every._replace(conversions=[row for row in every.conversions if is_counted(part, row["goal"])])


def figures(asked: Counted) -> Columns:
    """Return the columns of one goal or of all; all of them converted the visits that are marked so.

    A visit is, too, when its only order had been counted before.
    """
    columns = BASIC if asked.goal is None else COLUMNS.get(asked.goal, BASIC)
    found: Columns = {column: asked.total(column) for column in columns}
    if asked.goal is None:
        found["nb_visits_converted"] = asked.total("nb_visits_converted", of_visits=True)
    if asked.goal in (ORDER, CART):
        found["avg_order_revenue"] = quotient(found["revenue"], found["nb_conversions"], 2)
    visits = asked.total("nb_visits", of_visits=True)
    return {**found, "conversion_rate": quotient(found["nb_visits_converted"], visits, RATE_DIGITS)}


def of_each_goal(part: Part, every: Counted) -> Columns:
    return {
        f"goal_{goal}_{column}": value
        for goal in sorted(part.goals)
        for column, value in figures(every.with_goal(goal)).items()
    }


def all_figures(part: Part, every: Counted) -> Columns:
    """Return figures with those of each goal, if these are asked for."""
    found = figures(asked_figures(part, every, goal_asked(part)))
    if part.parameters.flag("showAllGoalSpecificMetrics"):
        found |= of_each_goal(part, every)
    return {"nb_visits": every.total("nb_visits", of_visits=True), **found}


def metrics(part: Part) -> Single:
    """Answer Goals.getMetrics: figures of all visits."""
    return single(part, {"": counted(part)})


def overview(part: Part) -> Single:
    """Answer Goals.get: figures of all visits, of new ones, and of those by people who came back."""
    every = counted(part)
    return single(part, {suffix: every.of(whom) for suffix, whom in OF_WHOM.items()})


def single(part: Part, groups: dict[str, Counted]) -> Single:
    wanted = columns_wanted(part)
    found = {
        f"{column}{suffix}": value
        for suffix, every in groups.items()
        for column, value in all_figures(part, every).items()
        if wanted(f"{column}{suffix}", column)
    }
    return Single(found, empty=not any(every.visits or every.conversions for every in groups.values()))


def columns_wanted(part: Part) -> Callable[[str, str], bool]:
    """Return what tells whether a column is wanted: by its name, or by that without the kind of visits."""
    names = set(part.parameters.texts("columns"))
    hidden = set() if part.parameters.flag("showAllGoalSpecificMetrics") else {"nb_visits"}
    return lambda name, base: bool(names & {name, base}) if names else base not in hidden


def one(column: str) -> Callable[[Part], Result]:
    """Return what answers with one number, such as how many conversions there were."""

    def answer(part: Part) -> Result:
        value: float = figures(asked_figures(part, counted(part), goal_asked(part)))[column]
        return value

    return answer


def conversion_rate(part: Part) -> Single:
    found = overview(part)
    return Single({name: value for name, value in found.columns.items() if name.startswith("conversion_rate")})


def until_conversion(column: str, buckets: tuple[Bucket, ...], unit: str) -> Callable[[Part], Table]:
    """Return what answers how long it took until a conversion; of all goals, if none is asked for, but no orders."""

    def answer(part: Part) -> Table:
        goal = goal_asked(part)
        wanted = [
            row for row in conversions_by(part, column) if row["goal"] == goal or (goal is None and row["goal"] > 0)
        ]
        rows = [Row({LABEL: label_of(bucket, unit), "nb_conversions": number_in(bucket, wanted)}) for bucket in buckets]
        return Table(rows if wanted else [], sort=None)

    return answer


def number_in(bucket: Bucket, rows: Iterable[Numbers]) -> int:
    first, last = bucket
    found = ((int(row["key"][0]), row["nb_conversions"]) for row in rows)
    return sum(number for value, number in found if first <= value and (last is None or value <= last))


def label_of(bucket: Bucket, unit: str) -> str:
    first, last = bucket
    if first == last:
        return f"{first} {unit}" if first == 1 else f"{first} {unit}s"
    return f"{first}+ {unit}s" if last is None else f"{first}-{last} {unit}s"


GOALS = "Goals"
RATES = ("conversion_rate",)
REPORTS = (
    Report(
        name="Goals.get",
        answer=overview,
        title="Goals",
        category=GOALS,
        subcategory="Overview",
        metrics=BASIC,
        processed=RATES,
        order=1,
    ),
    Report(name="Goals.getMetrics", answer=metrics),
    Report(name="Goals.getConversions", answer=one("nb_conversions")),
    Report(name="Goals.getNbVisitsConverted", answer=one("nb_visits_converted")),
    Report(name="Goals.getConversionRate", answer=conversion_rate),
    Report(name="Goals.getRevenue", answer=one("revenue")),
    Report(
        name="Goals.getDaysToConversion",
        answer=until_conversion("days_since_first", DAYS, "day"),
        title="Days to Conversion",
        category=GOALS,
        subcategory="Overview",
        dimension="Days to Conversion",
        metrics=("nb_conversions",),
        order=10,
    ),
    Report(
        name="Goals.getVisitsUntilConversion",
        answer=until_conversion("visit_count", VISITS, "visit"),
        title="Visits to Conversion",
        category=GOALS,
        subcategory="Overview",
        dimension="Visits to Conversion",
        metrics=("nb_conversions",),
        order=5,
    ),
)
