"""When a hit starts a new visit, and what a visit knows (tracking specification, sections 5 and 6).

Times are milliseconds since 1970 UTC; the rules compare whole seconds, as Matomo stores them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from ingest.actions import COUNTED, NO_PREFIX, Action
from ingest.ads import ad_network_in
from ingest.device import Device
from ingest.dimensions import with_variables
from ingest.hit import Hit
from ingest.referrer import Referrer

MOST_ACTIONS = 10_000
DEFAULT_RESOLUTION = "unknown"
UNKNOWN_COUNTRY = "xx"


@dataclass(slots=True)
class Visit:
    """A row of `visits` and the little beside it that the next hit needs.

    A field that is added later stands at the end and has a default: the journal holds visits that lack it.
    """

    site: int
    started: int
    id: int
    visitor: int
    user_id: str
    ip: str
    last_at: int
    duration: int
    actions: int
    interactions: int
    pageviews: int
    searches: int
    events: int
    converted: int
    entry_action: str
    entry_page: str
    entry_prefix: int
    entry_title: str
    exit_action: str
    exit_page: str
    exit_prefix: int
    exit_title: str
    returning: int
    visit_count: int
    seconds_since_first: int | None
    seconds_since_last: int | None
    seconds_since_order: int | None
    local_time: int
    referrer_type: str
    referrer_name: str
    referrer_keyword: str
    referrer_url: str
    browser: str
    browser_version: str
    browser_engine: str
    os: str
    os_version: str
    device_type: str
    device_brand: str
    device_model: str
    resolution: str
    language: str
    country: str
    region: str
    city: str
    # What only the loader needs: LOADERS_OWN.
    fingerprint: int
    current_page: str
    current_title: str
    known: bool = False  # The tracker named the visitor, who may come back under that name.
    # Columns again.
    buyer: int = 0  # 0 bought nothing, 1 ordered, 2 left a cart, 3 ordered and then left a cart.
    goals: list[int] = field(default_factory=list)  # Reached in this visit.
    ad_network: str = ""
    dimensions: dict[str, str] = field(default_factory=dict)
    variables: dict[str, list[str]] = field(default_factory=dict)
    latitude: float | None = None
    longitude: float | None = None
    plugins: str = ""
    client_type: str = ""
    profilable: int = 0  # The tracker named the visitor in this visit.
    # The loader's own again.
    cart: int = 0  # The conversion of the open cart; 0: none is open.
    cart_items: list[list[Any]] = field(default_factory=list)  # What lies in it, as values of `Item`.
    recent_views: list[list[Any]] = field(default_factory=list)  # As `ingest.timings` notes them.
    names: list[int] = field(default_factory=list)  # What was done in it, as `ingest.repeats` notes it.


NAMES = tuple(field.name for field in fields(Visit))
LOADERS_OWN = frozenset(
    {"fingerprint", "current_page", "current_title", "known", "cart", "cart_items", "recent_views", "names"}
)
COLUMNS = tuple(name for name in NAMES if name not in LOADERS_OWN)


class Arrival(NamedTuple):
    """A hit together with what was found out about it."""

    hit: Hit
    action: Action
    referrer: Referrer
    device: Device
    dimensions: Mapping[str, str] = MappingProxyType({})  # Of the visit.


class Past(NamedTuple):
    """What the visitor's last visit leaves to the next one (specification 6.6)."""

    returning: int
    visit_count: int
    since_first: int | None
    since_last: int | None
    since_order: int | None


# A visit as a tuple for the loader's journal; `Visit(*state)` is its inverse.
state_of: Callable[[Visit], tuple[Any, ...]] = attrgetter(*NAMES)
row_of: Callable[[Visit], tuple[Any, ...]] = attrgetter(*COLUMNS)


def too_late(visit: Visit, at: int, seconds: int) -> bool:
    """Tell whether so much time has passed that the visit is over; a gap of exactly `seconds` ends it."""
    return visit.last_at // 1000 <= at // 1000 - seconds


def referrer_of(visit: Visit) -> Referrer:
    return Referrer(visit.referrer_type, visit.referrer_name, visit.referrer_keyword, visit.referrer_url)


def other_campaign(visit: Visit, campaign: Referrer) -> bool:
    """Tell whether a campaign starts a new visit: it differs, and the visit did not come directly."""
    return campaign.type == "campaign" and visit.referrer_type != "direct" and differs(visit, campaign)


def other_website(visit: Visit, website: Referrer) -> bool:
    """Tell whether a link on a website starts a new visit, where the operator wants that."""
    return website.type == "website" and differs(visit, website)


def differs(visit: Visit, referrer: Referrer) -> bool:
    ours = (visit.referrer_type, visit.referrer_name.lower(), visit.referrer_keyword.lower())
    return ours != (referrer.type, referrer.name.lower(), referrer.keyword.lower())


def past_of(hit: Hit, previous: Visit | None) -> Past:
    if previous is None:
        return Past(2 if hit.kind == "order" else 0, 1, 0, 0, 0 if hit.kind == "order" else None)
    since_last = hit.at // 1000 - previous.started // 1000
    since_order = plus(previous.seconds_since_order, since_last)
    ordered = hit.kind == "order" or bool(previous.seconds_since_order)
    return Past(
        2 if ordered else 1,
        previous.visit_count + 1,
        plus(previous.seconds_since_first, since_last),
        plus(0, since_last),
        0 if hit.kind == "order" else since_order,
    )


