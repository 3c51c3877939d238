"""Which addresses belong to search engines, and what was searched for there (tracking specification, section 7.8)."""

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ingest.address import Address, text_in, values_of
from ingest.lists.facts import codes, facts

Pattern = re.Pattern[str]
Rule = str | Pattern

ORIGIN: tuple[Rule, ...] = ("", "/")
GOOGLE = "Google"
GOOGLE_TABS = {"isch": "Google Images", "vid": "Google Video", "shop": "Google Shopping"}
# Charsets that lists name for what browsers really send: a superset of it.
WIDER = {"gb2312": "gb18030", "euc-kr": "cp949", "ms932": "cp932", "shift_jis": "cp932", "iso-8859-1": "cp1252"}

COUNTRY = "|".join(sorted(codes("countries") | codes("domains")))
# What turns the host of a country's edition into the host that a list names, in this order.
LOSSY = (
    (re.compile(r"^(?:w{2,3}\d*|search)\."), ""),
    (re.compile(r"(^|\.)m\."), r"\1"),
    (re.compile(rf"(?:\.(?:com|org|net|co|it|edu))?\.(?:{COUNTRY})$"), ".{}"),
    (re.compile(rf"(^|\.)(?:{COUNTRY})\."), r"\1{}."),
)


class Engine(NamedTuple):
    """A search engine at one place: where its keyword stands, and which addresses hide it."""

    name: str
    keyword: tuple[Rule, ...]
    hidden: tuple[Rule, ...]
    charsets: tuple[str, ...]


class Search(NamedTuple):
    """A search: the engine's name, and what was searched for, '' if the engine does not say."""

    name: str
    keyword: str


class Engines:
    """All known search engines, found by host or by host and path."""

    def __init__(self, places: Mapping[str, Engine]) -> None:
        self.places = places

    def search_in(self, address: Address, url: str) -> Search | None:
        """Return the search that an address belongs to, None if it is no search engine's or no search."""
        engine = self.engine_at(address)
        if engine is None:
            return None
        values = values_of(f"{address.query}&{address.fragment}")
        name = GOOGLE_TABS.get(values.get("tbm", ""), engine.name) if engine.name == GOOGLE else engine.name
        if name == "Google Images" and "prev" in values:
            values = values_of(text_in(values["prev"]).partition("?")[2])
        keyword = keyword_in(engine, values, url)
        if not keyword and not sent_empty(engine, values) and not is_hidden(engine, address):
            return None
        return Search(name, keyword)

    def engine_at(self, address: Address) -> Engine | None:
        lossy = lossy_host(address.host)
        named = (address.host + address.path, address.host, lossy + address.path, lossy)
        found = next((engine for place in named if (engine := self.places.get(place))), None)
        return found or self.places.get(embedding_place(address))


def lossy_host(host: str) -> str:
    """Return `google.{}` of `www.google.co.uk` and `{}.ask.com` of `de.ask.com`."""
    for pattern, replacement in LOSSY:
        host = pattern.sub(replacement, host)
    return host


def embedding_place(address: Address) -> str:
    """Return the place of an engine that works on foreign or countless hosts, '' if it is none."""
    if address.query.startswith("cx=partner-pub-"):
        return "google.com/cse"
    if address.path.startswith("/pemonitorhosted/ws/results/"):
        return "wsdsold.infospace.com"
    if ".images.search.yahoo.com" in address.host:
        return "images.search.yahoo.com"
    return "search.yahoo.com" if ".search.yahoo.com" in address.host else ""


def keyword_in(engine: Engine, values: Mapping[str, str], url: str) -> str:
    """Return what was searched for, in small letters, '' if it cannot be seen."""
    if engine.name == GOOGLE and (advanced := advanced_search(values)):
        return advanced.lower()
    for rule in engine.keyword:
        raw = values.get(rule, "") if isinstance(rule, str) else first_group(rule, url)
        if keyword := text_in(raw, engine.charsets):
            return keyword.lower()
    return ""


def first_group(pattern: Pattern, url: str) -> str:
    match = pattern.search(url)
    return (match[1] or "") if match and match.lastindex else ""


def advanced_search(values: Mapping[str, str]) -> str:
    """Return the words of Google's form for advanced searches, written as one search."""
    words = {name: text_in(values.get(f"as_{name}", "")) for name in ("q", "oq", "epq", "eq")}
    parts = (
        words["q"],
        " OR ".join(words["oq"].split()),
        f'"{words["epq"]}"' if words["epq"] else "",
        f"-{words['eq']}" if words["eq"] else "",
    )
    return " ".join(part for part in parts if part)


def sent_empty(engine: Engine, values: Mapping[str, str]) -> bool:
    """Tell whether the engine sent its parameter without a value.

    Matomo overlooks it where it is the first of a query, so that an empty search counts as a website.
    """
    return any(rule in values for rule in engine.keyword)


def is_hidden(engine: Engine, address: Address) -> bool:
    place = address.path + (f"?{address.query}" if address.query else "")
    place += f"#{address.fragment}" if address.fragment else ""
    return any(place == rule if isinstance(rule, str) else rule.search(place) is not None for rule in engine.hidden)


def builtin_engines() -> Engines:
    """Return the engines of our own table."""
    places: dict[str, Engine] = {}
    for entry in facts("search_engines")["engine"]:
        hidden = (*ORIGIN, *rules(entry.get("hidden", ())))
        engine = Engine(entry["name"], rules(entry["keyword"]), hidden, known_charsets(entry.get("charsets", ())))
        places.update(dict.fromkeys(entry["hosts"], engine))
    return Engines(places)


def community_engines(definitions: Mapping[str, Any]) -> Engines:
    """Return the engines of the community's list: name → blocks of urls, params, hiddenkeyword and charsets."""
    return Engines(dict(community_places(definitions)))


def community_places(definitions: Mapping[str, Any]) -> Iterator[tuple[str, Engine]]:
    for name, blocks in definitions.items():
        for block in blocks:
            parts = (block.get(key) or () for key in ("params", "hiddenkeyword", "charsets"))
            keyword, hidden, charsets = parts
            engine = Engine(str(name), rules(keyword), rules(hidden), known_charsets(charsets))
            for place in block["urls"]:
                yield place, engine if hidden else engine._replace(hidden=origin_of(place, engine.name))


def origin_of(place: str, name: str) -> tuple[Rule, ...]:
    """Return whether the bare origin of a place comes from the search, where the list does not say.

    It does at the engine's own host, `kagi.com` or `search.brave.com`. The list also names portals and networks with
    a search among other things, where a bare `www.cnn.com` is no search at Google.
    """
    letters = re.sub(r"[\W_]", "", name.lower())
    return ORIGIN if letters and letters in re.sub(r"[^\w.]", "", place.partition("/")[0]) else ()


def rules(entries: Iterable[str]) -> tuple[Rule, ...]:
    """Return entries as they are, those between slashes as regular expressions; broken ones are left out."""
    return tuple(rule for entry in entries if (rule := rule_of(str(entry))) is not None)


def rule_of(entry: str) -> Rule | None:
    if len(entry) < 3 or not (entry.startswith("/") and entry.endswith("/")):
        return entry
    try:
        return re.compile(entry[1:-1])
    except re.error:
        return None


def known_charsets(names: Iterable[str]) -> tuple[str, ...]:
    charsets = (WIDER.get(name.lower(), name.lower()) for name in names)
    return tuple(charset for charset in charsets if is_charset(charset))


def is_charset(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True
