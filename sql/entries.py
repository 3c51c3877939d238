"""What the registry keeps, and what makes it valid: sites, users, tokens, and the snapshot a collector works from."""

import hmac
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Literal, TypeVar, get_args
from urllib.parse import urlsplit

from sql.choices import CONSENTS, MOST_MONTHS, REFERRERS, SIGNALS, USUAL_MONTHS, Consent, Referrers, Signal
from sql.dimensions import Dimension
from sql.goals import Goal
from sql.lists import checked_patterns, with_checked_lists
from sql.refusals import BadEntry, BadSite, BadToken, BadUser, UnknownSite
from sql.settings import PRESETS
from sql.timezones import checked_timezone

Role = Literal["view", "write", "admin", "superuser"]
# From least to most: whoever has a role may do what the roles before it may.
ROLES: tuple[Role, ...] = get_args(Role)

# What a token may be limited to: to read reports, to read which sites there are, to take every visit and hit away; or
# to follow the registry with all its secrets, as nodes do that collect and load elsewhere.
TokenScope = Literal["stats:read", "sites:read", "export:raw", "registry:read"]
TOKEN_SCOPES: tuple[TokenScope, ...] = get_args(TokenScope)
FOLLOWING: TokenScope = "registry:read"

SiteType = Literal["website", "mobileapp", "intranet"]
SITE_TYPES: tuple[SiteType, ...] = get_args(SiteType)
SEARCH_KEYWORDS = ("q", "query", "s", "search", "searchword", "k", "keyword", "keywords")
MAX_ID = 2**32 - 1  # ClickHouse keeps a site's id as UInt32.
MAX_NAME = 200
MOST_URLS = 1000
CHOICES: dict[str, tuple[str, ...]] = {
    **{"preset": PRESETS, "type": SITE_TYPES},
    **{"consent": CONSENTS, "dnt": SIGNALS, "gpc": SIGNALS, "referrers": REFERRERS},
}
MOST_FEWEST = 1000  # Visitors: a floor above this would hide whole sites.


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFields:
    """What an operator decides about a site; field names are column names."""

    name: str
    urls: tuple[str, ...]  # The first is the main address.
    timezone: str = "UTC"
    currency: str = "USD"
    preset: str = "matomo"
    ecommerce: bool = False
    group: str = ""
    search: bool = True
    search_keywords: tuple[str, ...] = ()  # Empty: as globally set, and so the categories.
    search_categories: tuple[str, ...] = ()
    keep_fragment: bool | None = None  # None: as globally set.
    exclude_unknown_urls: bool = False
    excluded_addresses: tuple[str, ...] = ()
    excluded_user_agents: tuple[str, ...] = ()
    excluded_parameters: tuple[str, ...] = ()
    excluded_referrers: tuple[str, ...] = ()
    type: SiteType = "website"
    keep_bots: bool = False  # Bots go into a stream of their own.
    exact_places: bool = False  # Places are looked up from the full address, in memory.
    fewest_visitors: int = 0  # A report's rows with fewer visitors are folded into one.
    consent: Consent = "tracker"  # Of this and the next four, the preset's is the floor.
    dnt: Signal = "ignore"
    gpc: Signal = "ignore"
    referrers: Referrers = "all"
    retention_months: int = USUAL_MONTHS  # How long visits and hits are kept; 0: for ever.
    scrubbed_patterns: tuple[str, ...] = ()  # Parameters, and patterns `/…/`, that are cut out of every address.


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSite(SiteFields):
    """A site to be added; without an id it gets the next one."""

    id: int | None = None
    created: datetime | None = None  # UTC; None: now.


