"""Bulk requests of 50 hits: through one collector alone, and end to end through a real `pegel serve` on two cores.

Alone, a collector has a core, and the client the other; an answer says that the hits are on disk. End to end, one
collector, the core process and the client share the two cores, from the first byte to visible rows. The baseline of
both is an empty Starlette app on a core of its own that reads the same bodies.
Usage: python -m benchmarks.bulk_throughput [--hits 100000] [--rounds 3]
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from benchmarks import everything
from benchmarks.measuring import serving
from benchmarks.traffic import bulk_bodies, many_hits
from ingest.app import Resources, create_app
from ingest.lists.folder import ListsFolder
from ingest.loader import Sources, wait_until_loaded
from ingest.settings import Settings
from sql.registry import Registry
from tests.running import HOST, Server, rows, server

BULK = 50
CONNECTIONS = 4
CORES = {0, 1}
WARM = 40  # Bulk requests before the clock starts: a running server knows the usual devices.
ANSWER = b'{"status":"success","tracked":50,"invalid":0}'


def empty_app() -> ASGIApp:
    async def read(request: Request) -> Response:
        await request.body()
        return Response(ANSWER, media_type="application/json")

    return Starlette(routes=[Route("/matomo.php", read, methods=["POST"])])


def send_all(port: int, bodies: Sequence[bytes]) -> float:
    """Send bodies over some connections, in turns; return the seconds until the last answer."""
    began = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for done in [pool.submit(send, port, bodies[n::CONNECTIONS]) for n in range(CONNECTIONS)]:
            done.result()
    return time.perf_counter() - began


def send(port: int, bodies: Sequence[bytes]) -> None:
    connection = HTTPConnection(HOST, port)
    for body in bodies:
        connection.request("POST", "/matomo.php", body)
        response = connection.getresponse()
        answer = response.read()
        if response.status != 200 or b'"invalid":0' not in answer:
            raise SystemExit(f"answered {response.status}: {answer[:200]!r}")
    connection.close()


class Round(NamedTuple):
    """Hits per second of one round: answered by a collector alone, visible in the end, and those of the empty app."""

    alone: float
    visible: float
    baseline: float


def collector_alone(directory: Path, registry: Path) -> ASGIApp:
    return create_app(Settings(), Resources(directory / "spool", Registry(registry), ListsFolder(None)))


def answered_alone(running: Server, bodies: Sequence[bytes]) -> float:
    """Return the hits per second that a collector of the same site answers when nothing is loaded meanwhile."""
    with tempfile.TemporaryDirectory() as text:
        directory = Path(text)
        make = partial(collector_alone, directory, running.data / "registry.sqlite")
        with serving(make, core=0) as (port, _):
            send_all(port, bodies[:WARM])
            seconds = send_all(port, bodies)
        kept = everything.kept(directory / "spool")
        assert kept.total() == (WARM + len(bodies)) * BULK, kept
    return len(bodies) * BULK / seconds


def one_round(running: Server, bodies: Sequence[bytes], sources: Sources) -> Round:
    hits = len(bodies) * BULK
    with serving(empty_app, core=0) as (port, _):
        baseline = hits / send_all(port, bodies)
    alone = answered_alone(running, bodies)
    began, used = time.perf_counter(), time.process_time()
    answered = hits / send_all(running.collect_port, bodies)
    wait_until_loaded(sources, time.monotonic() + 600)
    took = time.perf_counter() - began
    visible, client = hits / took, (time.process_time() - used) / took
    print(
        f"empty app {baseline:,.0f} hits/s; collector alone {alone:,.0f} hits/s; end to end answered {answered:,.0f}, "
        f"visible {visible:,.0f} hits/s; the client took {client:.0%} of a core",
        flush=True,
    )
    return Round(alone, visible, baseline)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hits", type=int, default=100_000, help="in each round")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, CORES & os.sched_getaffinity(0) or os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as directory, server(Path(directory), PEGEL_COLLECTORS="1") as running:
        site, token = running.add_site(), running.add_token()
        size, total = arguments.hits // BULK, (WARM + arguments.rounds * (arguments.hits // BULK)) * BULK
        print(f"preparing {total:,} hits …", flush=True)
        stream = bulk_bodies(many_hits(total), site, token, BULK)
        rounds = [list(islice(stream, count)) for count in (WARM, *[size] * arguments.rounds)]
        running.start()
        sources = Sources.below(running.data)
        send_all(running.collect_port, rounds[0])
        wait_until_loaded(sources, time.monotonic() + 600)
        measured = [one_round(running, bodies, sources) for bodies in rounds[1:]]
        running.stop()
        with running.tables() as database:
            (kept,) = rows(database, "select sum(hits) as n from counters")
        assert kept["n"] == total, kept
    alone, visible, baseline = (statistics.median(values) for values in zip(*measured, strict=True))
    print(
        f"bulk_throughput: {alone:,.0f} hits/s answered by a collector alone (wanted: 15,000), {alone / baseline:.3f} "
        f"of an empty app that reads the bodies; {visible:,.0f} hits/s from request to report (wanted: 10,000), "
        f"{visible / baseline:.3f} of it"
    )


if __name__ == "__main__":
    main()
