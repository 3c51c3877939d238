"""Who comes to the demo's website, and what each of them does there."""

from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from ipaddress import ip_network
from itertools import pairwise
from random import Random
from typing import NamedTuple
from urllib.parse import urlencode

from ingest.demo_world import DEVICES, EXTRAS, PAGES, PLACES, SEARCHES, SOURCES, Extra, Page

Hit = dict[str, str]

BOUNCES = 0.45
RETURNING = 0.28
SEARCHING = 0.05  # Of the pages within a visit.
LONGEST_VISIT = 25  # Pages.
KNOWN_PEOPLE = 4000  # Who may come back; older ones are forgotten.
PING_AFTER = timedelta(seconds=15)  # As the tracker's heartbeat timer does.
NOTHING = Extra("", 0, {})
# What a later hit on the same page does not repeat of the hit before it.
ACTION = frozenset({"search", "search_count", "e_c", "e_a", "e_n", "e_v", "link", "download", "ca", "urlref"})

PAGE_WEIGHTS = [page.entries for page in PAGES]
SOURCE_WEIGHTS = [source.weight for source in SOURCES]
PLACE_WEIGHTS = [place.weight for place in PLACES]
DEVICE_WEIGHTS = [device.weight for device in DEVICES]
SEARCH_WEIGHTS = [percent for _, percent, _ in SEARCHES]


class Person(NamedTuple):
    """Somebody with a browser, somewhere."""

    id: str
    address: str
    agent: str
    language: str
    screen: str
    hours: int


class Moment(NamedTuple):
    """A hit and when it happens."""

    at: datetime
    hit: Hit


class Audience:
    """The people who come, and what each does; all chance comes from one generator."""

    def __init__(self, random: Random, site_url: str) -> None:
        self.random = random
        self.site_url = site_url.rstrip("/")
        self.people: deque[Person] = deque(maxlen=KNOWN_PEOPLE)

    def visit(self, start: datetime) -> list[Moment]:
        """Return what one person does on the site, from the first page on."""
        person, page, (query, referrer) = self.someone(), self.entry_page(), self.way_in()
        at, moments, pages = start, list[Moment](), self.pages_of_a_visit()
        for number in range(pages):
            view = self.view(page, query, referrer)
            for hit in [view] if pages == 1 else self.seen(view, page, may_search=number > 0):
                moments.append(Moment(at, hit | described(person, at)))
                at += timedelta(seconds=2 + min(self.random.lognormvariate(3.3, 0.9), 900))
            page, query, referrer = self.next_page(page), "", view["url"]
        return moments

    def someone(self) -> Person:
        """Return somebody new or, now and then, somebody who was here; recent visitors are likelier to return."""
        if self.people and self.random.random() < RETURNING:
            return self.people[int(len(self.people) * self.random.random() ** 0.6)]
        self.people.append(self.stranger())
        return self.people[-1]

    def stranger(self) -> Person:
        (place,) = self.random.choices(PLACES, PLACE_WEIGHTS)
        (device,) = self.random.choices(DEVICES, DEVICE_WEIGHTS)
        network = ip_network(place.network)
        return Person(
            id=f"{self.random.getrandbits(64):016x}",
            address=str(network[self.random.randrange(1, network.num_addresses - 1)]),
            agent=device.agent,
            language=self.random.choice(place.languages),
            screen=self.random.choice(device.screens),
            hours=place.hours,
        )

    def pages_of_a_visit(self) -> int:
        if self.random.random() < BOUNCES:
            return 1
        return min(LONGEST_VISIT, 2 + int(self.random.expovariate(1 / 1.9)))

    def entry_page(self) -> Page:
        return self.random.choices(PAGES, PAGE_WEIGHTS)[0]

    def next_page(self, page: Page) -> Page:
        """Return where people go from a page: mostly to one of the same kind, from the shop to its products."""
        near = {"shop": {"shop", "product"}}.get(page.section, {page.section})
        weights = [(other.entries + 6) * (5 if other.section in near else 1) * (other is not page) for other in PAGES]
        return self.random.choices(PAGES, weights)[0]

    def way_in(self) -> tuple[str, str]:
        """Return what a link adds to the landing page's address, and the referrer."""
        (source,) = self.random.choices(SOURCES, SOURCE_WEIGHTS)
        return source.query and f"?{source.query}", source.referrer

    def view(self, page: Page, query: str, referrer: str) -> Hit:
        hit = {"url": f"{self.site_url}{page.path}{query}", "action_name": page.title, "urlref": referrer}
        return {name: value for name, value in hit.items() if value} | {"pv_id": f"{self.random.getrandbits(24):06x}"}

    def seen(self, view: Hit, page: Page, may_search: bool) -> list[Hit]:
        """Return the hits of one step: a page and perhaps something done on it, or a search instead."""
        if may_search and self.random.random() < SEARCHING:
            return [view | self.search()]
        here = [extra for extra in EXTRAS if extra.section == page.section]
        weights = [extra.percent for extra in here]
        (extra,) = self.random.choices([*here, NOTHING], [*weights, 100 - sum(weights)])
        return [view] if extra is NOTHING else [view, self.done(view, page, extra)]

    def search(self) -> Hit:
        (search,) = self.random.choices(SEARCHES, SEARCH_WEIGHTS)
        keyword, _, count = search
        url = f"{self.site_url}/search?{urlencode({'q': keyword})}"
        return {"url": url, "action_name": "Search", "search": keyword, "search_count": str(count)}

    def done(self, view: Hit, page: Page, extra: Extra) -> Hit:
        words = {"title": page.title, "path": page.path, "site": self.site_url, "euros": page.euros}
        action = {name: value.format(**words) for name, value in extra.parameters.items()}
        return same_page(view) | action | {"ca": "1"}


def described(person: Person, at: datetime) -> Hit:
    """Return what every hit tells about somebody's browser, with the time of day on their clock."""
    here = at + timedelta(hours=person.hours)
    return {
        "_id": person.id,
        "cip": person.address,
        "ua": person.agent,
        "lang": person.language,
        "res": person.screen,
        "h": str(here.hour),
        "m": str(here.minute),
        "s": str(here.second),
    }


def same_page(hit: Hit) -> Hit:
    return {name: value for name, value in hit.items() if name not in ACTION}


def with_pings(visit: list[Moment]) -> Iterator[Moment]:
    """Yield a visit's moments, with a ping wherever somebody stayed for longer."""
    for moment, after in pairwise(visit):
        yield moment
        if after.at - moment.at > PING_AFTER:
            yield Moment(moment.at + PING_AFTER, same_page(moment.hit) | {"ping": "1"})
    yield visit[-1]