@dataclass(frozen=True, slots=True, kw_only=True)
class Site(SiteFields):
    """A website that is measured."""

    id: int
    created: datetime  # UTC.
    raw_since: datetime | None = None  # UTC; older visits and hits are deleted. None: none are.


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a program says instead of a password."""

    id: int
    name: str
    role: Role
    site: int | None  # None: every site.
    scopes: tuple[TokenScope, ...] = ()  # Empty: all that the role may do.

    def allows(self, role: Role, site: int) -> bool:
        """Tell whether the role may be used at a site; a token with scopes is only good for reading reports there."""
        scoped = not self.scopes or (role == "view" and "stats:read" in self.scopes)
        return self.is_for(site) and scoped and ROLES.index(self.role) >= ROLES.index(role)

    def is_for(self, site: int) -> bool:
        return self.site in (None, site)

    @property
    def follows_registry(self) -> bool:
        return self.has(FOLLOWING) and self.site is None

    def has(self, scope: TokenScope) -> bool:
        """Tell whether a scope is among the token's; without scopes, whether its role has it.

        To take every visit away is not in the role of somebody who looks at reports, to follow the registry in none.
        """
        if self.scopes or scope == FOLLOWING:
            return scope in self.scopes
        return scope != "export:raw" or ROLES.index(self.role) >= ROLES.index("admin")


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
    """All that a collector or loader needs to know, as it was at one moment; sites with what holds for every site."""

    version: int
    sites: Mapping[int, Site]
    tokens: Mapping[str, Token] = field(repr=False)  # By the token's SHA-256.
    salts: Mapping[tuple[int, str], bytes] = field(repr=False)  # By site and site-local day, 'YYYY-MM-DD'.
    # By site and id, where there are any; deleted goals and inactive dimensions are not among them.
    goals: Mapping[int, Mapping[int, Goal]] = field(default_factory=dict)
    dimensions: Mapping[int, Mapping[int, Dimension]] = field(default_factory=dict)
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


S = TypeVar("S", NewSite, Site)


def checked_site(site: S) -> S:
    """Return the site as it is kept.

    Raises BadSite if it cannot be.
    """
    if site.id is not None and not 1 <= site.id <= MAX_ID:
        raise BadSite(f"site id {site.id}: expected a number from 1 to {MAX_ID}")
    check_choices(site)
    if not 0 <= site.fewest_visitors <= MOST_FEWEST:
        raise BadSite(f"fewest visitors {site.fewest_visitors}: expected a number from 0 to {MOST_FEWEST}")
    if site.created and site.created.tzinfo is None:
        raise BadSite(f"creation {site.created}: expected a time with its zone, such as 2026-05-13 12:00:00+00:00")
    return replace(
        with_checked_lists(site),
        name=checked_name(site.name, BadSite),
        urls=checked_urls(site.urls),
        scrubbed_patterns=checked_patterns("scrubbed pattern", site.scrubbed_patterns),
        timezone=checked_timezone(site.timezone),
        currency=checked_currency(site.currency),
        group=site.group.strip() and checked_name(site.group, BadSite, "group"),
    )


def check_choices(site: SiteFields) -> None:
    """Raise BadSite for a choice that there is not."""
    for name, choices in CHOICES.items():
        if (chosen := getattr(site, name)) not in choices:
            raise BadSite(f"{name} {chosen!r}: expected one of {', '.join(choices)}")
    if not 0 <= site.retention_months <= MOST_MONTHS:
        raise BadSite(
            f"retention of {site.retention_months} months: expected 1 to {MOST_MONTHS}, or 0 to keep for ever"
        )


def checked_currency(currency: str) -> str:
    if not re.fullmatch("[A-Z]{3}", currency):
        raise BadSite(f"currency {currency!r}: expected three capital letters, such as EUR")
    return currency


def checked_name(name: str, refusal: type[BadEntry], what: str = "name") -> str:
    name = name.strip()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise refusal(f"{what} {name[:MAX_NAME]!r}: expected 1 to {MAX_NAME} printable characters, such as My shop")
    return name


def checked_urls(urls: Collection[str]) -> tuple[str, ...]:
    """Return the addresses without a slash at the end, each once."""
    if not urls:
        raise BadSite("addresses: none given; expected at least one, such as https://example.org")
    if len(urls) > MOST_URLS:
        raise BadSite(f"addresses: {len(urls)} given; expected at most {MOST_URLS}")
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


def checked_scopes(scopes: Collection[str], role: Role) -> tuple[TokenScope, ...]:
    """Return the scopes in our order. Raises BadToken."""
    if unknown := sorted(set(scopes) - set(TOKEN_SCOPES)):
        raise BadToken(f"scope {unknown[0]!r}: expected one of {', '.join(TOKEN_SCOPES)}")
    if scopes and role != "view":
        raise BadToken(f"scopes of a token with role {role}: expected role view, because every scope only reads")
    if FOLLOWING in scopes and len(set(scopes)) > 1:
        raise BadToken(f"scope {FOLLOWING}: expected no other one beside it, because a node needs none")
    return tuple(scope for scope in TOKEN_SCOPES if scope in scopes)


def checked_email(email: str) -> str:
    email = email.strip()
    if len(email) > 254 or not email.isprintable() or not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        raise BadUser(f"e-mail address {email[:254]!r}: expected one such as anna@example.org")
    return email


def checked_password(password: str) -> str:
    if not 8 <= len(password) <= 1000:
        raise BadUser(f"password of {len(password)} characters: expected 8 to 1000")
    return password
