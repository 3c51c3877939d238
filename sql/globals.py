"""What holds for every site: lists that are added to each site's own, and what new sites begin with."""

from dataclasses import dataclass, replace

from sql.entries import SEARCH_KEYWORDS, Site, checked_currency
from sql.lists import with_checked_lists
from sql.timezones import checked_timezone


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalSettings:
    """What an operator decides about all sites at once."""

    search_keywords: tuple[str, ...] = SEARCH_KEYWORDS
    search_categories: tuple[str, ...] = ()
    keep_fragment: bool = False
    excluded_addresses: tuple[str, ...] = ()
    excluded_user_agents: tuple[str, ...] = ()
    excluded_parameters: tuple[str, ...] = ()
    excluded_referrers: tuple[str, ...] = ()
    timezone: str = "UTC"  # Of a new site that names none, as its currency.
    currency: str = "USD"  # As of a Matomo server: scripts that add sites count on it.


def checked_globals(given: GlobalSettings) -> GlobalSettings:
    """Return the settings as they are kept; without search keywords, the usual ones.

    Raises BadSite if they cannot be.
    """
    kept = with_checked_lists(given)
    return replace(
        kept,
        search_keywords=kept.search_keywords or SEARCH_KEYWORDS,
        timezone=checked_timezone(given.timezone),
        currency=checked_currency(given.currency),
    )


def effective(site: Site, everywhere: GlobalSettings) -> Site:
    """Return a site as its hits are treated: with what holds for every site."""
    return replace(
        site,
        search_keywords=site.search_keywords or everywhere.search_keywords,
        search_categories=site.search_categories or everywhere.search_categories,
        keep_fragment=everywhere.keep_fragment if site.keep_fragment is None else site.keep_fragment,
        excluded_addresses=together(site.excluded_addresses, everywhere.excluded_addresses),
        excluded_user_agents=together(site.excluded_user_agents, everywhere.excluded_user_agents),
        excluded_parameters=together(site.excluded_parameters, everywhere.excluded_parameters),
        excluded_referrers=together(site.excluded_referrers, everywhere.excluded_referrers),
    )


def together(own: tuple[str, ...], everywhere: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*own, *everywhere)))
