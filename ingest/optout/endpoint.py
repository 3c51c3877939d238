"""The opt-out over HTTP: `/opt-out` and `/opt-out.js`, and the addresses that embed codes of Matomo have.

Nothing is kept before a visitor chooses, and a choice says what is wanted: no session, no token, no toggle.
"""

import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from ingest.endpoint import BodyTooLarge, SenderGone, read_body
from ingest.optout.cookies import changes, counts
from ingest.optout.options import BadOption, Look, ScriptOptions, flag
from ingest.optout.signals import keeps_out
from ingest.proxies import Proxies
from ingest.snapshots import Snapshots
from sql.optout_texts import language_of, texts

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
BUILT = HERE.parent / "built"
LARGEST_FORM = 4096
HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow",
    # The form's own requests must not become anonymous: by their origin we know that it is ours.
    "referrer-policy": "same-origin",
    # Websites that are isolated from other origins may use both, too.
    "cross-origin-resource-policy": "cross-origin",
    "cross-origin-embedder-policy": "require-corp",
}
POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'nonce-{0}'",
        "script-src 'nonce-{0}'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors *",
    )
)
OURS_ONLY = "The choice was not sent from the opt-out page of this server. Open that page and choose there.\n"
NO_CHOICE = "Expected a form with trackVisits=0 (do not count my visits) or trackVisits=1 (count them).\n"
NOT_BUILT = "/* The opt-out is not built: run `npm ci && npm run build` where Pegel is installed. */\n"
# What the page says of a choice that was sent without a script: by what is in its address, and whether it came true.
SAVED = {"0": "saved_out", "1": "saved_counted"}

Endpoint = Callable[[Request], Awaitable[Response]]


class OptOut:
    """The opt-out page and the opt-out script."""

    def __init__(self, snapshots: Snapshots, proxies: Proxies) -> None:
        self.snapshots = snapshots
        self.proxies = proxies
        environment = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined)
        self.template = environment.get_template("page.html")
        self.style = Markup((HERE / "page.css").read_text("utf-8"))
        self.scripts = {name: built(name) for name in ("frame", "script")}
        self.by_action: Mapping[str | None, Endpoint] = {"optOut": self.page, "optOutJS": self.script}

    async def embedded(self, request: Request) -> Response:
        """Answer embed codes of Matomo; there is nothing else at their addresses."""
        answer = self.by_action.get(request.query_params.get("action"))
        if answer is None or request.query_params.get("module") != "CoreAdminHome":
            raise HTTPException(404)
        return await answer(request)

    async def page(self, request: Request) -> Response:
        try:
            if request.method == "POST":
                return await self.choose(request)
            if "state" in request.query_params:
                return JSONResponse({"counted": counted_by(request)}, headers=HEADERS)
            return self.shown(request)
        except BadOption as error:
            return refusal(400, f"{error}\n")

    def shown(self, request: Request) -> Response:
        """Return the page. Raises BadOption."""
        query, nonce = request.query_params, secrets.token_urlsafe(16)
        language = language_of(query.get("language", ""), request.headers.get("accept-language", ""))
        counted = counted_by(request)
        context = {
            "language": language,
            "texts": texts()[language],
            "counted": counted,
            "intro": flag(query, "showIntro"),
            "signal": keeps_out(request.headers, query.get("idsite", ""), self.snapshots.newest()),
            "address": address_of(request),
            "framed": request.headers.get("sec-fetch-dest") != "document",
            **outcome(query.get("saved", ""), counted),
            **{"nonce": nonce, "style": self.style, "look": look_css(Look.of(query)), "script": self.scripts["frame"]},
        }
        headers = {**HEADERS, "content-security-policy": POLICY.format(nonce)}
        return HTMLResponse(self.template.render(context), headers=headers)

    async def choose(self, request: Request) -> Response:
        """Keep a choice, then show it: as the page, or as JSON to its script."""
        if not sent_by_ourselves(request.headers):
            return refusal(403, OURS_ONLY)
        chosen = await choice_in(request)
        if chosen is None:
            return refusal(400, NO_CHOICE)
        if "application/json" in request.headers.get("accept", ""):
            response: Response = JSONResponse({"counted": chosen}, headers=HEADERS)
        else:
            # Relative: a proxy may serve us below another path.
            location = address_of(request, saved="1" if chosen else "0")
            response = Response(None, 303, {**HEADERS, "location": location})
        for line in changes(chosen, self.is_https(request)):
            response.headers.append("set-cookie", line)
        return response

    def is_https(self, request: Request) -> bool:
        """Tell whether the visitor's browser uses https; behind a proxy, their own page's origin says so, too."""
        peer = request.client.host if request.client else ""
        forwarded = request.headers.get("x-forwarded-proto", "") if self.proxies.trusts(peer) else ""
        origin = request.headers.get("origin", "")
        return "https" in (request.url.scheme, forwarded.partition(",")[0].strip(), origin.partition(":")[0])

    async def script(self, request: Request) -> Response:
        """Answer with the script and what an embed code asks of it."""
        query, code = request.query_params, self.scripts["script"]
        if not code:
            return refusal(503, NOT_BUILT)
        try:
            options = ScriptOptions.of(query).as_json() | {"style": Look.of(query).legible.css}
        except BadOption as error:
            return refusal(400, f"{error}\n")
        language = language_of(query.get("language", ""), request.headers.get("accept-language", ""))
        said = dict(texts()[language])
        if not keeps_out(request.headers, query.get("idsite", ""), self.snapshots.newest()):
            said["signal"] = ""
        settings = json.dumps({**options, "language": language, "texts": said})
        content = f"(function(pegelOptOut){{\n{code}}})({settings});\n"
        return Response(content, headers=HEADERS, media_type="application/javascript; charset=utf-8")


