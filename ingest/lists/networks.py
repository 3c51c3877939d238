"""Which addresses belong to social networks, AI assistants and spammers (tracking specification, 7.9, 14 and 9.9)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from ahocorasick_rs import AhoCorasick

from ingest.address import Address, domains_of
from ingest.lists.facts import facts

BEFORE_HOST = "./"
BEHIND_HOST = "./?#:"
SHORTEST_SPAM = 4  # Letters; a shorter entry would hit by chance.

Definitions = Mapping[str, Iterable[str]]


class Socials:
    """Social networks, found by a host anywhere in an address: Matomo counts what redirects to a network to it."""

    def __init__(self, definitions: Definitions) -> None:
        names: dict[str, str] = {}
        for name, hosts in definitions.items():
            for host in hosts:
                names.setdefault(host.lower(), unquote(name))
        self.names = list(names.values())
        self.search = AhoCorasick(list(names))

    def name_of(self, url: str) -> str:
        """Return the name of the network, '' if it is none; the first in the list wins."""
        text = url.lower()
        found = self.search.find_matches_as_indexes(text, overlapping=True)
        numbers = [number for number, start, end in found if stands_alone(text, start, end)]
        return self.names[min(numbers)] if numbers else ""


def stands_alone(text: str, start: int, end: int) -> bool:
    before, behind = text[start - 1 : start], text[end : end + 1]
    return (not before or before in BEFORE_HOST) and (not behind or behind in BEHIND_HOST)


class Assistants:
    """AI assistants, found by host or by host and path, and by the source that they write into links."""

    def __init__(self, definitions: Definitions, sources: Mapping[str, str]) -> None:
        self.hosts: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self.sources = dict(sources)
        for name, places in definitions.items():
            for place in places:
                host, slash, path = place.lower().partition("/")
                self.hosts[host].append((slash + path, name))
                self.sources.setdefault(host + slash + path, name)

    def name_of(self, address: Address) -> str:
        """Return the name of the assistant, '' if it is none."""
        path = address.path.lower()
        for host in domains_of(address.host):
            for beginning, name in self.hosts.get(host, ()):
                if path == beginning or path.startswith(f"{beginning}/") or not beginning:
                    return name
        return ""

    def name_of_source(self, source: str) -> str:
        """Return the assistant that writes `utm_source=…` into its links, '' if none does."""
        return self.sources.get(source.lower(), "")


class Spammers:
    """Hosts that send visits for the sake of a line in the report."""

    def __init__(self, hosts: Iterable[str]) -> None:
        wanted = {host.strip().lower() for host in hosts}
        self.search = AhoCorasick([host for host in wanted if len(host) >= SHORTEST_SPAM and host[0] != "#"])

    def sent(self, referrer: str) -> bool:
        """Tell whether a spammer's host stands anywhere in a referrer."""
        return bool(referrer) and bool(self.search.find_matches_as_indexes(referrer.lower()))


def builtin_socials() -> Socials:
    return Socials(facts("social_networks"))


def builtin_sources() -> dict[str, str]:
    """Return `utm_source` values and their assistants; the community's list has none of them."""
    return {source: entry["name"] for entry in facts("ai_assistants")["assistant"] for source in sources_in(entry)}


def sources_in(entry: Mapping[str, Any]) -> list[str]:
    return [*entry.get("sources", ()), *entry["hosts"]]


def builtin_assistants() -> Assistants:
    return Assistants(
        {entry["name"]: entry["hosts"] for entry in facts("ai_assistants")["assistant"]}, builtin_sources()
    )


def builtin_spammers() -> Spammers:
    return Spammers(facts("spammers")["hosts"])


def community_hosts(definitions: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return name → hosts of the community's list; entries of other shapes, such as newer ones, are left out."""
    return {str(name): [host for host in hosts or () if isinstance(host, str)] for name, hosts in definitions.items()}
