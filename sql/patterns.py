"""Regular expressions that operators write: which can be used."""

from math import prod

import regex

LONGEST = 255  # Letters.
MOST_REPEATS = 100_000  # `(a{999}){999}` is spelled out in memory, all of it.
REPEATS = regex.compile(r"\{([0-9]+)")


def pattern_problem(text: str) -> str:
    """Return why a regular expression cannot be used, '' if it can."""
    if len(text) > LONGEST:
        return f"{len(text)} letters; expected at most {LONGEST}"
    if repeats_too_often(text):
        return f"too many repetitions; expected numbers in braces whose product is at most {MOST_REPEATS}"
    try:
        regex.compile(text)
    except (regex.error, OverflowError, RecursionError, MemoryError) as error:
        return f"{error}; expected a regular expression such as ^/shop/.*"
    return ""


def repeats_too_often(text: str) -> bool:
    """Tell whether a pattern could fill the memory when it is compiled."""
    return prod(max(1, int(count[:9])) for count in REPEATS.findall(text)) > MOST_REPEATS


def groups_in(text: str) -> int:
    """Return how many parts of what it matches a usable expression picks out."""
    return regex.compile(text).groups
