"""What a visitor agreed to, as far as a request tells: opt-out, consent, the signals DNT and GPC, the site's policy.

Cookies of consent reach us only where the analytics server and the website share a domain; of an opt-out any value
counts, also that of installations older than Matomo 4 (browser specification, sections 1.2, 2 and 4.1).
"""

from ingest.sender import Sender
from ingest.tracking import TrackingRequest
from sql.entries import SiteFields
from sql.policies import Policy, policy_of

# On the analytics server's domain, and on the website's.
OPT_OUT_COOKIES = frozenset({"matomo_ignore", "piwik_ignore", "mtm_consent_removed"})
CONSENT_COOKIE, COOKIE_CONSENT_COOKIE = "mtm_consent", "mtm_cookie_consent"
# How a cookie of these is recognised fast in a header that has none: most headers.
TRACES = ("_ignore", "mtm_")
# What the browser's own tracker is told of a policy, a letter each (ingest/tracker/consent.js).
LETTERS_OF_CONSENT = {"tracker": "", "cookie-consent": "k", "without-identifiers": "c", "consent-required": "r"}
LETTERS_OF_SIGNALS = {"ignore": ("", ""), "anonymous": ("N", "G"), "drop": ("n", "g")}


def cookie_names(cookies: str) -> set[str]:
    """Return the names of a Cookie header that say something of consent, of those cookies that have a value."""
    if not any(trace in cookies for trace in TRACES):
        return set()
    pairs = (pair.partition("=") for pair in cookies.split(";"))
    return {name.strip() for name, _, value in pairs if value.strip()}


def why_not(request: TrackingRequest, sender: Sender, policy: Policy) -> str:
    """Return why a visitor is not counted, '' if they are."""
    given = cookie_names(sender.cookies) if sender.cookies else set()
    if not OPT_OUT_COOKIES.isdisjoint(given):
        return "opt-out"
    if policy.dnt == "drop" and sender.dnt:
        return "do-not-track"
    if policy.gpc == "drop" and sender.gpc:
        return "global-privacy-control"
    if policy.consent == "consent-required" and not consented(request, given):
        return "no-consent"
    return ""


def consented(request: TrackingRequest, given: set[str]) -> bool:
    """Tell whether a visitor consented to be measured: a cookie says so, or their tracker."""
    return CONSENT_COOKIE in given or request.integer("consent", 0) == 1


def may_be_identified(sender: Sender, policy: Policy) -> bool:
    """Tell whether any identifier may be kept: a signal may ask for none."""
    return not ((policy.dnt == "anonymous" and sender.dnt) or (policy.gpc == "anonymous" and sender.gpc))


def cookie_id_counts(request: TrackingRequest, sender: Sender, policy: Policy) -> bool:
    """Tell whether the id may be kept that a tracker has in its cookie."""
    if policy.consent == "without-identifiers":
        return False
    if policy.consent != "cookie-consent":
        return True
    given = cookie_names(sender.cookies)
    return COOKIE_CONSENT_COOKIE in given or request.integer("cookie_consent", 0) == 1 or consented(request, given)


def tracker_flags(site: SiteFields) -> str:
    """Return what the browser's tracker must know of a site's policy, a letter each; '' if it may do as it is told."""
    policy = policy_of(site)
    dnt, gpc = LETTERS_OF_SIGNALS[policy.dnt][0], LETTERS_OF_SIGNALS[policy.gpc][1]
    devices, campaigns = "" if policy.devices else "d", "" if policy.campaigns else "m"
    return f"{LETTERS_OF_CONSENT[policy.consent]}{devices}{campaigns}{gpc}{dnt}"
