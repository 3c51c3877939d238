"""Who a visitor is, as far as we may know: the only maker of masked addresses, fingerprints and visitor ids.

A full address enters `Visitors.identify` and does not leave it.
"""

from functools import lru_cache
from hashlib import blake2b
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple, NewType

from ingest.geo import Place, Places
from sql import people

MaskedAddress = NewType("MaskedAddress", str)  # Made only by `mask`; a full address cannot be stored.
VisitorId = NewType("VisitorId", int)  # 64 bits; Matomo's 16 hex digits.
Fingerprint = NewType("Fingerprint", int)  # 64 bits, keyed with a salt that lives for a day.

Address = IPv4Address | IPv6Address
NOWHERE = IPv4Address(0)
HEX_DIGITS = 16
# How many low bits of an IPv6 address go for each masked byte of IPv4 (specification 10.2).
IPV6_MASKED_BITS = (0, 64, 80, 104, 128)


class Identity(NamedTuple):
    """What is left of an address once it was masked."""

    address: MaskedAddress
    place: Place


def mask(address: Address, masked_bytes: int) -> MaskedAddress:
    """Return an address with its last bytes zero: 2 bytes make 203.0.113.9 → 203.0.0.0 and keep 48 bits of IPv6."""
    if isinstance(address, IPv6Address) and (embedded := address.ipv4_mapped):
        return MaskedAddress(f"::ffff:{mask(embedded, masked_bytes)}")
    bits = 8 * masked_bytes if isinstance(address, IPv4Address) else IPV6_MASKED_BITS[masked_bytes]
    return MaskedAddress(str(type(address)(int(address) >> bits << bits)))


def parse_address(text: str) -> Address:
    """Return the address in a text that may carry a port, brackets or a zone; 0.0.0.0 if there is none."""
    return address_in(text) or NOWHERE


def address_in(text: str) -> Address | None:
    """Return the address in a text like `parse_address`, None if there is none."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None


def fingerprint(salt: bytes, features: str) -> Fingerprint:
    """Return the keyed hash that tells visitors without an id apart for one day."""
    digest = blake2b(features.encode("utf-8", "replace"), digest_size=8, key=salt).digest()
    return Fingerprint(int.from_bytes(digest, "big"))


def visitor_from_hex(text: str) -> VisitorId:
    """Return the id in the first 16 characters; a character that is no hex digit counts as 0 (specification 2.3)."""
    try:
        return VisitorId(int(text[:HEX_DIGITS].encode("ascii"), 16))
    except (ValueError, UnicodeEncodeError):
        digits = (c if c in "0123456789abcdefABCDEF" else "0" for c in text[:HEX_DIGITS])
        return VisitorId(int("".join(digits), 16))


def visitor_of_user(user_id: str) -> VisitorId:
    """Return the visitor id that follows from a user id."""
    return VisitorId(people.visitor_of_user(user_id))


class Visitors:
    """Masks addresses and looks up their places; remembers some in memory, never on disk."""

    def __init__(self, masked_bytes: int, places: Places, remembered: int = 4096) -> None:
        self.masked_bytes = masked_bytes
        self.places = places
        self.identify = lru_cache(remembered)(self._identify)

    def _identify(self, address: str, exact: bool, masked_bytes: int = 0) -> Identity:
        """Return what may be known of a full address; `exact`: its place may be looked up from all of it.

        A site may want more bytes to be masked than everybody.
        """
        full = parse_address(address)
        masked = mask(full, max(masked_bytes, self.masked_bytes))
        # From the masked address unless the site says otherwise: a report must never know more than the stored row.
        return Identity(masked, self.places.of(str(full) if exact else masked))

    def refresh(self) -> None:
        """Read the place database again if it changed, and forget what the old one said."""
        if self.places.refresh():
            self.identify.cache_clear()
