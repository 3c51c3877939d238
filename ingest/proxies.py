"""Who sent a request that came through proxies: the nearest address that none of the proxies we trust has.

Only a trusted peer may speak for others, and only in the one header that the operator names: a proxy writes that one
itself and passes all others on as the visitor sent them, so that believing a second header means believing the visitor.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from ipaddress import IPv6Address

from ingest.meter import SENDER_SLOTS
from ingest.privacy import Address, address_in
from ingest.settings import Network

LONGEST = 4096  # Characters of the header that are looked at, from its end: what is nearest to us stands there.
ESCAPED = re.compile(r"\\.")
# One `name=value` of an element in a Forwarded header (RFC 7239, section 4).
PAIR = re.compile(r"""\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;"]*)\s*(?:;|\Z)""")


class Proxies:
    """The proxies that the operator trusts, and the header in which they name who they speak for."""

    def __init__(self, networks: Sequence[Network], header: str) -> None:
        self.networks = tuple(networks)
        self.header = header.lower().encode()
        self.nodes = nodes_of_forwarded if self.header == b"forwarded" else nodes_of_list
        self.trusts = lru_cache(1024)(self._trusts)
        self.remembered = lru_cache(2048)(self._visitor)
        self.way = lru_cache(2048)(self._way)
        self.first_private = ""

    def visitor(self, peer: str, header: bytes) -> str:
        """Return the address from which a request comes, when it reaches us from `peer` with this header."""
        return self.remembered(peer, header[-LONGEST - 1 :])  # Short: what is remembered must not fill the memory.

    def _visitor(self, peer: str, header: bytes) -> str:
        """Find the address out.

        Where a proxy does not know or does not tell for whom it speaks, the proxy's own address is all that is known.
        """
        if not header or not self.trusts(peer):
            return peer
        nearest = peer
        for node in self.nodes(end_of(header)):
            address = address_in(node)
            if address is None:
                break
            nearest = str(address)
            if not self.trusts(nearest):
                break
        return nearest

    def _way(self, peer: str, chain: bool) -> int:
        """Return where requests that reach us in one way are counted: an operator who forgot a proxy sees it there."""
        address = address_in(peer)
        private = address is not None and plain(address).is_private
        if self.trusts(peer):
            return SENDER_SLOTS["proxy" if chain else "silent-proxy"]
        if chain:
            return SENDER_SLOTS["unbelieved-private" if private else "unbelieved-public"]
        if private:
            self.first_private = self.first_private or peer
        return SENDER_SLOTS["one-private" if private and peer == self.first_private else "direct"]

    def _trusts(self, text: str) -> bool:
        address = address_in(text)
        return address is not None and any(plain(address) in network for network in self.networks)


def plain(address: Address) -> Address:
    """Return the IPv4 address that a listener on [::] sees as ::ffff:10.0.0.1, any other as it is."""
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def end_of(header: bytes) -> str:
    """Return the end of a header; an entry that is cut off is left out, it could look like another one."""
    text = header[-LONGEST:].decode("latin-1")
    return text if len(header) <= LONGEST else text.partition(",")[2]


def nodes_of_list(header: str) -> Iterator[str]:
    """Yield the entries of `client, proxy, proxy`, the last one first."""
    return (entry for entry in reversed(header.split(",")) if entry.strip())


def nodes_of_forwarded(header: str) -> Iterator[str]:
    """Yield for whom each element of a Forwarded header speaks, the last one first; '' if it does not say."""
    for element in elements(header):
        if element.strip():
            yield node_of(element)


def elements(header: str) -> Iterator[str]:
    """Yield the elements of a Forwarded header, the last one first.

    Read from its end: a quotation mark that a visitor opened and never closed must not swallow what our proxy added.
    """
    parts: list[str] = []
    quotes = 0
    for part in reversed(header.split(",")):
        parts.append(part)
        quotes += ESCAPED.sub("", part).count('"')
        if quotes % 2 == 0:
            yield ",".join(reversed(parts))
            parts.clear()
    if parts:
        yield ",".join(reversed(parts))


def node_of(element: str) -> str:
    """Return the node after `for=`, without its quotation marks; '' for an element that is not well-formed."""
    position = 0
    found = ""
    while position < len(element):
        pair = PAIR.match(element, position)
        if pair is None:
            return ""
        if pair[1].lower() == "for":
            found = pair[2].strip('"')
        position = pair.end()
    return found
