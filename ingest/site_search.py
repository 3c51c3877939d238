"""Site searches that a URL tells of, by the parameters that a site names (tracking specification, section 4.6)."""

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from ingest.address import ADDRESS
from sql.registry import Site


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
