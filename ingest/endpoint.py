"""The tracking endpoint, `matomo.php` and `piwik.php`: the one module of the collector that knows HTTP.

A plain ASGI application, because it is the hot path. Answers are those of the tracking specification, section 1.
"""

import base64
import logging
import time
from collections.abc import Callable
from typing import NamedTuple

import orjson
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from ingest.collecting import Outcome, TooMuch, Tracker
from ingest.privacy import nearest_stranger
from ingest.sender import Sender
from ingest.settings import Settings
from ingest.spool import SpoolUnavailable
from ingest.tracking import Bulk, TrackingRequest, looks_like_bulk, parse_bulk, parse_query

log = logging.getLogger(__name__)

GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
INFO = (
    b"<!doctype html><title>Pegel</title><p>This is the tracking endpoint of a Pegel server. "
    b"The dashboard and its reports are served on an address of their own.</p>"
)
RETRY_SECONDS = b"5"
LONGEST_HEADER = 4096  # Bytes; the server takes any length, and some headers are remembered in caches.
HINT_HEADERS = {
    b"sec-ch-ua": "brands",
    b"sec-ch-ua-full-version-list": "fullVersionList",
    b"sec-ch-ua-platform": "platform",
    b"sec-ch-ua-platform-version": "platformVersion",
    b"sec-ch-ua-model": "model",
    b"sec-ch-ua-mobile": "mobile",
    b"sec-ch-ua-form-factors": "formFactors",
}

HeaderList = list[tuple[bytes, bytes]]


class BodyTooLarge(Exception):
    """Raised if a body is longer than the collector reads."""


class SenderGone(Exception):
    """Raised if the sender hung up before its request was whole."""


class Reply(NamedTuple):
    """Status, content type and body of an answer."""

    status: int
    type: bytes
    body: bytes


RECORDED = Reply(200, b"image/gif", GIF)
NO_IMAGE = Reply(204, b"text/html; charset=UTF-8", b"")
ALLOWED = Reply(204, b"", b"")
ABOUT = Reply(200, b"text/html; charset=UTF-8", INFO)
NOTHING_SENT = Reply(400, b"text/html; charset=UTF-8", INFO)
REFUSED = Reply(400, b"image/gif", GIF + INFO)
REFUSED_WITHOUT_IMAGE = Reply(400, b"text/html; charset=UTF-8", INFO)
TRY_LATER = Reply(503, b"image/gif", GIF)
TOO_LARGE = Reply(413, b"text/plain; charset=utf-8", b"The request body is larger than this server reads.\n")
PREFLIGHT: HeaderList = [
    (b"access-control-allow-methods", b"GET, POST"),
    (b"access-control-allow-headers", b"*"),
    (b"access-control-allow-origin", b"*"),
]


