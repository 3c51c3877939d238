"""Recorded cases: requests that a Matomo server once got, sent to us, and what that server reported afterwards.

The recordings lie beside the project, not in it; without them there is no case.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from ingest.settings import Settings
from sql import migrate
from sql.clickhouse import Database
from sql.dimensions import Extraction
from sql.registry import NewDimension, NewGoal, NewSite
from tests.tracked import Answer, Tracked, tracked

SHARED = Path(__file__).parent.parent.parent / "shared"
FOLDER = SHARED / "cases"
LISTS = SHARED / "data"
# After the last hit of every case, and less than 20 years after the first.
LATER = datetime(2026, 5, 13, 12, 0, tzinfo=UTC)
GLOBAL = "default:"  # Stands before the parameters of a site that has none of its own.

# The parameter that a goal looks at.
MATCHED = {
    "url": "url",
    "title": "action_name",
    "file": "download",
    "external_website": "link",
    "event_category": "e_c",
    "event_action": "e_a",
    "event_name": "e_n",
}

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Expectation:
    """One question to the recorded server, and its answer."""

    case: str
    number: int
    method: str
    parameters: Mapping[str, Any]
    result: Any
    match: str  # '' if the result is whole.
    after: int  # How many requests were sent before; 0: all.
    request: int  # Whose answer it is, if it is one.

    @property
    def id(self) -> str:
        asked = (str(self.parameters[key]) for key in ("idSite", "period", "date") if key in self.parameters)
        return "-".join([self.case, str(self.number), self.method.strip("()").replace(" ", "-"), *asked])


@dataclass(frozen=True, slots=True)
class Case:
    """One recording."""

    name: str
    now: datetime
    sites: tuple[NewSite, ...]
    goals: Mapping[int, list[Row]]  # By site.
    setup: Mapping[int, list[Row]]  # What was set up before each request, by the number of the request.
    requests: list[Row]
    expectations: tuple[Expectation, ...]
    title_delimiter: str

    @property
    def dimensions(self) -> dict[int, str]:
        """Return the scopes of the first site's custom dimensions, by their ids."""
        calls = [call["args"] for calls in self.setup.values() for call in calls if "scope" in call["args"]]
        return {given["idDimension"]: given["scope"] for given in calls if given["idSite"] == 1}

    def seconds_of_conversions(self, single: bool) -> int:
        """Return how much longer conversions made visits at most, a single one or all: `idgoal` + 2 seconds each."""
        seconds = [seconds_of(parameters, self.goals) for request in self.requests for parameters in sent(request)]
        return max(seconds) if single else sum(seconds)


def sent(request: Row) -> list[Row]:
    """Return the parameters of each hit in a request."""
    if "body" not in request:
        return [request["query"]]
    return [
        dict(parse_qsl(text.partition("?")[2])) if isinstance(text, str) else text
        for text in request["body"]["requests"]
    ]


def seconds_of(parameters: Row, goals: Mapping[int, list[Row]]) -> int:
    if "idgoal" in parameters:
        return int(parameters["idgoal"]) + 2
    site = int(parameters.get("idsite", 0))
    return int(any(may_convert(goal, parameters) for goal in goals.get(site, ())))


def may_convert(goal: Row, parameters: Row) -> bool:
    """Tell whether a goal may match; how long a visit took is not looked at, so that may always match."""
    if goal["match_attribute"] in ("manually", "visit_duration"):
        return bool(goal["match_attribute"] != "manually")
    text = str(parameters.get(MATCHED[goal["match_attribute"]], ""))
    pattern = str(goal["pattern"]) if goal["pattern_type"] == "regex" else re.escape(str(goal["pattern"]))
    return re.search(pattern, text, re.IGNORECASE) is not None


def cases() -> list[Case]:
    return [case_of(json.loads(path.read_text("utf-8"))) for path in sorted(FOLDER.glob("*.json"))]


def case_of(recorded: Row) -> Case:
    defaults = recorded.get("global_settings", {}).get("setGlobalSearchParameters", ["", ""])
    now = datetime.fromisoformat(recorded["now"]).replace(tzinfo=UTC) if "now" in recorded else LATER
    expected = enumerate(recorded["expect"])
    return Case(
        recorded["name"],
        now,
        tuple(site_of(site, defaults) for site in recorded["sites"]),
        {site["id"]: site.get("goals", []) for site in recorded["sites"]},
        setup_of(recorded.get("setup_log", [])),
        recorded["requests"],
        tuple(expectation_of(recorded["name"], number, entry) for number, entry in expected),
        recorded.get("config", {}).get("General", {}).get("action_title_category_delimiter", ""),
    )


