"""The processes of one machine: started by fork, watched, started again when they die, stopped together.

Forking after everything is imported shares that memory between all processes, and makes a new one in milliseconds.
"""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import NamedTuple

from ingest import IngestError
from ingest.meter import RESTARTS, Meters
from sql import SqlError

log = logging.getLogger(__name__)

STOPPING = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
WATCHED = STOPPING | {signal.SIGCHLD}
STOP_SECONDS = 9.5  # All stages together; whoever stops containers and services waits for ten.
LEAST_SECONDS = 0.5  # Left for a stage, however long those before it take.
STABLE_SECONDS = 5.0
LONGEST_BACKOFF = 30.0


class Worker(NamedTuple):
    """One process: a name for the log, and what it does until it is told to stop by SIGTERM."""

    name: str
    run: Callable[[], None]
    again: bool = True  # Start it again when it ends by itself.


class Running(NamedTuple):
    """A worker's process."""

    pid: int
    started: float


class Supervisor:
    """Keeps workers alive; stops them stage by stage, so that later ones can finish what earlier ones left."""

    def __init__(self, stages: Sequence[Sequence[Worker]], meters: Meters) -> None:
        self.stages = stages
        self.meters = meters
        self.workers = [worker for stage in stages for worker in stage]
        for worker in self.workers:
            meters.of(worker.name)  # Made now, it is shared with the processes that are forked later.
        self.running: dict[str, Running] = {}
        self.due: dict[str, float] = {worker.name: 0.0 for worker in self.workers}
        self.failures: dict[str, int] = {}
        # Its other end closes when we die, however we die: that is how workers notice.
        self.alive_read, self.alive_write = os.pipe()

    def run(self) -> None:
        """Start everything and watch it until SIGTERM, SIGINT or SIGHUP; then stop everything."""
        signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
        stopped = False
        while not stopped:
            self.start_due()
            received = signal.sigtimedwait(WATCHED, 0.5)
            self.reap()
            stopped = received is not None and received.si_signo in STOPPING
        log.info("stopping")
        began = time.monotonic()
        for later, stage in zip(reversed(range(len(self.stages))), self.stages, strict=True):
            self.stop([worker.name for worker in stage], began + STOP_SECONDS - later * LEAST_SECONDS)
        log.info("stopped")

    def start_due(self) -> None:
        for worker in self.workers:
            if worker.name in self.due and time.monotonic() >= self.due[worker.name]:
                del self.due[worker.name]
                self.running[worker.name] = Running(self.fork(worker), time.monotonic())
                self.meters.of(worker.name).started(self.running[worker.name].pid)
                log.info("process started name=%s pid=%d", worker.name, self.running[worker.name].pid)

    def fork(self, worker: Worker) -> int:
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            self.be(worker)
        return pid

    def be(self, worker: Worker) -> None:
        """Be the worker, and nothing after it."""
        os.setpgid(0, 0)  # Ctrl-C reaches the supervisor alone, which stops the others in order.
        os.close(self.alive_write)
        threading.Thread(target=self.follow_parent, daemon=True).start()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, end_process)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
        code = 1
        try:
            worker.run()
            code = 0
        except SystemExit as exit:
            code = exit.code if isinstance(exit.code, int) else 1
        except (IngestError, SqlError, OSError) as error:  # What we expect to go wrong is one sentence.
            log.error("process failed name=%s error=%s", worker.name, error)
        except BaseException:
            log.exception("process failed name=%s", worker.name)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def follow_parent(self) -> None:
        """End after the supervisor, in good order if that is possible."""
        os.read(self.alive_read, 1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(STOP_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    def reap(self) -> None:
        for worker in self.workers:
            running = self.running.get(worker.name)
            if running and (code := exit_of(running.pid)) is not None:
                del self.running[worker.name]
                self.plan_restart(worker, running, code)
        collect_orphans({running.pid for running in self.running.values()})

    def plan_restart(self, worker: Worker, running: Running, code: int) -> None:
        if not worker.again:
            return
        self.meters.of(worker.name).add(RESTARTS)
        lasted = time.monotonic() - running.started
        failures = 0 if lasted > STABLE_SECONDS else self.failures.get(worker.name, 0) + 1
        self.failures[worker.name] = failures
        wait = min(LONGEST_BACKOFF, 0.05 * 2**failures) if failures > 1 else 0.0
        self.due[worker.name] = time.monotonic() + wait
        log.error("process died, starting it again name=%s exit=%s wait=%.1f", worker.name, exit_name(code), wait)

    def stop(self, names: Sequence[str], deadline: float) -> None:
        """Ask the workers of a stage to end and wait for all of them; at a deadline they are killed.

        That costs nothing: what was answered is on disk, and a batch is tried again as it is.
        """
        left = {name: self.running.pop(name).pid for name in names if name in self.running}
        for pid in left.values():
            send(pid, signal.SIGTERM)
        while left := {name: pid for name, pid in left.items() if exit_of(pid) is None}:
            if time.monotonic() > deadline:
                deadline = float("inf")
                for name, pid in left.items():
                    log.error("process did not stop, killed name=%s pid=%d", name, pid)
                    send(pid, signal.SIGKILL)
            time.sleep(0.02)


def end_process(number: int, frame: object) -> None:
    """Leave through every `finally` on the way, however often we are told."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(0)


def exit_of(pid: int) -> int | None:
    """Return how a child ended, and collect it then: its exit code, or the negative number of a signal."""
    try:
        found, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return 0
    return os.waitstatus_to_exitcode(status) if found else None


def collect_orphans(own: Collection[int]) -> None:
    """Collect ended processes that are none of ours: the first process of a container inherits those of others."""
    with suppress(ChildProcessError):
        while (ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) and ended.si_pid not in own:
            os.waitpid(ended.si_pid, os.WNOHANG)


def exit_name(code: int) -> str:
    """Return how people call an exit: `1`, or `Killed`."""
    return str(code) if code >= 0 else str(signal.strsignal(-code))


def send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        log.debug("process already gone pid=%d", pid)
