"""A ClickHouse server for tests: ClickHouse's HTTP interface around a real embedded engine, in a process of its own.

`python -m tests.clickhouse_server --path DIR [--port P] [--password SECRET]` serves until it is told to stop. It has
two users: `default`, who may do everything, and `reader`, who has the profile that `--readonly` says. It can serve
TLS, and do what is written into a file of faults, line by line, one line for each query:
`status 503` answer like a proxy; `code 242` refuse; `slow 2` answer late; `late 2` do it at once, and answer late.
With `--cluster NAME` it is the only server of a cluster of that name, which has no keeper: it leaves out what needs
one, `on cluster` and `Replicated`.
"""

import argparse
import asyncio
import gzip
import json
import re
import subprocess
import sys
import tempfile
import zlib
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import chdb
import lz4.frame  # type: ignore[import-untyped]
import uvicorn
from backports import zstd
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

HOST = "127.0.0.1"
READER = "reader"
# What HTTP carries and the engine does not know as a setting.
TRANSPORT = frozenset(
    {
        "buffer_size",
        "client_protocol_version",
        "compress",
        "database",
        "decompress",
        "enable_http_compression",
        "http_headers_progress_interval_ms",
        "query",
        "query_id",
        "quota_key",
        "role",
        "send_progress_in_http_headers",
        "session_check",
        "session_id",
        "session_timeout",
        "wait_end_of_query",
    }
)
TRANSPORT_SETTINGS = frozenset(
    {"enable_http_compression", "http_headers_progress_interval_ms", "send_progress_in_http_headers"}
)


def lz4_frames(body: bytes) -> bytes:
    """Return what all frames hold: the client sends one for each block of rows."""
    found = b""
    while body:
        decompressor = lz4.frame.LZ4FrameDecompressor()
        found += decompressor.decompress(body)
        body = decompressor.unused_data or b""
    return found


DECOMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "deflate": zlib.decompress,
    "gzip": gzip.decompress,
    "lz4": lz4_frames,
    "zstd": zstd.decompress,
}
# The statuses of ClickHouse's own interface for some of its errors; all others are 500.
STATUSES = {36: 400, 47: 404, 60: 404, 62: 400, 81: 404, 115: 400, 457: 400, 516: 403}
INSERT_WITH_DATA = re.compile(rb"(insert\s+into\s[^\n]*?)\sformat\s+(\w+)[^\S\n]*\n", re.IGNORECASE)
LAST_FORMAT = re.compile(r"\bformat\s+(\w+)\s*;?\s*\Z", re.IGNORECASE)
# What a cluster's statements say that only a keeper could carry out.
WITHOUT_KEEPER = (
    (re.compile(r" on cluster \w+"), ""),
    (re.compile(r"Replicated(\w*MergeTree)\('[^']*', '[^']*'(?:, )?"), r"\1("),
    (re.compile(r"(replicated_deduplication_window = \d+), replicated_\w+ = \d+"), r"non_\1"),
)
CLUSTER = """
<clickhouse>
    <tcp_port>9000</tcp_port>
    <remote_servers replace="true">
        <{0}><shard><replica><host>localhost</host><port>9000</port></replica></shard></{0}>
    </remote_servers>
</clickhouse>
"""
ERROR_CODE = re.compile(r"Code: (\d+)\.")


@dataclass(frozen=True)
class Query:
    """One request as the engine needs it."""

    text: bytes
    database: str
    settings: Mapping[str, str]
    parameters: Mapping[str, str]
    # Settings too, for a server, which does not let everybody set them; they mean nothing here.
    transport_settings: frozenset[str] = frozenset()
    readonly: int = 0

    @property
    def format(self) -> str:
        named = LAST_FORMAT.search(self.text.decode("utf-8", "replace"))
        return named[1] if named else "TabSeparated"


