"""Servers that are killed at random moments while clients send hits, and what is known of the hits afterwards."""

import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from sql.clickhouse import Database
from tests.ledger import Balance, Ledger, balance_of, clients
from tests.running import HOST, ROOT, Server, alive, eventually, free_port, send, server

COLLECTORS = 2
SINGLE, BULK = 2, 2  # Clients of each kind.
LONGEST_CALM = 2.0  # Seconds between two blows, at most.


class Blow(NamedTuple):
    """One kill: whom it met, and how long it took until a hit was answered again."""

    victim: str
    seconds: float


class Report(NamedTuple):
    """What one torture left behind."""

    blows: list[Blow]
    stops: list[float]  # How many seconds each stop by SIGTERM took.
    balance: Balance
    seconds: float
    seed: int

    @property
    def victims(self) -> Mapping[str, int]:
        return Counter(blow.victim for blow in self.blows)


class ClickHouse:
    """A ClickHouse on a port of its own that is killed and started again; `None` stands for the embedded engine."""

    def __init__(self, path: Path) -> None:
        self.path, self.port = path, free_port()
        self.dsn = f"clickhouse://default:@{HOST}:{self.port}/default"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.clickhouse_server", "--path", str(self.path), "--port", str(self.port)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        self.process.stdout.readline()

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None


class Torture:
    """One server under load, and the blows that it gets."""

    def __init__(self, pegel: Server, engine: ClickHouse | None, chance: random.Random) -> None:
        self.pegel, self.engine, self.chance = pegel, engine, chance
        self.ledger = Ledger()
        self.site, self.token = pegel.add_site(), pegel.add_token()
        self.blows: list[Blow] = []
        self.stops: list[float] = []
        self.weapons: Mapping[str, Callable[[], object]] = {
            **{f"collector-{n}": self.worker(f"collector-{n}") for n in range(1, COLLECTORS + 1)},
            "core": self.worker("core"),
            "supervisor": self.supervisor,
            "everything": self.everything,
            **({"clickhouse": self.clickhouse} if engine else {}),
        }

    def worker(self, name: str) -> Callable[[], object]:
        return lambda: send(self.pegel.pid(name), signal.SIGKILL)

    def supervisor(self) -> None:
        self.pegel.kill()
        self.pegel.start()

    def everything(self) -> None:
        """Kill every process at once, as the kernel does when power fails."""
        assert self.pegel.process is not None
        pids = [self.pegel.process.pid, *self.pegel.children()]
        for pid in pids:
            send(pid, signal.SIGKILL)
        self.pegel.process.wait()
        eventually(lambda: not any(map(alive, pids)))
        self.pegel.start()

    def clickhouse(self) -> None:
        assert self.engine is not None
        self.engine.kill()
        time.sleep(self.chance.uniform(0.0, LONGEST_CALM))
        self.engine.start()

    def strike(self, victim: str) -> None:
        """Wait for some moment, kill, and wait until hits are answered again."""
        time.sleep(self.chance.uniform(0.0, LONGEST_CALM))
        began, before = time.monotonic(), len(self.ledger)
        self.weapons[victim]()
        self.ledger.reaches(before + 1)
        self.blows.append(Blow(victim, time.monotonic() - began))

    def stop(self) -> None:
        """Stop in good order, under load."""
        began = time.monotonic()
        assert self.pegel.stop() == 0, self.pegel.said()
        self.stops.append(time.monotonic() - began)

    def settled(self) -> Balance:
        """Load everything and compare."""
        self.pegel.flush()
        assert self.pegel.stop() == 0
        with self.tables() as database:
            return balance_of(database, self.site, self.ledger)

    @contextmanager
    def tables(self) -> Iterator[Database]:
        if self.engine is None:
            with self.pegel.tables() as database:
                yield database
        else:
            yield Database(self.engine.dsn)


@contextmanager
def load_on(torture: Torture) -> Iterator[None]:
    """Keep clients sending: views one by one, and bulk requests."""
    stop = threading.Event()
    with (
        clients(torture.pegel, torture.site, torture.ledger, SINGLE + BULK) as made,
        ThreadPoolExecutor(len(made)) as pool,
    ):
        done = [pool.submit(client.send_until, stop) for client in made[:SINGLE]]
        done += [pool.submit(client.send_bulks, torture.token, stop) for client in made[SINGLE:]]
        try:
            yield
        finally:
            stop.set()
        for each in done:
            each.result()


@contextmanager
def prepared(directory: Path, seed: int, over_http: bool) -> Iterator[Torture]:
    with ExitStack() as stack:
        engine = ClickHouse(directory / "clickhouse") if over_http else None
        environ = {"PEGEL_COLLECTORS": str(COLLECTORS), "PEGEL_TRUSTED_PROXIES": HOST}
        if engine:
            stack.callback(engine.kill)
            engine.start()
            environ["PEGEL_CLICKHOUSE"] = engine.dsn
        pegel = stack.enter_context(server(directory, **environ))
        yield Torture(pegel, engine, random.Random(seed))


def tortured(
    directory: Path, rounds: int, seed: int, *, over_http: bool = False, told: Callable[[int], object] = bool
) -> Report:
    """Kill at random moments, each kind of victim as often as the others; stop and start once in a while."""
    began = time.monotonic()
    with prepared(directory, seed, over_http) as torture:
        torture.pegel.start()
        with load_on(torture):
            for number, victim in enumerate(victims(torture, rounds), 1):
                torture.strike(victim)
                told(number)
            torture.stop()
            torture.pegel.start()
        balance = torture.settled()
        return Report(torture.blows, torture.stops, balance, time.monotonic() - began, seed)


def victims(torture: Torture, rounds: int) -> list[str]:
    names = [*torture.weapons] * (rounds // len(torture.weapons) + 1)
    chosen = names[:rounds]
    torture.chance.shuffle(chosen)
    return chosen
