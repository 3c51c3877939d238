"""Sites, users, tokens, sessions and salts, in one SQLite file that several processes share."""

import json
import logging
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import RLock
from typing import Any
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from sql import load
from sql.entries import (
    MAX_ID,
    ROLES,
    BadEntry,
    BadSite,
    BadToken,
    BadUser,
    EmailTaken,
    NewSite,
    RegistryError,
    Role,
    Site,
    SiteTaken,
    Snapshot,
    Token,
    UnknownSite,
    User,
    checked_email,
    checked_name,
    checked_password,
    checked_role,
    checked_site,
    hashed,
)
from sql.schema import SqliteLedger, move_forward, numbered
from sql.settings import PRESETS

__all__ = [
    "PRESETS",
    "ROLES",
    "BadEntry",
    "BadSite",
    "BadToken",
    "BadUser",
    "Clock",
    "EmailTaken",
    "NewSite",
    "Registry",
    "RegistryError",
    "RegistryUnavailable",
    "Role",
    "Site",
    "SiteTaken",
    "Snapshot",
    "Token",
    "UnknownSite",
    "User",
    "utc_now",
]

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

# OWASP's second choice for argon2id: 19 MB and about 30 ms, so that a login does not hurt a small machine.
PASSWORDS = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# Checked for an unknown e-mail address, so that the answer takes as long as for a known one. Same parameters as above.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$MHt16DYCQ0oqGthWtgwO0w$/d07CGFES+1+HjUr9FL+ZknyPe/bAgZRv/Z2/EmaZN8"
LISTS = (
    "urls",
    "search_keywords",
    "search_categories",
    "excluded_addresses",
    "excluded_user_agents",
    "excluded_parameters",
    "excluded_referrers",
)
FLAGS = ("ecommerce", "search", "keep_fragment", "exclude_unknown_urls")
# Visitors of a site are told apart today; a hit that waited may belong to yesterday, and tomorrow starts without a gap.
SALTED_DAYS = (-1, 0, 1)


