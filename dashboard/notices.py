"""The text about visit statistics for a website's privacy notice, in two languages, as its configuration has it."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from dashboard.configuration import REFERRER_COOKIE_MONTHS, SESSION_COOKIE_MINUTES, VISITOR_COOKIE_MONTHS, Configuration
from sql.choices import KEEP_FOR_EVER
from sql.policies import why_no_visits

LANGUAGES = {"en": "English", "de": "Deutsch"}
TEXTS: dict[str, dict[str, str]] = tomllib.loads(Path(__file__).with_name("notices.toml").read_text("utf-8"))
OPEN = re.compile(r"(\[[^\]]*\])")
WHOLE, NOTHING = 0, 4  # Bytes of an address that are masked.


class Piece(NamedTuple):
    """A part of a text; the operator has to decide about an open one."""

    text: str
    open: bool


class Section(NamedTuple):
    """A heading, sentences, and things in a list; their keys among the texts."""

    title: str
    sentences: tuple[str, ...]
    items: tuple[str, ...] = ()


class Part(NamedTuple):
    """A section as people read it."""

    title: str
    sentences: list[list[Piece]]
    items: list[list[Piece]]
    after: list[list[Piece]]


def notice(configuration: Configuration, language: str, frame: str = "") -> list[Part]:
    """Return the text; `frame` is the host of the opt-out's frame, empty where the website's own pages have it."""
    texts = TEXTS[language]
    values = values_of(configuration, texts) | {"host": frame}

    def written(key: str) -> list[Piece]:
        pieces = OPEN.split(texts[key].format_map(values))
        return [Piece(piece, piece.startswith("[")) for piece in pieces if piece]

    return [
        Part(
            texts[section.title],
            [written(key) for key in section.sentences if key not in AFTER],
            [written(key) for key in section.items],
            [written(key) for key in section.sentences if key in AFTER],
        )
        for section in sections(configuration, "objection_frame" if frame else "objection")
        if section.sentences
    ]


# Sentences that stand behind the list of their section.
AFTER = frozenset({"address_masked", "address_gone", "address_stored", "address_memory", "day_hash"})


def values_of(configuration: Configuration, texts: dict[str, str]) -> dict[str, object]:
    policy, stored = configuration.policy, configuration.masked_bytes == WHOLE
    return {
        "place_address": texts["whole_address" if stored or configuration.exact_places else "masked_address"],
        "hash_address": texts["whole_address" if stored or policy.whole_address else "masked_address"],
        "traits": texts["traits_device" if policy.devices else "traits"],
        "bytes": configuration.masked_bytes,
        "names": ", ".join(configuration.dimensions),
        "hosts": ", ".join(configuration.hosts),
        "months": policy.months,
        "id_months": VISITOR_COOKIE_MONTHS,
        "referrer_months": REFERRER_COOKIE_MONTHS,
        "minutes": SESSION_COOKIE_MINUTES,
    }


def sections(configuration: Configuration, objection: str) -> Iterator[Section]:
    site, policy = configuration.site, configuration.policy
    alone = ("statistics_only",) if why_no_visits(site) else ()
    together = ("together",) if configuration.hosts else ()
    yield Section("title", ("intro", "purpose", *alone, "no_third_parties", *together))
    yield Section("recorded_title", ("recorded", *address_keys(configuration)), tuple(recorded(configuration)))
    yield cookies(configuration)
    signals = (f"{name}_{choice}" for name, choice in (("dnt", policy.dnt), ("gpc", policy.gpc)) if choice != "ignore")
    yield Section("signals_title", tuple(signals))
    yield Section("retention_title", ("retention_never" if policy.months == KEEP_FOR_EVER else "retention",))
    yield Section("objection_title", (objection,))
    asks = policy.consent in ("cookie-consent", "consent-required")
    yield Section("legal_title", ("legal_consent" if asks else "legal_interest", "rights"))


def recorded(configuration: Configuration) -> Iterator[str]:
    """Yield the keys of what is recorded."""
    policy = configuration.policy
    yield "pages"
    yield f"referrer_{policy.referrers.replace('-', '_')}"
    yield from (key for key, kept in (("campaigns", policy.campaigns), ("ads", policy.click_ids)) if kept)
    yield "browser"
    if policy.devices:
        yield "device"
    if configuration.places != "none":
        yield configuration.places
    if configuration.site.ecommerce:
        yield "orders" if policy.orders else "order_values"
    if policy.user_ids:
        yield "user_ids"
    if configuration.dimensions:
        yield "dimensions"


def address_keys(configuration: Configuration) -> tuple[str, ...]:
    if configuration.masked_bytes == WHOLE:
        return ("address_stored",)
    kept = "address_gone" if configuration.masked_bytes == NOTHING else "address_masked"
    whole = configuration.exact_places or configuration.policy.whole_address
    return (kept, "address_memory") if whole else (kept,)


COOKIES = ("cookie_id", "cookie_session", "cookie_referrer")
ABOUT_COOKIES = {
    "tracker": "cookies_set",
    "cookie-consent": "cookies_consented",
    "without-identifiers": "cookies_none",
    "consent-required": "cookies_required",
}


def cookies(configuration: Configuration) -> Section:
    consent = configuration.policy.consent
    about = ABOUT_COOKIES[consent]
    if consent == "without-identifiers" and configuration.own_tracker:
        return Section("cookies_title", (about, "day_hash"))
    about = "cookies_set" if consent == "without-identifiers" else about
    remembered = ("cookie_consent",) if consent in ("cookie-consent", "consent-required") else ()
    return Section("cookies_title", (about, "cookie_list", "day_hash"), (*COOKIES, *remembered))
