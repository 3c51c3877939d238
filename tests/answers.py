"""What we answer to the questions of recorded cases: rows of ours, in the shape of Matomo's reports.

Totals come from the statements in `sql/reports`; where those do not reach yet, visits and hits are grouped here.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dashboard.countries import country_name
from dashboard.period import Period, containing, parse
from dashboard.reports import Question, answer
from sql.clickhouse import Database
from tests.cases import Expectation, Row, Stage

Table = list[Row]
Label = Callable[[Row], str | None]
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One site in one period: what a report is made from."""

    database: Database
    site: int
    zone: ZoneInfo
    period: Period
    visits: Table  # By their last action.
    hits: Table  # By their own time.

    def report(self, name: str) -> Table:
        question = Question(site=self.site, bounds=self.period.bounds(self.zone), timezone=self.zone.key, limit=1000)
        return answer(self.database, name, question)

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def people(self, rows: Iterable[Row], who: str, when: str, prefix: str = "nb_uniq_visitors") -> Row:
        """Return how many there were: of one day exactly, of a longer period as the sum of its days."""
        seen = {(self.day(row[when]), row[who]) for row in rows if row[who]}
        return {prefix if self.period.kind == "day" else f"sum_daily_{prefix}": len(seen)}


class Answers:
    """Answers questions with what is loaded at one moment."""

    def __init__(self, here: Stage) -> None:
        self.here = here
        self.visits = aware(here.pegel.rows("select * from visits final order by last_at, started"))
        self.hits = aware(here.pegel.rows("select * from hits order by at, id"))

    def to(self, asked: Expectation) -> Any:
        sites = {site.id: ZoneInfo(site.timezone) for site in self.here.case.sites}
        wanted = asked.parameters["idSite"]
        if wanted == "all":
            return {str(site): self.of_site(asked, site, zone, inside=True) for site, zone in sites.items()}
        return self.of_site(asked, int(wanted), sites[int(wanted)])

    def of_site(self, asked: Expectation, site: int, zone: ZoneInfo, inside: bool = False) -> Any:
        kind, text = asked.parameters["period"], asked.parameters["date"]
        if kind == "range" or "," not in text:
            return self.of_part(asked, self.part(site, zone, parse(kind, text, self.here.case.now.date())), inside)
        return {named(p): self.of_part(asked, self.part(site, zone, p), True) for p in periods(kind, text)}

    def of_part(self, asked: Expectation, part: Part, inside: bool) -> Any:
        """Return one report; a simple one about nothing is an empty list where it stands among others."""
        found = ANSWERS[asked.method](part, asked.parameters)
        return [] if inside and isinstance(found, dict) and not part.visits else found

    def part(self, site: int, zone: ZoneInfo, period: Period) -> Part:
        bounds = period.bounds(zone)
        visits = [row for row in self.visits if row["site"] == site and row["last_at"] in bounds]
        hits = [row for row in self.hits if row["site"] == site and row["at"] in bounds]
        return Part(self.here.pegel.database, site, zone, period, visits, hits)


def aware(rows: Table) -> Table:
    """Return rows whose times say that they are UTC."""
    return [{key: at_utc(value) if isinstance(value, datetime) else value for key, value in row.items()} for row in rows]


def at_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)


def periods(kind: str, text: str) -> Iterator[Period]:
    first, last = (date.fromisoformat(day) for day in text.split(","))
    period = containing(kind, first)  # type: ignore[arg-type]
    while period.first <= last:
        yield period
        period = period.next()


def named(period: Period) -> str:
    """Return the key of a period among several."""
    first = period.first.isoformat()
    return {"day": first, "month": first[:7], "year": first[:4]}.get(period.kind, f"{first},{period.last}")


