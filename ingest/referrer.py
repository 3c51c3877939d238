"""Where a visitor came from: direct, search engine, social network, AI assistant, website or campaign.

The rules are those of the tracking specification, section 7; what the hosts are is known to `ingest.lists`.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from ingest.actions import clean_url, excluded_by
from ingest.address import Address, address_of, folder, hosts_above, text_in, values_of, without_www
from ingest.campaign import LONGEST, Campaign, advertised, campaign_in, may_name_campaign, stored
from ingest.lists.folder import BadLists, Lists, ListsFolder, builtin_lists
from sql.registry import Site

__all__ = [
    "DIRECT",
    "BadLists",
    "Landing",
    "Lists",
    "ListsFolder",
    "OwnHosts",
    "Referrer",
    "Referrers",
    "builtin_lists",
]

LONGEST_URL = 1500
# Parameters that say nothing about the place but much about the person, by a part of the referrer's host.
GOOGLE_NOISE = ("ust", "usg", "usd", "sa", "sntz", "ei", "bvm", "ved", "client", "channel")
NOISE = (
    ("instagram.com", ("e", "s")),
    ("facebook.com", ("h", "p")),
    ("google.", GOOGLE_NOISE),
    ("googleusercontent.", GOOGLE_NOISE),
    ("main.exoclick.com", ("data", "wpn")),
    ("youtube.com", ("redir_token", "html_redirect", "continuation", "feature")),
    ("bing.com", ("cvid", "refig", "elv", "plvar", "setlang", "qs", "cc", "mkt", "pc", "form", "src")),
)


class Referrer(NamedTuple):
    """Where a visit came from, as it is stored: the name of the engine, network, host or campaign."""

    type: str  # direct, search, website, campaign, social or assistant.
    name: str
    keyword: str
    url: str


DIRECT = Referrer("direct", "", "", "")


class Landing(NamedTuple):
    """What a hit says about where it came from."""

    url: str  # The page, as it was sent.
    referrer: str
    campaign_name: str = ""  # Sent beside the URL, as a tracking parameter.
    campaign_keyword: str = ""
    running: Referrer | None = None  # Of the visit that goes on.


class Owner(NamedTuple):
    """To whom a referrer's address belongs: to the site itself, or from a path on to another one."""

    ours: bool
    path: str


class OwnHosts:
    """The addresses of all sites, to tell a step within a site from a visit (tracking specification, 7.5)."""

    def __init__(self, sites: Iterable[Site]) -> None:
        owners: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for site in sites:
            for address in filter(None, map(address_of, site.urls)):
                owners[without_www(address.host)][folder(address.path)].add(site.id)
        self.hosts = {host: sorted(paths.items(), key=deepest_first) for host, paths in owners.items()}

    def owner(self, address: Address, landing_host: str, site: int) -> Owner:
        """Return to whom an address belongs; the host of the landing page is the site's, whatever it configured."""
        landing = without_www(landing_host)
        for host in hosts_above(without_www(address.host)):
            if host in self.hosts or host == landing:
                path, owners = self.deepest(host, folder(address.path))
                return Owner(site in owners or (host == landing and path == "/"), path.rstrip("/"))
        return Owner(False, "")

    def deepest(self, host: str, path: str) -> tuple[str, set[int]]:
        entries = self.hosts.get(host, ())
        return next((entry for entry in entries if path.startswith(entry[0])), ("/", set()))


def deepest_first(entry: tuple[str, set[int]]) -> int:
    return -len(entry[0])


@lru_cache(1024)
def excluded_hosts(entries: tuple[str, ...]) -> tuple[Address, ...]:
    """Return a site's excluded referrers; the scheme of an entry does not matter."""
    rests = (f"//{entry.partition('://')[2] or entry}" for entry in entries)
    return tuple(address for rest in rests if (address := address_of(rest.lower())))


def is_excluded(address: Address, entries: tuple[str, ...]) -> bool:
    """Tell whether a site does not want to hear of a referrer (tracking specification, 9.12)."""
    names = hosts_above(without_www(address.host))
    path = folder(address.path)
    return any(
        without_www(entry.host) in names and path.startswith(entry.path.rstrip("/"))
        for entry in excluded_hosts(entries)
    )


def without_noise(url: str, host: str, site: Site) -> str:
    """Return a referrer's address as it is stored."""
    noise = tuple(name for part, names in NOISE if part in host for name in names)
    return clean_url(url, excluded_by(site.excluded_parameters + noise), bool(site.keep_fragment))[:LONGEST_URL]