def plus(value: int | None, seconds: int) -> int | None:
    """Add seconds to a span that may be unknown; a negative span is unknown too."""
    return None if value is None or value + seconds < 0 else value + seconds


def open_visit(arrival: Arrival, ids: tuple[int, int], previous: Visit | None) -> Visit:
    """Return a new visit with what its first hit tells; `ids` are those of visit and visitor."""
    hit, action, referrer, device, dimensions = arrival
    past = past_of(hit, previous)
    # fmt: off
    visit = Visit(
        hit.site, hit.at, ids[0], ids[1], hit.user_id, hit.address, hit.at,
        0, 0, 0, 0, 0, 0, 0,
        "", "", NO_PREFIX, "", "", "", NO_PREFIX, "",
        past.returning, past.visit_count, past.since_first, past.since_last, past.since_order, hit.local_time,
        referrer.type, referrer.name, referrer.keyword, referrer.url,
        device.browser, device.browser_version, device.browser_engine, device.os, device.os_version,
        device.device_type, device.device_brand, device.device_model,
        hit.resolution or DEFAULT_RESOLUTION, hit.language, hit.country, hit.region, hit.city,
        hit.fingerprint, "", "", hit.visitor is not None or (previous is not None and previous.known),
        ad_network=ad_network_in(hit.url), dimensions=dict(dimensions),
        variables=with_variables({}, hit.visit_variables or {}),
        latitude=hit.latitude, longitude=hit.longitude, plugins=hit.plugins, client_type=device.client_type,
        profilable=int(hit.visitor is not None),
    )
    # fmt: on
    count(visit, action)
    visit.entry_title = visit.exit_title
    return visit


def continue_visit(visit: Visit, arrival: Arrival) -> None:
    """Let a further hit change its visit (specification 6.3, 6.5, 6.7)."""
    hit, action, referrer, _, dimensions = arrival
    if hit.visitor is not None:
        visit.visitor, visit.known, visit.profilable = hit.visitor, True, 1
    if hit.user_id:
        visit.user_id = hit.user_id
    if visit.resolution == DEFAULT_RESOLUTION and hit.resolution:
        visit.resolution = hit.resolution
    if visit.referrer_type == "direct" and referrer.type != "direct":
        visit.referrer_type, visit.referrer_name, visit.referrer_keyword, visit.referrer_url = referrer
    if hit.kind == "order":
        visit.seconds_since_order = 0
    learn(visit, hit, dimensions)
    # Counted from this hit even when it came late, as Matomo does: a late hit may shorten a visit.
    visit.duration = max(0, 1 + hit.at // 1000 - visit.started // 1000)
    if hit.kind != "ping":
        visit.last_at = max(visit.last_at, hit.at)
    count(visit, action)


def learn(visit: Visit, hit: Hit, dimensions: Mapping[str, str]) -> None:
    """Note in a visit what any of its hits may tell."""
    if not visit.ad_network:
        visit.ad_network = ad_network_in(hit.url)
    if dimensions:
        visit.dimensions = {**visit.dimensions, **dimensions}
    if hit.visit_variables:
        visit.variables = with_variables(visit.variables, hit.visit_variables)
    if hit.placed:
        move(visit, hit)


def move(visit: Visit, hit: Hit) -> None:
    """Take over what a trusted sender says of the place; what it leaves out stays (specification 2.4)."""
    visit.country = hit.country if hit.country != UNKNOWN_COUNTRY else visit.country
    visit.region, visit.city = hit.region or visit.region, hit.city or visit.city
    if hit.latitude is not None and hit.longitude is not None:
        visit.latitude, visit.longitude = hit.latitude, hit.longitude


def count(visit: Visit, action: Action) -> None:
    """Add an action to the counts, and to entry and exit, of its visit (specification 4.1, 6.2)."""
    kind = action.kind
    if kind not in COUNTED:
        return
    visit.actions += 1
    if kind == "event":
        visit.events += 1
    elif kind == "pageview":
        visit.interactions += 1
        visit.pageviews += 1
        enter(visit, action, action.title)
    elif kind == "search":
        visit.interactions += 1
        visit.searches += 1
        enter(visit, action, action.keyword)


def enter(visit: Visit, action: Action, title: str) -> None:
    """Note a page view or search as exit, and as entry if it is the first; a search has a title but no page."""
    if not visit.entry_action:
        # The entry title is left to `open_visit`: a visit that began with an event has none (specification 6.2).
        visit.entry_action = action.kind
        visit.entry_page, visit.entry_prefix = action.page
    visit.exit_action, visit.exit_title = action.kind, title
    visit.exit_page, visit.exit_prefix = action.page
    # A search has a title but no page: the time after it is no page's. A view of no known page changes neither.
    if action.kind == "search" or action.page.name:
        visit.current_title, visit.current_page = title, action.page.name


def seconds_since(visit: Visit, at: int, most: int) -> int:
    """Return the seconds since the visit's last hit, 0 to `most`: they are credited to the page it was on."""
    return min(max(at // 1000 - visit.last_at // 1000, 0), most)
