"""What a site may choose about privacy, in plain words: each choice, what it means, and what presets keep."""

from typing import NamedTuple

from sql.choices import CONSENTS, KEEP_FOR_EVER, REFERRERS, SIGNALS
from sql.policies import POLICIES, Policy
from sql.settings import PRESETS


class Words(NamedTuple):
    """A choice as people read it."""

    title: str
    meaning: str


PRESET_WORDS = {
    "matomo": Words("As Matomo counts", "Everything that a Matomo server keeps. In Europe: ask for consent first."),
    "cnil": Words(
        "France, without consent",
        "Measures the own website and nothing of marketing, for the exemption of the French regulator.",
    ),
    "tdddg": Words(
        "Germany, strict", "Nothing is stored on a device or read from it unless the visitor accepted cookies."
    ),
    "uk": Words(
        "United Kingdom, statistics", "Statistics about the own service, without advertising and single visits."
    ),
}
CONSENT_WORDS = {
    "tracker": Words("As the tracker says", "Ids count as your pages' tracker sends them: what a Matomo server does."),
    "cookie-consent": Words(
        "Cookie consent",
        "The tracker sets cookies only after a visitor accepted them. Everybody else is counted, and told apart for "
        "one day at most; but for those whom your pages name by an id of their own.",
    ),
    "without-identifiers": Words(
        "Without identifiers",
        "The tracker never sets a cookie. Everybody is told apart for one day at most; but for those whom your pages "
        "name by an id of their own.",
    ),
    "consent-required": Words(
        "Consent required", "Nothing is set, read, sent or kept of anybody who did not consent to be measured."
    ),
}
SIGNAL_WORDS = {
    "ignore": Words("Ignore", "The signal changes nothing."),
    "anonymous": Words("Count without identifiers", "No cookie is set, and no id is kept."),
    "drop": Words("Do not count", "The tracker sends nothing, and nothing is kept."),
}
REFERRER_WORDS = {
    "all": Words("The whole address", "As the browser tells it, with all its parameters."),
    "without-query": Words("Without parameters", "The address up to its question mark."),
    "host": Words("The host", "Only which website it was, such as example.org."),
    "none": Words(
        "Nothing", "Only the kind, and which search engine or social network it was; of other websites nothing."
    ),
}


class Question(NamedTuple):
    """Something that a site chooses: a field of the form, with its choices from the least strict on."""

    name: str  # Of the site's field, and of the policy's.
    title: str
    meaning: str
    choices: tuple[str, ...]
    words: dict[str, Words]


QUESTIONS = (
    Question(
        "consent", "Consent", "Whose identifiers are kept, and of whom nothing is kept at all.", CONSENTS, CONSENT_WORDS
    ),
    Question(
        "dnt", "Do Not Track", "An old signal of browsers that no law knows; some still send it.", SIGNALS, SIGNAL_WORDS
    ),
    Question(
        "gpc",
        "Global Privacy Control",
        "A signal against selling and sharing of data; law in California and some other states.",
        SIGNALS,
        SIGNAL_WORDS,
    ),
    Question(
        "referrers",
        "Referrers",
        "What is kept of the address that a visit came from. Reports about its kind stay the same.",
        REFERRERS,
        REFERRER_WORDS,
    ),
)

# What a policy keeps or leaves out, in the order of the table; the four questions above follow.
KEEPS = {
    "visitor_log": Words("Log of visits", "Visits can be looked at one by one."),
    "addresses": Words("Address in the log", "As far as it is not masked."),
    "visitor_ids": Words("Visitors in the log", "Which visits are of the same visitor."),
    "user_ids": Words("User ids", "What your website calls somebody who is logged in."),
    "campaigns": Words("Campaigns", "Their names and keywords."),
    "click_ids": Words("Ad networks", "Told by the marks that they put on links; the marks themselves are never kept."),
    "orders": Words("Orders", "Their numbers and articles. Without: that there was one, and its value."),
    "devices": Words("Devices", "What a script reads: screen, plugins, client hints, clock."),
    "cities": Words("Cities", "Places finer than the country, if the place database knows them."),
    "whole_address": Words("Whole address in memory", "To tell visitors apart for a day. It is never written."),
}


class Cell(NamedTuple):
    """What a preset says about one thing."""

    text: str
    state: str  # "kept", "gone", or neither.


class Line(NamedTuple):
    """A row of the table of presets."""

    words: Words
    cells: tuple[Cell, ...]


def preset_lines() -> list[Line]:
    """Return what each preset keeps, in the order of PRESETS."""
    policies = [POLICIES[preset] for preset in PRESETS]
    kept = [Line(words, tuple(kept_cell(policy, name) for policy in policies)) for name, words in KEEPS.items()]
    masked = Line(
        Words("Masked of an address", "Bytes of IPv4 that are set to zero, if the server does not mask more."),
        tuple(Cell(f"{policy.masked_bytes} bytes" if policy.masked_bytes else "as set", "") for policy in policies),
    )
    chosen = [Line(Words(q.title, ""), tuple(Cell(floor(q, policy), "") for policy in policies)) for q in QUESTIONS]
    ends = Line(Words("Visits are deleted", ""), tuple(Cell(ending(policy.months), "") for policy in policies))
    return [*kept, masked, *chosen, ends]


def kept_cell(policy: Policy, name: str) -> Cell:
    return Cell("kept", "kept") if getattr(policy, name) else Cell("left out", "gone")


def floor(question: Question, policy: Policy) -> str:
    """Return the least that a preset asks for."""
    value = getattr(policy, question.name)
    return "your choice" if value == question.choices[0] else f"at least: {question.words[value].title.lower()}"


def ending(months: int) -> str:
    return "your choice" if months == KEEP_FOR_EVER else f"after {months} months at most"


def kept_for(months: int) -> str:
    return "for ever" if months == KEEP_FOR_EVER else "for 1 month" if months == 1 else f"for {months} months"
