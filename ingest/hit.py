"""What a tracking request means: a hit to keep, a hit to ignore for a reason, or a refusal.

`decide` follows the order of the tracking specification, section 1.7: who wins when several things are wrong.
"""

from datetime import datetime
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from ingest.bots import looks_like_bot
from ingest.consent import opted_out
from ingest.geo import Place
from ingest.kinds import Kind, campaign_of, event_of, kind_of, link_of, search_of
from ingest.language import accepted_language, country_of_language
from ingest.moment import local_time, moment
from ingest.privacy import (
    HEX_DIGITS,
    Fingerprint,
    MaskedAddress,
    VisitorId,
    Visitors,
    fingerprint,
    visitor_from_hex,
    visitor_of_user,
)
from ingest.sender import Authority, Sender, place_override, sender_named_by
from ingest.sitedays import bounds_of_day
from ingest.tracking import BadRequest, TrackingRequest, scalar_text
from sql.registry import Site, Snapshot

Source = Literal["uid", "cid", "id", ""]

NO_SALT = (0, 0, b"")
PLUGINS = ("fla", "java", "qt", "realp", "pdf", "wma", "ag", "cookie")
looks_like_known_bot = lru_cache(8192)(looks_like_bot)
language_of = lru_cache(4096)(accepted_language)


class Ignored(NamedTuple):
    """A request that is answered politely and not kept."""

    site: int
    reason: str


class Hit(NamedTuple):
    """One record of the spool; a field that is added later gets a default, so that old segments stay readable."""

    site: int
    at: int  # Milliseconds since 1970, UTC, and ours unless `cdt` was allowed.
    kind: Kind
    visitor: VisitorId | None
    source: Source
    fingerprint: Fingerprint
    user_id: str
    address: MaskedAddress
    country: str
    region: str
    city: str
    user_agent: str
    hints: str
    language: str
    resolution: str
    local_time: int  # Seconds since the visitor's midnight.
    new_visit: bool
    bots_welcome: bool
    url: str
    referrer: str
    campaign: str
    campaign_keyword: str
    title: str
    pageview: str
    link: str
    search: str
    search_category: str
    search_count: int | None
    event_category: str
    event_action: str
    event_name: str
    event_value: float | None
    charset: str = ""  # Of the page, where it is not UTF-8.


class Decider:
    """Turns requests into hits, with the sites and tokens of one registry snapshot."""

    def __init__(self, snapshot: Snapshot, visitors: Visitors) -> None:
        self.snapshot = snapshot
        self.visitors = visitors
        self.salts: dict[int, tuple[int, int, bytes]] = {}
        self.zones = {site.id: ZoneInfo(site.timezone) for site in snapshot.sites.values()}

    def decide(self, request: TrackingRequest, sender: Sender, now: float) -> Hit | Ignored:
        """Return the hit, or why there is none.

        Raises BadRequest for what Matomo answers with status 400.
        """
        site, at, override = self.site(request), now, None
        if not request.ordinary:
            trusted = Authority(self.snapshot, request, sender, site)
            override = place_override(request, trusted)
            at = moment(request, now, trusted)
            sender = sender_named_by(request, sender, trusted)
        if reason := why_ignored(request, sender):
            return Ignored(site.id, reason)
        return self.build(request, sender, site, (at, override))

    def site(self, request: TrackingRequest) -> Site:
        site = self.snapshot.sites.get(request.integer("idsite", 0))
        if site is None:
            raise BadRequest("idsite", "the number of a site, such as 1")
        return site

    def build(self, request: TrackingRequest, sender: Sender, site: Site, given: tuple[float, Place | None]) -> Hit:
        at, override = given
        text = request.text
        user_agent, languages = sender.user_agent, sender.language
        language = language_of(languages)
        visitor, source = visitor_of(request)
        kind = kind_of(request)
        identity = self.visitors.identify(sender.address)
        fingerprint = self.fingerprint_of(request, sender, site, (at, user_agent, language))
        place = override or guessed_place(identity.place, languages)
        url, referrer = page_and_referrer(request, sender)
        campaign, campaign_keyword = campaign_of(request)
        keyword, category, results = search_of(request, site)
        # fmt: off
        return Hit(
            site.id, int(at * 1000), kind,
            visitor, source, fingerprint, user_of(request)[:200], identity.address,
            place.country, place.region, place.city,
            user_agent[:1024], client_hints(request, sender), language, text("res", 9), local_time(request, at),
            request.integer("new_visit", 0) != 0, request.integer("bots", 0) != 0,
            url, referrer, campaign, campaign_keyword, text("action_name"), text("pv_id", 6), link_of(request, kind),
            keyword, category, results,
            *event_of(request, kind), text("cs", 40),
        )
        # fmt: on

    def fingerprint_of(
        self, request: TrackingRequest, sender: Sender, site: Site, what: tuple[float, str, str]
    ) -> Fingerprint:
        """Hash address, browser, language and plugins under the salt of the site's day (design, privacy defaults)."""
        at, user_agent, language = what
        sent = request.parameters
        values = [sent.get(name, "") for name in PLUGINS]
        plugins = [value if value.__class__ is str else scalar_text(value) for value in values]
        return fingerprint(self.salt_of(site.id, int(at * 1000)), f"{sender.address} {language} {plugins} {user_agent}")

    def salt_of(self, site: int, at: int) -> bytes:
        """Return the salt of the site's day; most hits are of one day, so the last answer is remembered."""
        start, end, salt = self.salts.get(site, NO_SALT)
        if not start <= at < end:
            start, end = bounds_of_day(at, self.zones[site])
            day = datetime.fromtimestamp(at / 1000, self.zones[site]).date().isoformat()
            salt = self.snapshot.salt(site, day)
            self.salts[site] = (start, end, salt)
        return salt


