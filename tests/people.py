"""People whose every trait is theirs alone, and what a whole server keeps of them."""

import json
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from sql.registry import NewSite, Registry
from tests.running import HOST, Server, server
from tests.traces import Remains, Trace, found_in, trace_of_id, trace_of_text, trace_of_user

NUMBERS = count(1)
PRESETS: Mapping[str, Mapping[str, object]] = {name: {"preset": name} for name in ("matomo", "cnil", "tdddg", "uk")}
SITES: Mapping[str, Mapping[str, object]] = {
    **PRESETS,
    "without-identifiers": {"consent": "without-identifiers"},
    "cookie-consent": {"consent": "cookie-consent"},
    "consent-required": {"consent": "consent-required"},
    "dnt-anonymous": {"dnt": "anonymous"},
    "dnt-drop": {"dnt": "drop"},
    "gpc-anonymous": {"gpc": "anonymous"},
    "gpc-drop": {"gpc": "drop"},
    "patterns": {"scrubbed_patterns": ("customer", "/ticket-[a-z]+/")},
}
SITE_IDS = {name: number for number, name in enumerate(SITES, 1)}


@dataclass(frozen=True)
class Person:
    """A visitor whose every trait is theirs alone; how they ask, and of which site."""

    site: str = "matomo"
    headers: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, object] = field(default_factory=dict)
    number: int = field(default_factory=lambda: next(NUMBERS))

    def digits(self, what: str) -> str:
        return sha256(f"{what} {self.number}".encode()).hexdigest()[:16]

    @property
    def address(self) -> str:
        """Every second person has an IPv6 address; all are from networks for documentation and tests."""
        digits = self.digits("address")
        if self.number % 2:
            return f"198.19.{int(digits[:2], 16)}.{int(digits[2:4], 16)}"
        return f"2001:db8:{digits[:4]}:{digits[4:8]}:{digits[8:12]}:{digits[12:]}:{digits[1:4]}1:{digits[5:8]}2"

    @property
    def browser(self) -> str:
        return f"Sailfish/{self.digits('browser')}"

    @property
    def user_agent(self) -> str:
        return f"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0 {self.browser}"

    @property
    def page(self) -> str:
        return f"read-{self.digits('page')}"

    @property
    def id(self) -> str:
        return self.digits("id")

    @property
    def traces(self) -> dict[str, Trace]:
        """Return what gives this person away, whatever they may be identified by."""
        return {
            "page": trace_of_text(self.page),
            "browser": trace_of_text(self.browser),
            "id": trace_of_id(self.id),
            "cid": trace_of_id(self.digits("cid")),
            "uid": trace_of_user(self.digits("uid")),
        }

    def identified_by(self, *names: str) -> "Person":
        """Return this person with identifiers in what they send, such as `uid` and `cid`."""
        given = {name: self.digits(name) for name in names}
        return Person(self.site, self.headers, {**self.parameters, **given}, self.number)

    @property
    def query(self) -> str:
        given = {
            "idsite": SITE_IDS[self.site],
            "rec": 1,
            "url": f"https://example.org/{self.page}",
            "action_name": self.page,
            "_id": self.id,
            **self.parameters,
        }
        return urlencode(given)

    def visit(self, pegel: Server, method: str = "GET") -> None:
        """Look at a page from behind a trusted proxy: an image, a form, or an entry in a bulk body."""
        headers = {
            "User_Agent": self.user_agent,
            "X_Forwarded_For": self.address,
            **self.headers,
        }
        if method == "FORM":
            headers["Content_Type"] = "application/x-www-form-urlencoded"
        asked: dict[str, tuple[str, str, bytes | None]] = {
            "GET": ("GET", f"/matomo.php?{self.query}", None),
            "FORM": ("POST", "/piwik.php", self.query.encode()),
            "BULK": ("POST", "/matomo.php", json.dumps({"requests": [f"?{self.query}"]}).encode()),
        }
        verb, target, body = asked[method]
        assert pegel.request(verb, target, body, **headers).status < 300


class Kept(NamedTuple):
    """What was left while hits waited for the loader, and what is left when all are loaded and the server stopped."""

    waiting: Remains
    loaded: Remains

    def places(self, trace: Trace) -> list[str]:
        return [*self.waiting.places(trace), *self.loaded.places(trace)]

    def of(self, person: Person, *names: str) -> dict[str, list[str]]:
        """Return where something of a person was found, by what it is: some of their traces, or all."""
        wanted = {name: trace for name, trace in person.traces.items() if name in (names or person.traces)}
        found = {"waiting": found_in(self.waiting, wanted), "loaded": found_in(self.loaded, wanted)}
        return {f"{name} {when}": places for when, some in found.items() for name, places in some.items()}


def kept_of(directory: Path, visits: Callable[[Server], None]) -> Kept:
    """Serve while people visit; look at what is on disk before the loader sees it, and at what is left at the end."""
    with server(directory, PEGEL_COLLECTORS="1", PEGEL_TRUSTED_PROXIES=HOST) as pegel:
        add_sites(pegel)
        pegel.start()
        core = pegel.pid("core")
        os.kill(core, signal.SIGSTOP)
        try:
            visits(pegel)
            waiting = Remains().add_files(directory)
        finally:
            os.kill(core, signal.SIGCONT)
        pegel.flush()
        assert pegel.stop() == 0
        with pegel.tables() as database:
            loaded = Remains().add_tables(database)
        return Kept(waiting, loaded.add_files(directory))


def add_sites(pegel: Server) -> None:
    pegel.say("migrate")
    registry = Registry(pegel.data / "registry.sqlite", lambda: datetime.now(UTC))
    for name, given in SITES.items():
        registry.add_site(NewSite(name=name, urls=("https://example.org",), id=SITE_IDS[name], **given))  # type: ignore[arg-type]
    registry.close()
