"""The names of languages, by their ISO 639 codes, and of languages as they are used in a country."""

from functools import cache
from importlib.resources import files

from dashboard.countries import UNKNOWN, country_name


@cache
def names() -> dict[str, str]:
    lines = files("dashboard").joinpath("languages.tsv").read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines)


def language_name(code: str) -> str:
    """Return a language's English name; a code that nobody knows stands for itself."""
    return names().get(code) or (UNKNOWN if code in ("", "xx") else code)


def language_and_country(code: str) -> str:
    """Return how a browser's language is shown: `French (fr)`, `French - France (fr-fr)`."""
    language, _, country = code.partition("-")
    if language not in names():
        return language_name(code)
    place = f" - {country_name(country)}" if country else ""
    return f"{names()[language]}{place} ({code})"
