"""Who sends a request, and what a token allows: another address, another place, an older time.

An instance holds a full address in memory; it is never logged, and never stored as it is.
"""

from typing import NamedTuple

from ingest.geo import Place
from ingest.tracking import BadRequest, TrackingRequest
from sql.registry import Site, Snapshot

NAMED = ("cip", "ua", "lang")  # Instead of the HTTP headers.
PLACE = ("country", "region", "city", "lat", "long")
DECIMALS = 6  # About 10 centimetres.


class Sender(NamedTuple):
    """What the HTTP request says of the one who sends; never logged, never stored as it is."""

    address: str
    user_agent: str
    language: str
    hints: str
    referer: str
    cookies: str
    prefetch: bool
    token: str = ""  # Of a bulk body or an Authorization header.
    dnt: bool = False  # The browser asks not to be tracked, or not to be sold.
    gpc: bool = False

    def __repr__(self) -> str:
        return "Sender(…)"


class Authority:
    """Whether a request may do what only a token of the site allows; looked up only when asked."""

    def __init__(self, snapshot: Snapshot, request: TrackingRequest, sender: Sender, site: Site) -> None:
        self.snapshot = snapshot
        self.request = request
        self.sender = sender
        self.site = site

    def given(self) -> bool:
        # Any of them will do: an Authorization header may be meant for a proxy on the way.
        return any(self.allows(plain) for plain in (self.sender.token, self.request.text("token_auth")) if plain)

    def allows(self, plain: str) -> bool:
        token = self.snapshot.token(plain)
        return token is not None and token.allows("write", self.site.id)

    def needed_for(self, name: str, value: str) -> str:
        """Return the value. Raises BadRequest if the request carries no sufficient token."""
        if not self.given():
            raise BadRequest(name, "a token_auth with write access to the site")
        return value


def sender_named_by(request: TrackingRequest, sender: Sender, trusted: Authority) -> Sender:
    """Return the sender with what the request says instead of the HTTP headers; an address needs a token."""
    if not any(map(request.parameters.get, NAMED)):
        return sender
    address = request.text("cip")
    if address:
        sender = sender._replace(address=trusted.needed_for("cip", address))
    user_agent, language = request.text("ua") or sender.user_agent, request.text("lang") or sender.language
    return sender._replace(user_agent=user_agent, language=language)


def page_and_referrer(request: TrackingRequest, sender: Sender) -> tuple[str, str]:
    """Return both URLs; an image without JavaScript says in the Referer header where it stands (specification 1.2)."""
    url, referrer = request.text("url"), request.text("urlref", 1500)
    return (url, referrer) if url or referrer else (sender.referer[:1024], "")


def place_override(request: TrackingRequest, trusted: Authority) -> Place | None:
    """Return the place that a trusted sender names, None if it names none (specification 2.4)."""
    if not any(map(request.parameters.get, PLACE)):
        return None
    given = next(name for name in PLACE if request.parameters.get(name))
    trusted.needed_for(given, "")
    return Place(
        request.text("country", 3).lower() or "xx",
        request.text("region", 3),
        request.text("city", 255),
        degrees(request.decimal("lat"), 90),
        degrees(request.decimal("long"), 180),
    )


def degrees(value: float | None, most: int) -> float | None:
    """Return a latitude or longitude; None if there is no such place."""
    return round(value, DECIMALS) if value is not None and abs(value) <= most else None
