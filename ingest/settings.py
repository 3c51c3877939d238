"""What an operator may set about collecting and loading hits."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any

from ingest.request_rules import BadRule, RequestRule
from sql.entries import is_web_address
from sql.settings import PREFIX, BadSetting

Network = IPv4Network | IPv6Network

# What the browser's tracker is built into, in ingest/built.
BUILT_TRACKERS = {"all": "matomo.js", "core": "matomo-core.js"}
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
BOUNDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "mask_bytes": (lambda count: 0 <= count <= 4, "a number from 0 (keep) to 4 (drop the address)"),
    "collectors": (lambda count: count >= 0, "0 or more processes"),
    "proxy_header": (lambda name: bool(HEADER_NAME.fullmatch(name)), "the name of a header, such as X-Forwarded-For"),
    "title_delimiter": (
        lambda text: text.isprintable() and len(text) <= 20,
        "up to 20 printable characters, such as /",
    ),
    "tracker": (
        lambda name: name in BUILT_TRACKERS or Path(name).is_file(),
        "all, core, or the path of a file, such as /srv/matomo.js",
    ),
    "visit_seconds": (lambda seconds: 1 <= seconds <= 86_400, "1 to 86400 seconds, such as 1800"),
    "body_max_bytes": (lambda size: size >= 1024, "at least 1024 bytes"),
    "bulk_max_requests": (lambda count: count >= 1, "1 or more requests"),
    "spool_max_bytes": (lambda size: size >= 1_000_000, "at least 1000000 bytes"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of collectors, spool and loader."""

    collect_listen: Annotated[str, "Public address of the collectors, host:port."] = "127.0.0.1:8000"
    collectors: Annotated[int, "Collector processes; 0: processor cores − 1, at least 1."] = 0
    metrics_listen: Annotated[
        str,
        "Private address of /metrics where collectors or a loader run without a dashboard, which has it on its own, "
        "host:port; empty: none.",
    ] = ""
    trusted_proxies: Annotated[
        tuple[str, ...], "Networks of proxies that we believe when they say who sent a request, such as 10.0.0.0/8."
    ] = ()
    proxy_header: Annotated[
        str, "The one header in which they say it, such as Forwarded, X-Real-IP or CF-Connecting-IP."
    ] = "X-Forwarded-For"
    mask_bytes: Annotated[int, "Bytes of an IPv4 address set to zero before anything else, 0 to 4; IPv6 likewise."] = 2
    registry_url: Annotated[
        str,
        "Address of the dashboard whose registry this machine follows, such as http://10.0.0.5:8001; "
        "empty: it has the registry itself.",
    ] = ""
    registry_token_file: Annotated[
        str, "File with a token on its first line, made there with --scope registry:read; needed to follow a registry."
    ] = ""
    geo_database: Annotated[
        str, "MMDB file for countries and places; empty: the country database that comes along; none: no look-ups."
    ] = ""
    lists: Annotated[str, "Folder of community lists of search engines and social networks; empty: built-in table."] = (
        ""
    )
    tracker: Annotated[
        str,
        "What /matomo.js is: all; core (smaller, without content tracking, bulk requests, links across domains, custom "
        "variables, sending again, and rarer commands); or the path of your own copy of Matomo's, served unchanged.",
    ] = "all"
    recording: Annotated[
        bool, "Whether hits are taken; no: each is refused with 503, which trackers try again, as during maintenance."
    ] = True
    exclude_requests: Annotated[
        tuple[str, ...],
        "Requests that are not counted, by parameter: == != =@ (contains) !@ =^ (begins) =$ (ends), "
        "such as e_c==test,url=@/admin.",
    ] = ()
    title_delimiter: Annotated[
        str,
        "What stands between the parts of a page title, such as /; blanks around it do not count then. Empty: none.",
    ] = ""
    visit_seconds: Annotated[int, "Seconds without a hit after which a visit is over."] = 1800
    new_visit_on_referrer: Annotated[bool, "Whether coming from another website begins a new visit."] = False
    body_max_bytes: Annotated[int, "Largest request body a collector reads; larger ones get 413."] = 4_194_304
    bulk_max_requests: Annotated[int, "Most requests in one bulk body; more get 413, and none is kept."] = 10_000
    spool_max_bytes: Annotated[int, "Disk that waiting hits may take; beyond it collectors answer 503."] = 2_147_483_648

    def __post_init__(self) -> None:
        for name, (fits, expected) in BOUNDS.items():
            value = getattr(self, name)
            if not fits(value):
                raise BadSetting(PREFIX + name.upper(), value, expected)
        _ = self.proxy_networks, self.request_rules
        if self.registry_url and not is_web_address(self.registry_url):
            raise BadSetting("PEGEL_REGISTRY_URL", self.registry_url, "an address such as http://10.0.0.5:8001")
        if bool(self.registry_url) != bool(self.registry_token_file):
            expected = "both this and PEGEL_REGISTRY_URL, or neither"
            raise BadSetting("PEGEL_REGISTRY_TOKEN_FILE", self.registry_token_file, expected)

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

    @property
    def request_rules(self) -> tuple[RequestRule, ...]:
        try:
            return tuple(RequestRule.of(text) for text in self.exclude_requests)
        except BadRule as error:
            raise BadSetting("PEGEL_EXCLUDE_REQUESTS", error.text, error.expected) from error
