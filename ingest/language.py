"""Which language a browser asks for, and which country that hints at (tracking specification, section 5.5)."""

import re

from ingest.lists.facts import codes, facts

LANGUAGES = codes("languages")
COUNTRIES = codes("countries")
HOME = {str(language): str(country) for language, country in facts("places")["country_of_language"].items()}

LONGEST = 1024
# What headers contain beside tags: remarks, quoted texts, weights, blanks, and the charset of a Unix locale.
NOISE = re.compile(r"\\.|\([^)]*\)|\"[^\"]*\"|;[^,]*|\s|\.[^,@]*|@[^,]*")
TAG = re.compile(r"([a-z]{2,3})((?:-[a-z0-9]+)*)\Z")
SCRIPT = re.compile(r"[a-z]{4}")
UNKNOWN = "xx"


def accepted_language(header: str) -> str:
    """Return the first language of an Accept-Language header: `fr-ch`, `fr`, `xx` if unknown, '' without header."""
    if not header:
        return ""
    for language, subtags in tags_in(header):
        if language in LANGUAGES:
            region = subtags[0] if subtags and subtags[0] in COUNTRIES else ""
            return f"{language}-{region}" if region else language
    return UNKNOWN


def country_of_language(header: str) -> str:
    """Return the country that an Accept-Language header, or one language of it, hints at; `xx` if none.

    A first language without region stands for its home country, else the first region counts.
    """
    tags = tags_in(header)
    if tags and all(map(SCRIPT.fullmatch, tags[0][1])) and (home := HOME.get(tags[0][0])):
        return home
    regions = (part for _, subtags in tags for part in subtags if part in COUNTRIES)
    return next(regions, UNKNOWN)


def tags_in(header: str) -> list[tuple[str, list[str]]]:
    """Return languages with their subtags, in the order of the header: `zh-Hans-CN` is zh with hans and cn."""
    plain = NOISE.sub("", header[:LONGEST].lower().replace("_", "-")).replace("sr-sp", "sr-rs")
    matches = (TAG.match(tag) for tag in plain.split(","))
    return [(match[1], match[2].split("-")[1:]) for match in matches if match]
