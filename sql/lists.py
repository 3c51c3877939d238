"""The lists that an operator writes for a site or for all: what is excluded, and what a site search is called."""

import re
from collections.abc import Collection
from dataclasses import replace
from ipaddress import ip_network
from typing import Any, TypeVar

from sql.patterns import pattern_problem
from sql.refusals import BadSite

MOST_ENTRIES = 1000
LONGEST_ENTRY = 500  # Letters.
STARS = re.compile(r"(\d{1,3}\.){1,3}(\*\.){0,2}\*", re.ASCII)
# What a list is called when it is refused, by the field that holds it.
LISTS = {
    "search_keywords": "search keyword",
    "search_categories": "search category",
    "excluded_addresses": "excluded address",
    "excluded_user_agents": "excluded user agent",
    "excluded_parameters": "excluded parameter",
    "excluded_referrers": "excluded referrer",
}

T = TypeVar("T")


def with_checked_lists(given: T) -> T:
    """Return a site, or what holds for all sites, with its lists as they are kept.

    Raises BadSite if one of them cannot be.
    """
    fields: Any = given
    kept = {name: checked_list(what, getattr(fields, name)) for name, what in LISTS.items()}
    for address in kept["excluded_addresses"]:
        if not is_address_range(address):
            expected = "one such as 203.0.113.9, 203.0.113.0/24 or 203.0.*.*"
            raise BadSite(f"excluded address {address!r}: expected {expected}")
    changed: T = replace(fields, **kept)
    return changed


def checked_list(what: str, entries: Collection[str]) -> tuple[str, ...]:
    """Return the entries without blanks around them, each once; what is only blank is no entry."""
    kept = tuple(dict.fromkeys(entry.strip() for entry in entries if entry.strip()))
    if len(kept) > MOST_ENTRIES:
        raise BadSite(f"{what}: {len(kept)} entries; expected at most {MOST_ENTRIES}")
    for entry in kept:
        if len(entry) > LONGEST_ENTRY or not entry.isprintable():
            raise BadSite(f"{what} {entry[:50]!r}: expected at most {LONGEST_ENTRY} printable characters")
    return kept


def checked_patterns(what: str, entries: Collection[str]) -> tuple[str, ...]:
    """Return names, and expressions written `/…/`. Raises BadSite for an expression that cannot be used."""
    kept = checked_list(what, entries)
    for entry in kept:
        body = entry[1:].rpartition("/")[0] if entry.startswith("/") else ""
        if problem := pattern_problem(body):
            raise BadSite(f"{what} {entry[:50]!r}: {problem}")
    return kept


def is_address_range(entry: str) -> bool:
    """Tell whether this is an address, a network, or an IPv4 address that ends with stars."""
    stars = STARS.fullmatch(entry) and entry.count(".") == 3
    try:
        ip_network(entry.replace("*", "0") if stars else entry, strict=False)
    except ValueError:
        return False
    return True
