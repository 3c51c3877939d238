"""Live: what happens on a site right now, and its visitor log, where the site's privacy policy allows one."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.api_access import at_site, at_sites
from dashboard.api_calls import Call, Method
from dashboard.api_formats import Answer
from dashboard.api_parameters import BadParameter, Parameters
from dashboard.period import DAY, EARLIEST, Period
from dashboard.reporting import live_times as times
from dashboard.reporting.asked import Asked
from dashboard.reporting.floor import TooFewVisitors
from dashboard.reporting.goal_columns import ORDER
from dashboard.reporting.live_columns import shown
from dashboard.reporting.live_log import MOST_VISITS, TooMuch, Window, check_profiles, log, visits
from dashboard.reporting.live_profile import MOST_VISITS as MOST_IN_PROFILE
from dashboard.reporting.live_profile import profile
from dashboard.reporting.live_visit import visitor_id
from dashboard.reporting.part import Part
from dashboard.reporting.table import Columns, Row, Table
from sql.entries import Site
from sql.policies import why_no_profiles, why_no_visits

USUAL_LIMIT = 10
LIMITS = ("filter_limit", "countVisitorsToFetch", "limit")  # Names that the number of visits has had.
ORDERS = {"": False, "desc": False, "asc": True}
LONGEST_WINDOW = 2880  # Minutes.
COUNTERS = {
    "visits": "nb_visits",
    "actions": "nb_actions",
    "visitors": "nb_visitors",
    "visitsConverted": "nb_conversions",  # So called, yet every conversion counts.
}
VISITOR_ID = re.compile(r"[0-9a-f]{16}", re.IGNORECASE)
NOTHING = False  # What Matomo answers if nobody was ever there.


def last_visits(call: Call) -> Table:
    """Return visits of one or several sites in one table."""
    window = window_of(call.parameters)
    return table(call, logged(call, parts(call), window))


def logged(call: Call, parts: list[Part], window: Window) -> list[Columns]:
    """Return the visits of a window. Raises LogOff, TooMuch."""
    until_there = replace(window, offset=0, limit=window.offset + window.limit) if len(parts) > 1 else window
    found = [(visit, number) for number, part in enumerate(parts) for visit in visits(part, until_there)]
    if len(parts) > 1:
        found.sort(key=lambda entry: entry[0]["last_at"], reverse=not window.ascending)
        found = found[window.offset : window.offset + window.limit]
    if len(found) > MOST_VISITS:
        raise TooMuch("visits", MOST_VISITS, "ask for a part of them by filter_limit and filter_offset")
    rows: dict[tuple[int, int], Columns] = {}
    for number, part in enumerate(parts):
        own = [visit for visit, owner in found if owner == number]
        told = log(part, own, with_actions=not call.parameters.flag("doNotFetchActions"))
        rows |= {(number, visit["id"]): row for visit, row in zip(own, told, strict=True)}
    return [rows[number, visit["id"]] for visit, number in found]


def parts(call: Call) -> list[Part]:
    """Return a part for each site; of `all`, those that have a visitor log."""
    asked = Asked(call)
    found = [asked.part(site, period_of(asked, site)) for site in asked.sites()]
    return [part for part in found if call.sites or not why_no_visits(part.site)] or found


def period_of(asked: Asked, site: Site) -> Period:
    """Return the days of which visits are wanted; of several periods all, without a word about it all there are."""
    if not asked.call.parameters.given("period"):
        today = asked.call.now.astimezone(ZoneInfo(site.timezone)).date()
        return Period("range", EARLIEST, today + DAY)  # A clock may be ahead of ours.
    periods = asked.periods(site)
    return periods[0] if len(periods) == 1 else Period("range", periods[0].first, periods[-1].last)


def window_of(parameters: Parameters) -> Window:
    """Raises BadParameter, TooMuch."""
    order = parameters.text("filter_sort_order").strip().lower()
    if order not in ORDERS:
        raise BadParameter("filter_sort_order", order, "desc or asc")
    return Window(
        limit=limit_of(parameters),
        offset=parameters.count("filter_offset") or 0,
        ascending=ORDERS[order],
        since=since(parameters),
    )


def limit_of(parameters: Parameters) -> int:
    """Return how many visits are wanted; of all of them one more than an answer may have, to know whether it has."""
    name = next((name for name in LIMITS if parameters.given(name)), "")
    limit = parameters.count(name) if name else USUAL_LIMIT
    if limit is not None and limit > MOST_VISITS:
        raise TooMuch("visits", MOST_VISITS, f"ask for fewer by {name}")
    return MOST_VISITS + 1 if limit is None else limit


def since(parameters: Parameters) -> datetime | None:
    """Return when visits must have acted last or later: after `minTimestamp`. Raises BadParameter."""
    text = parameters.text("minTimestamp").strip()
    if text.lower() in ("", "0", "false"):
        return None
    if not re.fullmatch(r"\d{1,10}", text, re.ASCII):
        raise BadParameter("minTimestamp", text, "seconds since 1970, such as 1778673600")
    return datetime.fromtimestamp(int(text) + 1, UTC)


def table(call: Call, rows: list[Columns]) -> Table:
    return Table([Row(shown(row, call.parameters)) for row in rows], sort=None)


def counters(call: Call) -> Table:
    """Return how many came in the last minutes; of several sites the sums."""
    minutes = call.parameters.number("lastMinutes")
    if minutes > LONGEST_WINDOW:
        raise BadParameter("lastMinutes", minutes, f"a number from 1 to {LONGEST_WINDOW}")
    asked = Asked(call)
    since = call.now - timedelta(minutes=minutes)
    found = [counted(asked.part(site, period_of(asked, site)), since) for site in asked.sites()]
    return table(call, [{name: sum(row[column] for row in found) for name, column in COUNTERS.items()}])


def counted(part: Part, since: datetime) -> dict[str, Any]:
    """Return the counts of one site. Raises TooFewVisitors."""
    until = part.now + DAY  # A clock may be ahead of ours.
    row = part.rows("live_counters", since=since, until=until, goals=[ORDER, *part.goals])[0]
    if part.segment.condition and 0 < row["nb_visitors"] < part.site.fewest_visitors:
        raise TooFewVisitors(part.site.fewest_visitors)
    return row


def of_visitor(call: Call, window: Window) -> tuple[Part, list[Columns]]:
    """Return the visits of the visitor whose id was given. Raises LogOff, BadParameter, MissingParameter."""
    (part,) = parts(call)
    check_profiles(part)
    text = call.parameters.required("visitorId").strip()
    if not VISITOR_ID.fullmatch(text):
        raise BadParameter("visitorId", text, "16 letters and figures, such as 0123456789abcdef")
    number = int(text, 16)
    return part, logged(call, [part], replace(window, visitor=number)) if number else []


def visits_of_visitor(call: Call) -> Table:
    return table(call, of_visitor(call, window_of(call.parameters))[1])


def first_visit(call: Call) -> Table:
    return table(call, of_visitor(call, Window(limit=1, ascending=True))[1])


def visitor_profile(call: Call) -> Answer:
    """Return what is known of a visitor, without an id of the most recent one."""
    if not call.parameters.given("visitorId"):
        recent = most_recent_visitor(call)
        if not recent:
            return []
        call = replace(call, parameters=call.parameters.changed(visitorId=str(recent)))
    limit = min(call.parameters.count("limitVisits") or MOST_IN_PROFILE, MOST_IN_PROFILE)
    part, rows = of_visitor(call, Window(limit=limit + 1))
    return shown(profile(part, rows, limit), call.parameters) if rows else []


def most_recent(call: Call) -> Iterator[tuple[Part, dict[str, Any]]]:
    """Yield the newest visit, if there is one. Raises LogOff."""
    (part,) = parts(call)
    yield from ((part, visit) for visit in visits(part, Window(limit=1)))


def most_recent_visitor(call: Call) -> Answer:
    (part,) = parts(call)
    check_profiles(part)
    return next((visitor_id(visit["visitor"]) for _, visit in most_recent(call)), NOTHING)


def most_recent_time(call: Call) -> Answer:
    return next((times.written(visit["last_at"]) for _, visit in most_recent(call)), NOTHING)


def has_profile(call: Call) -> int:
    return int(not why_no_profiles(call.registry.site(call.site)))


def of_site(name: str, answer: Callable[[Call], Answer]) -> Method:
    return Method(f"Live.{name}", at_site("view"), answer)


METHODS = (
    Method("Live.getLastVisitsDetails", at_sites("view"), last_visits),
    Method("Live.getLastVisits", at_sites("view"), last_visits),
    Method("Live.getCounters", at_sites("view"), counters),
    of_site("getLastVisitsForVisitor", visits_of_visitor),
    of_site("getFirstVisitForVisitorId", first_visit),
    of_site("getVisitorProfile", visitor_profile),
    of_site("getMostRecentVisitorId", most_recent_visitor),
    of_site("getMostRecentVisitsDateTime", most_recent_time),
    of_site("isVisitorProfileEnabled", has_profile),
)
