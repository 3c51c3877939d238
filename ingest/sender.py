"""Who sends a request, and what a token allows: another address, another place, an older time.

An instance holds a full address in memory; it is never logged, and never stored as it is.
"""

from typing import NamedTuple

from ingest.geo import Place
from ingest.tracking import BadRequest, TrackingRequest
from sql.registry import Site, Snapshot


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
        plain = self.sender.token or self.request.text("token_auth")
        token = self.snapshot.token(plain) if plain else None
        return token is not None and token.allows("write", self.site.id)

    def needed_for(self, name: str, value: str) -> str:
        """Return the value. Raises BadRequest if the request carries no sufficient token."""
        if not self.given():
            raise BadRequest(name, "a token_auth with write access to the site")
        return value


def sender_named_by(request: TrackingRequest, sender: Sender, trusted: Authority) -> Sender:
    """Return the sender with what the request says instead of the HTTP headers; an address needs a token."""
    address = request.text("cip")
    if address:
        sender = sender._replace(address=trusted.needed_for("cip", address))
    user_agent, language = request.text("ua") or sender.user_agent, request.text("lang") or sender.language
    return sender._replace(user_agent=user_agent, language=language)


def place_override(request: TrackingRequest, trusted: Authority) -> Place | None:
    """Return the place that a trusted sender names, None if it names none (specification 2.4)."""
    parameters = request.parameters
    if not any(parameters.get(name) for name in ("country", "region", "city", "lat", "long")):
        return None
    trusted.needed_for("country, region, city, lat, long", "")
    return Place(
        request.text("country", 3).lower() or "xx",
        request.text("region", 3),
        request.text("city", 255),
        request.number("lat"),
        request.number("long"),
    )
