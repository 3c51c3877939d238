"""Why requests are not counted, in words: what each reason means, and what somebody could do about it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason as people read it."""

    title: str
    meaning: str
    remedy: str = ""  # Empty: there is nothing to do.


SETTINGS = "If that is not wanted, change it with 'pegel site change'."
TOKEN = "Send a token_auth of a role that may write to the site, made with 'pegel token add --role write --site N'."
DROPPED = {
    "bot": Reason(
        "Bot", "A program that reads websites, not a visitor.", "To see them: 'pegel site change N --keep-bots'."
    ),
    "no-rec": Reason("Without rec=1", "The request did not ask to be counted.", "Add rec=1 to what the tracker sends."),
    "install-check": Reason("Installation check", "A program looked whether the tracking code is there."),
    "excluded-request": Reason("Excluded by a rule", "A rule of PEGEL_EXCLUDE_REQUESTS fits.", "Change the rule."),
    "opt-out": Reason("Opted out", "The visitor does not want to be counted."),
    "no-consent": Reason(
        "No consent",
        "The visitor has not consented, and the site counts nobody without.",
        "Nothing, if visitors are asked; else let the page's tracker call setConsentGiven after they agreed.",
    ),
    "do-not-track": Reason("Do Not Track", "The browser asks not to be tracked, and the site heeds that."),
    "global-privacy-control": Reason("Global Privacy Control", "The browser says Sec-GPC: 1, and the site heeds that."),
    "excluded-address": Reason("Excluded address", "It came from an address on the site's list.", SETTINGS),
    "excluded-user-agent": Reason("Excluded user agent", "Its user agent is on the site's list.", SETTINGS),
    "spam-referrer": Reason("Referrer spam", "Its referrer is on the list of known spammers."),
    "unknown-url": Reason(
        "Page of another website",
        "The page is not below the site's addresses, and the site excludes such pages.",
        "Add the address with 'pegel site change', or allow unknown addresses.",
    ),
    "prefetch": Reason("Loaded in advance", "The browser fetched the page before somebody wanted to see it."),
    "too-old": Reason(
        "Of a deleted month",
        "Visits and hits of that month were deleted, as the site wants; the sums of its days are final.",
        "To keep visits and hits of other months longer: 'pegel site change N --retention-months 0' keeps all.",
    ),
    "unknown-action": Reason("Action of another product", "Media, form, crash and heatmap tracking is not kept."),
    "ping-without-visit": Reason("Heartbeat without visit", "The visit was over; a heartbeat alone begins none."),
    "duplicate-order": Reason(
        "Order sent again",
        "An order of this number was counted before.",
        "Nothing, if a thank-you page was loaded again; else let the shop give each order a number of its own.",
    ),
    "site-gone": Reason("Site deleted", "The site was deleted before the hit was loaded."),
}
LOCATION = Reason("Place without a token", "A place may be told by trusted senders only.", TOKEN)
REFUSED = {
    "idsite": Reason(
        "Unknown site",
        "No site has the number that the tracker sends.",
        "Correct the site's number in the tracking code, or add the site with 'pegel site add --id N'.",
    ),
    "cip": Reason("Address without a token", "An address may be told by trusted senders only.", TOKEN),
    "cdt": Reason("Old time without a token", "A time over a day ago may be told by trusted senders only.", TOKEN),
    "cid": Reason("Visitor id", "cid has not 16 characters.", "Send 16 hex digits."),
    "idgoal": Reason("Unknown goal", "The site has no goal of this number.", "Add it with 'pegel goal add'."),
    "e_c": Reason("Blank event category", "An event needs a category.", "Send a text in e_c."),
    "e_a": Reason("Blank event action", "An event needs an action.", "Send a text in e_a."),
    "c_n": Reason("Blank content name", "A content needs a name.", "Send a text in c_n."),
    "ca": Reason(
        "Unknown custom action",
        "ca=1 says that it is no page view, and nothing says what it is.",
        "Leave ca out, or send an event, content, link, download or search with it.",
    ),
    **dict.fromkeys(("country", "region", "city", "lat", "long"), LOCATION),
    **dict.fromkeys(
        ("pf_net", "pf_srv", "pf_tfr", "pf_dm1", "pf_dm2", "pf_onl"),
        Reason("Page performance", "A time is below zero.", "Send milliseconds, or leave it out."),
    ),
}


def reason_of(outcome: str, reason: str) -> Reason:
    """Return a reason in words; one that is not known here speaks for itself."""
    known = (REFUSED if outcome == "refused" else DROPPED).get(reason.partition(",")[0])
    return known or Reason(reason or outcome, "")
