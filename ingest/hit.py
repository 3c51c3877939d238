"""What a tracking request means: a hit to keep, a hit to ignore for a reason, or a refusal.

`decide` follows the order of the tracking specification, section 1.7: who wins when several things are wrong.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from ingest.commerce import product_of, purchase_of
from ingest.consent import may_be_identified
from ingest.exclusions import Exclusions, calls_itself_bot
from ingest.extras import (
    content_of,
    credit_sent,
    dimensions_of,
    fetch_of,
    named,
    plugins_of,
    timings_of,
    variables_of,
)
from ingest.geo import Place
from ingest.keeping import (
    apart,
    kept_content,
    kept_credit,
    kept_identity,
    kept_purchase,
    kept_rest,
    treatment_of,
)
from ingest.kinds import Kind, campaign_of, event_of, kind_of, link_of, search_of
from ingest.language import accepted_language, country_of_language
from ingest.moment import DAY, local_time, moment
from ingest.parts import Content, Credit, Fetch, Product, Purchase
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
from ingest.sender import Authority, Sender, page_and_referrer, place_override, sender_named_by
from ingest.sitedays import bounds_of_day
from ingest.tracking import BadRequest, TrackingRequest
from sql.registry import Site, Snapshot
from sql.retention import too_old

Source = Literal["uid", "cid", "id", ""]

NO_SALT = (0, 0, b"")
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
    plugins: str = ""  # Such as `pdf,java,cookie`.
    latitude: float | None = None
    longitude: float | None = None
    placed: bool = False  # The place is what a trusted sender says.
    timings: Sequence[int | None] | None = None  # Milliseconds: network, server, transfer, DOM twice, load.
    credit: Credit | None = None
    goal: int = 0
    revenue: float | None = None  # None: as the goal says.
    purchase: Purchase | None = None
    product: Product | None = None
    content: Content | None = None
    dimensions: Mapping[str, str] | None = None  # By id.
    visit_variables: Mapping[str, Sequence[str]] | None = None  # By slot: name and value.
    page_variables: Mapping[str, Sequence[str]] | None = None
    bot: bool = False  # Calls itself a bot; kept for the site's stream of bots only.
    fetch: Fetch | None = None  # Sent by a server, about a bot.


# What an ordinary hit has from `goal` on.
NOTHING_MORE = tuple(Hit._field_defaults.values())[-10:]


class Decider:
    """Turns requests into hits, with the sites and tokens of one registry snapshot."""

    def __init__(self, snapshot: Snapshot, visitors: Visitors, exclusions: Exclusions) -> None:
        self.snapshot = snapshot
        self.visitors = visitors
        self.exclusions = exclusions
        self.salts: dict[int, tuple[int, int, bytes]] = {}
        self.converting = {site for site, goals in snapshot.goals.items() if goals}
        self.zones = {site.id: ZoneInfo(site.timezone) for site in snapshot.sites.values()}
        self.treatments = {site.id: treatment_of(site) for site in snapshot.sites.values()}

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
        if reason := self.exclusions.why(request, sender, site, self.treatments[site.id].policy):
            return Ignored(site.id, reason)
        if at < now - DAY and too_old(site, at):
            return Ignored(site.id, "too-old")
        if not request.ordinary and not site.keep_bots and fetch_of(request, sender.user_agent):
            return Ignored(site.id, "bot")
        return self.build(request, sender, site, (at, override))

    def site(self, request: TrackingRequest) -> Site:
        site = self.snapshot.sites.get(request.integer("idsite", 0))
        if site is None:
            raise BadRequest("idsite", "the number of a site, such as 1")
        return site

    def build(
        self, request: TrackingRequest, sender: Sender, site: Site, given: tuple[float, Place | None]
    ) -> Hit | Ignored:
        at, override = given
        text = request.text
        policy, scrubber, free = self.treatments[site.id]
        scrub = scrubber.scrub
        language = language_of(sender.language)
        visitor, source = visitor_of(request) if policy.user_ids else visitor_in(request)
        kind = kind_of(request, site)
        if kind is None:
            return Ignored(site.id, "unknown-action")
        whole = policy.whole_address
        identity = self.visitors.identify(sender.address, site.exact_places and whole, policy.masked_bytes)
        plugins, features = plugins_of(request.parameters)
        known = f"{sender.address if whole else identity.address} {language} {features if policy.devices else ''}"
        fingerprint = self.fingerprint_of(known, sender.user_agent, site, at)
        place = guessed_place(identity.place, sender.language)
        if override:
            place = told_place(override, place)
        url, referrer = page_and_referrer(request, sender)
        campaign, campaign_keyword = campaign_of(request)
        keyword, category, results = search_of(request, site)
        plain = request.ordinary and not site.keep_bots
        # fmt: off
        hit = Hit._make((  # By far more fields than a call takes quickly: saves a microsecond, measured.
            site.id, int(at * 1000), kind,
            visitor, source, fingerprint, user_of(request)[:200], identity.address,
            place.country, place.region, place.city,
            sender.user_agent[:1024], client_hints(request, sender), language, text("res", 9), local_time(request, at),
            not plain and request.integer("new_visit", 0) != 0, not plain and request.integer("bots", 0) != 0,
            scrub(url), scrub(referrer), campaign, campaign_keyword, text("action_name"),
            text("pv_id", 6), scrub(link_of(request, kind)), keyword, category, results,
            *event_of(request, kind), text("cs", 40),
            plugins, place.latitude, place.longitude, override is not None,
            timings_of(request, kind, site), None if plain and site.id not in self.converting else credit_sent(request),
            *(NOTHING_MORE if plain else self.rare_values(request, kind, site, sender)),
        ))
        # fmt: on
        return hit if free and not hit.credit and not hit.content else self.restricted(hit, request, sender)

    def restricted(self, hit: Hit, request: TrackingRequest, sender: Sender) -> Hit:
        """Return a hit as far as the site's policy allows to keep it."""
        treatment = self.treatments[hit.site]
        policy = treatment.policy
        changes = kept_identity(hit.source, request, sender, policy) | kept_rest(policy, hit.at / 1000)
        identified = may_be_identified(sender, policy)
        if not identified:
            changes["fingerprint"] = apart(hit.fingerprint)
        if hit.credit:
            changes["credit"] = kept_credit(hit.credit, treatment)
        if hit.content:
            changes["content"] = kept_content(hit.content, treatment.scrubber)
        if hit.purchase and not (policy.orders and identified):
            changes["purchase"] = kept_purchase(hit.purchase, policy, self.salt_of(hit.site, hit.at))
        return hit._replace(**changes)

    def rare_values(self, request: TrackingRequest, kind: Kind, site: Site, sender: Sender) -> tuple[Any, ...]:
        """Return the fields of a hit from `goal` on, which few requests have.

        Raises BadRequest for a goal that the site does not have.
        """
        goal = request.integer("idgoal", -1) if kind == "goal" else 0
        if goal and goal not in self.snapshot.goals.get(site.id, ()):
            raise BadRequest("idgoal", "the number of a goal of the site, or 0 for an order")
        variables = variables_of(request, "cvar")
        # fmt: off
        return (
            goal, request.decimal("revenue"),
            purchase_of(request, kind), product_of(request, variables), content_of(request, kind),
            dimensions_of(request), variables_of(request, "_cvar"), named(variables),
            calls_itself_bot(request, sender), fetch_of(request, sender.user_agent),
        )
        # fmt: on

    def fingerprint_of(self, known: str, user_agent: str, site: Site, at: float) -> Fingerprint:
        """Hash address, language, plugins and browser under the salt of the site's day (design, privacy defaults)."""
        return fingerprint(self.salt_of(site.id, int(at * 1000)), f"{known} {user_agent}")

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


def told_place(told: Place, found: Place) -> Place:
    """Return what a trusted sender says of a place; without a country, that completes what was found."""
    if told.country != "xx":
        return told
    located = told if told.latitude is not None and told.longitude is not None else found
    return Place(found.country, told.region or found.region, told.city or found.city, *located[3:])


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


def client_hints(request: TrackingRequest, sender: Sender) -> str:
    """Return client hints as JSON text; the parameter wins over the headers."""
    given = request.parameters.get("uadata")
    if isinstance(given, dict):
        try:
            return orjson.dumps(given).decode()[:4096]
        except TypeError:  # Nested deeper than anybody means it.
            return ""
    return request.text("uadata", 4096) or sender.hints