def built(name: str) -> Markup:
    """Return a script that the build made; '' without a build: the page does without."""
    try:
        return Markup((BUILT / f"opt-out-{name}.js").read_text("utf-8"))
    except FileNotFoundError:
        log.warning("opt-out script not built name=%s hint=%r", name, "npm ci && npm run build")
        return Markup("")


def counted_by(request: Request) -> bool:
    return counts(request.headers.get("cookie", ""))


def address_of(request: Request, **changes: str) -> str:
    """Return the address of this page with its parameters, as seen from itself, without what the last answer added."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in ("saved", "state")]
    return f"?{urlencode([*kept, *changes.items()])}"


def outcome(saved: str, counted: bool) -> dict[str, object]:
    """Return what the page says of the choice before it, and whether the browser did not keep that."""
    if saved not in SAVED:
        return {"message": "", "problem": False}
    problem = SAVED[saved] != SAVED[str(int(counted))]
    return {"message": "not_saved" if problem else SAVED[saved], "problem": problem}


def look_css(look: Look) -> Markup:
    """Return the rule for a page's look; each value was checked, and put together anew."""
    css, scheme = look.legible.css, ""
    if "color" in css:
        # A website that chose colours has one look; where it chose no background, its own shows through.
        css, scheme = {"background-color": "transparent", **css}, ":root{color-scheme:light}"
    return Markup(f"{scheme}body{{{';'.join(f'{name}:{value}' for name, value in css.items())}}}")


async def choice_in(request: Request) -> bool | None:
    """Return whether a form asks to be counted; None if it does not say. The box comes after its default."""
    try:
        body = await read_body(request.receive, LARGEST_FORM)
    except (BodyTooLarge, SenderGone):
        return None
    values = dict(parse_qsl(body.decode("latin-1"), keep_blank_values=True))
    return {"0": False, "1": True}.get(values.get("trackVisits", ""))


def sent_by_ourselves(headers: Mapping[str, str]) -> bool:
    """Tell whether our own page sent a request: browsers say so, and no website can make them lie.

    Sec-Fetch-Site is right behind every proxy, but browsers send it over https and to localhost only.
    """
    if site := headers.get("sec-fetch-site"):
        return site == "same-origin"
    host = headers.get("host", "")
    return bool(host) and headers.get("origin", "").partition("://")[2] == host


def refusal(status: int, text: str) -> Response:
    return PlainTextResponse(text, status, HEADERS)
