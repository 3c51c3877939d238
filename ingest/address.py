"""The parts of a web address, what is none, and the texts in its query."""

import re
from collections.abc import Iterable
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
