"""What the opt-out says in each of its languages, for the collector's pages and for snippets that a website carries."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

DEFAULT = "en"
BROWSERS = "auto"  # As the visitor's browser wishes.
LONGEST_HEADER = 1024
# A language of an Accept-Language header and its weight; what is no such thing is passed over.
WISH = re.compile(r"\s*([a-z]{2,3})(?:[-_][a-z0-9_-]*)?\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?", re.IGNORECASE)


@cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """Return the texts of `sql/optout_texts.toml` by language."""
    return tomllib.loads(files("sql").joinpath("optout_texts.toml").read_text("utf-8"))


def language_of(wanted: str, accept_language: str) -> str:
    """Return a language that there are texts in: the one that is wanted, or the one the browser likes best.

    A regional code means its language: de-at is de. One that nobody translated to is answered in English.
    """
    if wanted and wanted.lower() != BROWSERS:
        match = WISH.fullmatch(wanted)
        return known(match[1]) if match else DEFAULT
    return next(filter(texts().__contains__, wishes(accept_language)), DEFAULT)


def known(language: str) -> str:
    return language.lower() if language.lower() in texts() else DEFAULT


def wishes(accept_language: str) -> Iterator[str]:
    """Yield the languages of an Accept-Language header, the most wanted one first; none that is refused by q=0."""
    matches = (WISH.fullmatch(part) for part in accept_language[:LONGEST_HEADER].split(","))
    weighed = [(float(match[2] or 1), match[1].lower()) for match in matches if match]
    return (language for weight, language in sorted(weighed, key=lambda wish: -wish[0]) if weight > 0)
