"""What a tracking request means: a hit to keep, a hit to ignore for a reason, or a refusal.

`decide` follows the order of the tracking specification, section 1.7: who wins when several things are wrong.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from ingest.bots import looks_like_bot
from ingest.consent import opted_out
from ingest.geo import Place
from ingest.language import accepted_language, country_of_language
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
from ingest.sitedays import bounds_of_day
from ingest.tracking import BadRequest, TrackingRequest, scalar_text
from sql.registry import Site, Snapshot

Kind = Literal["page", "event", "outlink", "download", "content", "goal", "order", "cart", "ping"]
Source = Literal["uid", "cid", "id", ""]

DAY = 86_400
NO_SALT = (0, 0, b"")
OLDEST = 20 * 365 * DAY  # Seconds; a time further back is taken for a mistake.
FREE_WINDOW = DAY  # Seconds into the past that need no token.
PLUGINS = ("fla", "java", "qt", "realp", "pdf", "wma", "ag", "cookie")
# In the order of priority (specification 7.2).
CAMPAIGN_NAMES = (
    *("pk_cpn", "pk_campaign", "piwik_campaign", "mtm_campaign", "matomo_campaign"),
    *("utm_campaign", "utm_source", "utm_medium"),
)
CAMPAIGN_KEYWORDS = ("pk_kwd", "pk_keyword", "piwik_kwd", "mtm_kwd", "mtm_keyword", "matomo_kwd", "utm_term")
looks_like_known_bot = lru_cache(8192)(looks_like_bot)
language_of = lru_cache(4096)(accepted_language)


class Sender(NamedTuple):
    """What the HTTP request says of the one who sends; never logged, never stored as it is."""

    address: str
    user_agent: str
    language: str
    hints: str
    referer: str
    cookies: str
    prefetch: bool
    token: str = ""  # Of a bulk body or an Authorization header.

    def __repr__(self) -> str:
        return "Sender(…)"


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


class Authority:
    """Whether a request may do what only a token of the site allows; looked up only when asked."""

    def __init__(self, snapshot: Snapshot, request: TrackingRequest, sender: Sender, site: Site) -> None:
        self.snapshot = snapshot
        self.request = request
        self.sender = sender
        self.site = site

    def given(self) -> bool:
        plain = self.sender.token or self.request.text("token_auth")
        token = self.snapshot.token(plain) if plain else None
        return token is not None and token.allows("write", self.site.id)

    def needed_for(self, name: str, value: str) -> str:
        """Return the value. Raises BadRequest if the request carries no sufficient token."""
        if not self.given():
            raise BadRequest(name, "a token_auth with write access to the site")
        return value


def sender_named_by(request: TrackingRequest, sender: Sender, trusted: Authority) -> Sender:
    """Return the sender with what the request says instead of the HTTP headers; an address needs a token."""
    address = request.text("cip")
    if address:
        sender = sender._replace(address=trusted.needed_for("cip", address))
    user_agent, language = request.text("ua") or sender.user_agent, request.text("lang") or sender.language
    return sender._replace(user_agent=user_agent, language=language)


def place_override(request: TrackingRequest, trusted: Authority) -> Place | None:
    """Return the place that a trusted sender names, None if it names none (specification 2.4)."""
    parameters = request.parameters
    if not any(parameters.get(name) for name in ("country", "region", "city", "lat", "long")):
        return None
    trusted.needed_for("country, region, city, lat, long", "")
    return Place(
        request.text("country", 3).lower() or "xx",
        request.text("region", 3),
        request.text("city", 255),
        request.number("lat"),
        request.number("long"),
    )


@lru_cache(4096)
def guessed_place(place: Place, languages: str) -> Place:
    """Return a place whose country, if unknown, is guessed from the languages that the browser asks for."""
    if place.country != "xx":
        return place
    return place._replace(country=country_of_language(languages))


def moment(request: TrackingRequest, now: float, trusted: Authority) -> float:
    """Return when it happened, in seconds since 1970 (specification 2.2).

    Raises BadRequest for a time over a day ago without a token.
    """
    if not request.parameters.get("cdt") and not request.parameters.get("cdo"):
        return now
    given = parse_time(request.text("cdt"), now) - abs(request.integer("cdo", 0))
    if given > now or given < now - OLDEST:
        return now
    if given <= now - FREE_WINDOW:
        trusted.needed_for("cdt", "")
    return float(int(given)) if given != now else now


def parse_time(text: str, now: float) -> float:
    """Return seconds since 1970 of a number, an ISO or a mail date; `now` for anything else."""
    for parse in TIME_FORMATS:
        try:
            return parse(text)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return now


def iso_time(text: str) -> float:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def mail_time(text: str) -> float:
    return parsedate_to_datetime(text).replace(tzinfo=UTC).timestamp()


TIME_FORMATS: tuple[Callable[[str], float], ...] = (lambda text: float(int(float(text))), iso_time, mail_time)


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


def kind_of(request: TrackingRequest) -> Kind:
    """Return what kind of hit it is; a site search is told from a page view when it is loaded (specification 4.1).

    Raises BadRequest for blank event and content names, and for a custom action that nothing here knows.
    """
    if request.ordinary:
        return "page"
    if request.integer("ping", 0) == 1:
        return "ping"
    goal = request.integer("idgoal", -1)
    if goal >= 0:
        return "goal" if goal else "order" if request.has("ec_id") else "cart"
    action = action_kind(request)
    if action == "page" and request.integer("ca", 0) and not request.has("search"):
        raise BadRequest("ca", "an event, content, link, download or search beside it")
    return action


def action_kind(request: TrackingRequest) -> Kind:
    if request.has("download"):
        return "download"
    if request.has("link"):
        return "outlink"
    if request.parameters.get("e_c") and request.parameters.get("e_a"):
        for name in ("e_c", "e_a"):
            not_blank(request, name)
        return "event"
    if request.has("c_n"):
        not_blank(request, "c_n")
        return "content"
    return "page"


def not_blank(request: TrackingRequest, name: str) -> None:
    if not request.text(name):
        raise BadRequest(name, "a text that is not blank")


def campaign_of(request: TrackingRequest) -> tuple[str, str]:
    """Return campaign name and keyword sent as tracking parameters of their own (specification 7.3)."""
    sent = request.parameters
    if request.ordinary:
        return "", ""
    name = next((request.text(n, 255) for n in CAMPAIGN_NAMES if n in sent), "")
    return name, next((request.text(n, 255) for n in CAMPAIGN_KEYWORDS if n in sent), "") if name else ""


def link_of(request: TrackingRequest, kind: Kind) -> str:
    name = {"outlink": "link", "download": "download"}.get(kind)
    return request.text(name) if name else ""


def page_and_referrer(request: TrackingRequest, sender: Sender) -> tuple[str, str]:
    """Return both URLs; an image without JavaScript says in the Referer header where it stands (specification 1.2)."""
    url, referrer = request.text("url"), request.text("urlref", 1500)
    return (url, referrer) if url or referrer else (sender.referer[:1024], "")


def search_of(request: TrackingRequest, site: Site) -> tuple[str, str, int | None]:
    """Return keyword, category and result count of a search that the tracker names itself."""
    if not site.search or not request.has("search") or not (keyword := request.text("search")):
        return "", "", None
    count = request.integer("search_count", -1)
    return keyword, request.text("search_cat", 200), count if 0 <= count < 2**32 else None


def event_of(request: TrackingRequest, kind: Kind) -> tuple[str, str, str, float | None]:
    if kind != "event":
        return "", "", "", None
    return request.text("e_c"), request.text("e_a"), request.text("e_n"), request.number("e_v")


def local_time(request: TrackingRequest, at: float) -> int:
    """Return the visitor's time of day in seconds; what is missing is the request's in UTC, out of range is 0 (2.2)."""
    day = int(at) % DAY
    hour = request.integer("h", day // 3600)
    minute = request.integer("m", day // 60 % 60)
    second = request.integer("s", day % 60)
    return within(hour, 24) * 3600 + within(minute, 60) * 60 + within(second, 60)


def within(value: int, bound: int) -> int:
    return value if 0 <= value < bound else 0


def client_hints(request: TrackingRequest, sender: Sender) -> str:
    """Return client hints as JSON text; the parameter wins over the headers."""
    given = request.parameters.get("uadata")
    if isinstance(given, dict):
        try:
            return orjson.dumps(given).decode()[:4096]
        except TypeError:  # Nested deeper than anybody means it.
            return ""
    return request.text("uadata", 4096) or sender.hints
