"""Hits become rows: each hit finds its visit or opens one, and the rows of a batch are collected as columns."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

from ingest.actions import action_of
from ingest.conversions import Conversions, credit_of
from ingest.device import Device, Devices
from ingest.dimensions import Dimensions
from ingest.fetches import Fetches
from ingest.goals import Goals
from ingest.hit import Hit
from ingest.journal import History
from ingest.referrer import DIRECT, Landing, OwnHosts, Referrer, Referrers
from ingest.referrer_keeping import kept_referrer
from ingest.repeats import new_in
from ingest.settings import Settings
from ingest.sitedays import SiteDays
from ingest.timings import Timings
from ingest.visits import (
    COLUMNS,
    MOST_ACTIONS,
    Arrival,
    Visit,
    continue_visit,
    open_visit,
    other_campaign,
    other_website,
    referrer_of,
    row_of,
    seconds_since,
    too_late,
)
from sql.policies import policy_of
from sql.registry import Site, Snapshot

MASK = (1 << 64) - 1
SPREAD = 0x9E3779B97F4A7C15  # The golden ratio of 64 bits: positions that lie close get ids that do not.
SEQUENCE_BITS = 24  # A batch holds far fewer hits.

HIT_COLUMNS = (
    *("site", "at", "sequence", "id", "visit", "visitor", "action", "page", "prefix", "title"),
    *("keyword", "search_category", "search_count"),
    *("event_category", "event_action", "event_name", "event_value"),
    *("previous_page", "previous_title", "seconds_since_previous", "position", "pageview", "new_in_visit"),
)
# What few hits have, with what the others have instead; a batch without any does not send the column.
RARE_COLUMNS: dict[str, Any] = {
    **dict.fromkeys(("content_name", "content_piece", "content_target", "content_interaction"), ""),
    **{"product_sku": "", "product_name": "", "product_categories": (), "product_price": None},
    **{"dimensions": {}, "variables": {}},
}
CONTENT_COLUMNS, PRODUCT_COLUMNS = tuple(RARE_COLUMNS)[:4], tuple(RARE_COLUMNS)[4:8]


class Rules(NamedTuple):
    """What an operator may decide about visits."""

    visit_seconds: int = 1800
    new_visit_on_referrer: bool = False
    title_delimiter: str = ""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(settings.visit_seconds, settings.new_visit_on_referrer, settings.title_delimiter)


USUAL = Rules()
MOST_STRANGERS = 1000  # Sites that are not here and still have counters of their own.


class Position(NamedTuple):
    """Where in the spool a hit stands; its id follows from it, so that a second try makes the same rows."""

    seed: int
    offset: int
    number: int

    @property
    def id(self) -> int:
        return (self.seed + (self.offset + self.number) * SPREAD) & MASK


def seed_of(segment: str) -> int:
    return int.from_bytes(blake2b(segment.encode(), digest_size=8).digest(), "big")


class Knowledge:
    """What hits are understood with: sites, lists and devices, for one registry snapshot."""

    def __init__(self, snapshot: Snapshot, devices: Devices, referrers: Referrers, rules: Rules) -> None:
        self.sites = snapshot.sites
        self.devices = devices
        self.referrers = referrers
        self.rules = rules
        self.own = OwnHosts(snapshot.sites.values())
        self.days = {site.id: SiteDays(ZoneInfo(site.timezone)) for site in snapshot.sites.values()}
        self.policies = {site.id: policy_of(site) for site in snapshot.sites.values()}
        self.created = {site.id: int(site.created.timestamp() * 1000) for site in snapshot.sites.values()}
        raw_since = {site.id: site.raw_since for site in snapshot.sites.values()}
        self.oldest = {site: int(since.timestamp() * 1000) if since else 0 for site, since in raw_since.items()}
        self.strangers: set[int] = set()
        self.goals = {site: Goals(goals.values()) for site, goals in snapshot.goals.items()}
        self.dimensions = {site: Dimensions(known.values()) for site, known in snapshot.dimensions.items()}

    def counted_as(self, site: int) -> int:
        """Return under which number requests of a site are counted: of unknown sites, anybody can invent millions."""
        if site in self.sites or site in self.strangers:
            return site
        if len(self.strangers) >= MOST_STRANGERS:
            return 0
        self.strangers.add(site)
        return site


class Sessions:
    """Takes the hits of one batch in order and holds the rows that they make."""

    def __init__(self, history: History, knowledge: Knowledge, batch: int = 0) -> None:
        self.history = history
        self.first = batch << SEQUENCE_BITS
        self.knowledge = knowledge
        self.rules = knowledge.rules
        self.hits: list[tuple[Any, ...]] = []
        self.rare: dict[str, dict[int, Any]] = {name: {} for name in RARE_COLUMNS}  # By the number of the hit.
        self.conversions = Conversions(history, knowledge.goals)
        self.timings = Timings()
        self.fetches = Fetches()
        self.older: dict[int, int] = {}  # Sites that have hits from before they were added, and the first one's time.
        self.counters: Counter[tuple[int, int, str, str]] = Counter()  # (site, unix minute, outcome, reason)

    def take(self, hit: Hit, position: Position, minute: int) -> None:
        """Add one hit; it ends in rows, or in a counter with the reason."""
        site = self.knowledge.sites.get(hit.site)
        if not site:
            reason = "site-gone"
        elif hit.at < self.knowledge.oldest[hit.site]:
            reason = "too-old"
        else:
            reason = self.sort_in(hit, site, position)
        self.counters[hit.site, minute, "dropped" if reason else "kept", reason] += 1

    def drop(self, site: int, minute: int, reason: str, count: int) -> None:
        """Count what the collector dropped or, for the sake of a parameter, refused."""
        refused, colon, parameter = reason.partition(":")
        outcome = ("refused", parameter) if refused == "refused" and colon else ("dropped", reason)
        self.counters[self.knowledge.counted_as(site), minute, *outcome] += count

    def sort_in(self, hit: Hit, site: Site, position: Position) -> str:
        """Put a hit into its visit. Return why not, '' if it is in."""
        device = self.knowledge.devices.of(hit.user_agent, hit.hints or None)
        if hit.bot or hit.fetch or (device.bot and not hit.bots_welcome):
            self.fetches.take(hit, site, device, position.id)
            return "bot"
        found = self.recognise(hit, site)
        running = found if found and not self.over(found, hit, site) else None
        if hit.kind == "ping" and running is None:
            return "ping-without-visit"
        referrer = self.referrer_for(hit, site, running)
        if running and self.starts_anew(running, referrer):
            if hit.kind == "ping":
                return "ping-without-visit"
            running = None
            referrer = self.referrer_for(hit, site, None)
        return self.add(self.arrival(hit, site, device, referrer), (found, running), position)

    def arrival(self, hit: Hit, site: Site, device: Device, referrer: Referrer) -> Arrival:
        action = action_of(hit, site, self.rules.title_delimiter)
        dimensions = self.knowledge.dimensions.get(site.id)
        return Arrival(hit, action, referrer, device, dimensions.in_visit(hit, action) if dimensions else {})

    def add(self, arrival: Arrival, visits: tuple[Visit | None, Visit | None], position: Position) -> str:
        """Open or continue a visit. Return '', or why the hit leaves nothing else."""
        found, running = visits
        hit, action = arrival.hit, arrival.action
        if hit.at < self.knowledge.created[hit.site]:
            self.older[hit.site] = min(hit.at, self.older.get(hit.site, hit.at))
        before = ("", "", 0)
        if running:
            seconds = seconds_since(running, hit.at, self.rules.visit_seconds)
            before = (running.current_page, running.current_title, seconds)
            visit = self.go_on(running, arrival)
        else:
            visit = self.begin(arrival, found, position)
        if (hit.goal or hit.purchase or hit.site in self.knowledge.goals) and (
            reason := self.convert(arrival, visit, position)
        ):
            return reason
        self.add_row(arrival, visit, position, before)
        if hit.pageview or hit.timings:
            self.timings.take(visit, hit, action, position.id)
        return ""

    def recognise(self, hit: Hit, site: Site) -> Visit | None:
        """Return the visitor's newest visit, whatever its age (specification 5.3)."""
        visit = None
        second, window = hit.at - hit.at % 1000, self.rules.visit_seconds * 1000
        since, until = second - window, second + window + 999
        if hit.visitor is not None:
            visit = self.history.of_visitor(hit.site, hit.visitor, until)
            if site.type == "intranet":  # Many people behind one address, with the same browser.
                return None if visit and visit.actions >= MOST_ACTIONS else visit
        if visit is None and hit.source != "cid":
            user = hit.user_id if hit.source == "uid" else ""
            visit = self.history.of_fingerprint(hit.site, hit.fingerprint, (since, until), user)
        return None if visit and visit.actions >= MOST_ACTIONS else visit

    def over(self, visit: Visit, hit: Hit, site: Site) -> bool:
        """Tell whether a visit has ended before this hit (specification 6.1)."""
        if hit.new_visit or too_late(visit, hit.at, self.rules.visit_seconds):
            return True
        return not self.knowledge.days[site.id].same(visit.last_at, hit.at)

    def starts_anew(self, visit: Visit, referrer: Referrer) -> bool:
        """Tell whether a hit's referrer ends the running visit."""
        return other_campaign(visit, referrer) or (self.rules.new_visit_on_referrer and other_website(visit, referrer))

    def referrer_for(self, hit: Hit, site: Site, running: Visit | None) -> Referrer:
        """Return where the hit came from; of a running visit only what could change it is looked at."""
        landing = Landing(
            hit.url, hit.referrer, hit.campaign, hit.campaign_keyword, referrer_of(running) if running else None
        )
        settled = running and running.referrer_type != "direct" and not self.rules.new_visit_on_referrer
        if settled and not self.knowledge.referrers.carries_campaign(landing):
            return DIRECT
        referrer = self.knowledge.referrers.classify(landing, site, self.knowledge.own)
        return kept_referrer(referrer, self.knowledge.policies[site.id])

    def begin(self, arrival: Arrival, previous: Visit | None, position: Position) -> Visit:
        hit = arrival.hit
        visitor = previous.visitor if previous else hit.visitor
        if visitor is None:
            visitor = (hit.fingerprint ^ position.id) & MASK
        visit = open_visit(arrival, (position.id, visitor), previous)
        self.history.put(visit, visit.visitor)
        return visit

    def go_on(self, visit: Visit, arrival: Arrival) -> Visit:
        visitor = visit.visitor
        continue_visit(visit, arrival)
        self.history.put(visit, visitor)
        return visit

    def convert(self, arrival: Arrival, visit: Visit, position: Position) -> str:
        """Note the conversions of a hit. Return why it leaves nothing, '' if all is well."""
        site, own = self.knowledge.sites[visit.site], self.knowledge.own

        def classify(referrer: str) -> Referrer:
            found = self.knowledge.referrers.classify(Landing("", referrer), site, own)
            return kept_referrer(found, self.knowledge.policies[site.id])

        return self.conversions.take(arrival, visit, position.id, partial(credit_of, arrival.hit, visit, classify))

    def add_row(self, arrival: Arrival, visit: Visit, position: Position, before: tuple[str, str, int]) -> None:
        hit, action = arrival.hit, arrival.action
        # fmt: off
        self.hits.append((
            hit.site, hit.at, self.first + len(self.hits), position.id, visit.id, visit.visitor,
            action.kind, *action.page, action.title,
            action.keyword, action.category, action.results,
            hit.event_category, hit.event_action, hit.event_name, hit.event_value,
            *before, visit.interactions, hit.pageview, new_in(visit, action),
        ))
        # fmt: on
        if hit.content:
            self.note(CONTENT_COLUMNS, hit.content)
        if hit.product:
            self.note(PRODUCT_COLUMNS, hit.product)
        if hit.page_variables:
            self.note(("variables",), (hit.page_variables,))
        if (known := self.knowledge.dimensions.get(hit.site)) and (values := known.in_action(hit, action)):
            self.note(("dimensions",), (values,))

    def note(self, names: Sequence[str], values: Sequence[Any]) -> None:
        """Note values of rare columns for the hit that was added last."""
        for name, value in zip(names, values, strict=True):
            self.rare[name][len(self.hits) - 1] = value

    def tables(self, version: int) -> Iterator[tuple[str, Mapping[str, Sequence[Any]]]]:
        """Yield the tables that have new rows, with their columns; the batch's number is the version of rows."""
        parts: tuple[tuple[str, object, Callable[[], Mapping[str, Sequence[Any]]]], ...] = (
            ("hits", self.hits, self.hit_columns),
            ("visits", self.history.changed, partial(self.visit_columns, version)),
            ("conversions", self.conversions.rows, partial(self.conversions.columns, version)),
            ("order_items", self.conversions.items, partial(self.conversions.item_columns, version)),
            ("timings", self.timings.rows, partial(self.timings.columns, version)),
            ("bots", self.fetches.rows, self.fetches.columns),
            ("counters", self.counters, self.counter_columns),
        )
        for table, rows, columns in parts:
            if rows:
                yield table, columns()

    def hit_columns(self) -> dict[str, Sequence[Any]]:
        columns: dict[str, Sequence[Any]] = dict(zip(HIT_COLUMNS, zip(*self.hits, strict=True), strict=True))
        for name, values in self.rare.items():
            if values:
                columns[name] = [values.get(number, RARE_COLUMNS[name]) for number in range(len(self.hits))]
        return columns

    def visit_columns(self, version: int) -> dict[str, tuple[Any, ...]]:
        """Return the changed visits, whole; the batch's number is their version."""
        rows = map(row_of, self.history.changed.values())
        columns = dict(zip(COLUMNS, zip(*rows, strict=True), strict=True))
        return {**columns, "version": (version,) * len(self.history.changed)}

    def counter_columns(self) -> dict[str, tuple[Any, ...]]:
        keys = list(zip(*self.counters, strict=True))
        sites, minutes, outcomes, reasons = keys
        return {
            "site": sites,
            "minute": tuple(minute * 60 for minute in minutes),
            "outcome": outcomes,
            "reason": reasons,
            "hits": tuple(self.counters.values()),
        }