class TrackingEndpoint:
    """One request in, one answer out, after everything worth keeping is on disk."""

    def __init__(self, tracker: Tracker, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self.tracker = tracker
        self.body_max_bytes = settings.body_max_bytes
        self.proxies = settings.proxy_networks
        self.clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        if scope["method"] == "OPTIONS" and is_preflight(headers):
            await answer(send, ALLOWED, PREFLIGHT)
            return
        extra = basic_headers(scope["method"], headers)
        try:
            reply, why = await self.track(scope, receive, headers)
        except SpoolUnavailable as error:
            log.debug("hit refused error=%s", error)
            reply, why = TRY_LATER, ""
            extra.append((b"retry-after", RETRY_SECONDS))
        except (BodyTooLarge, TooMuch):
            reply, why = TOO_LARGE, ""
        except SenderGone:
            return
        if why:
            extra.append((b"x-pegel", why.encode("latin-1", "replace")))
        if reply is ABOUT:
            extra = [header for header in extra if header[0] != b"cache-control"]
        await answer(send, reply, extra)

    async def track(self, scope: Scope, receive: Receive, headers: dict[bytes, bytes]) -> tuple[Reply, str]:
        """Return the answer and the reason for the `X-Pegel` header, '' if there is none."""
        parameters = parse_query(scope["query_string"])
        if scope["method"] != "GET" or b"content-length" in headers:
            body = await read_body(receive, self.body_max_bytes)
            if looks_like_bulk(body):
                return await self.track_bulk(parse_bulk(body), self.sender(scope, headers), parameters)
            if body and scope["method"] == "POST":
                parameters = {**await form_of(scope, headers, body), **parameters}
        if not parameters:
            return (ABOUT if scope["method"] == "GET" else NOTHING_SENT), ""
        request = TrackingRequest(parameters)
        outcome = await self.tracker.track([request], self.sender(scope, headers), self.clock())
        return single_reply(outcome, parameters.get("send_image") != "0")

    async def track_bulk(self, bulk: Bulk, sender: Sender, parameters: dict[str, object]) -> tuple[Reply, str]:
        if bulk.token:
            sender = sender._replace(token=bulk.token)
        outcome = await self.tracker.track(bulk.requests, sender, self.clock())
        return self.bulk_reply(bulk, outcome, str(parameters.get("token_auth", ""))), ""

    def bulk_reply(self, bulk: Bulk, outcome: Outcome, url_token: str) -> Reply:
        """Return the documented answer; only a superuser learns which entries were invalid (specification 3.3)."""
        if not bulk.send_image:
            return Reply(204, b"application/json", b"")
        tracked = len(bulk.requests) - len(outcome.invalid)
        content: dict[str, object] = {"status": "success", "tracked": tracked, "invalid": len(outcome.invalid)}
        if any(self.tracker.is_superuser(token) for token in (bulk.token, url_token) if token):
            content["invalid_indices"] = list(outcome.invalid)
        return Reply(200, b"application/json", orjson.dumps(content))

    def sender(self, scope: Scope, headers: dict[bytes, bytes]) -> Sender:
        get = headers.get
        forwarded = get(b"x-forwarded-for")
        return Sender(
            self.address(scope, forwarded[-LONGEST_HEADER:].decode("latin-1") if forwarded else ""),
            utf8(get(b"user-agent", b"")[:LONGEST_HEADER]),
            get(b"accept-language", b"")[:LONGEST_HEADER].decode("latin-1"),
            hints_of(headers),
            utf8(get(b"referer", b"")[:LONGEST_HEADER]),
            get(b"cookie", b"").decode("latin-1"),
            get(b"x-purpose") in (b"preview", b"instant") or get(b"x-moz") == b"prefetch",
            bearer(headers[b"authorization"]) if b"authorization" in headers else "",
        )

    def address(self, scope: Scope, forwarded: str) -> str:
        peer = scope["client"][0] if scope.get("client") else ""
        return nearest_stranger(peer, forwarded.split(","), self.proxies) if forwarded else peer


def single_reply(outcome: Outcome, image: bool) -> tuple[Reply, str]:
    if outcome.invalid:
        return (REFUSED if image else REFUSED_WITHOUT_IMAGE), outcome.reason
    return (RECORDED if image else NO_IMAGE), outcome.reason


def is_preflight(headers: dict[bytes, bytes]) -> bool:
    names = (b"access-control-request-method", b"access-control-request-headers")
    return any(headers.get(name) for name in names)


def basic_headers(method: str, headers: dict[bytes, bytes]) -> HeaderList:
    """Return caching for GET, and CORS for everything else (specification 1.4, 1.5)."""
    if method == "GET":
        return [(b"cache-control", b"no-store")]
    origin = headers.get(b"origin") or b"*"
    return [(b"access-control-allow-origin", origin), (b"access-control-allow-credentials", b"true")]


async def answer(send: Send, reply: Reply, headers: HeaderList) -> None:
    length = [(b"content-length", str(len(reply.body)).encode())] if reply.status != 204 else []
    kind = [(b"content-type", reply.type)] if reply.type else []
    await send({"type": "http.response.start", "status": reply.status, "headers": [*kind, *length, *headers]})
    await send({"type": "http.response.body", "body": reply.body})


async def read_body(receive: Receive, limit: int) -> bytes:
    """Return the whole body. Raises BodyTooLarge beyond `limit` bytes, and SenderGone if it does not come whole."""
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise SenderGone
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge
        chunks.append(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)


async def form_of(scope: Scope, headers: dict[bytes, bytes], body: bytes) -> dict[str, object]:
    """Return the parameters of a form body; another content type contributes nothing (specification 1.2)."""
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if kind == b"application/x-www-form-urlencoded":
        return parse_query(body)
    if kind == b"multipart/form-data":
        return await multipart_form(scope, body)
    return {}


async def multipart_form(scope: Scope, body: bytes) -> dict[str, object]:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    try:
        form = await Request(scope, receive).form(max_files=0)
    except (MultiPartException, HTTPException):
        return {}  # A broken form says nothing; the query may still.
    return {name: value for name, value in form.items() if isinstance(value, str)}


def hints_of(headers: dict[bytes, bytes]) -> str:
    """Return the `Sec-CH-UA` headers as one JSON text, '' if there are none."""
    if b"sec-ch-ua" not in headers:
        return ""
    found = {key: utf8(headers[name][:LONGEST_HEADER]) for name, key in HINT_HEADERS.items() if name in headers}
    return orjson.dumps(found).decode()[:4096]


def bearer(authorization: bytes) -> str:
    kind, _, token = authorization[:LONGEST_HEADER].decode("latin-1").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def utf8(raw: bytes) -> str:
    return raw.decode("utf-8", "replace") if not raw.isascii() else raw.decode("ascii")
