"""The code with which a website lets its visitors opt out: a script, a frame, or a snippet that needs no server."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Literal
from urllib.parse import urlencode

from dashboard.assets import Assets
from sql.optout_texts import BROWSERS, language_of, texts

Kind = Literal["script", "frame", "snippet"]

BOX = "matomo-opt-out"  # The id of the element that the opt-out appears in.
COLOUR = re.compile("[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?")
SIZE = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4})?(?:px|pt|em|rem|%)")
FAMILY = re.compile(r"""\s*(["']?)[A-Za-z0-9][A-Za-z0-9 -]*\1\s*""")
LONGEST_FAMILIES = 300
HEIGHT = 260  # Pixels: two paragraphs and a box on a narrow page.
# What the snippet says; the rest is for the collector's pages.
SAID = (
    *("counted_intro", "counted_note", "out_intro", "out_note", "counted", "counted_action", "out", "out_action"),
    *("saved_out", "saved_counted", "not_saved", "no_cookies", "not_https", "no_box"),
)
SNIPPET = "opt-out-snippet.js"


def families_fit(value: str) -> bool:
    return len(value) <= LONGEST_FAMILIES and all(FAMILY.fullmatch(name) for name in value.split(","))


def colour_fits(value: str) -> bool:
    return bool(COLOUR.fullmatch(value))


def size_fits(value: str) -> bool:
    return bool(SIZE.fullmatch(value))


# What a value of each must look like, which is what the collector takes; in words too.
STYLES: dict[str, tuple[Callable[[str], bool], str]] = {
    "backgroundColor": (colour_fits, "three or six hex digits without #, such as ffffff"),
    "fontColor": (colour_fits, "three or six hex digits without #, such as 333333"),
    "fontSize": (size_fits, "a number with px, pt, em, rem or %, such as 16px"),
    "fontFamily": (families_fit, "names of fonts, such as Georgia, serif"),
}
CSS = {"backgroundColor": "#", "fontColor": "#", "fontSize": "", "fontFamily": ""}  # What stands before a value.
PROPERTIES = dict(zip(STYLES, ("background-color", "color", "font-size", "font-family"), strict=True))


@dataclass(frozen=True, slots=True)
class Look:
    """How the opt-out appears."""

    language: str = BROWSERS
    intro: bool = True
    styles: tuple[tuple[str, str], ...] = ()  # By the names above, each of the form above.
    site: int | None = None  # Whose signals of browsers it knows about.

    @property
    def query(self) -> list[tuple[str, str]]:
        site = [] if self.site is None else [("idsite", str(self.site))]
        return [("language", self.language), ("showIntro", str(int(self.intro))), *self.styles, *site]

    @property
    def css(self) -> dict[str, str]:
        return {PROPERTIES[name]: CSS[name] + value for name, value in self.styles}


def fits(name: str, value: str) -> bool:
    """Tell whether a style may have a value; whatever fits is harmless in an address, in HTML and in CSS."""
    return STYLES[name][0](value)


def code_of(kind: Kind, collector: str, look: Look) -> str:
    """Return the code of a kind; '' for a snippet that the build did not make."""
    if kind == "snippet":
        return snippet_code(look)
    return frame_code(collector, look) if kind == "frame" else script_code(collector, look)


def script_code(collector: str, look: Look, **more: str) -> str:
    source = f"{collector}/opt-out.js?{urlencode([('divId', BOX), *look.query, *more.items()])}"
    return f'<div id="{BOX}"></div>\n<script src="{escape(source)}" async></script>'


def frame_address(collector: str, look: Look) -> str:
    return f"{collector}/opt-out?{urlencode(look.query)}"


def frame_code(collector: str, look: Look) -> str:
    source, title = escape(frame_address(collector, look)), escape(texts()[language_of(look.language, "")]["title"])
    size = f'width="600" height="{HEIGHT}" style="border: 0; max-width: 100%"'
    return f'<iframe src="{source}" title="{title}" {size}></iframe>'


def snippet_code(look: Look) -> str:
    code = Assets().text(SNIPPET)
    if not code:
        return ""
    # As the visitor's browser wishes: then it has to have all of them.
    languages = texts() if look.language == BROWSERS else [look.language]
    said = {language: {key: texts()[language][key] for key in SAID} for language in languages}
    settings = {"divId": BOX, "showIntro": look.intro, "style": look.css, "languages": said}
    written = json.dumps(settings, ensure_ascii=False).replace("<", "\\u003c")
    return f'<div id="{BOX}"></div>\n<script>\n(function(pegelOptOut){{\n{code.strip()}\n}})({written});\n</script>'
