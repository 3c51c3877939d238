"""A shop and its visitors, as programs that read reports find them: tracked by a real collector, told over HTTP.

Four visits by three people, in Berlin's time, the last on Wednesday, 13 May 2026:

    Monday   12:00  Anna, from a search engine   / "Shop", one minute later /shoes "Shoes"
    Tuesday  12:00  Ben, directly                / "Shop"
    Wednesday 9:00  Anna, from the campaign may  /shoes "Shoes", plays a video, signs up (5 euros): 90 seconds in all
             12:00  Cleo, from a website         / "Shop", and the catalogue
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dashboard.app import create_app
from dashboard.settings import Settings
from dashboard.surroundings import Surroundings
from sql.goals import NewGoal
from sql.registry import Site
from tests.tracked import NOON, Tracked, listening

ANNA, BEN, CLEO = "a" * 16, "b" * 16, "c" * 16
HOME = "https://shop.example/"
SHOES = "https://shop.example/shoes"
ENGINE = "https://www.google.com/"
CAMPAIGN = "https://shop.example/shoes?utm_campaign=May&utm_term=boots"
WEBSITE = "https://blog.example.net/post"
VIDEO = {"e_c": "Videos", "e_a": "play", "e_n": "Trailer", "e_v": "2.5"}
DAY = 24 * 60 * 60
# When, in seconds after Wednesday 12:00 in Berlin; who; and what.
HITS: tuple[tuple[int, str, dict[str, object]], ...] = (
    (-2 * DAY, ANNA, {"url": HOME, "action_name": "Shop", "urlref": ENGINE}),
    (-2 * DAY + 60, ANNA, {"url": SHOES, "action_name": "Shoes"}),
    (-DAY, BEN, {"url": HOME, "action_name": "Shop"}),
    (-3 * 3600, ANNA, {"url": CAMPAIGN, "action_name": "Shoes"}),
    (-3 * 3600 + 30, ANNA, {"url": SHOES, **VIDEO}),
    (-3 * 3600 + 90, ANNA, {"url": SHOES, "idgoal": 1}),
    (0, CLEO, {"url": HOME, "action_name": "Shop", "urlref": WEBSITE}),
    (20, CLEO, {"url": HOME, "download": "https://shop.example/catalogue.pdf"}),
)
NOON_IN_BERLIN = NOON - timedelta(hours=2)
NOW = NOON_IN_BERLIN + timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Shop:
    """A dashboard about the shop, and what a reader of its reports is given."""

    port: int
    site: Site
    token: str
    others: str  # A token for another site.

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def shop(pegel: Tracked) -> Iterator[Shop]:
    """Serve a dashboard about a new site that has been visited."""
    pegel.now = NOON_IN_BERLIN
    site = pegel.add_site(name="Shop", urls=("https://shop.example",), timezone="Europe/Berlin", currency="EUR")
    another = pegel.add_site(name="Another", urls=("https://another.example",))
    pegel.registry.add_goal(NewGoal(site=site.id, name="Signed up", revenue=5))
    for after, visitor, parameters in HITS:
        track(pegel, site, NOON_IN_BERLIN + timedelta(seconds=after), _id=visitor, **parameters)
    pegel.load()
    with reading(pegel) as port:
        yield Shop(port, site, pegel.token("view", site.id), pegel.token("view", another.id))


@contextmanager
def reading(pegel: Tracked) -> Iterator[int]:
    """Serve a dashboard of what a collector has received, ten minutes after noon in Berlin; yield its port."""
    surroundings = Surroundings(lambda: {"ok": True})
    with listening(create_app(Settings(), pegel.database, pegel.registry, lambda: NOW, surroundings)) as port:
        yield port


def track(pegel: Tracked, site: Site, at: Any, **parameters: object) -> None:
    answer = pegel.get(site, (at - NOON).total_seconds(), **parameters)
    assert answer.status == 200, answer.headers