@lru_cache(4096)
def guessed_place(place: Place, languages: str) -> Place:
    """Return a place whose country, if unknown, is guessed from the languages that the browser asks for."""
    if place.country != "xx":
        return place
    return place._replace(country=country_of_language(languages))


def why_ignored(request: TrackingRequest, sender: Sender) -> str:
    """Return the reason why a request is not kept, '' if it is (specification 9)."""
    if looks_like_known_bot(sender.user_agent) and not request.integer("bots", 0):
        return "bot"
    if request.integer("rec", 0) == 0:
        return "no-rec"
    if request.parameters.get("tracker_install_check"):
        return "install-check"
    if opted_out(sender.cookies):
        return "opt-out"
    return "prefetch" if sender.prefetch else ""


def visitor_of(request: TrackingRequest) -> tuple[VisitorId | None, Source]:
    """Return the visitor's id and where it comes from: uid, cid, _id, nowhere (specification 5.1).

    Raises BadRequest for a `cid` that has not 16 characters.
    """
    if request.ordinary:
        return visitor_in(request)
    cid = request.text("cid")
    if cid and len(cid) != HEX_DIGITS:
        raise BadRequest("cid", f"{HEX_DIGITS} hex digits")
    user = user_of(request)
    if user and user != "0":
        return visitor_of_user(user), "uid"
    if cid:
        return visitor_from_hex(cid), "cid"
    return visitor_in(request)


def visitor_in(request: TrackingRequest) -> tuple[VisitorId | None, Source]:
    own = request.text("_id")
    return (visitor_from_hex(own), "id") if len(own) >= HEX_DIGITS else (None, "")


def user_of(request: TrackingRequest) -> str:
    return request.untrimmed("uid") if request.parameters.get("uid") else ""


def page_and_referrer(request: TrackingRequest, sender: Sender) -> tuple[str, str]:
    """Return both URLs; an image without JavaScript says in the Referer header where it stands (specification 1.2)."""
    url, referrer = request.text("url"), request.text("urlref", 1500)
    return (url, referrer) if url or referrer else (sender.referer[:1024], "")


def client_hints(request: TrackingRequest, sender: Sender) -> str:
    """Return client hints as JSON text; the parameter wins over the headers."""
    given = request.parameters.get("uadata")
    if isinstance(given, dict):
        try:
            return orjson.dumps(given).decode()[:4096]
        except TypeError:  # Nested deeper than anybody means it.
            return ""
    return request.text("uadata", 4096) or sender.hints
