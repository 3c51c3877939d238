"""The recorded cases: we report what a Matomo server reported for the same requests, number by number."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import pytest

from sql.clickhouse import Database
from tests.answers import ANSWERS, Answers
from tests.cases import FOLDER, Case, Expectation, Played, Row, Stage, cases, play, stage

CASES = {case.name: case for case in cases()}
EXPECTED = [expectation for case in CASES.values() for expectation in case.expectations]
REPLIES = "(tracker response)"
pytestmark = pytest.mark.skipif(not CASES, reason=f"no recorded cases in {FOLDER}")

Play = Callable[[str], Played]
Path = tuple[str, ...]
Cells = dict[Path, Any]


class Later(NamedTuple):
    """What is not answered yet: some columns of some methods, as regular expressions."""

    method: str
    column: str
    why: str


class Difference(NamedTuple):
    """Where we answer otherwise on purpose; all but the reason are regular expressions."""

    case: str
    method: str
    cell: str
    why: str


LATER = (
    Later(r"API\..*", ".*", "methods of the Reporting API itself"),
    Later(r"Goals\.(?!get$|getItems(Sku|Name)$).*", ".*", "goals and orders"),
    Later(r"Goals\.getItems.*", r"(?!revenue|quantity|orders).*", "goals and orders"),
    Later(r"Goals\.get", r"nb_visits(_new_visit|_returning_visit)?", "visits beside conversions"),
    Later(r"Contents\..*", r"nb_visits|.*nb_uniq_visitors", "contents by visit"),
    Later(r"CustomDimensions\..*", r"goals|subtable|(sum_|avg_)time.*|nb_hits|exit.*|entry.*", "custom dimensions"),
    Later(r"MultiSites\..*", ".*", "sites side by side"),
    Later(r"Actions\.get(PageUrl|PageTitle|Download|Outlink)", ".*", "one row by its address"),
    Later(r"Actions\..*FollowingSiteSearch", ".*", "pages after a search"),
    Later(r"UserCountry\.get(Continent|Region|City)", ".*", "places other than countries"),
    Later(r"UserLanguage\..*|DevicesDetection\.get(Type|Brand|Model|BrowserEngines)", ".*", "names in words"),
    Later(r"Referrers\.getUrlsForSocial", ".*", "subtables on their own"),
    Later(
        r"(?!Goals\.).*",
        r"nb_visits_converted.*|.*[cC]onversion.*|revenue.*|goals?|goal_.*|visitConverted",
        "goals and orders",
    ),
    Later(".*", r"total(Ecommerce|Abandoned).*|.*Ecommerce(Order|Status)|siteCurrency", "goals and orders"),
    Later(".*", r".*_time_(network|server|transfer|dom_\w+|on_load)|avg_page_load_time", "page timings"),
    Later(".*", "nb_hits_following_search", "pages after a search"),
    Later(".*", r"segment|code|idVisit|timeSpent|timestamp|(Actions|Referrers)_[A-Z][A-Za-z]*", "metadata of rows"),
    Later(r"(?!Live\.).*", "url", "metadata of rows"),
    Later(r"Live\..*", r"continent.*|region.*|city|language|plugins|browserFamily|deviceModel", "names in words"),
    Later(r"Live\..*", r"(browser|operatingSystem)Code|.*(Engine|Network)Url", "names in words"),
)
ACCEPTED = (
    Difference("custom_dimensions", r"CustomDimensions\..*", "rows|(Value not defined|dim 2)/.*", "rows of no visit"),
    Difference("oracle_late", r"VisitTime\..*ServerTime", ".*", "Matomo shifts UTC's hours by whole hours"),
    Difference("oracle_late", re.escape(REPLIES), "102/.*", "orders are told from each other with goals and orders"),
    Difference("timezones", r"Live\..*", "rows|(21|24)/.*", "Matomo's log reaches into the next day by a second"),
    Difference("custom_events", r"Live\..*", "9/actionDetails/.*", "hits of one second have no order"),
    Difference("ecommerce_orders", r"Actions\..*", ".*/(nb_actions_per_visit|avg_time_on_site)", "pages have none"),
    Difference("one_visitor_two_visits", r"VisitsSummary\.getUsers", ".*", "the recorded answer was hidden"),
)
# What conversions lengthen by a second or more in Matomo, and on purpose not here.
LASTING = re.compile(r"(entry_)?sum_visit_length.*|avg_time_on_site.*|visitDuration|.*\.getSumVisitsLength")


def why_not(asked: Expectation) -> str:
    """Return why a whole expectation is not compared, '' if it is."""
    reasons = {
        "segments": "segment" in asked.parameters,
        "other formats than JSON": asked.match == "text",
        "error messages; what Matomo refuses to count, people of a year, we count": is_error(asked.result),
        "titles that are split": "Title" in asked.method and CASES[asked.case].title_delimiter != "",
        "no answer yet": asked.method not in ANSWERS,
        "several sites at once": "," in str(asked.parameters.get("idSite", "")),
        "dimensions of actions": is_of_actions(asked),
    }
    whole = (entry.why for entry in LATER if entry.column == ".*" and re.fullmatch(entry.method, asked.method))
    why = next(whole, "") or next((reason for reason, holds in reasons.items() if holds), "")
    return f"{asked.method}: {why}" if why else ""


def is_of_actions(asked: Expectation) -> bool:
    known = CASES[asked.case].dimensions
    return asked.method.startswith("CustomDimensions.") and known.get(asked.parameters["idDimension"]) != "visit"


def is_error(result: Any) -> bool:
    return isinstance(result, dict) and result.get("result") == "error"


def is_later(asked: Expectation, path: Path) -> bool:
    columns = [entry.column for entry in LATER if re.fullmatch(entry.method, asked.method)]
    return any(re.fullmatch(column, name) for column in columns for name in path)


def accepted(case: str, method: str, path: Path) -> str:
    """Return why a difference is accepted, '' if it is not."""
    for known in ACCEPTED:
        given = ((known.case, case), (known.method, method), (known.cell, "/".join(path)))
        if all(re.fullmatch(pattern, text) for pattern, text in given):
            return known.why
    return ""


def cells(result: Any, keys: Path = (), path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every value of a report with its place; a row's is its label, its values of `keys`, or its number."""
    if isinstance(result, list):
        yield (*path, "rows"), len(result)
        for number, row in enumerate(result):
            yield from cells(row, (), (*path, name_of(row, keys) or str(number)))
    elif isinstance(result, dict):
        for name in result.keys() - {"label"}:
            yield from cells(result[name], keys, (*path, name))
    else:
        yield path, plain(result)