class RegistryUnavailable(RegistryError):
    """Raised if the registry's file cannot be opened, read or written."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Registry:
    """The registry's file, opened; any thread may ask."""

    def __init__(
        self, file: Path, clock: Clock = utc_now, random: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        """Create the file and bring its schema forward where that is needed.

        Raises RegistryUnavailable if the file cannot be used, MigrationChanged if its schema has another past.
        """
        self.file, self.clock, self.random = file, clock, random
        self._lock = RLock()
        with answering(file):
            self._connection = opened(file)
        try:
            with answering(file):
                move_forward(numbered("registry"), SqliteLedger(self._connection))
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def version(self) -> int:
        """Return a number that grows whenever any process changed a site, user, token or salt."""
        return int(self._rows("version")[0]["number"])

    def snapshot(self) -> Snapshot:
        """Return everything a collector or loader needs, as it was at one moment."""
        with self._transaction("begin_reading"):
            return Snapshot(
                version=self.version(),
                sites={site.id: site for site in self.sites()},
                tokens={row["hash"]: token_of(row) for row in self._rows("tokens")},
                salts={(row["site"], row["day"]): row["salt"] for row in self._rows("salts")},
            )

    def add_site(self, site: NewSite) -> Site:
        """Add a site with its salts, and return it with its id.

        Raises BadSite or SiteTaken.
        """
        values = site_row(checked_site(site), self.clock())
        with self._changing():
            if site.id is not None and self._rows("site", id=site.id):
                raise SiteTaken(site.id)
            added = site_of(self._rows("add_site", **values)[0])
            self._renew_salts(added, self.clock())
        return added

    def sites(self) -> list[Site]:
        return [site_of(row) for row in self._rows("sites")]

    def site(self, id: int) -> Site:
        """Return one site.

        Raises UnknownSite if there is none with this id.
        """
        rows = self._rows("site", id=id) if 1 <= id <= MAX_ID else []
        if not rows:
            raise UnknownSite(id, [site.id for site in self.sites()])
        return site_of(rows[0])

    def add_user(self, email: str, password: str, role: Role, sites: Sequence[int] = ()) -> User:
        """Add somebody who may log in; no sites means every site.

        Raises BadUser, EmailTaken or UnknownSite.
        """
        email, role = checked_email(email), checked_role(role, BadUser)
        if role == "superuser" and sites:
            raise BadUser("sites of a superuser: expected none, because a superuser sees every site")
        password_hash = PASSWORDS.hash(checked_password(password))
        with self._changing():
            if self._rows("user_by_email", email=email):
                raise EmailTaken(email)
            values = {"email": email, "password_hash": password_hash, "role": role, "created": stamp(self.clock())}
            user = self._rows("add_user", **values)[0]["id"]
            for site in sorted(set(sites)):
                self._rows("add_user_site", user=user, site=self.site(site).id)
            return user_of(self._rows("user_by_email", email=email)[0])

    def users(self) -> list[User]:
        return [user_of(row) for row in self._rows("users")]

    def user_with_password(self, email: str, password: str) -> User | None:
        """Return who logs in; None for an unknown address and for a wrong password, after about the same time."""
        rows = self._rows("user_by_email", email=email.strip())
        known = [user_of(row) for row in rows]
        right = is_password(password, known[0].password_hash if known else NOBODY)
        return known[0] if known and right else None

    def add_token(self, name: str, role: Role, site: int | None) -> str:
        """Add a token for one site or, with None, for every site; return its 32 characters, which are not kept.

        Raises BadToken or UnknownSite.
        """
        name, role = checked_name(name, BadToken), checked_role(role, BadToken)
        if role == "superuser" and site is not None:
            raise BadToken("site of a superuser token: expected none, because a superuser sees every site")
        plain = self.random(16).hex()
        values = {"hash": hashed(plain), "name": name, "role": role, "created": stamp(self.clock())}
        with self._changing():
            self._rows("add_token", **values, site=None if site is None else self.site(site).id)
        return plain

    def tokens(self) -> list[Token]:
        return [token_of(row) for row in self._rows("tokens")]

    def start_session(self, user: User, lifetime: timedelta) -> str:
        """Return a secret for the browser, which stands for the user until the lifetime is over."""
        plain, now = self.random(32).hex(), self.clock()
        self._rows("expire_sessions", now=int(now.timestamp()))
        self._rows("start_session", hash=hashed(plain), user=user.id, expires=int((now + lifetime).timestamp()))
        return plain

    def session_user(self, plain: str) -> User | None:
        rows = self._rows("session_user", hash=hashed(plain), now=int(self.clock().timestamp()))
        return user_of(rows[0]) if rows else None

    def end_session(self, plain: str) -> None:
        self._rows("end_session", hash=hashed(plain))

    def rotate_salts(self, now: datetime) -> int:
        """Make the salts of each site's yesterday, today and tomorrow, destroy all others; return how many.

        A destroyed salt is in no file afterwards. While another process reads, the write-ahead log cannot be emptied;
        that is logged and tried again in the next call.
        """
        with self._changing():
            destroyed = sum(self._renew_salts(site, now) for site in self.sites())
        if self._rows("truncate_log")[0]["busy"]:
            log.warning("write-ahead log in use file=%s", self.file)
        return destroyed

    def _renew_salts(self, site: Site, now: datetime) -> int:
        today = now.astimezone(ZoneInfo(site.timezone)).date()
        wanted = {(today + timedelta(days=offset)).isoformat() for offset in SALTED_DAYS}
        present = {row["day"] for row in self._rows("salt_days", site=site.id)}
        for day in sorted(wanted - present):
            self._rows("add_salt", site=site.id, day=day, salt=self.random(32))
        # Days in the future too: a clock that was once wrong must not leave a salt that lives for years.
        for day in present - wanted:
            self._rows("destroy_salt", site=site.id, day=day)
        return len(present - wanted)

    def _rows(self, statement: str, /, **parameters: object) -> list[sqlite3.Row]:
        with self._lock, answering(self.file):
            return self._connection.execute(load(f"registry/{statement}"), parameters).fetchall()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        with self._lock, answering(self.file), self._connection:
            self._rows(begin)
            yield

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._transaction("begin_changing"):
            before = self._connection.total_changes
            yield
            if self._connection.total_changes != before:
                self._rows("count_change")


@contextmanager
def answering(file: Path) -> Iterator[None]:
    """Say which file refused, and what it would need."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        expected = "a SQLite file that this user may write, in a directory that this user may write"
        reason = getattr(error, "strerror", None) or error
        raise RegistryUnavailable(f"registry {file}: {reason}; expected {expected}") from error


def opened(file: Path) -> sqlite3.Connection:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)  # Salts and password hashes are nobody else's business.
    connection = sqlite3.connect(file, timeout=5, isolation_level=None, check_same_thread=False)
    try:
        connection.executescript(load("registry/open"))
    except BaseException:
        connection.close()
        raise
    connection.row_factory = sqlite3.Row
    return connection


def is_password(password: str, password_hash: str) -> bool:
    try:
        return PASSWORDS.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def site_row(site: NewSite, created: datetime) -> dict[str, Any]:
    values = asdict(site)
    return {**values, "created": stamp(created), **{name: json.dumps(values[name]) for name in LISTS}}


def site_of(row: sqlite3.Row) -> Site:
    values: dict[str, Any] = dict(row)
    lists = {name: tuple(json.loads(values[name])) for name in LISTS}
    flags = {name: bool(values[name]) for name in FLAGS}
    return Site(**{**values, **lists, **flags, "created": datetime.fromisoformat(values["created"])})


def user_of(row: sqlite3.Row) -> User:
    return User(**{**dict(row), "sites": tuple(json.loads(row["sites"]))})


def token_of(row: sqlite3.Row) -> Token:
    return Token(id=row["id"], name=row["name"], role=row["role"], site=row["site"])
