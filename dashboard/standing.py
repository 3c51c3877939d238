"""What holds for a site now, in plain words, and how long its visits are kept, as a picture."""

from datetime import date
from typing import NamedTuple

from dashboard.configuration import Configuration
from dashboard.findings import city_at_most
from dashboard.privacy_words import PRESET_WORDS, QUESTIONS, Question, kept_for
from sql.retention import month_of

UNKNOWN = "This version does not know the preset, and so allows nothing."


class Standing(NamedTuple):
    """One thing that holds."""

    title: str
    value: str
    meaning: str
    note: str = ""  # What the site chose, where its preset asks for more.


class Month(NamedTuple):
    """A month of the bar, in per cent of its width."""

    x: float
    width: float
    state: str  # "next": deleted on the next day of deletion; "kept"; "before": the site was not there yet.


class Bar(NamedTuple):
    """The months whose visits are kept."""

    months: tuple[Month, ...]
    first: date  # The first day of the oldest one.
    on: date  # When it goes.


def standing(configuration: Configuration) -> list[Standing]:
    site, policy = configuration.site, configuration.policy
    preset = PRESET_WORDS.get(site.preset)
    return [
        Standing("Preset", preset.title if preset else site.preset, preset.meaning if preset else UNKNOWN),
        *(answered(question, configuration) for question in QUESTIONS),
        Standing("Addresses", masked(configuration.masked_bytes), "Before anything is written, in memory."),
        Standing("Places", city_at_most(configuration).shown, "By the database on this server; nobody else is asked."),
        Standing(
            "Visits and hits", f"kept {kept_for(policy.months)}", "Totals of days stay.", shortened(configuration)
        ),
    ]


def answered(question: Question, configuration: Configuration) -> Standing:
    own, holds = getattr(configuration.site, question.name), getattr(configuration.policy, question.name)
    words = question.words[holds]
    note = f"The site chose “{question.words[own].title}”; its preset asks for more." if own != holds else ""
    return Standing(question.title, words.title, words.meaning, note)


def shortened(configuration: Configuration) -> str:
    own, holds = configuration.site.retention_months, configuration.policy.months
    return f"The site chose to keep them {kept_for(own)}; its preset asks for less." if own != holds else ""


def masked(count: int) -> str:
    return "whole" if not count else "not kept" if count > 3 else f"{count} of 4 bytes masked, and as much of IPv6"


def bar(configuration: Configuration) -> Bar | None:
    """Return the months that are kept, None if that never ends."""
    first, on = configuration.first_kept, configuration.next_deletion
    if first is None or on is None:
        return None
    count = configuration.policy.months
    oldest = month_of(configuration.now.date(), 1 - count)
    months = tuple(month(number, count, month_of(oldest, number), first) for number in range(count))
    return Bar(months, first, on)


def month(number: int, count: int, begins: date, first: date) -> Month:
    state = "before" if begins < first else "next" if begins == first else "kept"
    return Month(round(100 * number / count, 3), round(100 / count, 3), state)
