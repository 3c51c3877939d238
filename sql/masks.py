"""What can be taken out of rows that are kept: for those that were stored before a site's policy became stricter."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sql.entries import Site
from sql.refusals import BadEntry

# Of an IPv6 address, for so many bytes of an IPv4 address.
BYTES_OF_IPV6 = (0, 8, 10, 13, 16)


class BadMask(BadEntry):
    """Raised if it is not clear what is to be taken out of which rows."""


@dataclass(frozen=True, slots=True)
class Mask:
    """A kind of thing that can be taken out, and the tables that have it."""

    name: str
    meaning: str
    tables: tuple[str, ...]
    also: tuple[str, ...] = ()  # What it would be no use without.


MASKS: Mapping[str, Mask] = {
    mask.name: mask
    for mask in (
        Mask("addresses", "set bytes of addresses to zero", ("visits",)),
        # Whoever knows a user id can work out the visitor id that follows from it.
        Mask("users", "forget user ids", ("visits",), ("visitors",)),
        Mask(
            "visitors",
            "replace visitor ids by others, under which visits of one visitor stay together",
            ("hits", "conversions", "order_items", "visits"),
        ),
        Mask("places", "forget places finer than the country", ("visits",)),
        Mask("orders", "forget the numbers of orders", ("conversions", "order_items")),
        Mask("referrers", "forget from which page of a website a visit came", ("visits",)),
        Mask("custom", "forget custom dimensions and variables", ("hits", "conversions", "visits")),
    )
}


@dataclass(frozen=True, slots=True)
class Masking:
    """What is to be taken out of the visits that began in a span, and of all that was done in them."""

    site: int
    since: datetime
    until: datetime
    masks: tuple[str, ...]
    bytes: int = 0  # Of an IPv4 address.

    @property
    def parameters(self) -> dict[str, object]:
        span = {"site": self.site, "since": self.since, "until": self.until}
        return {**span, "bytes": self.bytes, "bytes_of_ipv6": BYTES_OF_IPV6[self.bytes]}

    @property
    def details(self) -> dict[str, Any]:
        """As it is kept while it lasts."""
        return {
            "since": self.since.timestamp(),
            "until": self.until.timestamp(),
            "masks": list(self.masks),
            "bytes": self.bytes,
        }

    def statements(self) -> Iterator[str]:
        """Yield the names of the statements; rows of `visits` are the last ones."""
        for name in self.masks:
            yield from (f"person/mask_{name}_of_{table}" for table in MASKS[name].tables)


def masking_of(site: int, details: Mapping[str, Any]) -> Masking:
    """Return what `details` was made of."""
    since, until = (datetime.fromtimestamp(details[name], UTC) for name in ("since", "until"))
    return Masking(site, since, until, tuple(details["masks"]), details["bytes"])


def checked_masking(site: Site, days: tuple[date, date], masks: Collection[str], count: int, now: datetime) -> Masking:
    """Return what is to be done with days of a site, both ends included. Raises BadMask."""
    if unknown := sorted(set(masks) - MASKS.keys()):
        raise BadMask(f"{unknown[0][:20]!r}: expected some of {', '.join(MASKS)}")
    wanted = {*masks, *(more for name in masks for more in MASKS[name].also)}
    if not wanted:
        raise BadMask(f"nothing was chosen: expected some of {', '.join(MASKS)}")
    if ("addresses" in wanted) != (count in range(1, 5)):
        raise BadMask(f"bytes of addresses {count}: expected 1 to 4, and only if addresses are masked")
    zone, (first, last) = ZoneInfo(site.timezone), days
    if not first <= last < now.astimezone(zone).date():
        raise BadMask(f"days {first} to {last}: expected days that are over, the earlier one first")
    since, until = (datetime.combine(day, time.min, zone).astimezone(UTC) for day in (first, last + timedelta(days=1)))
    return Masking(site.id, since, until, tuple(name for name in MASKS if name in wanted), count)
