"""The page "Opt-out" of a site: the code for its privacy notice, how it will look, and a text to go with it."""

import re
import secrets
from collections.abc import Iterator, Mapping
from functools import partial
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from dashboard.configuration import Configuration, configuration_of
from dashboard.languages import language_name
from dashboard.notices import LANGUAGES as NOTICE_LANGUAGES
from dashboard.notices import Part, notice
from dashboard.opt_out_codes import HEIGHT, STYLES, Kind, Look, code_of, fits, frame_address, script_code
from dashboard.pages import Pages
from dashboard.security import POLICY
from dashboard.surroundings import Surroundings
from sql.optout_texts import BROWSERS, texts
from sql.registry import Registry

PANEL = "opt-out"
KINDS: dict[Kind, str] = {
    "script": "Script: Appears within your page, in its type and colours. Recommended.",
    "frame": "Frame: A page of the collector within yours. For websites that take no scripts.",
    "snippet": "Snippet: Everything in your page, nothing is loaded from elsewhere.",
}
USUAL = {
    **{"kind": "script", "language": "auto", "intro": "1", "styled": ""},
    **{"background": "#ffffff", "colour": "#222222", "size": "", "unit": "px", "family": ""},
}
LONGEST = 200  # Letters of a field.
UNITS = ("px", "pt", "em", "rem", "%")
# An address that may stand in a policy: nothing in it could begin another directive.
ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-_\[\]:]+")
# What a preview may do: run its script, without any cookie or page of ours being within its reach.
PREVIEW_POLICY = "; ".join(
    (
        "sandbox allow-scripts",
        "default-src 'none'",
        "script-src 'nonce-{nonce}'",
        "style-src 'unsafe-inline'",
        "frame-ancestors 'self'",
        "form-action 'none'",
        "base-uri 'none'",
    )
)


class Wish(NamedTuple):
    """What the form asks for."""

    kind: Kind
    look: Look
    fields: Mapping[str, str]  # As they stand in the form.
    problems: list[str]


class OptOut:
    """The page, and the preview within it."""

    def __init__(self, pages: Pages, registry: Registry, surroundings: Surroundings) -> None:
        self.pages, self.registry, self.surroundings = pages, registry, surroundings
        self.collector = surroundings.collector_url.rstrip("/")

    async def page(self, request: Request) -> Response:
        visit = await self.pages.visit(request)
        wish = wish_of(request.query_params, visit.site.id)
        ask = partial(configuration_of, visit.site, self.registry, self.surroundings, visit.now)
        configuration = await self.pages.gate.ask(ask)
        host = urlsplit(self.collector).hostname or ""
        context = {
            "kinds": KINDS,
            "languages": languages(),
            "units": UNITS,
            "wish": wish,
            "code": code_of(wish.kind, self.collector, wish.look),
            "preview": self._preview(visit.site.id, wish),
            "height": HEIGHT,
            "encrypted": request.url.scheme == "https",
            "notices": notices(configuration, host if wish.kind == "frame" else ""),
        }
        status, headers = 400 if wish.problems else 200, {"Content-Security-Policy": f"{POLICY}; {self._frames()}"}
        frame = await self.pages.frame(request, visit, PANEL)
        return self.pages.renderer.page(request, "opt_out.html", frame | context, status, headers)

    def _preview(self, site: int, wish: Wish) -> str:
        if wish.kind == "frame":
            return frame_address(self.collector, wish.look)
        return f"/sites/{site}/opt-out/preview?{urlencode(wish.fields)}"

    def _tried(self, wish: Wish) -> str:
        """Return the code for the preview, which has no tracker to wait for."""
        if wish.kind == "snippet":
            return code_of(wish.kind, self.collector, wish.look)
        return script_code(self.collector, wish.look, useCookiesTimeout="0")

    def _frames(self) -> str:
        """Return the directive for the preview: pages of ours, and of the collectors."""
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(self.collector))
        return f"frame-src 'self' {origin}" if ORIGIN.fullmatch(origin) else "frame-src 'self'"

    async def preview(self, request: Request) -> Response:
        """Answer with a page that has the code in it, and cookies that last until it is closed."""
        site, _, _ = await self.pages.gate.site(request)
        wish, nonce = wish_of(request.query_params, site.id), secrets.token_urlsafe(18)
        context = {
            "code": with_nonce(self._tried(wish), nonce),
            "language": wish.look.language,
            "nonce": nonce,
        }
        headers = {"Content-Security-Policy": PREVIEW_POLICY.format(nonce=nonce)}
        return self.pages.renderer.page(request, "opt_out_preview.html", context, 200, headers)


def with_nonce(code: str, nonce: str) -> Markup:
    """Return a code of ours, whose parts were all checked or escaped, with leave for its script to run."""
    return Markup(code.replace("<script", f'<script nonce="{nonce}"'))


def notices(configuration: Configuration, frame: str) -> list[tuple[str, str, list[Part]]]:
    return [(code, name, notice(configuration, code, frame)) for code, name in NOTICE_LANGUAGES.items()]


def languages() -> dict[str, str]:
    return {BROWSERS: "As the visitor's browser"} | {code: language_name(code) for code in texts()}


def wish_of(query: Mapping[str, str], site: int) -> Wish:
    """Return what the form asks for; what cannot be is told, and left out."""
    given = {**USUAL, **query} if "shown" not in query else query
    fields = {name: given.get(name, "").strip()[:LONGEST] for name in USUAL}
    fields |= {name: fields[name] or USUAL[name] for name in ("background", "colour", "unit")}
    kind: Kind = next((kind for kind in KINDS if kind == fields["kind"]), "script")
    fields |= {"shown": "1", "kind": kind, "language": language_of(fields["language"])}
    styles = dict(styles_of(fields)) if fields["styled"] else {}
    fitting = tuple((name, value) for name, value in styles.items() if fits(name, value))
    return Wish(kind, Look(fields["language"], fields["intro"] == "1", fitting, site), fields, problems_of(styles))


def problems_of(styles: Mapping[str, str]) -> list[str]:
    expected = {name: (value, STYLES[name][1]) for name, value in styles.items() if not fits(name, value)}
    return [f"{name}={value!r}: expected {words}." for name, (value, words) in expected.items()]


def language_of(code: str) -> str:
    return code if code in texts() else BROWSERS


def styles_of(fields: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what was given of the look, by the names of the opt-out's parameters."""
    for name, value in (("backgroundColor", fields["background"]), ("fontColor", fields["colour"])):
        if value:
            yield name, value.removeprefix("#")
    if fields["size"]:
        yield "fontSize", f"{fields['size']}{fields['unit']}"
    if fields["family"]:
        yield "fontFamily", fields["family"]
