"""Log lines: the same fields in both formats, one line for each event, and nothing of anybody whatever goes wrong."""

import logging
import os
import re
import signal
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson
import pytest

from ingest.log_lines import Lines, event_of, said
from ingest.spool import SpoolFull
from sql.settings import BadSetting, Settings
from tests.running import HOST, Server, eventually, free_port, server
from tests.traces import Remains, found_in, trace_of_address, trace_of_id, trace_of_text, trace_of_user

VISITOR = "1234567890abcdef"
ADDRESS = "198.51.100.77"
AGENT = "SecretBrowser/7.5"
TEXT_LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (\w+) ([\w.]+) (.*)")

JSON_LINE = re.compile(r'\{"time":"[^"]+","level":"[A-Z]+","logger":"[\w.]+","event":".*\}')


def record(message: str, *values: object, error: BaseException | None = None) -> logging.LogRecord:
    told: Any = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("ingest.here", logging.WARNING, "here.py", 1, message, values, told)


def raised() -> ValueError:
    """Return an error that repeats what somebody sent, and has a cause that does."""
    try:
        raise ValueError("no secret") from KeyError("secret")
    except ValueError as error:
        return error


@pytest.mark.parametrize(
    ("message", "values", "words", "fields"),
    [
        pytest.param("stopping", (), "stopping", {}, id="no-field"),
        pytest.param("started name=%s pid=%d", ("core", 7), "started", {"name": "core", "pid": 7}, id="two"),
        pytest.param("it fails error=%s", ("is full now",), "it fails", {"error": "is full now"}, id="blanks"),
        pytest.param("it fails error=%s: %s", ("Bad", "no x=1"), "it fails", {"error": "Bad: no x=1"}, id="double"),
        pytest.param("%s is tried again attempt=%d", ("insert", 2), "insert is tried again", {"attempt": 2}, id="word"),
        pytest.param("wait=%.1f of 100%%", (0.25,), "of 100%", {"wait": 0.2}, id="number"),
        pytest.param("pattern too slow pattern=%.100r", ("a",), "pattern too slow", {"pattern": "'a'"}, id="quoted"),
    ],
)  # fmt: skip
def test_both_formats_say_the_same(
    message: str, values: tuple[object, ...], words: str, fields: Mapping[str, object]
) -> None:
    line = record(message, *values)
    assert event_of(line) == (words, fields)
    assert orjson.loads(Lines("json").format(line)).items() >= {**fields, "event": words, "level": "WARNING"}.items()
    found = TEXT_LINE.fullmatch(Lines("text").format(line))
    assert found is not None
    shown = " ".join(f"{name}={value}" for name, value in fields.items())
    assert found.groups() == ("WARNING", "ingest.here", f"{words} {shown}".strip())


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_event_is_one_line(form: str) -> None:
    line = Lines(form).format(record("it failed error=%s", "one\n2026-05-13 12:00:00,000 INFO forged\x1b[2J\u2028"))
    assert len(line.splitlines()) == 1
    assert line.isprintable()


@pytest.mark.parametrize("form", ["text", "json"])
def test_of_an_unexpected_error_only_kind_and_place_are_told(form: str) -> None:
    line = Lines(form).format(record("process failed name=%s", "core", error=raised()))
    assert "ValueError < KeyError" in line
    assert "tests/test_log_lines.py:" in line
    assert "secret" not in line


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_message_that_does_not_fit_its_values_is_a_line_too(form: str) -> None:
    assert "unreadable message" in Lines(form).format(record("pid=%d", "secret"))
    assert "secret" not in Lines(form).format(record("pid=%d", "secret"))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(SpoolFull("spool holds 5 bytes"), "SpoolFull: spool holds 5 bytes", id="ours"),
        pytest.param(sqlite3.DataError("table is locked"), "DataError: table is locked", id="sqlite"),
        pytest.param(ValueError("invalid literal: 'secret'"), "ValueError", id="anybody's"),
    ],
)  # fmt: skip
def test_which_errors_are_quoted(error: Exception, expected: str) -> None:
    assert said(error) == expected


def test_a_format_that_there_is_not() -> None:
    with pytest.raises(BadSetting, match="PEGEL_LOG_FORMAT='xml': expected one of text, json"):
        Settings(log_format="xml")