async def understood(request: Request, readonly: int) -> Query:
    """Read a request: options and text come in the query string, in a form, or as the body."""
    options = dict(request.query_params)
    body = b""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_part_size=100_000_000) as form:
            options |= {name: value for name, value in form.items() if isinstance(value, str)}
    else:
        body = await request.body()
        if encoding := request.headers.get("content-encoding"):
            body = DECOMPRESS[encoding](body)
    text = b"\n".join(part for part in (options.get("query", "").encode(), body) if part)
    return Query(
        text=text,
        database=options.get("database", ""),
        settings={name: value for name, value in options.items() if not_transport(name)},
        parameters={n.removeprefix("param_"): value for n, value in options.items() if n.startswith("param_")},
        transport_settings=TRANSPORT_SETTINGS & options.keys(),
        readonly=readonly,
    )


def not_transport(name: str) -> bool:
    return name not in TRANSPORT and not name.startswith("param_")


class Engine:
    """The embedded engine; each query gets a handle of its own, so its settings end with it."""

    def __init__(self, path: Path, cluster: str = "") -> None:
        self.address = f"{path}?config-file={configured(path, cluster)}" if cluster else str(path)
        self.changes = WITHOUT_KEEPER if cluster else ()
        self.held = chdb.connect(self.address)  # Keeps the engine alive between queries.

    def run(self, query: Query) -> Any:
        query = replace(query, text=self.changed(query.text))
        with closing(chdb.connect(self.address)) as handle:
            if query.database:
                handle.query(f"use `{query.database}`", "TabSeparated")
            if query.readonly:
                handle.query(f"set readonly = {query.readonly}", "TabSeparated")
            if query.readonly == 1 and query.transport_settings:
                raise RuntimeError(f"Code: 164. DB::Exception: Cannot modify {query.transport_settings} (READONLY)")
            for name, value in query.settings.items():
                handle.query(f"set {name} = {quoted(value)}", "TabSeparated")
            if insert := INSERT_WITH_DATA.match(query.text):
                return self.insert(handle, insert, query.text[insert.end() :])
            return handle.query(query.text.decode(), query.format, params=dict(query.parameters))

    def changed(self, text: bytes) -> bytes:
        if not self.changes or INSERT_WITH_DATA.match(text):
            return text
        statement = text.decode()
        for pattern, instead in self.changes:
            statement = pattern.sub(instead, statement)
        return statement.encode()

    def insert(self, handle: Any, insert: re.Match[bytes], data: bytes) -> Any:
        """Insert from a file, because the engine does not take data after the statement."""
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            into, form = insert[1].decode(), insert[2].decode()
            return handle.query(f"{into} from infile {quoted(file.name)} format {form}", "TabSeparated")


def configured(path: Path, cluster: str) -> Path:
    """Write the configuration of a server that is the only one of its cluster; return its path."""
    file = path.with_suffix(".xml")
    file.write_text(CLUSTER.format(cluster), "utf-8")
    return file


def quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


@dataclass(frozen=True)
class Users:
    """Who may ask: the password of each, and what a profile lets a reader do."""

    password: str = ""
    reading: str = ""
    readonly: int = 1

    def profile_of(self, headers: Headers) -> int | None:
        """Return the value of `readonly` for whoever asks, None for a stranger."""
        kind, _, credentials = headers.get("authorization", "").partition(" ")
        user, _, password = b64decode(credentials).decode().partition(":") if kind == "Basic" else ("default", "", "")
        return {("default", self.password): 0, (READER, self.reading): self.readonly}.get((user, password))


class Faults:
    """What is to go wrong, from a file whose first line is taken for each query."""

    def __init__(self, file: Path | None) -> None:
        self.file = file

    def next(self) -> tuple[str, float]:
        if not self.file or not self.file.exists():
            return "", 0
        first, _, rest = self.file.read_text("utf-8").partition("\n")
        self.file.write_text(rest, "utf-8")
        kind, _, value = first.partition(" ")
        return kind, float(value or 0)


