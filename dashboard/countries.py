"""The names of countries, by their ISO 3166 codes."""

from functools import cache
from importlib.resources import files

UNKNOWN = "Unknown"


@cache
def names() -> dict[str, str]:
    lines = files("dashboard").joinpath("countries.tsv").read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines)


def country_name(code: str) -> str:
    """Return a country's English name; a code that nobody knows stands for itself."""
    return names().get(code) or (UNKNOWN if code in ("", "xx") else code.upper())
