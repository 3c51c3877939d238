"""What an embed code may ask of the opt-out: each parameter by name, and nothing in it that could become code.

Styles are taken apart and put together anew; what does not look like one is refused, as Matomo does.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ingest import IngestError

Query = Mapping[str, str]

COLOUR = re.compile("[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?")
SIZE = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4})?(?:px|pt|em|rem|%)")
FAMILY = re.compile(r"""(?P<quote>["']?)\s*(?P<name>[A-Za-z0-9][A-Za-z0-9 -]*?)\s*(?P=quote)""")
LONGEST_FAMILIES = 300
ELEMENT = re.compile("[A-Za-z0-9_][A-Za-z0-9_:.-]{0,99}")
PATH = re.compile("/[A-Za-z0-9_.~%+@:=&/-]{0,200}")
DOMAIN = re.compile(r"\*?\.?[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
SAME_SITE = re.compile("lax|none|strict", re.IGNORECASE)
SECONDS = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,3})?")
USUAL_SECONDS = 10.0
OFF = frozenset({"0", "false"})


class BadOption(IngestError):
    """Raised if a parameter of an embed code has a value that is none."""

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"The parameter {name} of this opt-out is not understood. Expected: {expected}.")
        self.name = name


@dataclass(frozen=True, slots=True)
class Look:
    """Styles that a website asked for, as CSS values; '' for those that it left to us."""

    background: str = ""
    colour: str = ""
    size: str = ""
    families: str = ""

    @classmethod
    def of(cls, query: Query) -> "Look":
        """Read the four styles. Raises BadOption."""
        if not flag(query, "applyStyling"):
            return cls()
        size = checked(query, "fontSize", SIZE, "a number with px, pt, em, rem or %, such as 15px")
        return cls(colour_of(query, "backgroundColor"), colour_of(query, "fontColor"), size, families_of(query))

    @property
    def css(self) -> dict[str, str]:
        """The styles by their names in CSS."""
        named = {"background-color": self.background, "color": self.colour}
        named |= {"font-size": self.size, "font-family": self.families}
        return {name: value for name, value in named.items() if value}

    @property
    def legible(self) -> "Look":
        """Add to a background that comes alone the colour of text that can be read on it."""
        alone = self.background and not self.colour
        return Look(self.background, readable_on(self.background), self.size, self.families) if alone else self


@dataclass(frozen=True, slots=True)
class ScriptOptions:
    """What the script is to do, by the names that websites may know from Matomo's."""

    divId: str
    showIntro: bool
    useCookiesIfNoTracker: bool
    useCookiesTimeout: float
    useSecureCookies: bool
    cookiePath: str
    cookieDomain: str
    cookieSameSite: str

    @classmethod
    def of(cls, query: Query) -> "ScriptOptions":
        """Read them. Raises BadOption."""
        return cls(
            checked(query, "divId", ELEMENT, "the id of an element, such as matomo-opt-out") or "matomo-opt-out",
            flag(query, "showIntro"),
            flag(query, "useCookiesIfNoTracker"),
            seconds_of(query),
            flag(query, "useSecureCookies"),
            checked(query, "cookiePath", PATH, "a path, such as /shop"),
            checked(query, "cookieDomain", DOMAIN, "a domain, such as *.example.org"),
            (checked(query, "cookieSameSite", SAME_SITE, "Lax, Strict or None") or "Lax").capitalize(),
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def flag(query: Query, name: str) -> bool:
    """Tell whether something is on; all of them are unless a website switched them off."""
    return query.get(name, "").strip().lower() not in OFF


def checked(query: Query, name: str, pattern: re.Pattern[str], expected: str) -> str:
    """Return a value that matches as a whole, '' if it is not given. Raises BadOption."""
    value = query.get(name, "").strip()
    if value and not pattern.fullmatch(value):
        raise BadOption(name, expected)
    return value


def colour_of(query: Query, name: str) -> str:
    found = checked(query, name, COLOUR, "three or six hex digits without #, such as 336699")
    return found and f"#{found.lower()}"


def families_of(query: Query) -> str:
    """Return names of fonts, those of several words in quotation marks. Raises BadOption."""
    given = query.get("fontFamily", "").strip()
    if not given:
        return ""
    matches = [FAMILY.fullmatch(name.strip()) for name in given[:LONGEST_FAMILIES].split(",")]
    names = [match["name"] for match in matches if match]
    if len(names) < len(matches) or len(given) > LONGEST_FAMILIES:
        raise BadOption("fontFamily", "names of fonts, separated by commas, such as Georgia, serif")
    return ", ".join(f"'{name}'" if re.search("[ 0-9]", name) else name for name in names)


def seconds_of(query: Query) -> float:
    """Return how long the script waits for a tracker; also by the name that manuals misspell."""
    given = query.get("useCookiesTimeout") or query.get("useCookieTimeout") or ""
    return float(given) if SECONDS.fullmatch(given) else USUAL_SECONDS


def readable_on(background: str) -> str:
    """Return black or white, whichever stands out more: from this luminance on, black does (WCAG 2, contrast ratio)."""
    digits = background[1:] if len(background) == 7 else "".join(2 * digit for digit in background[1:])
    red, green, blue = (linear(int(digits[at : at + 2], 16) / 255) for at in (0, 2, 4))
    return "#000000" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 else "#ffffff"


def linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