def rounded(part: float, whole: float, digits: int) -> float:
    """Return a quotient, rounded half away from zero; 0 of nothing."""
    if not whole:
        return 0
    return float((Decimal(part) / Decimal(whole)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def percent(part: float, whole: float, digits: int = 2) -> str:
    return f"{Decimal(str(rounded(part, whole, digits))) * 100:.{digits - 2}f}%"


# Totals of visits.


def totals(visits: Table) -> Row:
    return {
        "nb_visits": len(visits),
        "nb_actions": sum(v["actions"] for v in visits),
        "max_actions": max((v["actions"] for v in visits), default=0),
        "sum_visit_length": sum(v["duration"] for v in visits),
        "bounce_count": sum(v["actions"] <= 1 for v in visits),
    }


def with_rates(row: Row) -> Row:
    visits = row["nb_visits"]
    return row | {
        "bounce_rate": percent(row["bounce_count"], visits),
        "nb_actions_per_visit": rounded(row["nb_actions"], visits, 1),
        "avg_time_on_site": rounded(row["sum_visit_length"], visits, 0),
    }


def summary(part: Part, _: object = None) -> Row:
    (row,) = part.report("visits_summary")
    return with_rates(row)


def single(column: str) -> Callable[[Part, object], Any]:
    return lambda part, _: summary(part)[column]


def frequency(part: Part, _: object) -> Row:
    """Return the totals twice: of new visitors, and of those who came back."""
    groups = {"new": [v for v in part.visits if not v["returning"]], "returning": [v for v in part.visits if v["returning"]]}
    found: Row = {}
    for name, visits in groups.items():
        row = with_rates(totals(visits))
        row["nb_uniq_visitors"] = len({v["visitor"] for v in visits})
        row["nb_users"] = len({v["user_id"] for v in visits if v["user_id"]})
        found |= {f"{column}_{name}": value for column, value in row.items()}
    return found


def actions(part: Part, _: object) -> Row:
    (row,) = part.report("actions_summary")
    return row


# Visits in groups.


def grouped(rows: Table, label: Label) -> dict[str, Table]:
    """Return the rows under each label; those without one are left out."""
    groups: dict[str, Table] = defaultdict(list)
    for row in rows:
        if (key := label(row)) is not None:
            groups[key].append(row)
    return groups


def visit_table(*labels: Label, listed: Iterable[str] = ()) -> Callable[[Part, object], Table]:
    """Return a report of visits by one label, and by a second one within the first."""

    def report(part: Part, _: object) -> Table:
        return rows_of(part, part.visits, labels, listed)

    return report


def rows_of(part: Part, visits: Table, labels: tuple[Label, ...], listed: Iterable[str] = ()) -> Table:
    if not labels:
        return []
    groups = dict.fromkeys(listed, []) | grouped(visits, labels[0]) if visits or listed else {}
    return [
        {"label": label}
        | totals(group)
        | part.people(group, "visitor", "last_at")
        | part.people(group, "user_id", "last_at", "nb_users")
        | {"subtable": rows_of(part, group, labels[1:])}
        for label, group in groups.items()
    ]


def of_type(*types: str, column: str, missing: str | None = None) -> Label:
    """Return a label for visits of some types of referrer."""
    return lambda visit: (visit[column] or missing) if visit["referrer_type"] in types else None


TYPES = {
    "direct": "Direct Entry",
    "search": "Search Engines",
    "website": "Websites",
    "campaign": "Campaigns",
    "social": "Social Networks",
    "assistant": "AI Assistants",
}
NO_KEYWORD = "Keyword not defined"
ENGINE = of_type("search", column="referrer_name")
KEYWORD = of_type("search", column="referrer_keyword", missing=NO_KEYWORD)
WEBSITE = of_type("website", column="referrer_name")
WEBSITE_PAGE = of_type("website", column="referrer_url")
CAMPAIGN = of_type("campaign", column="referrer_name")
SOCIAL = of_type("social", column="referrer_name")


def referrer(visit: Row) -> str | None:
    labels = (KEYWORD, WEBSITE, CAMPAIGN, SOCIAL)
    return next((label for of in labels if (label := of(visit))), None)


def distinct(label: Label) -> Callable[[Part, object], int]:
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


def referrers(part: Part, parameters: Row) -> Row:
    counts = {kind: len(group) for kind, group in grouped(part.visits, lambda v: str(v["referrer_type"])).items()}
    found: Row = {f"Referrers_distinct{name}": distinct(label)(part, None) for name, label in DISTINCT.items()}
    for kind, name in COMING_FROM.items():
        share = percent(counts.get(kind, 0), len(part.visits))
        found[f"Referrers_visitorsFrom{name}"] = counts.get(kind, 0)
        found[f"Referrers_visitorsFrom{name}_percent"] = share
    return found


HOURS = [f"{hour:02}" for hour in range(24)]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def by_server_hour(part: Part, _: object) -> Table:
    labels = (lambda visit: f"{visit['started'].astimezone(part.zone).hour:02}",)
    return rows_of(part, part.visits, labels, HOURS if part.visits else ())


def by_local_hour(part: Part, _: object) -> Table:
    labels = (lambda visit: f"{visit['local_time'] // 3600:02}",)
    return rows_of(part, part.visits, labels, HOURS if part.visits else ())


def by_weekday(part: Part, _: object) -> Table:
    labels = (lambda visit: WEEKDAYS[part.day(visit["last_at"]).weekday()],)
    rows = rows_of(part, part.visits, labels, WEEKDAYS if part.visits else ())
    return [row | {"day_of_week": WEEKDAYS.index(row["label"]) + 1} for row in rows]


Buckets = dict[str, tuple[int, float]]
ENDLESS = float("inf")


def spans(unit: str, ones: Iterable[int], pairs: Iterable[tuple[int, int]], last: int) -> Buckets:
    """Return buckets such as `1 visit`, `2 visits`, `9-14 visits`, `201+ visits`."""
    single: Buckets = {f"{n} {unit if n == 1 else unit + 's'}": (n, n) for n in ones}
    return single | {f"{a}-{b} {unit}s": (a, b) for a, b in pairs} | {f"{last}+ {unit}s": (last, ENDLESS)}


VISIT_COUNTS = spans("visit", range(1, 9), ((9, 14), (15, 25), (26, 50), (51, 100), (101, 200)), 201)
PAGES = spans("page", range(1, 6), ((6, 7), (8, 10), (11, 14), (15, 20)), 21)
DAYS = spans("day", range(8), ((8, 14), (15, 30), (31, 60), (61, 120), (121, 364)), 365)
MINUTES = ((1, 2), (2, 4), (4, 7), (7, 10), (10, 15), (15, 30))
DURATIONS: Buckets = {
    **{f"{a}–{b}s": (a, b) for a, b in ((0, 10), (11, 30), (31, 60))},
    **{f"{a}-{b} min": (60 * a, 60 * b) for a, b in MINUTES},
    "30+ min": (1801, ENDLESS),
}


def histogram(buckets: Buckets, column: str) -> Callable[[Part, object], Table]:
    """Return a report of how many visits fall into each bucket; bounds belong to both neighbours."""

    def report(part: Part, _: object) -> Table:
        return filled(buckets, [visit[column] for visit in part.visits])

    return report


def filled(buckets: Buckets, values: list[int]) -> Table:
    counts = {label: sum(low <= value <= high for value in values) for label, (low, high) in buckets.items()}
    return [
        {"label": label, "nb_visits": count, "nb_visits_percentage": percent(count, len(values))}
        for label, count in counts.items()
    ] * bool(values)


def days_since_last(part: Part, _: object) -> Table:
    """Return after how many days visitors came back; customers are left out, as in Matomo."""
    new = sum(not visit["returning"] for visit in part.visits)
    back = [(visit["seconds_since_last"] or 0) // 86400 for visit in part.visits if visit["returning"] == 1]
    rows = filled(DAYS, back) or [{"label": label, "nb_visits": 0} for label in DAYS]
    return [{"label": "New visits", "nb_visits": new}, *rows] * bool(part.visits)


# Pages, titles, links and searches.


@dataclass(frozen=True, slots=True)
class Subject:
    """What a report about actions has a row for."""

    kinds: tuple[str, ...]
    column: str  # Of `hits`.
    path: Callable[[str], Path]
    credit: str = ""  # The column of `hits` that says where the time before a hit was spent.
    ends: str = ""  # The columns of `visits`, without `entry_` and `exit_`.


def page_path(page: str) -> Path:
    """Return the folders and the file of a page, as Matomo shows them."""
    if not page:
        return ("Page URL not defined",)
    _, _, path = page.partition("/")
    path, mark, query = path.partition("?")
    parts = path.split("/")
    names = [part.strip() for part in parts if part.strip()]
    leaf = "index" if not parts[-1] else names.pop()
    return (*names, f"/{leaf}{mark}{query}")


def title_path(title: str) -> Path:
    return (f" {title}" if title else "Page Name not defined",)


def link_path(url: str) -> Path:
    parts = urlsplit(url)
    rest = url.partition("://")[2].removeprefix(parts.netloc)
    return (parts.netloc, rest or "/")


PAGES_SEEN = Subject(("pageview",), "page", page_path, "previous_page", "page")
TITLES = Subject(("pageview",), "title", title_path, "previous_title", "title")
KEYWORDS = Subject(("search",), "keyword", lambda keyword: (keyword,), "previous_title", "title")
OUTLINKS = Subject(("outlink",), "page", link_path)
DOWNLOADS = Subject(("download",), "page", link_path)
# Other hits own their time: no page gets it.
TIMED = ("pageview", "search", "outlink", "download", "content")


def leaves(part: Part, subject: Subject) -> dict[Path, Row]:
    """Return a row for each page, title, link or keyword."""
    hits = grouped([hit for hit in part.hits if hit["action"] in subject.kinds], lambda hit: str(hit[subject.column]))
    spent = grouped([h for h in part.hits if h["action"] in TIMED and subject.credit], lambda h: str(h[subject.credit]))
    entries, exits = (ending(part, subject, end) for end in ("entry", "exit"))
    return {
        subject.path(name): leaf(part, rows, sum(hit["seconds_since_previous"] for hit in spent.get(name, ())))
        | entered(part, entries.get(name, []))
        | {"exit_nb_visits": len(exits.get(name, []))}
        | part.people(exits.get(name, []), "visitor", "last_at", "exit_nb_uniq_visitors")
        for name, rows in hits.items()
    }


def leaf(part: Part, hits: Table, spent: int) -> Row:
    people = part.people(hits, "visitor", "at")
    return {"nb_visits": len({hit["visit"] for hit in hits}), "nb_hits": len(hits), "sum_time_spent": spent} | people


def ending(part: Part, subject: Subject, end: str) -> dict[str, Table]:
    """Return the visits that began, or ended, with each."""
    if not subject.ends:
        return {}
    there = [visit for visit in part.visits if visit[f"{end}_action"] in subject.kinds]
    return grouped(there, lambda visit: str(visit[f"{end}_{subject.ends}"]))


def entered(part: Part, visits: Table) -> Row:
    row = totals(visits)
    names = ("nb_visits", "nb_actions", "sum_visit_length", "bounce_count")
    return {f"entry_{name}": row[name] for name in names} | part.people(visits, "visitor", "last_at", "entry_nb_uniq_visitors")


def tree(rows: dict[Path, Row], depth: int = 0) -> Table:
    """Return rows with their folders, which add up what can be added."""
    table = []
    for name, below in folders(rows, depth).items():
        inner = {path: row for path, row in below.items() if len(path) > depth + 1}
        row = added(inner.values()) if inner else next(iter(below.values()))
        table.append({"label": name, **with_page_rates(row), "subtable": tree(inner, depth + 1) if inner else []})
    return table


def folders(rows: dict[Path, Row], depth: int) -> dict[str, dict[Path, Row]]:
    found: dict[str, dict[Path, Row]] = defaultdict(dict)
    for path, row in rows.items():
        found[path[depth]][path] = row
    return found


def added(rows: Iterable[Row]) -> Row:
    """Return the sum of rows; people cannot be added."""
    found: Row = defaultdict(int)
    for row in rows:
        for column, value in row.items():
            if "uniq" not in column or column.startswith("sum_daily"):
                found[column] += value
    return found


def with_page_rates(row: Row) -> Row:
    return row | {
        "avg_time_on_page": rounded(row["sum_time_spent"], row["nb_hits"], 0),
        "bounce_rate": percent(row["entry_bounce_count"], row["entry_nb_visits"]),
        "exit_rate": percent(row["exit_nb_visits"], row["nb_visits"]),
        "nb_pages_per_search": rounded(row["nb_hits"], row["nb_visits"], 1),
    }


def flat(rows: dict[Path, Row]) -> Table:
    return [{"label": flat_label(path), **with_page_rates(row)} for path, row in rows.items()]


def flat_label(path: Path) -> str:
    *folder, name = path
    joined = "/".join([*folder, name.removeprefix("/")])
    return f"/{joined.removesuffix('index') if name == '/index' else joined}"


def action_table(subject: Subject, wanted: Callable[[Row], bool] = bool) -> Callable[[Part, Row], Table]:
    """Return a report about actions, of the rows that are wanted."""

    def report(part: Part, parameters: Row) -> Table:
        rows = {path: row for path, row in leaves(part, subject).items() if wanted(row)}
        return flat(rows) if parameters.get("flat") in (1, "1") else tree(rows)

    return report


def page_table(part: Part, parameters: Row) -> Table:
    """Return pages as above, checked against the statements of the dashboard."""
    rows = leaves(part, PAGES_SEEN)
    for row in part.report("pages"):
        rows[page_path(row["page"])] |= {name: row[name] for name in ("nb_hits", "nb_visits")}
    for row in part.report("entry_pages"):
        known = rows.get(page_path(row["page"]), {})
        known |= {name: row[name] for name in ("entry_nb_visits", "entry_bounce_count")}
    return flat(rows) if parameters.get("flat") in (1, "1") else tree(rows)


def fruitless(part: Part, parameters: Row) -> Table:
    """Return keywords whose searches found nothing: the highest count that was told is 0."""
    counts: dict[str, list[int]] = defaultdict(list)
    for hit in part.hits:
        if hit["action"] == "search" and hit["search_count"] is not None:
            counts[hit["keyword"]].append(hit["search_count"])
    found = {keyword for keyword, told in counts.items() if max(told) == 0}
    return [row for row in action_table(KEYWORDS)(part, parameters) if row["label"] in found]


def search_categories(part: Part, _: object) -> Table:
    groups = grouped(part.hits, lambda hit: str(hit["search_category"]) or None)
    rows = ({"label": name} | leaf(part, hits, 0) for name, hits in groups.items())
    return [
        row | {"nb_actions": row["nb_hits"], "nb_pages_per_search": rounded(row["nb_hits"], row["nb_visits"], 1)}
        for row in rows
    ]


# Events.

DIMENSIONS = {"Category": "event_category", "Action": "event_action", "Name": "event_name"}
SECOND = {"Category": "Action", "Action": "Name", "Name": "Action"}


def event_table(dimension: str) -> Callable[[Part, Row], Table]:
    def report(part: Part, parameters: Row) -> Table:
        second = parameters.get("secondaryDimension", "").removeprefix("event") or SECOND[dimension]
        events = [hit for hit in part.hits if hit["action"] == "event"]
        return event_rows(part, events, (DIMENSIONS[dimension], DIMENSIONS[second]))

    return report


def event_rows(part: Part, events: Table, columns: tuple[str, ...], depth: int = 0) -> Table:
    if depth == len(columns):
        return []
    groups = grouped(events, lambda hit: str(hit[columns[depth]]) or (None if depth else "Event Name not defined"))
    return [
        {"label": label, **event_totals(part, group), "subtable": event_rows(part, group, columns, depth + 1)}
        for label, group in groups.items()
    ]


def event_totals(part: Part, events: Table) -> Row:
    """Return totals; visits and people are counted for each kind of event and added, as Matomo does."""
    values = [hit["event_value"] for hit in events if hit["event_value"] is not None]
    kinds = grouped(events, lambda hit: str([hit[column] for column in DIMENSIONS.values()]))
    found: Row = added([{"nb_visits": len({hit["visit"] for hit in kind})} for kind in kinds.values()])
    for kind in kinds.values():
        for column, count in part.people(kind, "visitor", "at").items():
            found[column] += count
    return found | {
        "nb_events": len(events),
        "nb_events_with_value": len(values),
        "sum_event_value": round(sum(values), 2),
        "min_event_value": min(values, default=None),
        "max_event_value": max(values, default=None),
        "avg_event_value": rounded(sum(values), len(values), 2),
    }


# Visits, one by one.

RETURNING = ("new", "returning", "returningCustomer")


def visit_log(part: Part, parameters: Row) -> Table:
    """Return visits, the newest first."""
    rows = [visit_details(part, visit) for visit in reversed(part.visits)]
    return rows[::-1] if parameters.get("filter_sort_order") == "asc" else rows


def visit_details(part: Part, visit: Row) -> Row:
    seconds = visit["local_time"]
    return {
        "idSite": visit["site"],
        "visitIp": visit["ip"],
        "visitorId": f"{visit['visitor']:016x}",
        "userId": visit["user_id"],
        "visitorType": RETURNING[visit["returning"]],
        "visitCount": visit["visit_count"],
        "lastActionTimestamp": int(visit["last_at"].timestamp()),
        "firstActionTimestamp": int(visit["started"].timestamp()),
        "visitServerHour": visit["last_at"].astimezone(part.zone).hour,
        "visitDuration": visit["duration"],
        **{name: visit[name] for name in ("actions", "interactions", "searches", "events", "resolution")},
        "referrerType": visit["referrer_type"],
        "referrerTypeName": TYPES[visit["referrer_type"]],
        "referrerName": visit["referrer_name"],
        "referrerKeyword": visit["referrer_keyword"],
        "referrerUrl": visit["referrer_url"],
        "languageCode": visit["language"],
        "deviceType": visit["device_type"].capitalize(),
        "operatingSystemName": visit["os"],
        "operatingSystemVersion": visit["os_version"],
        "browserName": visit["browser"],
        "browserVersion": visit["browser_version"],
        "countryCode": visit["country"],
        "country": country_name(visit["country"]),
        "visitLocalTime": f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}",
        "visitLocalHour": seconds // 3600,
        "secondsSinceFirstVisit": visit["seconds_since_first"],
        "secondsSinceLastVisit": visit["seconds_since_last"],
        "daysSinceFirstVisit": rounded(visit["seconds_since_first"] or 0, 86400, 0),
        "daysSinceLastVisit": (visit["seconds_since_last"] or 0) // 86400,
    }


SUMMARY = {
    "getVisits": "nb_visits",
    "getUniqueVisitors": "nb_uniq_visitors",
    "getUsers": "nb_users",
    "getActions": "nb_actions",
    "getMaxActions": "max_actions",
    "getBounceCount": "bounce_count",
    "getSumVisitsLength": "sum_visit_length",
}

ANSWERS: dict[str, Callable[[Part, Any], Any]] = {
    "VisitsSummary.get": summary,
    **{f"VisitsSummary.{method}": single(column) for method, column in SUMMARY.items()},
    "VisitFrequency.get": frequency,
    "Actions.get": actions,
    "Actions.getPageUrls": page_table,
    "Actions.getPageTitles": action_table(TITLES),
    "Actions.getEntryPageUrls": action_table(PAGES_SEEN, lambda row: bool(row["entry_nb_visits"])),
    "Actions.getEntryPageTitles": action_table(TITLES, lambda row: bool(row["entry_nb_visits"])),
    "Actions.getExitPageUrls": action_table(PAGES_SEEN, lambda row: bool(row["exit_nb_visits"])),
    "Actions.getExitPageTitles": action_table(TITLES, lambda row: bool(row["exit_nb_visits"])),
    "Actions.getDownloads": action_table(DOWNLOADS),
    "Actions.getOutlinks": action_table(OUTLINKS),
    "Actions.getSiteSearchKeywords": action_table(KEYWORDS),
    "Actions.getSiteSearchNoResultKeywords": fruitless,
    "Actions.getSiteSearchCategories": search_categories,
    **{f"Events.get{name}": event_table(name) for name in DIMENSIONS},
    "Referrers.get": referrers,
    "Referrers.getReferrerType": visit_table(lambda visit: TYPES[visit["referrer_type"]], referrer),
    "Referrers.getAll": visit_table(referrer),
    "Referrers.getSearchEngines": visit_table(ENGINE, KEYWORD),
    "Referrers.getKeywords": visit_table(KEYWORD, ENGINE),
    "Referrers.getWebsites": visit_table(WEBSITE, WEBSITE_PAGE),
    "Referrers.getCampaigns": visit_table(CAMPAIGN),
    "Referrers.getSocials": visit_table(SOCIAL, of_type("social", column="referrer_url")),
    **{f"Referrers.getNumberOfDistinct{name}": distinct(label) for name, label in DISTINCT.items()},
    "UserCountry.getCountry": visit_table(lambda visit: country_name(visit["country"])),
    "UserCountry.getNumberOfDistinctCountries": distinct(lambda visit: str(visit["country"])),
    "UserId.getUsers": visit_table(lambda visit: str(visit["user_id"]) or None),
    "DevicesDetection.getBrowsers": visit_table(lambda visit: str(visit["browser"])),
    "DevicesDetection.getBrowserVersions": visit_table(lambda visit: f"{visit['browser']} {visit['browser_version']}"),
    "DevicesDetection.getOsFamilies": visit_table(lambda visit: str(visit["os"])),
    "DevicesDetection.getOsVersions": visit_table(lambda visit: f"{visit['os']} {visit['os_version']}"),
    "Resolution.getResolution": visit_table(lambda visit: str(visit["resolution"])),
    "Resolution.getConfiguration": visit_table(
        lambda visit: f"{visit['os']} / {visit['browser']} / {visit['resolution']}"
    ),
    "VisitTime.getVisitInformationPerServerTime": by_server_hour,
    "VisitTime.getVisitInformationPerLocalTime": by_local_hour,
    "VisitTime.getByDayOfWeek": by_weekday,
    "VisitorInterest.getNumberOfVisitsPerVisitDuration": histogram(DURATIONS, "duration"),
    "VisitorInterest.getNumberOfVisitsPerPage": histogram(PAGES, "actions"),
    "VisitorInterest.getNumberOfVisitsByVisitCount": histogram(VISIT_COUNTS, "visit_count"),
    "VisitorInterest.getNumberOfVisitsByDaysSinceLast": days_since_last,
    "Live.getLastVisitsDetails": visit_log,
}
