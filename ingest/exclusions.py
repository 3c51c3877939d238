"""What is not counted, and why: bots, and what a site or the operator does not want (tracking specification, 9)."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import ip_network
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from ingest.address import address_of, folder, hosts_above, without_www
from ingest.bots import looks_like_bot
from ingest.consent import why_not
from ingest.lists.folder import ListsFolder
from ingest.patterns import Pattern, delimited, found
from ingest.privacy import parse_address
from ingest.proxies import plain
from ingest.request_rules import RequestRule
from ingest.sender import Sender, page_and_referrer
from ingest.tracking import TrackingRequest, scalar_text
from sql.policies import Policy
from sql.registry import Site

log = logging.getLogger(__name__)

BEGINNINGS = ("https://", "https://www.", "http://", "http://www.")
LONGEST_USER_AGENT = 1024  # Characters that are searched.
looks_like_known_bot = lru_cache(8192)(looks_like_bot)


class Exclusions:
    """What is excluded everywhere and by each site, ready to be asked for every request."""

    def __init__(self, sites: Iterable[Site], rules: Sequence[RequestRule], lists: ListsFolder) -> None:
        self.rules = tuple(rules)
        self.lists = lists
        self.unwanted = {site.id: unwanted for site in sites if (unwanted := unwanted_by(site))}
        self.why_unwanted_sender = lru_cache(2048)(self._why_unwanted_sender)

    def why(self, request: TrackingRequest, sender: Sender, site: Site, policy: Policy) -> str:
        """Return the reason why a request is not kept, '' if it is; the first in the order of the specification."""
        if not site.keep_bots and calls_itself_bot(request, sender):
            return "bot"
        if request.integer("rec", 0) == 0:
            return "no-rec"
        if request.parameters.get("tracker_install_check"):
            return "install-check"
        if self.rules and any(rule.fits(request) for rule in self.rules):
            return "excluded-request"
        if reason := why_not(request, sender, policy):
            return reason
        return self.why_unwanted(request, sender, site)

    def why_unwanted(self, request: TrackingRequest, sender: Sender, site: Site) -> str:
        unwanted = self.unwanted.get(site.id, NOTHING)
        agent = sender.user_agent[:LONGEST_USER_AGENT]
        if unwanted.of_senders and (reason := self.why_unwanted_sender(site.id, sender.address, agent)):
            return reason
        if (referrer := request.parameters.get("urlref")) and self.lists.lists.is_spam(scalar_text(referrer)[:1500]):
            return "spam-referrer"
        if unwanted.elsewhere and not unwanted.elsewhere.hold(page_and_referrer(request, sender)[0]):
            return "unknown-url"
        return "prefetch" if sender.prefetch else ""

    def _why_unwanted_sender(self, site: int, address: str, user_agent: str) -> str:
        """Return why a site wants nothing from a sender: answers are remembered, because a visitor sends many hits."""
        unwanted = self.unwanted[site]
        if unwanted.addresses and unwanted.addresses.hold(address):
            return "excluded-address"
        return "excluded-user-agent" if unwanted.user_agents and unwanted.user_agents.hold(user_agent) else ""


def calls_itself_bot(request: TrackingRequest, sender: Sender) -> bool:
    """Tell whether a user agent says that it is a bot, unless the request says that bots are welcome."""
    return looks_like_known_bot(sender.user_agent) and not request.integer("bots", 0)


class Addresses:
    """Addresses and networks, written as 203.0.113.9, 203.0.113.0/24, 203.0.113.* or the same of IPv6."""

    def __init__(self, entries: Iterable[str]) -> None:
        # Few masks, many networks of each: a look into one set per mask, however long the list is.
        self.networks: dict[int, dict[int, set[int]]] = {4: defaultdict(set), 6: defaultdict(set)}
        wrong = 0
        for entry in entries:
            try:
                network = ip_network(without_stars(entry.strip()), strict=False)
            except ValueError:
                wrong += 1
                continue
            self.networks[network.version][int(network.netmask)].add(int(network.network_address))
        if wrong:
            log.warning(
                "excluded addresses that are none count=%d expected=203.0.113.9, 203.0.113.0/24, 203.0.113.*", wrong
            )

    def hold(self, text: str) -> bool:
        """Tell whether a full address is in one of the networks; it stays in memory."""
        address = plain(parse_address(text))
        number = int(address)
        return any(number & mask in networks for mask, networks in self.networks[address.version].items())


def without_stars(entry: str) -> str:
    """Return `203.0.113.*` and `203.0.*` as networks; a star further left leaves what is none."""
    parts = entry.split(".")
    if parts[-1] != "*" or len(parts) > 4:
        return entry
    kept = [part for part in parts if part != "*"]
    zeros = ["0"] * (4 - len(kept))
    return f"{'.'.join([*kept, *zeros])}/{8 * len(kept)}" if parts[: len(kept)] == kept else entry


class UserAgents:
    """Parts of user agents, capital letters or not, and regular expressions written `/…/`."""

    def __init__(self, entries: Iterable[str]) -> None:
        wanted = [entry.strip() for entry in entries if entry.strip()]
        self.parts = AhoCorasick([entry.lower() for entry in wanted])
        self.patterns: list[Pattern] = [pattern for entry in wanted if (pattern := delimited(entry))]

    def hold(self, user_agent: str) -> bool:
        text = user_agent[:LONGEST_USER_AGENT]
        if self.parts.find_matches_as_indexes(text.lower()):
            return True
        return any(found(pattern, text) for pattern in self.patterns)


class OwnUrls:
    """The addresses of one site: hosts without `www.`, and the folders below them (tracking specification, 4.7)."""

    def __init__(self, urls: Iterable[str]) -> None:
        self.folders: dict[str, list[str]] = defaultdict(list)
        for address in filter(None, map(address_of, urls)):
            self.folders[without_www(address.host)].append(folder(address.path))
        whole = [host for host, folders in self.folders.items() if "/" in folders and not host.startswith(".")]
        # How nearly every page's address begins: it needs no closer look.
        self.beginnings = tuple(f"{before}{host}/" for host in whole for before in BEGINNINGS)

    def hold(self, url: str) -> bool:
        if url.startswith(self.beginnings):
            return True
        address = address_of(url)
        if address is None:
            return False
        names, path = hosts_above(without_www(address.host)), folder(address.path)
        return any(path.startswith(beginning) for name in names for beginning in self.folders.get(name, ()))


class Unwanted(NamedTuple):
    """What one site does not want; None for what it has no list of."""

    addresses: Addresses | None
    user_agents: UserAgents | None
    elsewhere: OwnUrls | None

    @property
    def of_senders(self) -> bool:
        return self.addresses is not None or self.user_agents is not None


NOTHING = Unwanted(None, None, None)
# The same list is made once, also for a thousand sites that have it and for every snapshot that follows.
addresses_of = lru_cache(1024)(Addresses)
user_agents_of = lru_cache(1024)(UserAgents)


def unwanted_by(site: Site) -> Unwanted | None:
    """Return what a site does not want, None if it takes everything."""
    unwanted = Unwanted(
        addresses_of(site.excluded_addresses) if site.excluded_addresses else None,
        user_agents_of(site.excluded_user_agents) if site.excluded_user_agents else None,
        OwnUrls(site.urls) if site.exclude_unknown_urls else None,
    )
    return None if unwanted == NOTHING else unwanted
