"""What a hit did: which action it is, and which page it counts for (tracking specification, section 4)."""

import re
from functools import lru_cache
from typing import NamedTuple

from ingest.address import ADDRESS, NO_ADDRESSES
from ingest.hit import Hit
from ingest.patterns import Pattern, delimited, found
from ingest.site_search import search_in_url
from sql.query_names import NEVER_KEPT
from sql.registry import Site

PREFIXES = ("http://", "http://www.", "https://", "https://www.")
NO_PREFIX = 255
CLEAN_URL = re.compile(r"https?://[a-z0-9][a-z0-9.\-]*(?::[0-9]+)?(?:/[^?#;]*)?\Z")
TOKEN = re.compile(r"(?i)(?<=[?&#;])token_auth=[^&#;]*(?:&|(?=[#;]|$))")
COUNTED = frozenset({"pageview", "search", "event", "outlink", "download"})


class Excluded(NamedTuple):
    """Query parameters that are removed from page URLs: names in lower case, and patterns."""

    names: frozenset[str]
    patterns: tuple[Pattern, ...]

    def drops(self, name: str) -> bool:
        name = name.lower()
        return name in self.names or any(found(pattern, name) for pattern in self.patterns)


class Page(NamedTuple):
    """A page URL in two parts: what identifies the page, and which protocol and `www.` stood before it."""

    name: str
    prefix: int


NO_PAGE = Page("", NO_PREFIX)


class Action(NamedTuple):
    """What a hit did, with the texts that its kind has."""

    kind: str
    page: Page
    title: str
    keyword: str
    category: str
    results: int | None


@lru_cache(1024)
def excluded_by(names: tuple[str, ...]) -> Excluded:
    """Return what a site excludes beside `NEVER_KEPT`; an entry `/…/` is a regular expression."""
    patterns = tuple(pattern for name in names if (pattern := delimited(name, ignore_case=True)))
    return Excluded(NEVER_KEPT | {name.lower() for name in names}, patterns)


@lru_cache(16_384)
def page_of(raw: str, excluded: Excluded, keep_fragment: bool) -> Page:
    """Return the page that a URL names, NO_PAGE if it is no URL."""
    url = clean_url(raw, excluded, keep_fragment)
    return split_prefix(url) if url else NO_PAGE


def split_prefix(url: str) -> Page:
    """Split `https://www.example.org/a` into `example.org/a` and 3; the same page over http is the same page."""
    start = url[:12].lower()
    for number in (3, 1, 2, 0):
        if start.startswith(PREFIXES[number]):
            return Page(url[len(PREFIXES[number]) :], number)
    return Page(url, NO_PREFIX)


def clean_url(raw: str, excluded: Excluded, keep_fragment: bool) -> str:
    """Return a page URL as it is stored, '' if the text is no URL (specification 4.2)."""
    if CLEAN_URL.match(raw):
        return raw
    match = ADDRESS.match(matrix_as_query(TOKEN.sub("", raw)))  # Whoever sees reports must not find a token there.
    if not match:
        return ""
    scheme, host, path, query, fragment = match.groups()
    if not scheme or not host or scheme.lower() in NO_ADDRESSES:
        return ""
    query = clean_parameters(query or "", excluded)
    fragment = clean_fragment(fragment or "", query, excluded) if keep_fragment else ""
    return f"{scheme}://{lower_host(host)}{path}{'?' if query else ''}{query}{'#' if fragment else ''}{fragment}"


def matrix_as_query(url: str) -> str:
    """Turn `/a;x=1;y=2?z=3` into `/a?x=1&y=2&z=3`."""
    before, semicolon, after = url.partition(";")
    if not semicolon or "?" in before:
        return url
    return f"{before}?{after.replace(';', '&').replace('?', '&')}"


def lower_host(host: str) -> str:
    user, at, name = host.rpartition("@")
    return f"{user}{at}{name.lower()}"


def clean_parameters(query: str, excluded: Excluded) -> str:
    """Drop excluded names; of a repeated name the last value stands at the first place, lists stay lists."""
    kept: dict[str, list[str]] = {}
    for pair in query.split("&"):
        name, equals, value = pair.partition("=")
        name = re.sub("%5B", "[", re.sub("%5D", "]", name, flags=re.I), flags=re.I)
        if not name or excluded.drops(name):
            continue
        text = f"{name}{equals}{value}"
        kept[name] = [*kept.get(name, []), text] if name.endswith("[]") else [text]
    return "&".join(text for texts in kept.values() for text in texts)


def clean_fragment(fragment: str, query: str, excluded: Excluded) -> str:
    fragment = fragment.removesuffix("#")
    return fragment if query else clean_parameters(fragment, excluded)


def action_of(hit: Hit, site: Site, title_delimiter: str = "") -> Action:
    """Return the action of a hit: a page view may turn out to be a site search (specification 4.1)."""
    if hit.kind in ("outlink", "download"):
        return Action(hit.kind, linked(hit.link), "", "", "", None)
    page = page_of(hit.url, excluded_by(site.excluded_parameters), bool(site.keep_fragment))
    if hit.kind != "page":
        return Action(hit.kind, page, "", "", "", None)
    keyword, category, results = hit.search, hit.search_category, hit.search_count
    if not keyword and site.search:
        keyword, category, results = search_in_url(hit.url, site, hit.charset)
    if keyword:
        return Action("search", NO_PAGE, "", keyword, category, results)
    return Action("pageview", page, title_of(hit.title, title_delimiter), "", "", None)


def title_of(title: str, delimiter: str) -> str:
    """Return a page title; one that is a hierarchy has no blanks and nothing empty between its parts."""
    if title == "0":
        return ""
    if not delimiter or delimiter not in title:
        return title
    return delimiter.join(part for part in map(str.strip, title.split(delimiter)) if part)


def linked(url: str) -> Page:
    """Return an outlink or download, which keeps its whole URL; what looks like none is "not defined"."""
    url = TOKEN.sub("", url)
    match = ADDRESS.match(url)
    known = match and (match[1] or "").lower() not in NO_ADDRESSES and url.partition("//")[2]
    return Page(url, NO_PREFIX) if known else NO_PAGE