def setup_of(calls: list[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for call in calls:
        found.setdefault(call["before_request_index"], []).append(call)
    return found


def goal_of(given: Row) -> NewGoal:
    return NewGoal(
        site=int(given["idSite"]),
        id=given.get("idGoal"),
        name=given["name"],
        match_attribute=given["matchAttribute"],
        pattern=given["pattern"],
        pattern_type=given["patternType"] or "contains",
        case_sensitive=bool(given["caseSensitive"]),
        allow_multiple=bool(given["allowMultipleConversionsPerVisit"]),
        revenue=float(given["revenue"]),
        event_value_as_revenue=bool(given["useEventValueAsRevenue"]),
    )


def dimension_of(given: Row) -> NewDimension:
    return NewDimension(
        site=int(given["idSite"]),
        id=given["idDimension"],
        name=given["name"],
        scope=given["scope"],
        active=given["active"],
        case_sensitive=given["caseSensitive"],
        extractions=tuple(Extraction(each["dimension"], each["pattern"]) for each in given["extractions"]),
    )


def expectation_of(case: str, number: int, entry: Row) -> Expectation:
    result = entry.get("result", entry.get("result_text"))
    after, request = entry.get("after_request", 0), entry.get("request_index", -1)
    return Expectation(
        case, number, entry["method"], entry.get("params", {}), result, entry.get("match", ""), after, request
    )


def site_of(site: Row, defaults: list[str]) -> NewSite:
    """Return a site as it was when the recording ended."""
    search = site.get("sitesearch", {})
    given: Row = {
        "search_keywords": names(search.get("keyword_parameters", GLOBAL), defaults[0]),
        "search_categories": names(search.get("category_parameters", ""), defaults[1]),
        "excluded_parameters": names(site.get("excluded_query_parameters", ""), ""),
        "excluded_referrers": names(site.get("excluded_referrers", ""), ""),
    }
    return NewSite(
        id=site["id"],
        name=site["name"],
        urls=tuple(site["urls"]),
        timezone=site["timezone"],
        ecommerce=bool(site.get("ecommerce")),
        search=search.get("enabled", True),
        **{key: value for key, value in given.items() if value},
    )


def names(own: str, default: str) -> tuple[str, ...]:
    """Return a list of names; one that is empty or marked as global is the server's, () if that has none either."""
    text = default if not own or own.startswith(GLOBAL) else own
    return tuple(name.strip() for name in text.split(",") if name.strip())


class Stage:
    """A collector, a loader and a database of their own, on which one case is played."""

    def __init__(self, case: Case, pegel: Tracked) -> None:
        self.case = case
        self.pegel = pegel
        pegel.now = case.now
        for site in case.sites:
            pegel.registry.add_site(site)
        self.token = pegel.token("superuser")
        self.connection = HTTPConnection("127.0.0.1", pegel.port, timeout=10)

    def set_up(self, number: int) -> None:
        """Add the goals and dimensions that were there before a request, and not before those before it."""
        calls = [call for call in self.case.setup.get(number, ()) if not call["call"].startswith("SitesManager.")]
        if calls:
            self.pegel.load()
        for call in calls:
            if call["call"] == "Goals.addGoal":
                self.pegel.registry.add_goal(goal_of(call["args"]))
            else:
                self.pegel.registry.add_dimension(dimension_of(call["args"]))

    def send(self, request: Row) -> Answer:
        """Send a request as it was recorded, except that it has our token."""
        body = json.dumps(request["body"]).replace("TOKEN", self.token).encode() if "body" in request else None
        query = request.get("raw_query") or urlencode(request["query"])
        query = query.replace("token_auth=TOKEN", f"token_auth={self.token}")
        self.connection.request(request["method"], f"/matomo.php?{query}", body, request["headers"])
        response = self.connection.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())


@contextmanager
def stage(case: Case, directory: Path, engine: Database) -> Iterator[Stage]:
    """Set a stage up; the tables of one case are in a database of the engine that the others never see."""
    engine.command(f"create database {case.name}")
    database = Database(f"{engine.dsn}?database={case.name}")
    migrate.apply(database)
    # Places were guessed from languages: no place database.
    settings = Settings(
        mask_bytes=0,
        lists=str(LISTS),
        geo_database=str(directory / "none.mmdb"),
        title_delimiter=case.title_delimiter,
    )
    with tracked(directory, database, settings) as pegel:
        here = Stage(case, pegel)
        yield here
        here.connection.close()
    database.client.close()
    engine.command(f"drop database {case.name}")


@dataclass(slots=True)
class Played:
    """What came of a case: the collector's answers, and ours to every expectation that was asked."""

    replies: list[Answer]
    answers: dict[int, Any]


def play(here: Stage, ask: Callable[[Stage, list[Expectation]], dict[int, Any]]) -> Played:
    """Send all requests in order, and ask each question at the moment when it was asked once."""
    case, played = here.case, Played([], {})
    for count, request in enumerate(case.requests, 1):
        here.set_up(count - 1)
        played.replies.append(here.send(request))
        asked = [e for e in case.expectations if e.after == count or (count == len(case.requests) and not e.after)]
        if asked:
            here.pegel.load()
            played.answers |= ask(here, asked)
    return played
