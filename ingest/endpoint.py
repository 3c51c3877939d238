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
from ingest.meter import GONE
from ingest.proxies import Proxies
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
Headers = dict[bytes, bytes]


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
NO_JSON = Reply(204, b"application/json", b"")
ALLOWED = Reply(204, b"", b"")
ABOUT = Reply(200, b"text/html; charset=UTF-8", INFO)
NOTHING_SENT = Reply(400, b"text/html; charset=UTF-8", INFO)
REFUSED = Reply(400, b"image/gif", GIF + INFO)
REFUSED_WITHOUT_IMAGE = Reply(400, b"text/html; charset=UTF-8", INFO)
TRY_LATER = Reply(503, b"image/gif", GIF)
TOO_LARGE = Reply(413, b"text/plain; charset=utf-8", b"The request body is larger than this server reads.\n")
TOO_MUCH = Reply(413, b"application/json", b'{"status":"error","tracked":0,"invalid":0}')
NOT_TRACKED = "do-not-track"
BROKEN_BULK = "skipped: the body is no JSON object with a list of requests"
PREFLIGHT: HeaderList = [
    (b"access-control-allow-methods", b"GET, POST"),
    (b"access-control-allow-headers", b"*"),
    (b"access-control-allow-origin", b"*"),
]


class TrackingEndpoint:
    """One request in, one answer out, after everything worth keeping is on disk."""

    def __init__(self, tracker: Tracker, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self.tracker = tracker
        self.recording = settings.recording
        self.body_max_bytes = settings.body_max_bytes
        self.bulk_max_requests = settings.bulk_max_requests
        self.proxies = Proxies(settings.proxy_networks, settings.proxy_header)
        self.joints = {b"cookie": b"; ", self.proxies.header: b", "}
        self.clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> int:
        """Answer, and return the status."""
        headers = self.headers(scope["headers"])
        if scope["method"] == "OPTIONS" and is_preflight(headers):
            await answer(send, ALLOWED, PREFLIGHT)
            return ALLOWED.status
        extra = basic_headers(scope["method"], headers)
        try:
            reply, why = await self.track(scope, receive, headers)
        except SpoolUnavailable as error:
            log.debug("hit refused error=%s", error)
            reply, why = TRY_LATER, ""
            extra.append((b"retry-after", RETRY_SECONDS))
        except BodyTooLarge:
            reply, why = TOO_LARGE, f"refused: a body over {self.body_max_bytes} bytes"
        except TooMuch as error:
            reply, why = TOO_MUCH, f"refused: {error}"
        except SenderGone:
            return GONE
        if why:
            extra.append((b"x-pegel", why.encode("latin-1", "replace")))
        if NOT_TRACKED in why:
            extra.append((b"tk", b"N"))
        if reply is ABOUT:
            extra = [header for header in extra if header[0] != b"cache-control"]
        await answer(send, reply, extra)
        return reply.status

    def headers(self, lines: HeaderList) -> Headers:
        """Return the headers by name; of those that may stand in several lines, all of them."""
        headers = dict(lines)
        if len(headers) < len(lines):
            for name, joint in self.joints.items():
                if name in headers:
                    headers[name] = joint.join(value for key, value in lines if key == name)
        return headers

    async def track(self, scope: Scope, receive: Receive, headers: Headers) -> tuple[Reply, str]:
        """Return the answer and the reason for the `X-Pegel` header, '' if there is none."""
        if not self.recording:
            raise SpoolUnavailable("recording is switched off")
        parameters = parse_query(scope["query_string"])
        if scope["method"] != "GET" or b"content-length" in headers or b"transfer-encoding" in headers:
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
        if len(bulk.entries) > self.bulk_max_requests:
            raise TooMuch(f"{len(bulk.entries)} requests in one body, at most {self.bulk_max_requests}")
        tokens = {bulk.token, sender.token, str(parameters.get("token_auth", ""))}
        if bulk.token:
            sender = sender._replace(token=bulk.token)
        outcome = await self.tracker.track(bulk.requests, sender, self.clock())
        reply = bulk_reply(outcome, any(map(self.tracker.is_superuser, tokens - {""}))) if bulk.send_image else NO_JSON
        return reply, BROKEN_BULK if bulk.broken else bulk_reasons(outcome, len(bulk.entries) - outcome.requests)

    def sender(self, scope: Scope, headers: Headers) -> Sender:
        get = headers.get
        peer, chain = scope["client"][0] if scope.get("client") else "", get(self.proxies.header, b"")
        self.tracker.meter.numbers[self.proxies.way(peer, chain != b"")] += 1
        return Sender(
            self.proxies.visitor(peer, chain),
            utf8(get(b"user-agent", b"")[:LONGEST_HEADER]),
            get(b"accept-language", b"")[:LONGEST_HEADER].decode("latin-1"),
            hints_of(headers),
            utf8(get(b"referer", b"")[:LONGEST_HEADER]),
            get(b"cookie", b"").decode("latin-1"),
            get(b"x-purpose") in (b"preview", b"instant") or get(b"x-moz") == b"prefetch",
            bearer(headers[b"authorization"]) if b"authorization" in headers else "",
            get(b"dnt", b"")[:1] == b"1" or get(b"x-do-not-track") == b"1",
            get(b"sec-gpc") == b"1",
        )


def single_reply(outcome: Outcome, image: bool) -> tuple[Reply, str]:
    why = next((": ".join(told(reason)) for reason in outcome.reasons), "")
    if outcome.invalid:
        return (REFUSED if image else REFUSED_WITHOUT_IMAGE), why
    return (RECORDED if image else NO_IMAGE), why


def bulk_reply(outcome: Outcome, to_superuser: bool) -> Reply:
    """Return the documented answer; only a superuser learns which entries were invalid (specification 3.3)."""
    invalid = len(outcome.invalid)
    content: dict[str, object] = {"status": "success", "tracked": outcome.requests - invalid, "invalid": invalid}
    if to_superuser:
        content["invalid_indices"] = outcome.invalid
    return Reply(200, b"application/json", orjson.dumps(content))


def bulk_reasons(outcome: Outcome, skipped: int) -> str:
    """Return why how many were not kept: `ignored: 2 bot, 1 no-rec; refused: 1 cip; skipped: 1 without ?`."""
    reasons: dict[str, list[str]] = {}
    for reason, count in outcome.reasons.items():
        kind, what = told(reason)
        reasons.setdefault(kind, []).append(f"{count} {what}")
    if skipped:
        reasons["skipped"] = [f"{skipped} without ?"]
    return "; ".join(f"{kind}: {', '.join(counts)}" for kind, counts in reasons.items())


def told(reason: str) -> tuple[str, str]:
    """Return a reason as the `X-Pegel` header says it, such as ignored and bot, or refused and cip."""
    kind, colon, parameter = reason.partition(":")
    return (kind, parameter) if colon else ("ignored", reason)


def is_preflight(headers: Headers) -> bool:
    names = (b"access-control-request-method", b"access-control-request-headers")
    return any(headers.get(name) for name in names)


def basic_headers(method: str, headers: Headers) -> HeaderList:
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


async def form_of(scope: Scope, headers: Headers, body: bytes) -> dict[str, object]:
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


def hints_of(headers: Headers) -> str:
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
