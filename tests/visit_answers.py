"""Our answers about visits, in the shape of Matomo's reports: totals, groups and buckets."""

from collections.abc import Iterable

from tests.parts import Label, Part, Report, Row, Table, grouped, is_flat, percent, rounded, totals, with_rates


def summary(part: Part, _: Row) -> Row:
    people = {
        "nb_uniq_visitors": len({visit["visitor"] for visit in part.visits}),
        "nb_users": len({visit["user_id"] for visit in part.visits if visit["user_id"]}),
        "nb_visits_converted": sum(visit["converted"] for visit in part.visits),
    }
    return with_rates(totals(part.visits)) | people


def single(column: str) -> Report:
    return lambda part, parameters: summary(part, parameters)[column]


def frequency(part: Part, _: Row) -> Row:
    """Return the totals twice: of new visitors, and of those who came back."""
    groups = grouped(part.visits, lambda visit: "returning" if visit["returning"] else "new")
    found: Row = {}
    for name in ("new", "returning"):
        visits = groups.get(name, [])
        row = with_rates(totals(visits))
        row["nb_uniq_visitors"] = len({visit["visitor"] for visit in visits})
        row["nb_users"] = len({visit["user_id"] for visit in visits if visit["user_id"]})
        found |= {f"{column}_{name}": value for column, value in row.items()}
    return found


def table(*labels: Label) -> Report:
    """Return a report of visits by one label, and by a second one within the first."""

    def report(part: Part, parameters: Row) -> Table:
        rows = rows_of(part, part.visits, labels)
        return joined(rows) if is_flat(parameters) and len(labels) > 1 else rows

    return report


def rows_of(part: Part, visits: Table, labels: tuple[Label, ...], listed: Iterable[str] = ()) -> Table:
    """Return a row for each label, those that are listed even if nobody has them."""
    if not labels or not visits:
        return []
    groups = {label: list[Row]() for label in listed} | grouped(visits, labels[0])
    return [
        {"label": label}
        | with_rates(totals(group))
        | part.people(group, "visitor", "last_at")
        | part.people(group, "user_id", "last_at", "nb_users")
        | {"subtable": rows_of(part, group, labels[1:])}
        for label, group in groups.items()
    ]


def joined(rows: Table) -> Table:
    """Return the rows of subtables, with both labels."""
    return [inner | {"label": f"{row['label']} - {inner['label']}"} for row in rows for inner in row["subtable"]]


def from_type(kind: str, column: str, missing: str = "") -> Label:
    """Return a label for the visits of one type of referrer."""
    return lambda visit: (visit[column] or missing) if visit["referrer_type"] == kind else None


# The name and, where the recorded server knew it, the number of each type.
TYPES = {
    "direct": ("Direct Entry", 1),
    "search": ("Search Engines", 2),
    "website": ("Websites", 3),
    "campaign": ("Campaigns", 6),
    "social": ("Social Networks", 7),
    "assistant": ("AI Assistants", 8),
}
ENGINE = from_type("search", "referrer_name")
KEYWORD = from_type("search", "referrer_keyword", "Keyword not defined")
WEBSITE = from_type("website", "referrer_name")
WEBSITE_PAGE = from_type("website", "referrer_url")
CAMPAIGN = from_type("campaign", "referrer_name")
SOCIAL = from_type("social", "referrer_name")
SOCIAL_PAGE = from_type("social", "referrer_url")


def type_name(visit: Row) -> str:
    return TYPES[visit["referrer_type"]][0]


def referrer(visit: Row) -> str | None:
    """Return what Matomo lists below a type: of search engines the keyword, else the name."""
    return next((label for of in (KEYWORD, WEBSITE, CAMPAIGN, SOCIAL) if (label := of(visit))), None)


def referrer_types(part: Part, parameters: Row) -> Table:
    numbers = dict(TYPES.values())
    rows: Table = table(type_name, referrer)(part, parameters)
    return [row | {"referrer_type": numbers[row["label"]]} for row in rows]


def all_referrers(part: Part, parameters: Row) -> Table:
    kinds = {referrer(visit): TYPES[visit["referrer_type"]][1] for visit in part.visits}
    rows: Table = table(referrer)(part, parameters)
    return [row | {"referer_type": kinds[row["label"]]} for row in rows]


def distinct(label: Label) -> Report:
    return lambda part, _: len(grouped(part.visits, label))


DISTINCT = {
    "SearchEngines": ENGINE,
    "SocialNetworks": SOCIAL,
    "Keywords": KEYWORD,
    "Websites": WEBSITE,
    "WebsitesUrls": WEBSITE_PAGE,
    "Campaigns": CAMPAIGN,
}
COMING_FROM = {
    "search": "SearchEngines",
    "social": "SocialNetworks",
    "direct": "DirectEntry",
    "website": "Websites",
    "campaign": "Campaigns",
}


def referrer_totals(part: Part, parameters: Row) -> Row:
    groups = grouped(part.visits, lambda visit: str(visit["referrer_type"]))
    found: Row = {f"Referrers_distinct{name}": distinct(label)(part, {}) for name, label in DISTINCT.items()}
    for kind, name in COMING_FROM.items():
        count, every = len(groups.get(kind, ())), len(part.visits)
        share = rounded(count, every, 2) if parameters.get("format_metrics") == "0" else percent(count, every)
        found |= {f"Referrers_visitorsFrom{name}": count, f"Referrers_visitorsFrom{name}_percent": share}
    return found


def users(part: Part, _: Row) -> Table:
    """Return users, each with the visitor id of the first visit."""
    rows = rows_of(part, part.visits, (lambda visit: str(visit["user_id"]) or None,))
    first = {visit["user_id"]: visit["visitor"] for visit in reversed(part.visits)}
    return [row | {"idvisitor": f"{first[row['label']]:016x}"} for row in rows]


HOURS = [f"{hour:02}" for hour in range(24)]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def by_server_hour(part: Part, _: Row) -> Table:
    return rows_of(part, part.visits, (lambda visit: f"{visit['started'].astimezone(part.zone).hour:02}",), HOURS)


def by_local_hour(part: Part, _: Row) -> Table:
    return rows_of(part, part.visits, (lambda visit: f"{visit['local_time'] // 3600:02}",), HOURS)


def by_weekday(part: Part, _: Row) -> Table:
    labels = (lambda visit: WEEKDAYS[part.day(visit["last_at"]).weekday()],)
    rows = rows_of(part, part.visits, labels, WEEKDAYS)
    return [row | {"day_of_week": WEEKDAYS.index(row["label"]) + 1} for row in rows]


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


def filled(buckets: Buckets, values: list[int]) -> Table:
    counts = {label: sum(low <= value <= high for value in values) for label, (low, high) in buckets.items()}
    return [
        {"label": label, "nb_visits": count, "nb_visits_percentage": percent(count, len(values))}
        for label, count in counts.items()
    ]


def days_since_last(part: Part, _: Row) -> Table:
    """Return after how many days visitors came back; customers are left out, and who came back before, too."""
    new = sum(not visit["returning"] for visit in part.visits)
    back = [visit["seconds_since_last"] for visit in part.visits if visit["returning"] == 1]
    days = filled(DAYS, [seconds // 86400 for seconds in back if seconds is not None])
    return [{"label": "New visits", "nb_visits": new}, *days] if part.visits else []
