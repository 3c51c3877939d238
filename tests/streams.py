"""Random hits of one site, and what the collector and the loader make of them."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sql.dimensions import NewDimension
from sql.goals import NewGoal
from sql.registry import Site
from tests.conftest import insert_rows
from tests.parts import Row, Table, Tables
from tests.tracked import FIREFOX, NOON, Tracked

NOW = NOON + timedelta(days=2)
HOUR, DAY = 3600, 86_400
# Seconds from noon of a Wednesday: that day in any zone, and the ends of the day in several.
TODAY = (
    0,
    1,
    -7 * HOUR,
    -6 * HOUR,
    HOUR,
    -12 * HOUR,
    12 * HOUR - 1,
    -14 * HOUR - 300,
    6 * HOUR + 900,
    -12 * HOUR - 400,
)
# The days before and after, Sunday night and Monday, and the end of April.
OTHER_DAYS = (
    *(12 * HOUR, DAY - HOUR, -DAY, -DAY + 3 * HOUR, -2 * DAY - 13 * HOUR, -2 * DAY - 11 * HOUR),
    *(-3 * DAY, -12 * DAY - 13 * HOUR),
)
LATER = (0, 0, 7, 60, 61, 400, 1500, 1799, 1801)
PAGES = (
    *("", "a", "a/", "a/index", "a/b?x=1", "a/b?x=2", "b/c/d", "b/c/", "thanks", "thanks", "thanks?x=1"),
    *("?mtm_campaign=Spring", "a?utm_campaign=summer&utm_term=sale"),
)
AGENTS = (
    FIREFOX,
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4"
    " Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile"
    " Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
)
ADDRESSES = ("8.8.8.8", "193.5.216.100", "127.0.0.1")  # In the United States, in Switzerland, nowhere.
REFERRERS = (
    *("", "", "https://www.google.com/search?q=shoes", "https://www.bing.com/search?q=hats", "https://duckduckgo.com/"),
    *("https://news.example/a", "https://news.example/b?x=1", "https://blog.example/", "https://chatgpt.com/"),
    *("https://www.facebook.com/", "https://www.facebook.com/groups/1", "https://x.com/somebody"),
)
SHOES = ("S1", "Shoes", "Clothes", 19.9, 2)
HAT = ("S2", "Hat", ("Clothes", "Sale"), 5, 1)
NAMELESS = ("S3", "", "", 0.1, 3)
BASKETS = tuple(map(json.dumps, ([SHOES], [HAT, SHOES], [NAMELESS], [NAMELESS, HAT], [SHOES, NAMELESS, HAT])))
Choices = Mapping[str, Sequence[Any]]
PURCHASE: Choices = {
    "idgoal": (0,),
    "revenue": (19.9, 5, 0.1, 33.33),
    "ec_st": (None, 4.5),
    "ec_tx": (None, 0.35),
    "ec_sh": (None, 3.9),
    "ec_dt": (None, 1),
    "ec_items": BASKETS,
}
# What a hit may be, beside a plain page view.
KINDS: tuple[Choices, ...] = (
    {"pf_net": (None, 0, 10), "pf_srv": (10, 255), "pf_tfr": (None, 333), "pf_dm1": (None, 5), "pf_onl": (None, 1)},
    {
        "_pks": ("S1", "S2", "S9", None),
        "_pkn": ("Shoes", None),
        "_pkc": ("Clothes", '["Sale","Clothes"]', None),
        "_pkp": (None, 19.9, 12),
    },
    {"search": ("shoes", "Shoes", "hats"), "search_count": (None, 0, 3), "search_cat": ("", "x", "y")},
    {"search": ("shoes",), "search_count": (0,)},
    {"e_c": ("v", "v", "w"), "e_a": ("play", "play", "stop"), "e_n": ("", "", "n", "m"), "e_v": (None, 1, 0.125, -3)},
    {"download": ("https://example.org/f.zip", "https://files.example/g.pdf")},
    {"link": ("https://elsewhere.example/x", "https://elsewhere.example/")},
    {"c_n": ("ad", "box"), "c_p": ("", "p.png"), "c_t": ("", "https://elsewhere.example/"), "c_i": ("", "", "click")},
    {"idgoal": (1, 2), "revenue": (5, 0.125, 0.333)},
    {**PURCHASE, "ec_id": tuple("ABCDEFGHIJ")},
    PURCHASE,
    {"ping": (1,)},
)
PERSON: Choices = {
    "ua": AGENTS,
    "cip": ADDRESSES,
    "uid": ("", "", "anna", "bob"),
    "res": ("1920x1080", "800x600", ""),
    "lang": ("de-ch", "fr", "de", ""),
    "pdf": (0, 1),
    "cookie": (0, 1),
}
USUAL: Choices = {
    "url": tuple(f"https://example.org/{page}" for page in PAGES),
    "action_name": ("", "Home", "News"),
    "urlref": REFERRERS,
    "h": range(24),
    "dimension1": (None, "red", "blue"),
    "dimension2": (None, "big", "small"),
}


def chosen(random: Random, choices: Choices) -> Row:
    found = {name: random.choice(values) for name, values in choices.items()}
    return {name: value for name, value in found.items() if value not in ("", None)}


def stream(random: Random) -> list[Row]:
    """Return hits of a few people, who come a few times, in the order of their times.

    Each stream has few kinds of them, so that what one visit does comes again.
    """
    people = [{**chosen(random, PERSON), "_id": f"{number:016x}"} for number in (1, 2, 3)]
    starts = [*random.sample(TODAY, 2), *random.sample(OTHER_DAYS, 2)]
    moments = sorted(random.choice(starts) + random.choice(LATER) for _ in range(random.randint(30, 40)))
    kinds: list[Choices] = [{}, {}, *random.sample(KINDS, 4)]
    noon = int(NOON.timestamp())
    return [
        {**random.choice(people), **chosen(random, USUAL), **chosen(random, random.choice(kinds)), "cdt": noon + moment}
        for moment in moments
    ]


READ = {
    "visits": "select * from visits final where site = {} order by last_at, started",
    "hits": "select * from hits where site = {} order by at, sequence",
    "conversions": "select * from conversions final where site = {} order by at, id",
    "order_items": "select * from order_items final where site = {} and not deleted order by at, id",
    "timings": "select * from timings final where site = {} order by at, id",
}
# Regions and cities, which no database that comes with us knows.
PLACES = (("", ""), ("BE", "Bern"), ("ZH", ""), ("", "Basel"))


def site_of(pegel: Tracked, timezone: str) -> Site:
    """Add a shop with goals and dimensions."""
    pegel.now = NOW
    site = pegel.add_site(timezone=timezone, ecommerce=True)
    pegel.registry.add_goal(NewGoal(site=site.id, name="Bought", match_attribute="url", pattern="thanks", revenue=2.5))
    pegel.registry.add_goal(NewGoal(site=site.id, name="Called", allow_multiple=True))
    pegel.registry.add_dimension(NewDimension(site=site.id, name="Colour", scope="visit"))
    pegel.registry.add_dimension(NewDimension(site=site.id, name="Size", scope="action"))
    return site


def send(pegel: Tracked, site: Site, hits: list[Row]) -> Tables:
    """Send hits in one request, and return all rows that became of them."""
    requests = [{"idsite": site.id, "rec": 1, **hit} for hit in hits]
    body = json.dumps({"requests": requests, "token_auth": pegel.token()}).encode()
    assert pegel.request("POST", "/matomo.php", body).status == 200
    pegel.load()
    move(pegel, site)
    return {name: rows(pegel, site, name) for name in READ}


def rows(pegel: Tracked, site: Site, name: str) -> Table:
    return [in_utc(row) for row in pegel.rows(READ[name].format(site.id))]


def in_utc(row: Row) -> Row:
    """Return a row whose times say that they are UTC."""
    return {name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value for name, value in row.items()}


def move(pegel: Tracked, site: Site) -> None:
    """Tell of visits where they were made."""
    visits = rows(pegel, site, "visits")
    places = [dict(zip(("region", "city"), PLACES[visit["id"] % len(PLACES)], strict=True)) for visit in visits]
    moved = [{**visit, **place, "version": visit["version"] + 1} for visit, place in zip(visits, places, strict=True)]
    insert_rows(pegel.database, "visits", moved)
