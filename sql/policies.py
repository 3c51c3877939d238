"""What a site's privacy preset and its own choices allow; a preset that nobody knows allows nothing.

A preset is a floor: of what it says and what the site chose, the stricter holds. What the presets are made of is
explained in the README; the facts behind them are the regulators'.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

from sql.choices import CONSENTS, KEEP_FOR_EVER, REFERRERS, SIGNALS, Consent, Referrers, Signal, shorter, stricter
from sql.entries import SiteFields


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is allowed: a row of the table below, or what became of one with a site's own choices."""

    visitor_log: bool = False  # Visits may be looked at one by one.
    addresses: bool = False  # With their address, as far as it was kept.
    visitor_ids: bool = False  # With what tells the same visitor from others.
    user_ids: bool = False  # What a website calls somebody who is logged in is kept.
    campaigns: bool = False  # Names and keywords of campaigns are kept.
    click_ids: bool = False  # Marks that advertising networks put on links tell which network it was.
    orders: bool = False  # Numbers and articles of orders are kept; without, only that there was one, and its value.
    devices: bool = False  # What a script reads from the device: screen, plugins, client hints, clock.
    cities: bool = False  # Places finer than the country.
    whole_address: bool = False  # Feeds the fingerprint, and places where a site wants them exact; in memory only.
    masked_bytes: int = 2  # Of an IPv4 address, at least.
    consent: Consent = "consent-required"
    dnt: Signal = "drop"
    gpc: Signal = "drop"
    referrers: Referrers = "none"
    months: int = 1  # How long visits and hits are kept; 0: for ever.


STRICTEST = Policy()
ALL = Policy(
    **dict.fromkeys(("visitor_log", "addresses", "visitor_ids", "user_ids", "campaigns", "click_ids"), True),
    **dict.fromkeys(("orders", "devices", "cities", "whole_address"), True),
    masked_bytes=0,
    consent="tracker",
    dnt="ignore",
    gpc="ignore",
    referrers="all",
    months=KEEP_FOR_EVER,
)
POLICIES = {
    # What a drop-in replacement must do.
    "matomo": ALL,
    # The French exemption from consent: measuring the own website, nothing of marketing, no person, 25 months.
    "cnil": replace(
        STRICTEST,
        devices=True,
        cities=True,
        consent="tracker",
        dnt="anonymous",
        gpc="anonymous",
        referrers="host",
        months=25,
    ),
    # German and strict: nothing is read from a device or stored there without consent.
    "tdddg": replace(
        STRICTEST,
        campaigns=True,
        consent="cookie-consent",
        dnt="anonymous",
        gpc="anonymous",
        referrers="host",
        months=14,
    ),
    # British: statistics about the own service need no consent; advertising and the sight of single visits do.
    "uk": replace(
        STRICTEST,
        campaigns=True,
        orders=True,
        devices=True,
        cities=True,
        consent="tracker",
        dnt="ignore",
        gpc="anonymous",
        referrers="without-query",
        months=25,
    ),
}


@lru_cache(4096)
def policy_of(site: SiteFields) -> Policy:
    """Return what holds for a site: the stricter of its preset and of what it chose itself."""
    floor = POLICIES.get(site.preset, STRICTEST)
    return replace(
        floor,
        consent=stricter(floor.consent, site.consent, CONSENTS),
        dnt=stricter(floor.dnt, site.dnt, SIGNALS),
        gpc=stricter(floor.gpc, site.gpc, SIGNALS),
        referrers=stricter(floor.referrers, site.referrers, REFERRERS),
        months=shorter(floor.months, site.retention_months),
    )


def presets_with(what: str) -> str:
    return ", ".join(preset for preset, policy in POLICIES.items() if getattr(policy, what))


def why_no_visits(site: SiteFields) -> str:
    """Return why a site's visits must not be looked at one by one, and what would change that; '' if they may be."""
    if not policy_of(site).visitor_log:
        return f"its privacy preset {site.preset!r} keeps it so; presets with one: {presets_with('visitor_log')}"
    if site.fewest_visitors > 1:
        return f"rows must have {site.fewest_visitors} visitors there, and a visit has one; a floor of 0 turns it on"
    return ""


def why_no_profiles(site: SiteFields) -> str:
    """Return why the visits of one visitor must not be put together, and what would change that; '' if they may be."""
    if not policy_of(site).visitor_ids:
        known = f"presets that do: {presets_with('visitor_ids')}"
        return why_no_visits(site) or f"its privacy preset {site.preset!r} tells no visitor from others; {known}"
    return why_no_visits(site)
