"""What the registry keeps, and what makes it valid: sites, users, tokens, and the snapshot a collector works from."""

import hmac
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from difflib import get_close_matches
from functools import cache
from hashlib import sha256
from typing import Literal, get_args
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from sql import SqlError
from sql.settings import PRESETS

Role = Literal["view", "write", "admin", "superuser"]
# From least to most: whoever has a role may do what the roles before it may.
ROLES: tuple[Role, ...] = get_args(Role)

SEARCH_KEYWORDS = ("q", "query", "s", "search", "searchword", "k", "keyword")
MAX_ID = 2**32 - 1  # ClickHouse keeps a site's id as UInt32.
MAX_NAME = 200


class RegistryError(SqlError):
    """Root of what the registry refuses."""


class BadEntry(RegistryError):
    """Raised if something cannot be kept as it was given."""


class BadSite(BadEntry):
    """Raised if a site's name, address, time zone, currency, id or preset cannot be used."""


class BadUser(BadEntry):
    """Raised if a user's e-mail address, password, role or sites cannot be used."""


class BadToken(BadEntry):
    """Raised if a token's name, role or site cannot be used."""


class SiteTaken(RegistryError):
    """Raised if a site's id is already another site's."""

    def __init__(self, id: int) -> None:
        super().__init__(f"site id {id} is taken; expected a free one, or none to get the next")


class EmailTaken(RegistryError):
    """Raised if somebody with this e-mail address is already there."""

    def __init__(self, email: str) -> None:
        super().__init__(f"user {email!r} is already there; expected another e-mail address")


class UnknownSite(RegistryError):
    """Raised if there is no site with this id."""

    def __init__(self, id: int, known: Collection[int] = ()) -> None:
        some = ", ".join(map(str, sorted(known)[:10])) + (", …" if len(known) > 10 else "")
        super().__init__(
            f"site {id} is unknown; expected " + (f"one of {some}" if known else "the id of an added site")
        )
        self.id = id


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFields:
    """What an operator decides about a site; field names are column names."""

    name: str
    urls: tuple[str, ...]  # The first is the main address.
    timezone: str = "UTC"
    currency: str = "EUR"
    preset: str = "matomo"
    ecommerce: bool = False
    group: str = ""
    search: bool = True
    search_keywords: tuple[str, ...] = SEARCH_KEYWORDS
    search_categories: tuple[str, ...] = ()
    keep_fragment: bool = False
    exclude_unknown_urls: bool = False
    excluded_addresses: tuple[str, ...] = ()
    excluded_user_agents: tuple[str, ...] = ()
    excluded_parameters: tuple[str, ...] = ()
    excluded_referrers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSite(SiteFields):
    """A site to be added; without an id it gets the next one."""

    id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Site(SiteFields):
    """A website that is measured."""

    id: int
    created: datetime  # UTC.


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a program says instead of a password."""

    id: int
    name: str
    role: Role
    site: int | None  # None: every site.

    def allows(self, role: Role, site: int) -> bool:
        return self.site in (None, site) and ROLES.index(self.role) >= ROLES.index(role)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who looks at reports."""

    id: int
    email: str
    password_hash: str = field(repr=False)
    role: Role
    sites: tuple[int, ...]  # Empty: every site.

    def may_view(self, site: int) -> bool:
        return self.role == "superuser" or not self.sites or site in self.sites


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All that a collector or loader needs to know, as it was at one moment."""

    version: int
    sites: Mapping[int, Site]
    tokens: Mapping[str, Token] = field(repr=False)  # By the token's SHA-256.
    salts: Mapping[tuple[int, str], bytes] = field(repr=False)  # By site and site-local day, 'YYYY-MM-DD'.
    newest_salts: Mapping[int, bytes] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        newest = {site: self.salts[site, day] for site, day in sorted(self.salts)}
        object.__setattr__(self, "newest_salts", newest)

    def token(self, plain: str) -> Token | None:
        return self.tokens.get(hashed(plain))

    def salt(self, site: int, day: str) -> bytes:
        """Return the salt of a site's day; for a day without one, a key made from the site's newest salt.

        So an import of old days groups each day's hits, and nobody can link them once the salt is destroyed.
        Raises UnknownSite if the site has no salt at all.
        """
        if salt := self.salts.get((site, day)):
            return salt
        if site not in self.newest_salts:
            raise UnknownSite(site, self.newest_salts.keys())
        return hmac.digest(self.newest_salts[site], day.encode(), "sha256")


def hashed(secret: str) -> str:
    """Return what is kept of a token or a session; both are random, so a plain hash cannot be guessed back."""
    return sha256(secret.encode()).hexdigest()


def checked_site(site: NewSite) -> NewSite:
    """Return the site as it is kept.

    Raises BadSite if it cannot be.
    """
    if site.id is not None and not 1 <= site.id <= MAX_ID:
        raise BadSite(f"site id {site.id}: expected a number from 1 to {MAX_ID}")
    if site.timezone not in timezones():
        raise BadSite(f"time zone {site.timezone!r}: expected {timezone_hint(site.timezone)}")
    if not re.fullmatch("[A-Z]{3}", site.currency):
        raise BadSite(f"currency {site.currency!r}: expected three capital letters, such as EUR")
    if site.preset not in PRESETS:
        raise BadSite(f"preset {site.preset!r}: expected one of {', '.join(PRESETS)}")
    return replace(site, name=checked_name(site.name, BadSite), urls=checked_urls(site.urls))


def checked_name(name: str, refusal: type[BadEntry]) -> str:
    name = name.strip()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise refusal(f"name {name[:MAX_NAME]!r}: expected 1 to {MAX_NAME} printable characters, such as My shop")
    return name


@cache
def timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def timezone_hint(name: str) -> str:
    """Return what to write instead: the nearest name, also when only the city was given."""
    cities = {zone.rpartition("/")[2].lower(): zone for zone in sorted(timezones())}
    near = get_close_matches(name.rpartition("/")[2].lower().replace(" ", "_"), cities, n=1)
    return f"a name such as Europe/Zurich; did you mean {cities[near[0]]}?" if near else "a name such as Europe/Zurich"


def checked_urls(urls: Collection[str]) -> tuple[str, ...]:
    """Return the addresses without a slash at the end, each once."""
    if not urls:
        raise BadSite("addresses: none given; expected at least one, such as https://example.org")
    return tuple(dict.fromkeys(checked_url(url) for url in urls))


def checked_url(url: str) -> str:
    url = url.strip()
    if not is_web_address(url):
        hint = f"; did you mean https://{url}?" if is_web_address(f"https://{url}") else ""
        raise BadSite(f"address {url!r}: expected http:// or https:// and a host, such as https://example.org{hint}")
    return url.rstrip("/")


def is_web_address(url: str) -> bool:
    if " " in url or not url.isprintable():
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # A port that is no number, half an IPv6 address.
        return False


def checked_role(role: str, refusal: type[BadEntry]) -> Role:
    for known in ROLES:
        if role == known:
            return known
    raise refusal(f"role {role!r}: expected one of {', '.join(ROLES)}")


def checked_email(email: str) -> str:
    email = email.strip()
    if len(email) > 254 or not email.isprintable() or not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        raise BadUser(f"e-mail address {email[:254]!r}: expected one such as anna@example.org")
    return email


def checked_password(password: str) -> str:
    if not 8 <= len(password) <= 1000:
        raise BadUser(f"password of {len(password)} characters: expected 8 to 1000")
    return password
