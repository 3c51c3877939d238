"""Memory, idle processor time, disk and installed size of `pegel serve`, beside the bare embedded engine.

Memory is PSS, added up over all processes: pages that several of them share count once. Run it while nothing else on
the machine uses the engine, or its share looks smaller than it is.
Usage: python -m benchmarks.footprint [--hits 1000000] [--idle-seconds 20]
"""

import argparse
import subprocess
import sys
import tempfile
import time
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement

from benchmarks.bulk_throughput import BULK, send_all
from benchmarks.measuring import cpu_seconds, pss_kilobytes
from benchmarks.traffic import bulk_bodies, many_hits
from ingest.loader import Sources, wait_until_loaded
from tests.running import Server, server

MEGA = 1_000_000
SETTLE_SECONDS = 8.0
STEP = 50_000  # Hits that are prepared and sent at once.
ENGINE = """
import sys
from chdb import connect
connection = connect(sys.argv[1])
connection.query("select 1")
print("ready", flush=True)
sys.stdin.read()
"""


class Memory(NamedTuple):
    """Megabytes of each process by its name."""

    parts: dict[str, float]

    @property
    def total(self) -> float:
        return sum(self.parts.values())

    def __str__(self) -> str:
        shares = ", ".join(f"{name} {megabytes:.0f}" for name, megabytes in self.parts.items())
        return f"{self.total:.0f} MB ({shares})"


def megabytes(pid: int) -> float:
    return pss_kilobytes(pid) * 1024 / MEGA


def bare_engine(directory: Path) -> float:
    """Return the memory of an empty Python process that opened an empty engine."""
    command = [sys.executable, "-c", ENGINE, str(directory)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(SETTLE_SECONDS)
        return megabytes(process.pid)


def processes(running: Server) -> dict[str, int]:
    assert running.process is not None
    return {"supervisor": running.process.pid, **{name: running.pid(name) for name in ("collector-1", "core")}}


def memory(running: Server) -> Memory:
    return Memory({name: megabytes(pid) for name, pid in processes(running).items()})


def idle_percent(running: Server, seconds: float) -> dict[str, float]:
    """Return how much of a core each process takes while nothing happens."""
    before = {name: cpu_seconds(pid) for name, pid in processes(running).items()}
    time.sleep(seconds)
    return {name: (cpu_seconds(pid) - before[name]) / seconds * 100 for name, pid in processes(running).items()}


def send_hits(running: Server, hits: int, site: int, token: str) -> None:
    """Send hits in steps, so that the bodies of all of them need not wait in memory."""
    bodies, stream = [], bulk_bodies(many_hits(hits), site, token, BULK)
    for body in stream:
        bodies.append(body)
        if len(bodies) * BULK >= STEP:
            send_all(running.collect_port, bodies)
            bodies.clear()
    send_all(running.collect_port, bodies)
    wait_until_loaded(Sources.below(running.data), time.monotonic() + 600)


def disk_bytes(directory: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in directory.rglob("*") if path.is_file())


def needed(name: str, found: dict[str, Distribution]) -> dict[str, Distribution]:
    """Return a package and everything that it needs, without extras."""
    if name.lower() not in found:
        package = found[name.lower()] = distribution(name)
        for text in package.requires or []:
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                needed(requirement.name, found)
    return found


def size_of(package: Distribution) -> int:
    files = (Path(str(package.locate_file(file))) for file in package.files or [])
    return sum(path.stat().st_size for path in files if path.is_file())


def report_size() -> None:
    sizes = {name: size_of(package) for name, package in needed("pegel", {}).items() if name != "pegel"}
    total, largest = sum(sizes.values()), sorted(sizes, key=lambda name: -sizes[name])[:4]
    shares = ", ".join(f"{name} {sizes[name] / MEGA:.0f}" for name in largest)
    print(f"installed: {total / MEGA:.0f} MB in {len(sizes)} packages ({shares})")


def report_traffic(running: Server, hits: int) -> None:
    site, token = running.add_site(), running.add_token()
    time.sleep(3)  # The collector learns of the site within a second or two.
    print(f"sending {hits:,} hits …", flush=True)
    send_hits(running, hits, site, token)
    print(f"memory right after {hits:,} hits: {memory(running)}")
    time.sleep(SETTLE_SECONDS)
    print(f"memory {SETTLE_SECONDS:.0f} seconds later: {memory(running)}")
    for name, path in (("engine", "clickhouse"), ("loader's journal", "loader.sqlite")):
        used = disk_bytes(running.data / path) if path == "clickhouse" else (running.data / path).stat().st_size
        print(f"disk, {name}: {used / MEGA:.0f} MB, {used / hits:.0f} bytes per hit")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hits", type=int, default=1_000_000, help="0: only start and idle")
    parser.add_argument("--idle-seconds", type=float, default=20)
    arguments = parser.parse_args()
    report_size()
    with tempfile.TemporaryDirectory() as text, server(Path(text), PEGEL_COLLECTORS="1") as running:
        engine = bare_engine(Path(text) / "bare")
        running.start()
        time.sleep(SETTLE_SECONDS)
        start = memory(running)
        print(f"bare engine: {engine:.0f} MB; after start: {start}, ratio {start.total / engine:.2f}", flush=True)
        idle = idle_percent(running, arguments.idle_seconds)
        shares = ", ".join(f"{name} {percent:.2f}" for name, percent in idle.items())
        print(f"idle: {sum(idle.values()):.2f} % of a core ({shares})", flush=True)
        if arguments.hits:
            report_traffic(running, arguments.hits)
        running.stop()
    print(f"footprint: {start.total:.0f} MB after start (wanted: 400), {sum(idle.values()):.1f} % idle (wanted: 2)")


if __name__ == "__main__":
    main()
