"""What bots fetch, of sites that want to know: a stream of its own, in no report about visitors."""

from typing import Any

from ingest.actions import excluded_by, page_of
from ingest.device import Device
from ingest.hit import Hit
from ingest.parts import Fetch
from sql.registry import Site

COLUMNS = ("site", "at", "id", "name", "class", "page", "prefix", "status", "size", "milliseconds", "source")
UNKNOWN = Fetch(None, None, None, "")
NAMELESS = ("Unknown bot", "other")


class Fetches:
    """The rows of `bots` that one batch makes."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []

    def take(self, hit: Hit, site: Site, device: Device, id: int) -> None:
        """Note a hit of a bot; one that says so of itself without being one leaves nothing (specification 14)."""
        if not site.keep_bots or not (device.bot or hit.bot):
            return
        name, kind = (device.bot, device.bot_class) if device.bot else NAMELESS
        page = page_of(hit.link or hit.url, excluded_by(site.excluded_parameters), bool(site.keep_fragment))
        self.rows.append((hit.site, hit.at, id, name, kind, *page, *(hit.fetch or UNKNOWN)))

    def columns(self) -> dict[str, tuple[Any, ...]]:
        return dict(zip(COLUMNS, zip(*self.rows, strict=True), strict=True))
