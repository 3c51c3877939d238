"""What holds for a site at this moment: its choices, its preset, and what is set for the whole server."""

from dataclasses import dataclass
from datetime import date, datetime

from dashboard.surroundings import Precision, Surroundings
from sql.policies import Policy, policy_of
from sql.registry import Registry, Site
from sql.retention import first_kept, month_of, next_deletion

# How long the tracker's cookies stay in a browser, where it may set any.
VISITOR_COOKIE_MONTHS = 13  # From the first visit on, and never prolonged.
SESSION_COOKIE_MINUTES = 30
REFERRER_COOKIE_MONTHS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Everything that a statement about a site's privacy can be worked out from."""

    site: Site
    policy: Policy
    masked_bytes: int  # Of an IPv4 address: the server's or the preset's, whichever is more.
    places: Precision  # The finest place that is kept.
    exact_places: bool  # Looked up from the whole address, in memory.
    own_tracker: bool
    dimensions: tuple[str, ...]  # Names of the active ones.
    exporters: tuple[str, ...]  # Names of the tokens that may take every visit away.
    now: datetime

    @property
    def next_deletion(self) -> date | None:
        """The day on which visits are deleted next; None: they are kept for ever."""
        return next_deletion(self.site, self.now)

    @property
    def first_kept(self) -> date | None:
        """The first day of the oldest month that may be there; None: any."""
        first = first_kept(self.site, self.now)
        return first and max(first, month_of(self.site.created.date()))

    @property
    def hosts(self) -> tuple[str, ...]:
        """The site's hosts that are neither its main one nor below it."""
        first, *others = (url.partition("://")[2].partition("/")[0].partition(":")[0] for url in self.site.urls)
        main = first.removeprefix("www.")
        return tuple(dict.fromkeys(host for host in others if host != main and not host.endswith(f".{main}")))


def configuration_of(site: Site, registry: Registry, surroundings: Surroundings, now: datetime) -> Configuration:
    policy = policy_of(site)
    fine = surroundings.precision == "city" and not policy.cities
    return Configuration(
        site=site,
        policy=policy,
        masked_bytes=max(surroundings.masked_bytes, policy.masked_bytes),
        places="country" if fine else surroundings.precision,
        exact_places=site.exact_places and policy.whole_address,
        own_tracker=surroundings.own_tracker,
        dimensions=tuple(dimension.name for dimension in registry.dimensions(site.id) if dimension.active),
        exporters=tuple(token.name for token in registry.tokens() if token.is_for(site.id) and token.has("export:raw")),
        now=now,
    )
