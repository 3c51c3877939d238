"""What the benchmarks share: servers started apart, load from wrk, processor time and memory read from /proc."""

import gc
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import uvicorn
from starlette.types import ASGIApp

CONNECTIONS = 64
TICKS = os.sysconf("SC_CLK_TCK")


class Load(NamedTuple):
    """What wrk saw, and what the server needed for it."""

    per_second: float
    errors: int
    cpu_seconds_per_1000: float


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    sys.exit(f"nothing listens on port {port} after {seconds} seconds")


@contextmanager
def serving(make_app: Callable[[], ASGIApp], core: int) -> Iterator[tuple[int, int]]:
    """Serve an application in a process of its own on one core; yield its port and process id."""
    port = free_port()
    gc.freeze()  # As `pegel serve` does before it forks.
    pid = os.fork()
    if pid == 0:
        os.sched_setaffinity(0, {core})
        uvicorn.run(
            make_app(), port=port, loop="uvloop", http="httptools", access_log=False, server_header=False,
            log_level="warning", proxy_headers=False,
        )  # fmt: skip
        os._exit(0)
    try:
        wait_for_port(port)
        yield port, pid
    finally:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def pss_kilobytes(pid: int) -> int:
    """Return a process's share of memory; pages that several processes share count once over all of them."""
    match = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(match[1]) if match else 0


def wrk(url: str, script: str, seconds: int, pid: int, core: int) -> Load:
    """Load a server from wrk on another core."""
    binary = shutil.which("wrk") or sys.exit("this benchmark needs wrk: apt-get install wrk")
    before = cpu_seconds(pid)
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as lua:
        lua.write(script)
        lua.flush()
        command = [binary, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", lua.name, url]
        output = subprocess.run(
            ["taskset", "-c", str(core), *command], capture_output=True, text=True, check=True
        ).stdout
    done = int(re.search(r"(\d+) requests in", output)[1])  # type: ignore[index]
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    used = cpu_seconds(pid) - before
    return Load(done / seconds, int(errors[1]) if errors else 0, used / done * 1000)
