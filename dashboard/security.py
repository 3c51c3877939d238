"""What browsers are told about trusting our pages, and which requests we do not trust."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# No inline script, no inline style, nothing from anywhere else, never in a frame.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# The API: a token or password is part of each call and no cookie counts, so a browser cannot be made to call it in
# somebody's name; and the programs that do have no origin to tell.
FOR_PROGRAMS = frozenset({"/", "/index.php", "/api/v1/query"})
PREFIX_FOR_PROGRAMS = "/api/person/"
REFUSAL = PlainTextResponse("This form was sent from another website. Open the page here and try again.", 403)


class SecurityHeaders:
    """Adds our headers to every answer that does not set them itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class SameOrigin:
    """Refuses requests that change something unless one of our own pages made them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = scope["type"] == "http" and changes_something(scope) and not is_ours(Headers(scope=scope))
        await (REFUSAL if refused else self.app)(scope, receive, send)


def changes_something(scope: Scope) -> bool:
    """Tell whether a request could change something in somebody's name; programs with a token speak for themselves."""
    path = scope["path"]
    for_programs = path in FOR_PROGRAMS or path.startswith(PREFIX_FOR_PROGRAMS)
    return scope["method"] not in SAFE_METHODS and not for_programs


def is_ours(headers: Headers) -> bool:
    """Tell whether a request comes from our own pages: browsers say so, and no website can make them lie.

    Sec-Fetch-Site is right behind every proxy, but browsers send it over HTTPS and to localhost only.
    """
    if site := headers.get("sec-fetch-site"):
        return site == "same-origin"
    host = headers.get("host", "")
    return bool(host) and headers.get("origin", "").partition("://")[2] == host
