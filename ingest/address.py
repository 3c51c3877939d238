"""The parts of a web address, what is none, and the texts in its query."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

ADDRESS = re.compile(r"(?s)(?:([A-Za-z][A-Za-z0-9+.\-]*):)?//([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?\Z")
NO_ADDRESSES = frozenset({"javascript", "vbscript", "data"})


class Address(NamedTuple):
    """A web address: host without user, port and capital letters, the rest as it is written."""

    host: str
    path: str
    query: str
    fragment: str


def address_of(text: str) -> Address | None:
    """Return the parts of a text that looks like a web address; the scheme may be missing, the host may not."""
    match = ADDRESS.match(text.strip())
    if not match or (match[1] or "").lower() in NO_ADDRESSES:
        return None
    host = host_in(match[2])
    return Address(host, match[3], match[4] or "", match[5] or "") if host else None


def host_in(authority: str) -> str:
    """Return `example.org` of `user:password@Example.org:8080`."""
    host = authority.rpartition("@")[2]
    name, colon, port = host.rpartition(":")
    if colon and (not port or port.isdigit()):
        host = name
    return host.lower()


def without_www(host: str) -> str:
    return host.removeprefix("www.")


def domains_of(host: str) -> Iterator[str]:
    """Yield `a.b.org`, `b.org` and `org`."""
    while host:
        yield host
        host = host.partition(".")[2]


def hosts_above(host: str) -> list[str]:
    """Return under which names a host can be configured: a leading dot there means "and everything below"."""
    return [host, *(f".{domain}" for domain in domains_of(host))]


def folder(path: str) -> str:
    """Return a path in small letters with a slash at both ends: it begins with the folders in which it lies."""
    inner = path.lower().strip("/")
    return f"/{inner}/" if inner else "/"


def values_of(query: str) -> dict[str, str]:
    """Return the parameters of a query, still encoded; of a repeated name the last counts, lists do not."""
    pairs = (pair.partition("=") for pair in query.split("&"))
    return {name: value for name, _, value in pairs if name and "[" not in name and "%5B" not in name.upper()}


def text_in(value: str, charsets: Iterable[str] = ()) -> str:
    """Return the text of an encoded value, read in the first charset that fits; UTF-8 and Latin-1 come last."""
    raw = unquote_to_bytes(value.replace("+", " "))
    for charset in (*charsets, "utf-8"):
        try:
            return raw.decode(charset).strip()
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1").strip()
