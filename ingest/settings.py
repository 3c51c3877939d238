"""What an operator may set about collecting and loading hits."""

import os
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated

from sql.settings import BadSetting

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of collectors, spool and loader."""

    collect_listen: Annotated[str, "Public address of the collectors, host:port."] = "127.0.0.1:8000"
    collectors: Annotated[int, "Collector processes; 0: processor cores − 1, at least 1."] = 0
    trusted_proxies: Annotated[tuple[str, ...], "Networks whose X-Forwarded-For we believe, such as 10.0.0.0/8."] = ()
    mask_bytes: Annotated[int, "Bytes of an IPv4 address set to zero before anything else, 0 to 4; IPv6 likewise."] = 2
    geo_database: Annotated[
        str, "MMDB file for countries and places; empty: the country database that comes along; none: no look-ups."
    ] = ""
    lists: Annotated[str, "Folder of community lists of search engines and social networks; empty: built-in table."] = (
        ""
    )
    body_max_bytes: Annotated[int, "Largest request body a collector reads; larger ones get 413."] = 4_194_304
    spool_max_bytes: Annotated[int, "Disk that waiting hits may take; beyond it collectors answer 503."] = 2_147_483_648

    def __post_init__(self) -> None:
        if not 0 <= self.mask_bytes <= 4:
            raise BadSetting("PEGEL_MASK_BYTES", self.mask_bytes, "a number from 0 (keep) to 4 (drop the address)")
        if self.collectors < 0:
            raise BadSetting("PEGEL_COLLECTORS", self.collectors, "0 or more processes")
        if self.spool_max_bytes < 1_000_000:
            raise BadSetting("PEGEL_SPOOL_MAX_BYTES", self.spool_max_bytes, "at least 1000000 bytes")
        if self.body_max_bytes < 1024:
            raise BadSetting("PEGEL_BODY_MAX_BYTES", self.body_max_bytes, "at least 1024 bytes")
        _ = self.proxy_networks

    @property
    def collector_count(self) -> int:
        return self.collectors or max(1, (os.cpu_count() or 2) - 1)

    @property
    def proxy_networks(self) -> tuple[Network, ...]:
        try:
            return tuple(ip_network(text) for text in self.trusted_proxies)
        except ValueError as error:
            expected = "addresses or networks such as 10.0.0.0/8,::1"
            raise BadSetting("PEGEL_TRUSTED_PROXIES", ",".join(self.trusted_proxies), expected) from error