class Referrers:
    """Finds out where visits came from; remembers some answers, because most referrers come again and again."""

    def __init__(self, lists: Lists, remembered: int = 4096) -> None:
        self.lists = lists
        self.own: OwnHosts | None = None
        self.source_of = lru_cache(remembered)(self._source_of)
        self.came_from = lru_cache(remembered)(self._came_from)

    def use(self, lists: Lists) -> None:
        """Go on with other lists."""
        self.lists = lists
        self.source_of.cache_clear()
        self.came_from.cache_clear()

    def carries_campaign(self, landing: Landing) -> bool:
        """Tell fast whether a hit could carry a campaign: False is certain."""
        return bool(landing.campaign_name) or may_name_campaign(landing.url, landing.referrer)

    def classify(self, landing: Landing, site: Site, own: OwnHosts) -> Referrer:
        """Return where a visit came from that lands like this."""
        if not landing.referrer and not self.carries_campaign(landing):
            return DIRECT
        page = address_of(landing.url)
        if page and "ignore_refer" in page.query and ignores_referrer(page):
            return DIRECT
        if own is not self.own:  # Sites changed: what was remembered goes with the sites as they were.
            self.own = own
            self.came_from.cache_clear()
        came_from = self.came_from(landing.referrer, page.host if page else "", site, own)
        if not self.carries_campaign(landing):
            return came_from
        if assistant := self.assistant_behind(landing, page, came_from):
            return assistant
        return self.campaign(landing, page, came_from) or came_from

    def _came_from(self, referrer: str, landing_host: str, site: Site, own: OwnHosts) -> Referrer:
        """Return what a referrer alone says."""
        address = address_of(referrer)
        if address is None or is_excluded(address, site.excluded_referrers):
            return DIRECT
        url = without_noise(referrer, address.host, site)
        owner = own.owner(address, landing_host, site.id)
        if owner.ours:
            return DIRECT._replace(url=url)
        source = self.source_of(referrer)
        if source.type == "website":
            source = source._replace(name=(source.name + owner.path)[:LONGEST])
        return source._replace(url=url)

    def _source_of(self, referrer: str) -> Referrer:
        """Return what everybody would call a referrer, whatever the site."""
        address = address_of(referrer)
        if address is None:
            return DIRECT
        if assistant := self.lists.assistants.name_of(address):
            return Referrer("assistant", assistant, "", "")
        search = self.lists.engines.search_in(address, referrer)
        # Networks with a search of their own: without a keyword, somebody followed a link there.
        if search and (search.keyword or not self.lists.socials.name_of(address.host)):
            return Referrer("search", search.name, search.keyword[:LONGEST], "")
        if social := self.lists.socials.name_of(referrer):
            return Referrer("social", social, "", "")
        return Referrer("website", address.host[:LONGEST], "", "")

    def assistant_behind(self, landing: Landing, page: Address | None, came_from: Referrer) -> Referrer | None:
        """Return the assistant that wrote the link, where nothing speaks against it: it is no campaign then."""
        if page is None or landing.campaign_name or "utm_source" not in page.query:
            return None
        name = self.lists.assistants.name_of_source(text_in(values_of(page.query).get("utm_source", "")))
        if not name or came_from[:2] not in (("direct", ""), ("assistant", name)):
            return None
        return Referrer("assistant", name, "", came_from.url)

    def campaign(self, landing: Landing, page: Address | None, came_from: Referrer) -> Referrer | None:
        """Return the campaign of a landing, None if it has none."""
        found = campaign_in(page) if page else Campaign("", "")
        if found.name and not found.keyword:
            found = found._replace(keyword=came_from.keyword)
        origin = address_of(came_from.url) and address_of(landing.referrer)
        if origin:
            found = advertised(found, origin)
        name, keyword = stored(Campaign(landing.campaign_name or found.name, landing.campaign_keyword or found.keyword))
        if not name:
            return None
        keyword = keyword or keyword_so_far(name, landing.running) or (origin.host[:LONGEST] if origin else "")
        return Referrer("campaign", name, keyword, came_from.url)


def keyword_so_far(name: str, running: Referrer | None) -> str:
    """Return the keyword of a visit by the same campaign: its next page would else look like another one."""
    same = running and running.type == "campaign" and running.name.lower() == name
    return running.keyword.lower() if running and same else ""


def ignores_referrer(page: Address) -> bool:
    values = values_of(page.query)
    return "1" in (values.get("ignore_referrer"), values.get("ignore_referer"))
