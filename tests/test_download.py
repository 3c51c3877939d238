"""`pegel export`: a file that is whole whatever happens to the connection, and goes on where it was left."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import pegel
from dashboard.download import DownloadFailed, Progress, Wanted, bar, download
from dashboard.settings import Settings
from sql.clickhouse import Database
from tests.administered import World, administered
from tests.conftest import NOW, emptied, hit_row, insert_rows

ROWS = 25
QUERY = {"site": "1", "from": "2026-05-13", "to": "2026-05-13"}


class Breaking:
    """Breaks the connection after so many pieces of an answer, each time but the last."""

    def __init__(self, app: ASGIApp, breaks: list[int]) -> None:
        self.app, self.breaks = app, breaks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        left = self.breaks.pop(0) if self.breaks and scope["type"] == "http" else -1

        async def breaking(message: Message) -> None:
            nonlocal left
            if message["type"] == "http.response.body":
                if left == 0:
                    raise OSError("the line is dead")
                left -= 1
            await send(message)

        await self.app(scope, receive, breaking)


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def breaks() -> list[int]:
    return []


@pytest.fixture
def wanted(administered_world: World, tmp_path: Path, clean_database: Database, breaks: list[int]) -> Iterator[Wanted]:
    insert_rows(clean_database, "hits", [hit_row(at=NOW, title=f"Ä {number}") for number in range(ROWS)])
    few_at_once = Settings(query_rows=10)
    with (
        administered(administered_world, tmp_path, clean_database, few_at_once) as api,
        serving(Breaking(api.client.app, breaks)) as address,
    ):
        yield Wanted(address, "hits", QUERY, api.tokens["admin"])
    emptied(clean_database)


def titles(file: Path) -> list[str]:
    return [json.loads(line)["title"] for line in file.read_text("utf-8").splitlines()]


def at_once(_: float) -> None:
    """Waits for nothing."""


EVERYTHING = [f"Ä {number}" for number in range(ROWS)]


@pytest.mark.parametrize("broken", [[], [0], [1], [2, 1], [1, 0, 1, 0]])
def test_a_file_is_whole(wanted: Wanted, tmp_path: Path, breaks: list[int], broken: list[int]) -> None:
    breaks += broken
    told: list[int] = []
    done = download(wanted, tmp_path / "hits", lambda progress: told.append(progress.rows), wait=at_once)
    assert titles(tmp_path / "hits") == EVERYTHING
    assert (done.rows, done.total, told[-1]) == (ROWS, ROWS, ROWS)
    assert breaks == []


def test_a_file_goes_on(wanted: Wanted, tmp_path: Path, breaks: list[int]) -> None:
    file = tmp_path / "hits"
    breaks += [1, *[0] * 5]
    with pytest.raises(DownloadFailed, match="--resume goes on"):
        download(wanted, file, lambda _: None, wait=at_once)
    begun = titles(file)
    assert 0 < len(begun) < ROWS
    with file.open("ab") as out:
        out.write(b'{"half a row')
    with pytest.raises(DownloadFailed, match="is there already"):
        download(wanted, file, lambda _: None, wait=at_once)
    done = download(wanted, file, lambda _: None, resume=True, wait=at_once)
    assert titles(file) == EVERYTHING
    assert done.rows == ROWS - len(begun)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"token": "0" * 32}, "There is no such token", id="wrong-token"),
        pytest.param({"what": "clicks"}, "openapi.json", id="no-such-rows"),
        pytest.param({"query": {**QUERY, "site": "9"}}, "There is no site 9", id="no-such-site"),
        pytest.param({"address": "http://127.0.0.1:1"}, "refused", id="nobody-there"),
    ],
)
def test_what_cannot_be_had_is_said(wanted: Wanted, tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DownloadFailed, match=message):
        download(replace(wanted, **changes), tmp_path / "hits", lambda _: None, wait=at_once)


def test_the_command(wanted: Wanted, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "token").write_text(f"{wanted.token}\n")
    days = ["--site", "1", "--from", QUERY["from"], "--to", QUERY["to"]]
    reached = ["--token-file", str(tmp_path / "token"), "--address", wanted.address]
    argv = ["export", "hits", str(tmp_path / "hits"), *days, *reached]
    environ = {"PEGEL_DATA": str(tmp_path)}
    assert pegel.main(argv, environ) == 0
    assert capsys.readouterr().out.startswith(f"{ROWS} rows written to {tmp_path / 'hits'}")
    assert titles(tmp_path / "hits") == EVERYTHING
    assert pegel.main(argv, environ) == 1
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("progress", "expected"),
    [
        pytest.param(Progress(0, 100), "[..........]   0%  0 of 100 rows, 0/s", id="begun"),
        pytest.param(Progress(50, 100), "[#####.....]  50%  50 of 100 rows, 25/s", id="half"),
        pytest.param(Progress(0, 0), "[##########] 100%  0 of 0 rows, 0/s", id="nothing"),
    ],
)
def test_how_far_it_is(progress: Progress, expected: str) -> None:
    assert bar(progress, 2.0, 10) == expected
