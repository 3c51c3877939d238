"""The form about a site's privacy: what was sent, and what a change would let in or delete."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from dashboard.privacy_words import KEEPS, QUESTIONS, kept_for
from sql.choices import KEEP_FOR_EVER
from sql.entries import checked_site
from sql.policies import policy_of
from sql.refusals import BadSite
from sql.registry import Site
from sql.retention import month_of

PLAIN = ("preset", "consent", "dnt", "gpc", "referrers")


def changed(site: Site, form: Mapping[str, str]) -> Site:
    """Return the site as a form wants it. Raises BadSite."""
    fields: dict[str, Any] = {name: form[name] for name in PLAIN if name in form}
    fields["retention_months"] = whole_number("retention months", form.get("retention-months", ""))
    fields["fewest_visitors"] = whole_number("fewest visitors", form.get("fewest-visitors", ""))
    fields["exact_places"] = form.get("exact-places") == "1"
    fields["scrubbed_patterns"] = tuple(form.get("scrubbed-patterns", "").splitlines())
    return checked_site(replace(site, **fields))


def whole_number(what: str, text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadSite(f"{what} {text[:50]!r}: expected a number, such as 25")
    return int(text)


def consequences(before: Site, after: Site, today: date) -> list[str]:
    """Return what a change would let in that is left out now, or would delete; only that needs a second thought."""
    return [*laxer(before, after), *deleted(before, after, today)]


def laxer(before: Site, after: Site) -> Iterator[str]:
    old, new = policy_of(before), policy_of(after)
    for name, words in KEEPS.items():
        if getattr(new, name) and not getattr(old, name):
            yield f"{words.title} will be kept. {words.meaning}"
    if new.masked_bytes < old.masked_bytes:
        yield "The preset does not see to masked addresses any more; what is set for the whole server holds."
    for question in QUESTIONS:
        was, will = (getattr(policy, question.name) for policy in (old, new))
        if question.choices.index(will) < question.choices.index(was):
            titles = question.words[was].title, question.words[will].title
            yield f"{question.title}: “{titles[1]}” instead of “{titles[0]}”. {question.words[will].meaning}"
    if longer(new.months, old.months):
        yield f"Visits will be kept {kept_for(new.months)} instead of {kept_for(old.months)}."
    yield from laxer_reports(before, after)


def laxer_reports(before: Site, after: Site) -> Iterator[str]:
    if exact(after) and not exact(before):
        yield "Places will be looked up from the whole address, in memory."
    if after.fewest_visitors < before.fewest_visitors:
        floor = after.fewest_visitors
        shown = f"rows of {floor} visitors and more" if floor > 1 else "every row, also of one visitor"
        yield f"Reports will show {shown}."
    if gone := [entry for entry in before.scrubbed_patterns if entry not in after.scrubbed_patterns]:
        yield f"No longer cut out of addresses: {', '.join(gone)}."


def exact(site: Site) -> bool:
    return site.exact_places and policy_of(site).whole_address


def deleted(before: Site, after: Site, today: date) -> Iterator[str]:
    was, will = policy_of(before).months, policy_of(after).months
    if longer(was, will):
        yield f"Visits before {month_of(today, 1 - will)} will be deleted for good; totals of days stay."


def longer(one: int, other: int) -> bool:
    """Tell whether the first time in months is longer than the second; 0 has no end."""
    return one != other and (one == KEEP_FOR_EVER or (other != KEEP_FOR_EVER and one > other))
