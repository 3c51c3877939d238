"""The guard before ClickHouse: turns, a bounded queue, limits, and an end to questions nobody waits for."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Message

from dashboard.query_guard import QueryGuard, ReaderGone, TooBusy
from dashboard.settings import Settings
from sql import migrate
from sql.clickhouse import Database, DatabaseUnavailable, Limits, QuestionEnded, Reading, TookTooLong, TookTooMuch
from tests.administered import BOSS, PASSWORD, Api, World, administered
from tests.conftest import NOW

SLOW = "select count() from numbers(1000000000000) where sipHash64(number) = 1"
GROUPED = "select number % 1000 as n, count() from numbers(1000000000000) group by n"
LARGE = "select length(groupArray(number)) from numbers(1000000000)"
MANY = "select number from numbers(1000)"
RUNNING = "select count() from system.processes where query like '%numbers(%' and query not like '%processes%'"
TIMELY = 5  # Seconds within which a stopped question ends; by itself it would run for minutes.
Asked = Callable[[Database], object]


@pytest.fixture(params=["embedded", "server"])
def anywhere(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue({"embedded": "database", "server": "database_server"}[request.param])
    return found


@pytest.fixture(scope="module")
def database_server(clickhouse_server: str) -> Iterator[Database]:
    database = Database(clickhouse_server)
    migrate.apply(database)
    yield database
    database.client.close()


def asking(statement: str) -> Asked:
    """Return the question of a statement that stands in no file."""

    def ask(database: Database) -> object:
        assert isinstance(database, Reading)
        return database.rows(statement)

    return ask


def raised(database: Database, statement: str, **limits: Any) -> DatabaseUnavailable:
    with pytest.raises(DatabaseUnavailable) as caught:
        asking(statement)(database.reading(Limits(**limits)))
    return caught.value


@pytest.mark.parametrize(
    ("statement", "limits", "expected"),
    [
        pytest.param(SLOW, {"seconds": 0.5}, TookTooLong, id="time"),
        pytest.param(LARGE, {"memory": 50_000_000}, TookTooMuch, id="memory"),
        pytest.param(MANY, {"rows": 10}, TookTooMuch, id="rows"),
        pytest.param(MANY, {"seconds": 0}, TookTooLong, id="no-time-left"),
    ],
)
def test_what_takes_too_much_is_refused_whole(
    anywhere: Database, statement: str, limits: dict[str, Any], expected: type[QuestionEnded]
) -> None:
    error = raised(anywhere, statement, **limits)
    assert type(error) is expected
    assert "Ask about a shorter period" in expected.reason


def test_all_questions_of_a_reader_share_their_time(anywhere: Database) -> None:
    moment = 100.0
    reading = Reading(anywhere, Limits(seconds=3), lambda: moment)
    assert reading.settings()["max_execution_time"] == 3
    moment += 2
    assert reading.settings()["max_execution_time"] == 1
    moment += 1
    with pytest.raises(TookTooLong):
        asking("select 1")(reading)


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("select * from file('/etc/passwd', 'LineAsString')", id="file"),
        pytest.param("select * from url('http://127.0.0.1:1/', 'LineAsString', 'line String')", id="url"),
        pytest.param("select * from remote('127.0.0.1:1', 'system.one')", id="remote"),
        pytest.param("create table stolen (a UInt8) engine = Memory", id="create"),
        pytest.param("insert into hits (site) values (1)", id="insert"),
        pytest.param("truncate table hits", id="truncate"),
    ],
)
def test_readers_only_read_tables(anywhere: Database, statement: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="READONLY"):
        asking(statement)(anywhere.reading(Limits()))


def test_what_a_reader_may_is_over_with_its_question(anywhere: Database) -> None:
    """A reader's limits are its own: whoever uses the same client afterwards may write again."""
    reading = anywhere.reading(Limits())
    assert reading.arrow("reports/export_hits_total", TOTAL).to_pylist() == [{"nb_rows": 0}]
    assert asking("select 1 as one")(reading) == [{"one": 1}]
    anywhere.command("create table if not exists written (a UInt8) engine = Memory")
    anywhere.command("drop table written")


