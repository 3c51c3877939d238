"""Kill everything at random moments under load, and compare what clients were answered with what was counted.

Victims are the collectors, the core process with loader and dashboard, the supervisor, all processes at once and, in
the second half, a ClickHouse server. Clients send views and bulk requests all the while and keep a ledger; at the end
no answered hit may be missing and none may be there twice. The figures are written into benchmarks/RELIABILITY.md.
Usage: python -m benchmarks.torture [--rounds 100] [--seed N] [--engine both|embedded|server] [--report FILE]
"""

import argparse
import os
import platform
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.torturing import Report, tortured

REPORT = Path(__file__).parent / "RELIABILITY.md"
ENGINES = {"embedded": "embedded engine", "server": "ClickHouse server over HTTP"}
WIDTH = 30
HEAD = """\
# Reliability, measured

Written by `make torture`, which anyone can run again: `{command}`, {date}, on {machine}.

Processes are killed with `kill -9` at random moments while clients send views and bulk requests. Each client keeps a
ledger of what was answered; afterwards it is compared with the tables. **Missing** is an answered hit that was not
counted, **extra** a hit that was counted twice or never sent. Hits whose answer a kill cut off may be counted or not.

"""
TAIL = """
The faults that are no kills, such as a full disk, a database that refuses or answers too late, damaged segments and
clocks that jump, have tests of their own: `tests/test_fault_points.py`, `tests/test_spool_model.py`,
`tests/test_clickhouse_faults.py`, `tests/test_refused_rows.py`, `tests/test_disasters.py`.
"""


class Run(NamedTuple):
    """One engine's torture."""

    engine: str
    report: Report


def progress(label: str, rounds: int) -> Callable[[int], None]:
    """Return what shows how far it is, in one line of a terminal."""
    began = time.monotonic()

    def told(done: int) -> None:
        if sys.stderr.isatty() or done == rounds:
            filled = "#" * round(WIDTH * done / rounds)
            line = f"{label}  [{filled:.<{WIDTH}}] {done} of {rounds} kills, {time.monotonic() - began:.0f} s"
            print(f"\r{line}", end="" if done < rounds else "\n", file=sys.stderr, flush=True)

    return told


def run(engine: str, rounds: int, seed: int) -> Run:
    with tempfile.TemporaryDirectory() as directory:
        told = progress(engine.ljust(8), rounds)
        return Run(engine, tortured(Path(directory), rounds, seed, over_http=engine == "server", told=told))


def machine() -> str:
    """Return where this runs, in one line."""
    with Path("/proc/meminfo").open() as file:
        gigabytes = int(file.readline().split()[1]) / 1_048_576
    cores = len(os.sched_getaffinity(0))
    load = os.getloadavg()[0]
    names = ", ".join(f"{name} {version(name)}" for name in ("chdb-core-lite", "uvicorn"))
    return (
        f"{cores} cores ({platform.machine()}), {gigabytes:.0f} GB, Linux {platform.release()}, "
        f"Python {platform.python_version()}, {names}; load {load:.1f} when it ended"
    )


def page(runs: Sequence[Run], command: str) -> str:
    head = HEAD.format(command=command, date=datetime.now(UTC).strftime("%Y-%m-%d"), machine=machine())
    return head + table([figures(each) for each in runs]) + TAIL


def figures(run: Run) -> Mapping[str, str]:
    """Return the lines of one engine's column."""
    blows, balance = run.report.blows, run.report.balance
    back = sorted(blow.seconds for blow in blows)
    kills = ", ".join(f"{name} {count}" for name, count in sorted(run.report.victims.items()))
    return {
        "": ENGINES[run.engine],
        "kills": f"{len(blows)}",
        "of these": kills,
        "hits sent": f"{balance.sent:,}",
        "hits answered": f"{balance.answered:,}",
        "**missing**": f"**{balance.missing}**",
        "**extra**": f"**{balance.extra}**",
        "not answered": f"{balance.sent - balance.answered:,}, of them counted {balance.unanswered:,}",
        "hits, visits and counters agree": "yes" if balance.consistent else "**no**",
        "seconds from a kill to the next answer": f"median {median(back):.2f}, longest {back[-1]:.2f}",
        "seconds of a stop by SIGTERM under load": f"{max(run.report.stops):.1f}",
        "seconds in all": f"{run.report.seconds:.0f}",
        "seed": str(run.report.seed),
    }


def table(columns: Sequence[Mapping[str, str]]) -> str:
    lines = [[name, *(column[name] for column in columns)] for name in columns[0]]
    ruled = [lines[0], ["---"] * len(lines[0]), *lines[1:]]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in ruled)


def failures(runs: Sequence[Run]) -> Iterator[str]:
    for each in runs:
        balance = each.report.balance
        if balance.missing or balance.extra or not balance.consistent:
            yield f"{each.engine}: {balance}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100, help="kills of each engine; default: 100")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="of victims and moments")
    parser.add_argument("--engine", choices=("both", *ENGINES), default="both")
    parser.add_argument("--report", type=Path, default=REPORT, help="what is written")
    arguments = parser.parse_args()
    engines = [*ENGINES] if arguments.engine == "both" else [arguments.engine]
    print(f"seed {arguments.seed}", flush=True)
    runs = [run(engine, arguments.rounds, arguments.seed) for engine in engines]
    command = f"python -m benchmarks.torture --rounds {arguments.rounds} --seed {arguments.seed}"
    arguments.report.write_text(page(runs, command), "utf-8")
    print(arguments.report.read_text("utf-8"))
    if failed := [*failures(runs)]:
        raise SystemExit("\n".join(failed))


if __name__ == "__main__":
    main()
