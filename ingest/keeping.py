"""What of a hit a site's policy lets us keep; the rest is taken away before the spool."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import Any, NamedTuple

from ingest.consent import cookie_id_counts, may_be_identified
from ingest.moment import local_time
from ingest.parts import Content, Credit, Purchase
from ingest.privacy import Fingerprint
from ingest.scrubbing import Scrubber, scrubber_for
from ingest.sender import Sender
from ingest.tracking import TrackingRequest
from sql.entries import SiteFields
from sql.policies import ALL, Policy, policy_of

NOTHING_SENT = TrackingRequest({})
NOBODY: Mapping[str, Any] = {"visitor": None, "source": "", "user_id": ""}
NO_DEVICE: Mapping[str, Any] = {"hints": "", "resolution": "", "plugins": ""}
NO_CITY: Mapping[str, Any] = {"region": "", "city": "", "latitude": None, "longitude": None}
NO_CAMPAIGN: Mapping[str, Any] = {"campaign": "", "campaign_keyword": ""}
Changes = dict[str, Any]


class Treatment(NamedTuple):
    """How the hits of one site are treated."""

    policy: Policy
    scrubber: Scrubber
    free: bool  # Nothing is taken away but what no address is kept with.


def treatment_of(site: SiteFields) -> Treatment:
    policy = policy_of(site)
    # What a visit keeps of its referrer, and for how long, is the loader's business.
    free = replace(policy, referrers=ALL.referrers, months=ALL.months) == ALL
    return Treatment(policy, scrubber_for(site.scrubbed_patterns, policy), free)


def kept_identity(source: str, request: TrackingRequest, sender: Sender, policy: Policy) -> Changes:
    """Return what changes about who somebody is; `source` says where a hit's visitor id comes from."""
    if not may_be_identified(sender, policy):
        return dict(NOBODY)
    changes: Changes = {} if policy.user_ids else {"user_id": ""}
    if source == "id" and not cookie_id_counts(request, sender, policy):
        changes |= {"visitor": None, "source": ""}
    return changes


def apart(fingerprint: Fingerprint) -> Fingerprint:
    """Return the fingerprint of hits that no id may be kept of: so they never join a visit which has one."""
    return Fingerprint(fingerprint ^ 1)


def kept_rest(policy: Policy, at: float) -> Changes:
    """Return what changes about devices, places, campaigns and products; `at` in seconds since 1970."""
    changes: Changes = {}
    if not policy.devices:
        changes |= {**NO_DEVICE, "local_time": local_time(NOTHING_SENT, at)}
    if not policy.cities:
        changes |= NO_CITY
    if not policy.campaigns:
        changes |= NO_CAMPAIGN
    if not policy.orders:
        changes["product"] = None
    return changes


def kept_purchase(purchase: Purchase, policy: Policy, salt: bytes) -> Purchase:
    """Return an order without what leads to a person: its number is hashed under the salt of its day."""
    number = purchase.order_id and blake2b(purchase.order_id.encode(), digest_size=8, key=salt).hexdigest()
    return purchase._replace(order_id=number, items=purchase.items if policy.orders else [])


def kept_credit(credit: Credit, treatment: Treatment) -> Credit | None:
    """Return to what a tracker ascribes conversions, None if nothing of it may be kept."""
    campaign = (credit.campaign, credit.keyword) if treatment.policy.campaigns else ("", "")
    kept = Credit(*campaign, treatment.scrubber.scrub(credit.referrer))
    return kept if any(kept) else None


def kept_content(content: Content, scrubber: Scrubber) -> Content:
    return Content(*map(scrubber.scrub, content))