TOTAL = {"site": 4_000_000, "since": NOW, "until": NOW, "after": 0, "after_sequence": 0, "after_id": 0}


class Reader:
    """Somebody who asks and may go away: a request as a server hands it over."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()
        self.request = Request({"type": "http", "method": "GET", "path": "/", "headers": []}, self.receive)

    async def receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}


async def running(database: Database, expected: int) -> None:
    """Wait until so many questions run."""
    for _ in range(200):
        if await asyncio.to_thread(database.command, RUNNING) == expected:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"expected {expected} running questions")


@pytest.mark.parametrize("statement", [pytest.param(SLOW, id="computing"), pytest.param(GROUPED, id="grouping")])
def test_a_question_ends_when_its_reader_goes_away(anywhere: Database, statement: str) -> None:
    guard = QueryGuard(anywhere, Limits(seconds=100))

    async def life() -> float:
        reader = Reader()
        asked = asyncio.create_task(guard.ask(reader.request, asking(statement)))
        await running(anywhere, 1)
        reader.gone.set()
        left = time.monotonic()
        with pytest.raises((ReaderGone, QuestionEnded)):
            await asked
        await running(anywhere, 0)
        return time.monotonic() - left

    assert asyncio.run(life()) < TIMELY
    assert guard.inside == 0


def test_a_reader_who_goes_before_the_question_is_sent(anywhere: Database) -> None:
    """Between the questions of one page, too: none is asked after the reader is gone."""
    guard = QueryGuard(anywhere, Limits(seconds=100))
    begun, go_on = threading.Event(), threading.Event()

    def several(database: Database) -> object:
        begun.set()
        go_on.wait(TIMELY)
        return asking(SLOW)(database)

    async def life() -> None:
        reader = Reader()
        asked = asyncio.create_task(guard.ask(reader.request, several))
        await asyncio.to_thread(begun.wait, TIMELY)
        reader.gone.set()
        await asyncio.sleep(0.3)
        go_on.set()
        with pytest.raises((ReaderGone, QuestionEnded)):
            await asyncio.wait_for(asked, TIMELY)

    asyncio.run(life())


def test_one_reader_s_end_is_no_other_s(anywhere: Database) -> None:
    guard = QueryGuard(anywhere, Limits(seconds=100))

    async def life() -> object:
        leaves, stays = Reader(), Reader()
        slow = asyncio.create_task(guard.ask(leaves.request, asking(SLOW)))
        patient = asyncio.create_task(guard.ask(stays.request, asking("select sleep(1) as slept")))
        await running(anywhere, 1)
        leaves.gone.set()
        with pytest.raises((ReaderGone, QuestionEnded)):
            await slow
        return await patient

    assert asyncio.run(life()) == [{"slept": 0}]


def waiting_for(event: threading.Event) -> Asked:
    return lambda _: event.wait(TIMELY)


def test_so_many_ask_and_so_many_wait(database: Database) -> None:
    guard = QueryGuard(database, Limits(), at_once=2, waiting=1)

    async def life() -> list[object]:
        done = threading.Event()
        asked = [asyncio.create_task(guard.ask(Reader().request, waiting_for(done))) for _ in range(3)]
        await asyncio.sleep(0.1)
        with pytest.raises(TooBusy, match="1 wait already"):
            await guard.ask(Reader().request, waiting_for(done))
        assert guard.numbers() == {"queries_running": 2, "queries_waiting": 1, "queries_refused": 1}
        done.set()
        return [*await asyncio.gather(*asked), await guard.ask(Reader().request, waiting_for(done))]

    assert asyncio.run(life()) == [True] * 4


def test_who_goes_away_leaves_the_queue(database: Database) -> None:
    guard = QueryGuard(database, Limits(), at_once=1, waiting=1)

    async def life() -> int:
        done, reader = threading.Event(), Reader()
        first = asyncio.create_task(guard.ask(Reader().request, waiting_for(done)))
        waits = asyncio.create_task(guard.ask(reader.request, waiting_for(done)))
        await asyncio.sleep(0.1)
        reader.gone.set()
        with pytest.raises(ReaderGone):
            await asyncio.wait_for(waits, 1)  # Long before its turn.
        inside = guard.inside
        done.set()
        await first
        return inside

    assert asyncio.run(life()) == 1


def test_a_mistake_of_the_question_is_told(database: Database) -> None:
    guard = QueryGuard(database, Limits())

    async def life() -> None:
        with pytest.raises(ZeroDivisionError):
            await guard.ask(Reader().request, lambda _: 1 / 0)

    asyncio.run(life())
    assert guard.inside == 0


def test_a_closed_connection_ends_the_question(database: Database) -> None:
    """Through a real server: the browser's tab is closed, and ClickHouse stops."""
    guard = QueryGuard(database, Limits(seconds=100))

    async def slow(request: Request) -> Response:
        try:
            return JSONResponse(await guard.ask(request, asking(SLOW)))
        except (ReaderGone, QuestionEnded):
            return Response(status_code=499)

    async def life(listening: socket.socket) -> float:
        server = uvicorn.Server(uvicorn.Config(Starlette(routes=[Route("/", slow)]), log_level="error"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        _, writer = await asyncio.open_connection(*listening.getsockname())
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await running(database, 1)
        writer.close()
        left = time.monotonic()
        await running(database, 0)
        took = time.monotonic() - left
        server.should_exit = True
        await serving
        return took

    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert asyncio.run(life(listening)) < TIMELY


SITE: dict[str, Any] = {"idSite": 1, "period": "day", "date": "2026-05-13"}


@pytest.fixture
def slow_world(administered_world: World, tmp_path: Path, database: Database) -> Iterator[Api]:
    """A dashboard whose readers have hardly any time."""
    with administered(administered_world, tmp_path, database, Settings(query_seconds=1e-6)) as api:
        yield api


def signed_in(api: Api) -> Api:
    api.client.post("/login", data={"email": BOSS, "password": PASSWORD}, headers={"Sec-Fetch-Site": "same-origin"})
    return api


def test_every_reader_is_told_what_takes_too_long(slow_world: Api) -> None:
    """Pages, the Matomo API and our own: one guard for all."""
    page = signed_in(slow_world).client.get("/sites/1")
    assert (page.status_code, "That was too much to ask" in page.text) == (503, True)
    call = slow_world.call("VisitsSummary.get", **SITE)
    assert call.status_code == 503
    assert call.json() == {"result": "error", "message": TookTooLong.reason}
    ours = slow_world.client.get(
        "/api/v1/query?site=1&metrics=nb_visits&period=day",
        headers={"Authorization": f"Bearer {slow_world.tokens['view']}"},
    )
    assert (ours.status_code, ours.json()["error"]["code"]) == (503, "too_expensive")


def test_every_reader_is_told_that_too_many_ask(administered_world: World, tmp_path: Path, database: Database) -> None:
    with administered(
        administered_world, tmp_path, Stuck(database), Settings(queries_at_once=1, queries_waiting=0)
    ) as api:
        signed_in(api)
        headers = {"Authorization": f"Bearer {api.tokens['view']}"}
        with ThreadPoolExecutor() as threads:
            first = threads.submit(api.client.get, "/sites/1")
            assert Stuck.asked.wait(TIMELY)
            page = api.client.get("/sites/1")
            call = api.call("VisitsSummary.get", **SITE)
            ours = api.client.get("/api/v1/realtime?site=1", headers=headers)
            Stuck.go_on.set()
            assert first.result().status_code == 200
    assert [answer.status_code for answer in (page, call, ours)] == [503] * 3
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in (page, call, ours))
    assert "Too many people ask at once" in page.text
    assert "0 wait already" in call.json()["message"]
    assert ours.json()["error"]["code"] == "unavailable"


class Stuck(Database):
    """A database whose readers wait until they may go on."""

    asked, go_on = threading.Event(), threading.Event()

    def __init__(self, database: Database) -> None:
        super().__init__(database.access)
        self._clients = database._clients

    def reading(self, limits: Limits) -> Reading:
        class Waiting(Reading):
            def begin(self) -> None:
                Stuck.asked.set()
                Stuck.go_on.wait(TIMELY)
                super().begin()

        return Waiting(self, limits)