class Interface:
    """ClickHouse's HTTP interface, as far as its Python client uses it."""

    def __init__(self, engine: Engine, users: Users, faults: Faults) -> None:
        self.engine, self.users, self.faults = engine, users, faults

    async def query(self, request: Request) -> Response:
        readonly = self.users.profile_of(request.headers)
        if readonly is None:
            return refused("Code: 516. DB::Exception: Authentication failed. (AUTHENTICATION_FAILED)")
        query = await understood(request, readonly)
        kind, value = self.faults.next()
        if kind == "status":
            return PlainTextResponse("no server", int(value))
        if kind == "code":
            return refused(f"Code: {int(value)}. DB::Exception: For now. (FOR_NOW)")
        if kind == "slow":
            await asyncio.sleep(value)
        answer = await self.answer(query)
        if kind == "late":
            await asyncio.sleep(value)
        return answer

    async def answer(self, query: Query) -> Response:
        try:
            result = await run_in_threadpool(self.engine.run, query)
        except RuntimeError as error:
            return refused(str(error))
        return answered(query, result)

    def ping(self, request: Request) -> Response:
        return PlainTextResponse("Ok.\n")


def answered(query: Query, result: Any) -> Response:
    summary = {
        "read_rows": str(result.storage_rows_read()),
        "read_bytes": str(result.storage_bytes_read()),
        "result_rows": str(result.rows_read()),
        "elapsed_ns": str(int(result.elapsed() * 1e9)),
    }
    headers = {"X-ClickHouse-Summary": json.dumps(summary), "X-ClickHouse-Timezone": "UTC"}
    body = result.bytes()
    if body:
        headers["X-ClickHouse-Format"] = query.format
    return Response(body, headers=headers, media_type="application/octet-stream")


def refused(message: str) -> Response:
    found = ERROR_CODE.search(message)
    code = int(found[1]) if found else 1002
    headers = {"X-ClickHouse-Exception-Code": str(code)}
    return PlainTextResponse(message[found.start() if found else 0 :], STATUSES.get(code, 500), headers)


def create_app(engine: Engine, users: Users, faults: Faults) -> Starlette:
    interface = Interface(engine, users, faults)
    return Starlette(
        routes=[Route("/ping", interface.ping), Route("/", interface.query, methods=["GET", "POST"])],
    )


@contextmanager
def running(path: Path, password: str = "", **options: object) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run a server on a free port; yield its DSN and its process, which must not outlive the test.

    Options are those of the command, such as `readonly=2`; with a certificate it serves TLS.
    """
    command = [sys.executable, "-m", "tests.clickhouse_server", "--path", str(path), "--password", password]
    command += [f"--{name}={value}" for name, value in options.items()]
    scheme = "clickhouses" if "certificate" in options else "clickhouse"
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            port = int(process.stdout.readline())
            yield f"{scheme}://default:{password}@{HOST}:{port}/default", process
        finally:
            process.kill()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.clickhouse_server", description=__doc__)
    parser.add_argument("--path", type=Path, required=True, help="directory of the engine's data")
    parser.add_argument("--port", type=int, default=0, help="0: a free one, which is printed")
    parser.add_argument("--password", default="", help="what the user default must say")
    parser.add_argument("--reading", default="", help="what the user reader must say")
    parser.add_argument("--readonly", type=int, default=1, help="profile of the user reader: 1 or 2")
    parser.add_argument("--certificate", help="file with key and certificate: TLS is served")
    parser.add_argument("--cluster", default="", help="name of a cluster of which it is the only server")
    parser.add_argument("--faults", type=Path, help="file of what is to go wrong")
    options = parser.parse_args()
    app = create_app(
        Engine(options.path, options.cluster),
        Users(options.password, options.reading, options.readonly),
        Faults(options.faults),
    )
    tls = {"ssl_certfile": options.certificate, "ssl_keyfile": options.certificate} if options.certificate else {}
    config = uvicorn.Config(app, HOST, options.port, log_level="warning", **tls)
    listening = config.bind_socket()
    listening.listen()  # Whoever reads the port may connect at once, and waits until we accept.
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
