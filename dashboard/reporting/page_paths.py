"""Where pages, titles and links stand in a table: their labels from the outermost inwards; and their addresses."""

import re
from collections.abc import Iterable
from html import escape
from urllib.parse import quote_plus, unquote_plus

from dashboard.reporting.table import Path

MOST_LEVELS = 10
INDEX = "index"  # What the page is called whose address ends in a slash.
NO_URL = ("Page URL not defined",)
NO_TITLE = ("Page Name not defined",)
# By the numbers that stand beside stored pages.
PREFIXES = {0: "http://", 1: "http://www.", 2: "https://", 3: "https://www."}
NO_PREFIX = 255  # The page is a whole address.
LINK = re.compile(r"[^:]*://([^/?#]*)(.*)", re.DOTALL)


def page_path(page: str) -> Path:
    """Return the folders of a page and the page itself, after a slash; the query is its last part's."""
    if not page:
        return NO_URL
    path, mark, query = page.partition("/")[2].partition("?")
    *folders, last = path.split("/", MOST_LEVELS - 1)
    return (*labels_of(folders), f"/{shown(last + mark + query) or INDEX}")


def title_path(title: str, delimiter: str = "") -> Path:
    """Return the parts of a title; the last one begins with a blank, so that no folder is called like it."""
    parts = title.split(delimiter, MOST_LEVELS - 1) if delimiter else [title]
    labels = labels_of(parts)
    return (*labels[:-1], f" {labels[-1]}") if labels else NO_TITLE


def link_path(url: str) -> Path:
    """Return host and path of a link or file."""
    found = LINK.match(url)
    return (found[1], shown(found[2]) or "/") if found else NO_URL


def labels_of(parts: Iterable[str]) -> list[str]:
    return [label for part in parts if (label := shown(part))]


def shown(text: str) -> str:
    """Return a label: percent sequences are decoded, and what they leave incomplete is dropped."""
    return unquote_plus(text, errors="ignore").strip()


def address(page: str, prefix: int) -> str:
    return PREFIXES.get(prefix, "") + page


def is_value(name: str, value: str) -> str:
    """Return the segment of the visits that have a value, such as `siteSearchKeyword==red+shoes`."""
    return f"{name}=={encoded(escaped(value))}"


def is_address(name: str, value: str) -> str:
    """Return the segment of an address or title; whoever reads segments decodes these twice."""
    return f"{name}=={encoded(encoded(value))}"


def begins_with(name: str, value: str) -> str:
    return f"{name}=^{encoded(encoded(value))}"


def encoded(text: str) -> str:
    """Encode a text as PHP does, where clients compare segments with those of their own: also the tilde."""
    return quote_plus(text).replace("~", "%7E")


def escaped(text: str) -> str:
    """Write the characters that mean something in HTML as entities: so these texts always stood in segments."""
    return escape(text).replace("&#x27;", "&#039;")
