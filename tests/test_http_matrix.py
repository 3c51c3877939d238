"""The recorded HTTP surface: for the same requests, in the same order, the same answers and the same counts."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from http.client import HTTPConnection
from typing import Any, NamedTuple

import pytest

from ingest.settings import Settings
from sql import migrate
from sql.choices import Signal
from sql.clickhouse import Database
from sql.registry import NewSite
from tests.cases import SHARED, Row
from tests.tracked import Answer, Tracked, answer_of, tracked

FILE = SHARED / "http_matrix.json"
RECORDED: list[Row] = json.loads(FILE.read_text("utf-8"))["requests"] if FILE.exists() else []
NOW = datetime(2026, 5, 13, 12, 0, tzinfo=UTC)
SITES = (
    NewSite(id=1, name="One", urls=("https://example.org",), ecommerce=True),
    NewSite(id=2, name="Two", urls=("https://two.example",)),
)
pytestmark = pytest.mark.skipif(not RECORDED, reason=f"no recorded answers in {FILE}")


class Difference(NamedTuple):
    """Where we answer otherwise on purpose: a request by its number, and what of the answer, as regular expressions."""

    number: str
    what: str
    why: str


ACCEPTED = (
    Difference(
        "96", "status|content-type|cache-control|begin", "a list in place of a token is no token: 400 instead of 500"
    ),
    Difference(
        "189|192|207", "content-type|cache-control|vary|content-disposition|begin|content-encoding", "our script"
    ),
    Difference("189|192|207", "access-control-allow-origin", "pages may load it with an integrity check"),
    Difference("201", "status", "no such file is 404 here; 403 is a rule of the recorded web server"),
)


def accepted(number: int, what: str) -> bool:
    return any(re.fullmatch(entry.number, str(number)) and re.fullmatch(entry.what, what) for entry in ACCEPTED)


class Seen(NamedTuple):
    """What came of a request: its answer, and how many actions, visits and conversions there were afterwards."""

    answer: Answer
    counted: dict[str, int]


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory, database: Database) -> Iterator[dict[int, Seen]]:
    """All requests, sent in order to one collector with a database of its own."""
    database.command("create database http_matrix")
    own = Database(f"{database.dsn}?database=http_matrix")
    migrate.apply(own)
    with tracked(tmp_path_factory.mktemp("http_matrix"), own, Settings(mask_bytes=0)) as pegel:
        pegel.now = NOW
        for site in SITES:
            pegel.registry.add_site(site)
        yield dict(replay(pegel))
    own.client.close()
    database.command("drop database http_matrix")


def replay(pegel: Tracked) -> Iterator[tuple[int, Seen]]:
    token = pegel.token("superuser")
    before = totals(pegel)
    for recorded in RECORDED:
        heed_signals(pegel, "drop" if recorded["group"] == "dnt-on" else "ignore")
        answer = send(pegel, recorded, token)
        after = totals(pegel)
        yield recorded["n"], Seen(answer, {name: after[name] - before[name] for name in after})
        before = after


def heed_signals(pegel: Tracked, dnt: Signal) -> None:
    for site in pegel.registry.sites():
        if site.dnt != dnt:
            pegel.registry.update_site(replace(site, dnt=dnt))


def send(pegel: Tracked, recorded: Row, token: str) -> Answer:
    """Send a request as it was recorded, with these headers and no others, except that it has our token."""
    query = recorded["query"].replace("TOKEN", token)
    body = None if recorded["body"] is None else recorded["body"].replace("TOKEN", token).encode()
    connection = HTTPConnection("127.0.0.1", pegel.port, timeout=10)
    path = f"{recorded['path']}?{query}" if query else recorded["path"]
    connection.putrequest(recorded["method"], path, skip_host="Host" in recorded["headers"], skip_accept_encoding=True)
    length = {} if body is None else {"Content-Length": str(len(body))}
    for name, value in {**recorded["headers"], **length}.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    return answer_of(connection)


def totals(pegel: Tracked) -> dict[str, int]:
    pegel.load()
    (visits,) = pegel.rows("select count() as visits, sum(actions) as actions from visits final")
    (conversions,) = pegel.rows("select count() as conversions from conversions final")
    return {**visits, **conversions}


def plain(answer: Answer, recorded: Row) -> dict[str, Any]:
    """Return what of an answer is compared; its body by a hash, where that is no text for people to read."""
    looked_at = LOOKED_AT | recorded["response"]["headers"].keys()
    headers = {name: answer.headers.get(name) for name in looked_at}
    begin = kind_of(answer.body[:10].decode("latin-1"))
    return {"status": answer.status, "begin": begin, "sha256": sha256(answer.body).hexdigest(), **headers}


# Headers that were looked at on every answer: one that was not recorded was not there.
LOOKED_AT = {
    *("content-type", "cache-control", "tk", "location", "expires", "pragma", "p3p", "vary", "allow", "set-cookie"),
    *("content-disposition", "content-encoding", "access-control-allow-origin", "access-control-allow-credentials"),
    *("access-control-allow-methods", "access-control-allow-headers", "access-control-max-age"),
}


def kind_of(begin: str) -> str:
    """Return which kind of content a body is by its first characters: the words of a text are everybody's own."""
    beginnings = {"GIF89a": "image", '{"status"': "report", "<html>": "page of a web server", "/*": "script"}
    named = (kind for start, kind in beginnings.items() if begin.startswith(start))
    return next(named, "text" if begin else "nothing")


def wanted(recorded: Row) -> dict[str, Any]:
    response = recorded["response"]
    headers = dict.fromkeys(LOOKED_AT) | response["headers"]
    begin = kind_of(response["prefix"])
    body = {"sha256": response["sha256"]} if begin in ("image", "report") and response["status"] < 400 else {}
    return {"status": response["status"], "begin": begin, **body, **headers}


def differences(recorded: Row, seen: Seen) -> dict[str, tuple[Any, Any]]:
    """Return what was recorded and what came, where that is not the same."""
    expected = {**wanted(recorded), **recorded["response"]["counted"]}
    came = {**plain(seen.answer, recorded), **seen.counted}
    return {name: (expected[name], came[name]) for name in expected if expected[name] != came[name]}


def name_of(recorded: Row) -> str:
    return f"{recorded['n']}-{recorded['group']}-{recorded['method']}"


@pytest.mark.parametrize("recorded", RECORDED, ids=name_of)
def test_an_answer(replayed: dict[int, Seen], recorded: Row) -> None:
    found = differences(recorded, replayed[recorded["n"]])
    assert {name: pair for name, pair in found.items() if not accepted(recorded["n"], name)} == {}


@pytest.mark.parametrize("entry", ACCEPTED, ids=lambda entry: entry.number)
def test_accepted_differences_are_there(replayed: dict[int, Seen], entry: Difference) -> None:
    """A difference that is gone must go from the table too."""
    places = [
        (recorded["n"], name)
        for recorded in RECORDED
        for name in differences(recorded, replayed[recorded["n"]])
        if re.fullmatch(entry.number, str(recorded["n"])) and re.fullmatch(entry.what, name)
    ]
    assert {str(number) for number, _ in places} == set(entry.number.split("|"))
