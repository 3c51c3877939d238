"""Hits become rows: each hit finds its visit or opens one, and the rows of a batch are collected as columns."""

from collections import Counter
from hashlib import blake2b
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from ingest.actions import action_of
from ingest.device import Devices
from ingest.hit import Hit
from ingest.journal import History
from ingest.referrer import DIRECT, Landing, OwnHosts, Referrer, Referrers
from ingest.sitedays import SiteDays
from ingest.visits import (
    COLUMNS,
    MOST_ACTIONS,
    VISIT_SECONDS,
    Arrival,
    Visit,
    continue_visit,
    open_visit,
    other_campaign,
    referrer_of,
    row_of,
    seconds_since,
    too_late,
)
from sql.registry import Site, Snapshot

MASK = (1 << 64) - 1
SPREAD = 0x9E3779B97F4A7C15  # The golden ratio of 64 bits: positions that lie close get ids that do not.
SEQUENCE_BITS = 24  # A batch holds far fewer hits.
WINDOW = VISIT_SECONDS * 1000

HIT_COLUMNS = (
    *("site", "at", "sequence", "id", "visit", "visitor", "action", "page", "prefix", "title"),
    *("keyword", "search_category", "search_count"),
    *("event_category", "event_action", "event_name", "event_value"),
    *("previous_page", "previous_title", "seconds_since_previous", "position", "pageview"),
)


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

    def __init__(self, snapshot: Snapshot, devices: Devices, referrers: Referrers) -> None:
        self.sites = snapshot.sites
        self.devices = devices
        self.referrers = referrers
        self.own = OwnHosts(snapshot.sites.values())
        self.days = {site.id: SiteDays(ZoneInfo(site.timezone)) for site in snapshot.sites.values()}


class Sessions:
    """Takes the hits of one batch in order and holds the rows that they make."""

    def __init__(self, history: History, knowledge: Knowledge, batch: int = 0) -> None:
        self.history = history
        self.first = batch << SEQUENCE_BITS
        self.knowledge = knowledge
        self.hits: list[tuple[Any, ...]] = []
        self.counters: Counter[tuple[int, int, str, str]] = Counter()  # (site, unix minute, outcome, reason)

    def take(self, hit: Hit, position: Position, minute: int) -> None:
        """Add one hit; it ends in rows, or in a counter with the reason."""
        site = self.knowledge.sites.get(hit.site)
        reason = self.sort_in(hit, site, position) if site else "site-gone"
        self.counters[hit.site, minute, "dropped" if reason else "kept", reason] += 1

    def drop(self, site: int, minute: int, reason: str, count: int) -> None:
        """Count what the collector dropped."""
        self.counters[site, minute, "dropped", reason] += count

    def sort_in(self, hit: Hit, site: Site, position: Position) -> str:
        """Put a hit into its visit. Return why not, '' if it is in."""
        device = self.knowledge.devices.of(hit.user_agent, hit.hints or None)
        if device.bot and not hit.bots_welcome:
            return "bot"
        found = self.recognise(hit)
        running = found if found and not self.over(found, hit, site) else None
        if hit.kind == "ping" and running is None:
            return "ping-without-visit"
        action = action_of(hit, site)
        referrer = self.referrer_for(hit, site, running)
        if running and other_campaign(running, referrer):
            if hit.kind == "ping":
                return "ping-without-visit"
            running = None
            referrer = self.referrer_for(hit, site, None)
        arrival = Arrival(hit, action, referrer, device)
        if running:
            self.go_on(running, arrival, position)
        else:
            self.begin(arrival, found, position)
        return ""

    def recognise(self, hit: Hit) -> Visit | None:
        """Return the visitor's newest visit, whatever its age (specification 5.3)."""
        visit = None
        second = hit.at - hit.at % 1000
        since, until = second - WINDOW, second + WINDOW + 999
        if hit.visitor is not None:
            visit = self.history.of_visitor(hit.site, hit.visitor, until)
        if visit is None and hit.source != "cid":
            user = hit.user_id if hit.source == "uid" else ""
            visit = self.history.of_fingerprint(hit.site, hit.fingerprint, (since, until), user)
        return None if visit and visit.actions >= MOST_ACTIONS else visit

    def over(self, visit: Visit, hit: Hit, site: Site) -> bool:
        """Tell whether a visit has ended before this hit (specification 6.1)."""
        return hit.new_visit or too_late(visit, hit.at) or not self.knowledge.days[site.id].same(visit.last_at, hit.at)

    def referrer_for(self, hit: Hit, site: Site, running: Visit | None) -> Referrer:
        """Return where the hit came from; of a running visit only what could change it is looked at."""
        landing = Landing(
            hit.url, hit.referrer, hit.campaign, hit.campaign_keyword, referrer_of(running) if running else None
        )
        if running and running.referrer_type != "direct" and not self.knowledge.referrers.carries_campaign(landing):
            return DIRECT
        return self.knowledge.referrers.classify(landing, site, self.knowledge.own)

    def begin(self, arrival: Arrival, previous: Visit | None, position: Position) -> None:
        hit = arrival.hit
        visitor = previous.visitor if previous else hit.visitor
        if visitor is None:
            visitor = (hit.fingerprint ^ position.id) & MASK
        visit = open_visit(arrival, (position.id, visitor), previous)
        self.history.put(visit, visit.visitor)
        self.add_row(arrival, visit, position, ("", "", 0))

    def go_on(self, visit: Visit, arrival: Arrival, position: Position) -> None:
        before = (visit.current_page, visit.current_title, seconds_since(visit, arrival.hit.at))
        visitor = visit.visitor
        continue_visit(visit, arrival)
        self.history.put(visit, visitor)
        self.add_row(arrival, visit, position, before)

    def add_row(self, arrival: Arrival, visit: Visit, position: Position, before: tuple[str, str, int]) -> None:
        hit, action = arrival.hit, arrival.action
        # fmt: off
        self.hits.append((
            hit.site, hit.at, self.first + len(self.hits), position.id, visit.id, visit.visitor,
            action.kind, *action.page, action.title,
            action.keyword, action.category, action.results,
            hit.event_category, hit.event_action, hit.event_name, hit.event_value,
            *before, visit.interactions, hit.pageview,
        ))
        # fmt: on

    def hit_columns(self) -> dict[str, tuple[Any, ...]]:
        return dict(zip(HIT_COLUMNS, zip(*self.hits, strict=True), strict=True))

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
