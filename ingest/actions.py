"""What a hit did: which action it is, and which page it counts for (tracking specification, section 4)."""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from ingest.address import ADDRESS, NO_ADDRESSES
from ingest.hit import Hit
from ingest.kinds import CAMPAIGN_KEYWORDS, CAMPAIGN_NAMES
from sql.registry import Site

PREFIXES = ("http://", "http://www.", "https://", "https://www.")
NO_PREFIX = 255
CLEAN_URL = re.compile(r"https?://[a-z0-9][a-z0-9.\-]*(?::[0-9]+)?(?:/[^?#;]*)?\Z")
# Names that never belong to a page: they are the visitor's, the session's or the campaign's (specification 4.4).
NEVER_KEPT = frozenset(
    {
        *("ignore_referrer", "ignore_referer", "gclid", "fbclid", "msclkid", "twclid", "wbraid", "gbraid", "yclid"),
        *("fb_xd_fragment", "fb_comment_id", "phpsessid", "jsessionid", "sessionid", "aspsessionid", "sid", "pk_vid"),
        *("doing_wp_cron", *CAMPAIGN_NAMES, *CAMPAIGN_KEYWORDS),
    }
)
COUNTED = frozenset({"pageview", "search", "event", "outlink", "download"})


class Excluded(NamedTuple):
    """Query parameters that are removed from page URLs: names in lower case, and patterns."""

    names: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]

    def drops(self, name: str) -> bool:
        name = name.lower()
        return name in self.names or any(pattern.search(name) for pattern in self.patterns)


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
    patterns = tuple(compiled for name in names if (compiled := as_pattern(name)))
    return Excluded(NEVER_KEPT | {name.lower() for name in names}, patterns)


def as_pattern(entry: str) -> re.Pattern[str] | None:
    body, slash, flags = entry[1:].rpartition("/")
    if not entry.startswith("/") or not slash or flags.strip("imsu"):
        return None
    try:
        return re.compile(body, re.IGNORECASE)
    except re.error:
        return None


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
    match = ADDRESS.match(matrix_as_query(raw))
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


def action_of(hit: Hit, site: Site) -> Action:
    """Return the action of a hit: a page view may turn out to be a site search (specification 4.1)."""
    if hit.kind in ("outlink", "download"):
        return Action(hit.kind, linked(hit.link), "", "", "", None)
    page = page_of(hit.url, excluded_by(site.excluded_parameters), site.keep_fragment)
    if hit.kind != "page":
        return Action(hit.kind, page, "", "", "", None)
    keyword, category, results = hit.search, hit.search_category, hit.search_count
    if not keyword and site.search:
        keyword, category, results = search_in_url(hit.url, site, hit.charset)
    if keyword:
        return Action("search", NO_PAGE, "", keyword, category, results)
    return Action("pageview", page, "" if hit.title == "0" else hit.title, "", "", None)


def linked(url: str) -> Page:
    """Return an outlink or download, which keeps its whole URL; what looks like none is "not defined"."""
    match = ADDRESS.match(url)
    known = match and (match[1] or "").lower() not in NO_ADDRESSES and url.partition("//")[2]
    return Page(url, NO_PREFIX) if known else NO_PAGE


def search_in_url(url: str, site: Site, charset: str = "") -> tuple[str, str, int | None]:
    """Return keyword, category and result count that the query or the fragment of a URL holds (specification 4.6)."""
    match = ADDRESS.match(url) if "=" in url and traces_of(site.search_keywords).search(url) else None
    if not match:
        return "", "", None
    query, fragment = match[4] or "", match[5] or ""
    for part in (query, fragment.rpartition("?")[2]):
        names = parameters_of(part)
        if keyword := first_value(names, site.search_keywords, charset):
            category = first_value(names, site.search_categories, charset)
            return keyword, category[:200], whole_number(names.get("search_count", ""))
    return "", "", None


@lru_cache(1024)
def traces_of(names: tuple[str, ...]) -> re.Pattern[str]:
    """Return what every URL contains that has one of these parameters: most have none, and no closer look."""
    return re.compile(rf"(?i)[?&#](?:(?:{'|'.join(map(re.escape, names))})[=\[]|[^=&#?]*%)")


def parameters_of(query: str) -> dict[str, str]:
    """Return names in lower case with their first value as it was sent; `q[]` counts as `q`."""
    found: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        name = decoded(name, "").lower().partition("[")[0]
        found.setdefault(name, value)
    return found


def first_value(parameters: dict[str, str], names: tuple[str, ...], charset: str) -> str:
    """Return the value of the first of `names` that has one: the order of the site's list decides."""
    values = (decoded(parameters.get(name.lower(), ""), charset) for name in names)
    return next((value for value in values if value and value != "0"), "")


def decoded(text: str, charset: str) -> str:
    """Decode percent sequences in a page's charset; what is no text in it stays as it was sent."""
    plain = text.replace("+", " ").strip()
    if "%" not in plain:
        return plain
    try:
        text = unquote_to_bytes(plain).decode(charset or "utf-8").strip()
        text.encode()  # Some codecs make halves of characters, which nothing could store.
    except (UnicodeError, LookupError):
        return plain
    return text


def whole_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
