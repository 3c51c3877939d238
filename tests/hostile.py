"""What attackers send to have it run where somebody reads reports, and ways to see whether it did.

Each text carries the number of the field it was sent in: `_x(7)` is the seventh. A page that lets one become code calls
the function `_x`; one that lets it become markup has an element `x-evil` or an attribute of that name, asks for
something at `evil.example`, or has a link that is code.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlsplit

MARK = re.compile(r"_x\((\d+)\)")
CODE = re.compile(r"\s*(javascript|vbscript|data:text)", re.IGNORECASE)
LINKS = ("href", "src", "action", "formaction", "xlink:href", "data", "poster", "srcdoc")
TEMPLATES = "{{7919*7927}}${7919*7927}<%=7919*7927%>#{7919*7927}"  # CALCULATED where a template language has read it.
CALCULATED = str(7919 * 7927)  # Far beyond the numbers of sites, which stand on pages, too.


def text(number: int) -> str:
    """Return a text that leaves an attribute, an element, a script and a comment, and runs in each of these."""
    run = f"_x({number})"
    return (
        f"'\"--></title></textarea></script><x-evil onclick={run}><img src=//evil.example/{number} onerror={run}>"
        f"<script>{run}</script><svg onload={run}>{TEMPLATES}"
    )


def short(number: int) -> str:
    """Return such a text for what must be short."""
    return f"'\"><x-evil><svg onload=_x({number})>"


def address(number: int, host: str = "shop.example") -> str:
    """Return an address whose path and query are such a text, raw where the address may have it raw."""
    return f'https://{host}/{quote(text(number))}?x=\'"><x-evil><script>_x({number})</script>#"><x-evil>'


def foreign_address(number: int) -> str:
    return address(number, "news.example.net")


def code(number: int) -> str:
    """Return an address that is code: it runs where it becomes a link and somebody follows it."""
    return f"javascript:_x({number})//https://shop.example/"


def data(number: int) -> str:
    return f"data:text/html,<script>parent._x({number})</script>"


def marks_in(content: str) -> set[int]:
    """Return the numbers of the fields whose texts are in there, however they are written."""
    return {int(number) for number in MARK.findall(content.replace("%28", "(").replace("%29", ")"))}


class Markup(HTMLParser):
    """What became of a document: each thing that none of ours has, as a browser would see it."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.broken: list[str] = []
        self.feed(content)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.broken += [f"<{tag}> {found}" for found in strange(tag, attrs)]


def strange(tag: str, attributes: list[tuple[str, Any]]) -> Iterator[str]:
    if tag == "x-evil":
        yield "an element"
    for name, value in attributes:
        if name.startswith("on") or name == "x-evil" or "<" in name:
            yield f"attribute {name}"
        if name in LINKS and (CODE.match(value or "") or host_of(value or "") == "evil.example"):
            yield f"{name}={value}"


def host_of(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
