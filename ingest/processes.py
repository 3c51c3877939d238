"""The processes of one machine: started by fork, watched, started again when they die, stopped together.

Forking after everything is imported shares that memory between all processes, and makes a new one in milliseconds.
"""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

log = logging.getLogger(__name__)

WATCHED = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT}
STOPPING = {signal.SIGTERM, signal.SIGINT}
STOP_SECONDS = 20.0
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
    """Keeps workers alive; stops them in their order, so that later ones can finish what earlier ones left."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self.workers = list(workers)
        self.running: dict[str, Running] = {}
        self.due: dict[str, float] = {worker.name: 0.0 for worker in workers}
        self.failures: dict[str, int] = {}
        # Its other end closes when we die, however we die: that is how workers notice.
        self.alive_read, self.alive_write = os.pipe()

    def run(self) -> None:
        """Start everything and watch it until SIGTERM or SIGINT; then stop everything."""
        signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
        stopped = False
        while not stopped:
            self.start_due()
            received = signal.sigtimedwait(WATCHED, 0.5)
            self.reap()
            stopped = received is not None and received.si_signo in STOPPING
        log.info("stopping")
        for worker in self.workers:
            self.stop(worker.name)

    def start_due(self) -> None:
        for worker in self.workers:
            if worker.name in self.due and time.monotonic() >= self.due[worker.name]:
                del self.due[worker.name]
                self.running[worker.name] = Running(self.fork(worker), time.monotonic())

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
        signal.signal(signal.SIGTERM, end_process)  # A server on its way out raises the signal again.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
        code = 1
        try:
            worker.run()
            code = 0
        except SystemExit as exit:
            code = exit.code if isinstance(exit.code, int) else 1
        except BaseException:
            log.exception("process failed name=%s", worker.name)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def follow_parent(self) -> None:
        os.read(self.alive_read, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    def reap(self) -> None:
        for worker in self.workers:
            running = self.running.get(worker.name)
            if running and ended(running.pid):
                del self.running[worker.name]
                self.plan_restart(worker, running)

    def plan_restart(self, worker: Worker, running: Running) -> None:
        if not worker.again:
            return
        lasted = time.monotonic() - running.started
        failures = 0 if lasted > STABLE_SECONDS else self.failures.get(worker.name, 0) + 1
        self.failures[worker.name] = failures
        wait = min(LONGEST_BACKOFF, 0.25 * 2**failures - 0.25) if failures > 1 else 0.0
        self.due[worker.name] = time.monotonic() + wait
        log.error("process died, starting it again name=%s pid=%d wait=%.1f", worker.name, running.pid, wait)

    def stop(self, name: str) -> None:
        """Ask a worker to end and wait for it; after a while it is killed."""
        running = self.running.pop(name, None)
        if running is None:
            return
        send(running.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while not ended(running.pid):
            if time.monotonic() > deadline:
                log.error("process did not stop, killed name=%s pid=%d", name, running.pid)
                send(running.pid, signal.SIGKILL)
                deadline = time.monotonic() + STOP_SECONDS
            time.sleep(0.02)


def end_process(number: int, frame: object) -> None:
    """Leave through every `finally` on the way."""
    raise SystemExit(0)


def ended(pid: int) -> bool:
    """Tell whether a child has ended, and collect it then."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return True


def send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        log.debug("process already gone pid=%d", pid)