class Misfortune(NamedTuple):
    """A server to which everything happens that we could think of, and what was sent to it meanwhile."""

    pegel: Server
    site: int
    token: str

    def query(self, **changes: object) -> str:
        told = {
            "idsite": self.site, "rec": 1, "token_auth": self.token, "cip": ADDRESS, "_id": VISITOR,
            "uid": "anna@example.org", "url": "https://example.org/secret-page?key=secret-key",
            "urlref": "https://secret-referrer.example/", "action_name": "Secret title", "e_c": "secret",
        }  # fmt: skip
        return urlencode({**told, **changes})

    def send(self, **changes: object) -> int:
        return self.pegel.get(f"/matomo.php?{self.query(**changes)}", User_Agent=AGENT, Cookie="a=secret-cookie").status

    def wrongs(self) -> None:
        """Send what is refused, broken or nowhere."""
        assert self.send(token_auth="secret-token") == 400
        assert self.send(idsite=4711) == 400
        for body in (b'{"requests": ["?secret', b"\xff\xfesecret", b'{"requests": [["secret"], {"secret": 1}]}'):
            self.pegel.request("POST", "/matomo.php", body, User_Agent=AGENT)
        self.pegel.get("/secret-page?secret")
        for path in ("/secret-page", "/index.php?module=API&method=Secret.get&token_auth=secret-token&format=json"):
            self.pegel.get(path, self.pegel.private_port, User_Agent=AGENT, X_Forwarded_For=ADDRESS)
        headers = {"Authorization": "Bearer secret-token", "User_Agent": AGENT}
        self.pegel.get("/api/v1/query?site=1&filters=secret", self.pegel.private_port, **headers)

    def suffer(self) -> None:
        """Lose processes, the registry, a bit of a segment, and the room in the spool."""
        eventually(lambda: self.send() == 200)
        self.pegel.kill_worker("collector-1")
        eventually(lambda: self.send() == 200)
        os.kill(self.pegel.pid("core"), signal.SIGSTOP)
        assert self.send() == 200
        self.damage()
        registry = self.pegel.data / "registry.sqlite"
        registry.rename(registry.with_suffix(".gone"))
        eventually(lambda: self.send() == 200 and "registry unreadable" in self.pegel.said())
        registry.with_suffix(".gone").rename(registry)
        self.fill()
        self.pegel.kill_worker("core")
        self.pegel.flush()

    def damage(self) -> None:
        """Turn a bit of what waits."""
        segment = max((self.pegel.data / "spool").glob("*.segment"))
        content = bytearray(segment.read_bytes())
        content[-200] ^= 1
        segment.write_bytes(content)

    def fill(self) -> None:
        bulk = orjson.dumps({"requests": [f"?{self.query()}"] * 500, "token_auth": self.token})
        while self.pegel.request("POST", "/matomo.php", bulk, User_Agent=AGENT).status == 200:
            pass


@pytest.fixture(scope="module", params=["text", "json"])
def log(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    """What a server says in one of the formats while everything goes wrong; and a token that it was sent."""
    nowhere = f"clickhouse://default:secret-password@{HOST}:{free_port()}/default?connect_timeout=1"
    environ = {
        "PEGEL_LOG_FORMAT": request.param, "PEGEL_COLLECTORS": "1", "PEGEL_SPOOL_MAX_BYTES": "1000000",
    }  # fmt: skip
    with server(tmp_path_factory.mktemp("misfortune"), **environ) as pegel:
        unhappy = Misfortune(pegel, pegel.add_site(), pegel.add_token("superuser"))
        pegel.start()
        unhappy.wrongs()
        unhappy.suffer()
        assert pegel.stop() == 0
        pegel.environ |= {"PEGEL_CLICKHOUSE": nowhere, "PEGEL_CLICKHOUSE_ATTEMPTS": "2"}
        pegel.launch()
        eventually(lambda: "DatabaseUnavailable" in pegel.said())
        with suppress(OSError):
            pegel.stop()
        yield request.param, pegel.said(), unhappy.token


def test_whatever_goes_wrong_nothing_of_anybody_is_logged(log: tuple[str, str, str]) -> None:
    _, text, token = log
    for word in ("process died", "registry unreadable", "spool refuses hits", "segment damaged", "DatabaseUnavailable"):
        assert word in text, f"this went well, too well: {word}"
    traces = {
        "address": trace_of_address(ADDRESS),
        "visitor": trace_of_id(VISITOR),
        "user": trace_of_user("anna@example.org"),
        "token": trace_of_text(token),
        "anything": trace_of_text("secret"),
    }
    remains = Remains()
    remains.add("log", text.encode())
    assert found_in(remains, traces) == {}


def test_every_line_is_of_the_format(log: tuple[str, str, str]) -> None:
    form, text, _ = log
    lines = [line for line in text.splitlines() if not line.startswith(("Tracking: ", "Dashboard: ", "pegel: "))]
    assert lines
    assert [line for line in lines if not (JSON_LINE if form == "json" else TEXT_LINE).fullmatch(line)] == []
    if form == "json":
        assert [line for line in lines if not orjson.loads(line)["event"]] == []
