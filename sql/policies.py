"""What a site's privacy preset lets people see of single visits; a preset that nobody knows lets them see nothing."""

from dataclasses import dataclass

from sql.entries import SiteFields


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a preset allows: a row of the table below."""

    visitor_log: bool = False  # Visits may be looked at one by one.
    addresses: bool = False  # With their address, as far as it was kept.
    visitor_ids: bool = False  # With what tells the same visitor from others.
    user_ids: bool = False


STRICTEST = Policy()
POLICIES = {"matomo": Policy(visitor_log=True, addresses=True, visitor_ids=True, user_ids=True)}


def policy_of(site: SiteFields) -> Policy:
    return POLICIES.get(site.preset, STRICTEST)


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
