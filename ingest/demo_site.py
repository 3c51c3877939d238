"""The demo's own site: made once, with somebody to log in, some weeks of history and visitors who keep coming."""

import json
import logging
import secrets
import sys
import time
from datetime import datetime
from http.client import HTTPException
from pathlib import Path
from random import Random
from threading import Event
from typing import NamedTuple

from ingest.demo import Collector, DemoError, history, send_history, trickle
from ingest.demo_people import Audience
from sql.registry import Clock, NewSite, Registry

log = logging.getLogger(__name__)

ADMINISTRATOR = "admin@demo.example"
SITE_URL = "https://shop.example"
SITE_NAME = "Demo: river shop"
TIMEZONE = "Europe/Berlin"
SEED = 20
DAYS = 63
HITS_PER_SECOND = 1.5
START_SECONDS = 60.0


class Prepared(NamedTuple):
    """What the demo needs to know of itself; the password only in the run that made it."""

    site: int
    token: str
    password: str


class Notes:
    """What one run of the demo tells the next, in a file that only its owner reads."""

    def __init__(self, data: Path) -> None:
        self.file = data / "demo.json"

    def read(self) -> dict[str, object]:
        return dict(json.loads(self.file.read_text("utf-8"))) if self.file.exists() else {}

    def write(self, **notes: object) -> None:
        """Add notes; the file is replaced as a whole, so that an interruption leaves the old one."""
        new = self.file.with_suffix(".new")
        new.touch(0o600)
        new.write_text(json.dumps({**self.read(), **notes}), "utf-8")
        new.rename(self.file)


def prepare(data: Path, registry: Registry, preset: str) -> Prepared:
    """Make site, administrator and token in the first run; find them again in later ones.

    Raises DemoError if the first run was interrupted here.
    """
    notes = Notes(data)
    known = notes.read()
    if known:
        return Prepared(int(str(known["site"])), str(known["token"]), "")
    if any(user.email == ADMINISTRATOR for user in registry.users()):
        raise DemoError(f"the demo in {data} was interrupted at its very start; remove the directory, then try again")
    password = secrets.token_urlsafe(12)
    registry.add_user(ADMINISTRATOR, password, "superuser")
    site = registry.add_site(
        NewSite(name=SITE_NAME, urls=(SITE_URL,), timezone=TIMEZONE, preset=preset, search_categories=("cat",))
    )
    token = registry.add_token("demo", "write", site.id)
    notes.write(site=site.id, token=token)
    return Prepared(site.id, token, password)


def live(data: Path, collector: Collector, dashboard: str, clock: Clock) -> None:
    """Send the history once, then visitors without end."""
    wait_for(collector)
    send_weeks(Notes(data), collector, clock)
    say(f"Demo visitors keep coming. Open {dashboard} and log in as {ADMINISTRATOR}; Ctrl-C stops everything.")
    trickle(collector, Audience(Random(), SITE_URL), HITS_PER_SECOND, Event())


def send_weeks(notes: Notes, collector: Collector, clock: Clock, days: int = DAYS) -> None:
    """Send the history with a progress bar; if an earlier run was interrupted, only what it left."""
    known = notes.read()
    if known.get("complete"):
        return
    until = str(known.get("until") or clock().isoformat())
    before = int(str(known.get("sent", 0)))
    hits = list(history(SEED, SITE_URL, days, datetime.fromisoformat(until)))
    bar = Bar(f"Sending {days} days of demo visitors", len(hits))

    def progress(sent: int) -> None:
        notes.write(until=until, sent=before + sent)
        bar.show(before + sent)

    send_history(collector, hits[before:], progress)
    bar.end()
    notes.write(complete=True)


def wait_for(collector: Collector) -> None:
    """Return when the collector answers. Raises DemoError if it does not start."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            connection = collector.connect()
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except (OSError, HTTPException):
            log.debug("collector not there yet")
        finally:
            connection.close()
        time.sleep(0.1)
    raise DemoError(f"collector {collector.url} does not answer after {START_SECONDS:.0f} seconds")


class Bar:
    """A progress bar on a terminal; elsewhere a line for each tenth."""

    WIDTH = 30

    def __init__(self, title: str, total: int) -> None:
        self.title = title
        self.total = max(total, 1)
        self.shown = -1
        self.live = sys.stdout.isatty()

    def show(self, done: int) -> None:
        step = done * (100 if self.live else 10) // self.total
        if step != self.shown:
            self.shown = step
            filled = self.WIDTH * done // self.total
            bar = "█" * filled + "░" * (self.WIDTH - filled)
            sys.stdout.write(f"{self.title} {bar} {done:,}/{self.total:,} hits" + ("\r" if self.live else "\n"))
            sys.stdout.flush()

    def end(self) -> None:
        if self.live:
            say("")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