def name_of(row: Any, keys: Path) -> str:
    return row.get("label") or "@".join(str(row[key]) for key in keys) if isinstance(row, dict) else ""


def plain(value: Any) -> Any:
    """Return a value as it can be compared: a number may be a text, and nothing ''."""
    try:
        return "" if value is None else float(value)
    except ValueError:
        return value


def wanted(asked: Expectation) -> Cells:
    """Return the recorded values that we answer for."""
    found = values_of(asked, actions_only(asked.result) if is_log(asked) else asked.result)
    return {
        path: value
        for path, value in found.items()
        if not is_later(asked, path) and not accepted(asked.case, asked.method, path)
    }


def values_of(asked: Expectation, result: Any) -> Cells:
    """Return the values of a report; a report of a single value is called by its method."""
    several = isinstance(result, list | dict)
    return dict(cells(result if several else {asked.method: result}, keys_of(asked)))


def is_log(asked: Expectation) -> bool:
    return asked.method.startswith("Live.")


def keys_of(asked: Expectation) -> Path:
    """Return what tells the visits of a log apart, if the recording has it."""
    keys = ("visitorId", "firstActionTimestamp")
    return keys if is_log(asked) and all(key in visit for visit in asked.result for key in keys) else ()


def actions_only(visits: Iterable[Row]) -> list[Row]:
    """Return a log of visits without conversions and contents."""
    kept = ("action", "event", "outlink", "download")
    return [
        {**visit, "actionDetails": [entry for entry in visit.get("actionDetails", ()) if entry["type"] in kept]}
        for visit in visits
    ]


def differing(ours: Cells, theirs: Cells, seconds: int = 0) -> Cells:
    """Return both values where they differ; by conversions, visits may last that many seconds longer."""

    def agree(path: Path, mine: Any, recorded: Any) -> bool:
        if seconds and LASTING.fullmatch(path[-1]) and isinstance(mine, float):
            return bool(0 <= recorded - mine <= seconds)
        return bool(mine == recorded)

    return {path: (ours.get(path), value) for path, value in theirs.items() if not agree(path, ours.get(path), value)}


def ask(here: Stage, asked: list[Expectation]) -> dict[int, Any]:
    answers = Answers(here)
    return {expectation.number: answers.to(expectation) for expectation in asked if not why_not(expectation)}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, database: Database) -> Play:
    """Play a case when it is first asked for."""
    known: dict[str, Played] = {}

    def of(name: str) -> Played:
        if name not in known:
            with stage(CASES[name], tmp_path_factory.mktemp(name), database) as here:
                known[name] = play(here, ask)
        return known[name]

    return of


def recorded_replies(case: Case) -> Cells:
    """Return what the tracker answered, by the number of the request."""
    given = {str(number): request["response"] for number, request in enumerate(case.requests) if "response" in request}
    bodies = {str(asked.request): {"json": asked.result} for asked in case.expectations if asked.method == REPLIES}
    found = cells({**given, **bodies})
    return {path: value for path, value in found if not accepted(case.name, REPLIES, path)}


def replies(result: Played) -> Cells:
    found = {}
    for number, reply in enumerate(result.replies):
        kind = reply.headers.get("content-type", "")
        body = {"json": json.loads(reply.body)} if kind == "application/json" else {}
        found[str(number)] = {"status": reply.status, "content_type": kind, "length": len(reply.body), **body}
    return dict(cells(found))


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=case.name) for case in CASES.values() if recorded_replies(case)]
)
def test_reply(played: Play, case: Case) -> None:
    assert differing(replies(played(case.name)), recorded_replies(case)) == {}


COMPARED = [expectation for expectation in EXPECTED if expectation.method != REPLIES]


@pytest.mark.parametrize("asked", [pytest.param(expectation, id=expectation.id) for expectation in COMPARED])
def test_report(played: Play, asked: Expectation) -> None:
    if reason := why_not(asked):
        pytest.skip(reason)
    if not (theirs := wanted(asked)):
        pytest.skip(f"{asked.method}: {accepted(asked.case, asked.method, ('rows',)) or 'no column is answered yet'}")
    ours = values_of(asked, played(asked.case).answers[asked.number])
    assert differing(ours, theirs, CASES[asked.case].seconds_of_conversions(single=is_log(asked))) == {}


# The number stands in the test's name, so that every run tells how much was compared.
@pytest.mark.parametrize("compared", [sum(len(wanted(asked)) for asked in COMPARED if not why_not(asked))])
def test_much_is_compared(compared: int) -> None:
    assert compared > 5000
