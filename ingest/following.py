"""The follower of a node: asks another machine for the registry's snapshot, and keeps the last good one."""

import fcntl
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from typing import NamedTuple
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, HTTPSHandler, ProxyHandler, Request, build_opener

from ingest.node import Kept
from sql.entries import Snapshot
from sql.registry import Clock, RegistryError, RegistryUnavailable, utc_now
from sql.salts import aged
from sql.sent import received

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
AGING_SECONDS = 60.0
ANSWER_SECONDS = 5.0
LARGEST = 512_000_000  # Bytes.
PATH = "/registry/snapshot"


class NoRedirects(HTTPRedirectHandler):
    """Sends the token nowhere else."""

    def redirect_request(self, *_: object) -> None:
        return None


OPENER = build_opener(NoRedirects, ProxyHandler({}), HTTPSHandler())


class Origin(NamedTuple):
    """The dashboard that has the registry, and the token that it wants."""

    url: str
    token_file: Path

    def fetch(self, tag: str) -> tuple[str, bytes] | None:
        """Return the newest snapshot with its tag; None if it is still the one with this tag.

        Raises RegistryUnavailable.
        """
        try:
            token = self.token_file.read_text("utf-8").partition("\n")[0].strip()
            headers = {"Authorization": f"Bearer {token}", "If-None-Match": tag}
            with OPENER.open(Request(f"{self.url.rstrip('/')}{PATH}", headers=headers), timeout=ANSWER_SECONDS) as got:
                return got.headers.get("ETag", ""), got.read(LARGEST)
        except HTTPError as error:
            if error.code == HTTPStatus.NOT_MODIFIED:
                return None
            reason = f"status {error.code}; expected a token with the scope registry:read in {self.token_file}"
            raise RegistryUnavailable(f"registry at {self.url}: {reason}") from None
        except (OSError, HTTPException, ValueError) as error:
            said = error.reason if isinstance(error, URLError) else error
            raise RegistryUnavailable(f"registry at {self.url}: {said}") from None


class Follower:
    """One for each node: another one on the same file waits until it is needed."""

    def __init__(self, origin: Origin, file: Path, clock: Clock = utc_now) -> None:
        self.origin, self.kept, self.clock = origin, Kept(file), clock
        self.tag = ""
        self.snapshot: Snapshot | None = None
        self.failing = False

    def begin(self) -> None:
        """Have a snapshot, from now or from before. Raises RegistryUnavailable if there is none."""
        try:
            self.kept.read()
        except RegistryError:
            with self.alone():
                self.follow()

    def run(self, wait: Callable[[float], object] = time.sleep) -> None:
        """Follow until the process ends."""
        with self.alone():
            looked = float("-inf")
            while True:
                self.follow_or_log()
                if time.monotonic() - looked > AGING_SECONDS:
                    self.age_or_log()
                    looked = time.monotonic()
                wait(PAUSE_SECONDS)

    def follow_or_log(self) -> None:
        """Take what is new; as long as there is no answer, the last snapshot stands."""
        try:
            self.follow()
        except Exception as error:  # The edge of a loop: it must not die.
            if not self.failing:
                log.error("going on with the last snapshot error=%s", error)
            self.failing = True
            return
        if self.failing:
            log.warning("registry is followed again")
        self.failing = False

    def follow(self) -> None:
        if self.snapshot is None and self.kept.file.exists():
            self.recall()
        if new := self.origin.fetch(self.tag):
            self.keep(new[0], received(new[1]))

    def recall(self) -> None:
        try:
            self.tag, self.snapshot = self.kept.read()
        except RegistryError as error:  # A new one takes its place.
            log.error("%s", error)

    def age_or_log(self) -> None:
        """Destroy the salts of days that are over, also while there is no answer."""
        try:
            if self.snapshot and aged(self.snapshot, self.clock()) is not self.snapshot:
                self.keep("", self.snapshot)  # Without a tag, the true salts come back with the next answer.
        except Exception as error:  # The edge of a loop: it must not die.
            log.error("salts stay for now error=%s", error)

    def keep(self, tag: str, snapshot: Snapshot) -> None:
        snapshot = aged(snapshot, self.clock())
        self.kept.replace(tag, snapshot)
        self.tag, self.snapshot = tag, snapshot
        log.info("snapshot of the registry kept sites=%d", len(snapshot.sites))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no other follower keeps this file."""
        self.kept.file.parent.mkdir(parents=True, exist_ok=True)
        with self.kept.file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.kept.clear()
            yield
