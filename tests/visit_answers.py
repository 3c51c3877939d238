"""Our answers about visits, in the shape of Matomo's reports: totals, groups and buckets."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dashboard.continents import continent_name, continent_of
from dashboard.countries import country_name
from dashboard.device_codes import browser_family, system_family
from dashboard.languages import language_and_country, language_name
from dashboard.reporting.devices import ENGINES, KINDS
from tests.goal_columns import goal_columns
from tests.parts import Label, Part, Report, Row, Table, grouped, rates, rounded, totals

Converted = Callable[[Part, Row], str | None]  # The label that a conversion counts for.


def visited(part: Part, visits: Table) -> Row:
    return (
        totals(visits) | part.people(visits, "last_at") | part.people(visits, "last_at", name="nb_users", who="user_id")
    )


def summary(part: Part, _: Row) -> Row:
    row = visited(part, part.visits)
    return {column: value for column, value in (row | rates(row)).items() if not column.startswith("sum_daily")}


def single(column: str) -> Report:
    return lambda part, parameters: summary(part, parameters)[column]


def frequency(part: Part, _: Row) -> Row:
    """Return the totals twice: of new visitors, and of those who came back."""
    found: Row = {}
    for name, back in (("new", False), ("returning", True)):
        row = visited(part, [visit for visit in part.visits if (visit["returning"] > 0) is back])
        found |= {f"{column}_{name}": value for column, value in (row | rates(row)).items()}
    return {column: value for column, value in found.items() if not column.startswith("sum_daily")}


@dataclass(frozen=True, slots=True)
class By:
    """By what a table tells visits apart, and its conversions: those have no rows of their own without `converted`."""

    label: Label
    converted: Converted | None = None
    below: "By | None" = None
    listed: tuple[str, ...] = ()  # Rows that are there even if they count nothing.


def of_visit(label: Label) -> Converted:
    return lambda part, conversion: label(part.visit[conversion["visit"]])


def of_itself(label: Label) -> Converted:
    return lambda part, conversion: label(conversion)


def with_goals(label: Label) -> Report:
    """Return a report in which conversions count for the label of their visit."""
    return table(By(label, of_visit(label)))


def table(by: By) -> Report:
    return lambda part, parameters: rows_of(part, by, part.visits, part.conversions)


def rows_of(part: Part, by: By, visits: Table, conversions: Table) -> Table:
    """Return a row for each label, also for those that have conversions and no visits."""
    converted = by.converted
    groups = grouped(visits, by.label)
    goals = grouped(conversions, lambda row: converted(part, row)) if converted else {}
    labels = dict.fromkeys([*groups, *goals])
    return [
        row_of(part, by, label, groups.get(label, []), goals.get(label, []))
        for label in (dict.fromkeys([*by.listed, *labels]) if labels else ())
    ]


def row_of(part: Part, by: By, label: str, visits: Table, conversions: Table) -> Row:
    below = rows_of(part, by.below, visits, conversions) if by.below else []
    return {"label": label, **visited(part, visits), **goal_columns(conversions), "subtable": below}


def users(part: Part, _: Row) -> Table:
    """Return users, each with the visitor id of the first visit."""
    rows = rows_of(part, By(lambda visit: visit["user_id"] or None), part.visits, [])
    in_order = sorted(part.visits, key=lambda visit: (visit["last_at"], visit["started"]), reverse=True)
    first = {visit["user_id"]: visit["visitor"] for visit in in_order}
    return [row | {"idvisitor": f"{first[row['label']]:016x}"} for row in rows]


HOURS = tuple(f"{hour:02}" for hour in range(24))
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def by_server_hour(part: Part, _: Row) -> Table:
    """Return the hours in which visits began, and conversions happened."""

    def hour(row: Row) -> str:
        return f"{row['started' if 'duration' in row else 'at'].astimezone(part.zone).hour:02}"

    return rows_of(part, By(hour, of_itself(hour), listed=HOURS), part.visits, part.conversions)


def by_local_hour(part: Part, _: Row) -> Table:
    return rows_of(part, By(lambda visit: f"{visit['local_time'] // 3600:02}", listed=HOURS), part.visits, [])


def by_weekday(part: Part, _: Row) -> Table:
    by = By(lambda visit: WEEKDAYS[part.day(visit["last_at"]).weekday()], listed=WEEKDAYS)
    rows = rows_of(part, by, part.visits, [])
    return [row | {"day_of_week": WEEKDAYS.index(row["label"]) + 1, "max_actions": 0} for row in rows]


Buckets = dict[str, tuple[int, float]]
ENDLESS = float("inf")


def spans(unit: str, ones: Iterable[int], pairs: Iterable[tuple[int, int]], last: int) -> Buckets:
    """Return buckets such as `1 visit`, `2 visits`, `9-14 visits` and `201+ visits`."""
    small: Buckets = {f"{n} {unit if n == 1 else unit + 's'}": (n, n) for n in ones}
    return small | {f"{a}-{b} {unit}s": (a, b) for a, b in pairs} | {f"{last}+ {unit}s": (last, ENDLESS)}


VISIT_COUNTS = spans("visit", range(1, 9), ((9, 14), (15, 25), (26, 50), (51, 100), (101, 200)), 201)
PAGES = spans("page", range(1, 6), ((6, 7), (8, 10), (11, 14), (15, 20)), 21)
DAYS = spans("day", range(8), ((8, 14), (15, 30), (31, 60), (61, 120), (121, 364)), 365)
# Neighbours share their bounds.
MINUTES = ((1, 2), (2, 4), (4, 7), (7, 10), (10, 15), (15, 30))
DURATIONS: Buckets = {
    **{f"{a}–{b}s": (a, b) for a, b in ((0, 10), (11, 30), (31, 60))},
    **{f"{a}-{b} min": (60 * a, 60 * b) for a, b in MINUTES},
    "30+ min": (1801, ENDLESS),
}


def histogram(buckets: Buckets, column: str) -> Report:
    """Return a report of how many visits fall into each bucket."""
    return lambda part, _: filled(buckets, [visit[column] for visit in part.visits]) if part.visits else []


def filled(buckets: Buckets, values: list[int], name: str = "nb_visits") -> Table:
    counts = {label: sum(low <= value <= high for value in values) for label, (low, high) in buckets.items()}
    return [{"label": label, name: count} for label, count in counts.items()]


def by_visit_count(part: Part, parameters: Row) -> Table:
    rows: Table = histogram(VISIT_COUNTS, "visit_count")(part, parameters)
    return [row | {"nb_visits_percentage": rounded(row["nb_visits"], len(part.visits), 2)} for row in rows]


def days_since_last(part: Part, _: Row) -> Table:
    """Return after how many days visitors came back; customers are left out, and who came back before, too."""
    new = sum(not visit["returning"] for visit in part.visits)
    back = [visit["seconds_since_last"] for visit in part.visits if visit["returning"] == 1]
    days = filled(DAYS, [seconds // 86400 for seconds in back if seconds is not None])
    return [{"label": "New visits", "nb_visits": new}, *days] if part.visits else []


def distinct(label: Label) -> Report:
    return lambda part, _: len(grouped(part.visits, label))


def or_unknown(text: str) -> str:
    return text or "Unknown"


def column(name: str) -> Label:
    return lambda visit: or_unknown(visit[name])


def country(visit: Row) -> str:
    return country_name(visit["country"])


def continent(visit: Row) -> str:
    return continent_name(continent_of(visit["country"]))


def region(visit: Row) -> str:
    return f"{visit['region']}, {country(visit)}" if visit["region"] else "Unknown"


def city(visit: Row) -> str:
    """Return a city with its region, if that is known, and its country, if that is."""
    names = [visit["city"], visit["region"], country(visit)]
    return ", ".join(name for name in names if name and name != "Unknown") if visit["city"] else "Unknown"


def language(visit: Row) -> str:
    return language_name(visit["language"].partition("-")[0])


def language_code(visit: Row) -> str:
    return language_and_country(visit["language"])


def capital(text: str) -> str:
    return or_unknown(text[:1].upper() + text[1:])


def device_kind(visit: Row) -> str:
    return capital(visit["device_type"])


def model(visit: Row) -> str:
    """Return a device's brand and model; of a device that nobody knows, what kind it is."""
    brand, name = visit["device_brand"], visit["device_model"]
    if name.startswith("generic "):
        name = f"Generic {capital(name.removeprefix('generic '))}"
    return f"{brand} - {or_unknown(name)}" if brand else or_unknown(name)


def versioned(name: str) -> Label:
    return lambda visit: f"{or_unknown(visit[name])} {visit[name + '_version']}".strip()


def engine(visit: Row) -> str:
    name = visit["browser_engine"]
    return f"{name} ({ENGINES[name]})" if name in ENGINES else or_unknown(name)


def os_family(visit: Row) -> str:
    return system_family(visit["os"])


def family(visit: Row) -> str:
    return browser_family(visit["browser"])


def configuration(visit: Row) -> str:
    return " / ".join(or_unknown(visit[name]) for name in ("os", "browser", "resolution"))


device_kinds = table(By(device_kind, of_visit(device_kind), listed=tuple(map(capital, KINDS))))


def plugins(part: Part, _: Row) -> Table:
    """Return plugins; a visit counts for each that its browser has."""
    every = [plugin for visit in part.visits for plugin in visit["plugins"].split(",") if plugin]
    return [
        {
            "label": plugin.capitalize(),
            "nb_visits": every.count(plugin),
            "nb_visits_percentage": rounded(every.count(plugin), len(part.visits), 2),
        }
        for plugin in dict.fromkeys(every)
    ]
