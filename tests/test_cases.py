"""The recorded cases: we report what a Matomo server reported for the same requests, number by number."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from starlette.testclient import TestClient

from dashboard.app import create_app
from dashboard.settings import Settings
from dashboard.surroundings import Surroundings
from sql.clickhouse import Database
from tests.cases import FOLDER, Case, Expectation, Played, Stage, cases, play, stage
from tests.cells import Cells, Path, cells, differing

CASES = {case.name: case for case in cases()}
EXPECTED = [expectation for case in CASES.values() for expectation in case.expectations]
REPLIES = "(tracker response)"
pytestmark = pytest.mark.skipif(not CASES, reason=f"no recorded cases in {FOLDER}")

Play = Callable[[str], Played]


class Difference(NamedTuple):
    """Where we answer otherwise on purpose; all but the reason are regular expressions, the first of how ids begin."""

    case: str
    method: str
    cell: str
    why: str


ACCEPTED = (
    Difference(".*", r"Live\..*", ".*/(idVisit|goalPageId)", "ids are hashes here, and do not count from 1"),
    Difference(
        "oracle_late", re.escape(REPLIES), "102/.*", "collectors ask no database: a repeated order is dropped later"
    ),
    Difference(
        ".*", r"UserCountry\.get(City|Region|Continent)", ".*/nb_uniq_visitors", "a person of two places is one here"
    ),
    Difference(".*", r"Referrers\.getSocials", ".*_uniq_visitors", "a person of two pages of a network is one here"),
    Difference(".*", r"API\.getProcessedReport", "reportTotal/nb_(pages|actions)_per_.*", "averages are not added"),
    Difference("user_id_visitor_id", r"VisitsSummary\.getUsers", ".*", "people of a year are counted, too"),
    Difference(".*", r"MultiSites\.getAll", "Others/.*", "what other sites had before is known here"),
    Difference("oracle_late", r"VisitTime\..*ServerTime", ".*", "Matomo shifts UTC's hours by whole hours"),
    Difference(
        "contents-29-", r"Contents\.getContentNames", "Contents.getContentNames", "people of a week have a column"
    ),
    Difference("user_id_visitor_id", r"Live\..*", "5/actionDetails/3/revenue", "an amount is told to its last cent"),
    Difference("one_visitor_two_visits", r"VisitsSummary\.getUsers", ".*", "the recorded answer was hidden"),
)


def accepted(case: str, method: str, path: Path) -> str:
    """Return why a difference is accepted, '' if it is not."""
    for known in ACCEPTED:
        given = ((known.method, method), (known.cell, "/".join(path)))
        if re.match(known.case, case) and all(re.fullmatch(pattern, text) for pattern, text in given):
            return known.why
    return ""


def wanted(asked: Expectation) -> Cells:
    """Return the recorded values that ours must equal."""
    found = values_of(asked, asked.result)
    return {path: value for path, value in found.items() if not accepted(asked.id, asked.method, path)}


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


def ask(here: Stage, asked: list[Expectation]) -> dict[int, Any]:
    """Ask the Reporting API of a dashboard over the same database and registry."""
    surroundings = Surroundings(lambda: {"ok": True}, title_delimiter=here.case.title_delimiter)
    app = create_app(Settings(), here.pegel.database, here.pegel.registry, lambda: here.case.now, surroundings)
    with TestClient(app) as client:
        return {expectation.number: answer_to(client, here, expectation) for expectation in asked}


def answer_to(client: TestClient, here: Stage, asked: Expectation) -> Any:
    """Return a report as it was asked for: what JSON says, or a text of another format."""
    query = {"module": "API", "method": asked.method, "format": "json", "token_auth": here.token, **asked.parameters}
    form = {name: value for name, value in query.items() if not isinstance(value, list)}
    form |= {
        f"{name}[{n}]": entry
        for name, value in query.items()
        if isinstance(value, list)
        for n, entry in enumerate(value)
    }
    answer = client.post("/index.php", data=form)
    if asked.match == "text":
        encoding = "utf-16" if answer.content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        return answer.content.decode(encoding)
    found = answer.json()
    return found["value"] if isinstance(found, dict) and found.keys() == {"value"} else found


def fields(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield a parameter as a form has it: a list becomes `name[0]`, `name[1]` …"""
    if not isinstance(value, list):
        yield name, value
        return
    yield from ((f"{name}[{number}]", entry) for number, entry in enumerate(value))


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
    if not (theirs := wanted(asked)):
        pytest.skip(f"{asked.method}: {accepted(asked.id, asked.method, ('rows',)) or 'nothing was recorded'}")
    ours = values_of(asked, played(asked.case).answers[asked.number])
    assert differing(ours, theirs, CASES[asked.case].seconds_of_conversions(single=is_log(asked))) == {}


# The number stands in the test's name, so that every run tells how much was compared.
@pytest.mark.parametrize("compared", [sum(len(wanted(asked)) for asked in COMPARED)])
def test_much_is_compared(compared: int) -> None:
    assert compared > 50_000
