"""The words that segments use for stored values, such as kinds of visitors, codes of browsers, names of countries."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache

from device_detector.parser.settings import AVAILABLE_BROWSERS, OPERATING_SYSTEMS

from dashboard import continents, countries

Stored = str | int
Label = tuple[str, Stored]

UNKNOWN = "UNK"  # The code of a browser or system that nobody knows.
SYSTEMS = {"iPadOS": "iOS"}  # Counted as one.
DEVICE_TYPES = (
    *("desktop", "smartphone", "tablet", "feature phone", "console", "tv", "car browser", "smart display", "camera"),
    *("portable media player", "phablet", "smart speaker", "wearable", "peripheral"),
)
REFERRER_TYPES = ("direct", "search", "website", "campaign", "social", "assistant")
# Lists that are complete: another word is a mistake.
CLOSED: Mapping[str, Mapping[str, Stored]] = {
    "visitorType": {"new": 0, "returning": 1, "returningCustomer": 2},
    "visitEcommerceStatus": {"none": 0, "ordered": 1, "abandonedCart": 2, "orderedThenAbandonedCart": 3},
    "deviceType": {kind: kind for kind in DEVICE_TYPES} | {"unknown": ""},
    "referrerType": {kind: kind for kind in REFERRER_TYPES},
    "actionType": {
        **{"pageviews": "pageview", "sitesearches": "search", "events": "event", "outlinks": "outlink"},
        **{"downloads": "download", "contents": "content"},
    },
}


def labels_of(name: str, goals: Mapping[int, str]) -> Iterable[Label]:
    """Return the words of a name with what each stands for; a word may stand for several values."""
    if name in CLOSED:
        return CLOSED[name].items()
    if name == "visitConvertedGoalName":
        return ((goal, id) for id, goal in goals.items())
    return OPEN[name]()


@cache
def browsers() -> tuple[Label, ...]:
    return (*AVAILABLE_BROWSERS.items(), (UNKNOWN, ""))


@cache
def systems() -> tuple[Label, ...]:
    known = ((code, SYSTEMS.get(name, name)) for code, name in OPERATING_SYSTEMS.items())
    return (*known, (UNKNOWN, ""))


@cache
def country_names() -> tuple[Label, ...]:
    known = ((countries.country_name(code), code) for code in countries.names())
    return (*known, (countries.UNKNOWN, "xx"), (countries.UNKNOWN, ""))


@cache
def continent_codes() -> tuple[Label, ...]:
    known = ((continent, country) for country, continent in continents.by_country().items())
    return (*known, (continents.UNKNOWN_CODE, "xx"), (continents.UNKNOWN_CODE, ""))


@cache
def continent_names() -> tuple[Label, ...]:
    return tuple((continents.continent_name(str(code)), country) for code, country in continent_codes())


OPEN: Mapping[str, Callable[[], tuple[Label, ...]]] = {
    "browserCode": browsers,
    "operatingSystemCode": systems,
    "countryName": country_names,
    "continentCode": continent_codes,
    "continentName": continent_names,
}
