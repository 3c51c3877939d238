"""Which campaign a visit came from, by the parameters of its landing page (tracking specification, 7.2 and 7.3)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ingest.address import Address, address_of, text_in, values_of
from sql.query_names import CAMPAIGN_KEYWORDS, CAMPAIGN_NAMES

LONGEST = 255  # Letters of a name or keyword.
AD_HOSTS = ("googleads", "doubleclick")


class Campaign(NamedTuple):
    """A campaign as its link names it; without a name it is none."""

    name: str
    keyword: str


def may_name_campaign(url: str, referrer: str) -> bool:
    """Tell fast whether a hit could carry a campaign: False is certain, True is worth a closer look."""
    if "utm_" in url or "campaign=" in url or "pk_cpn=" in url:
        return True
    return bool(referrer) and any(host in referrer for host in AD_HOSTS)


def campaign_in(landing: Address) -> Campaign:
    """Return the campaign in a landing page's query; without a keyword there, its fragment has the last word."""
    queried = named_in(landing.query)
    if (queried.name and queried.keyword) or not landing.fragment:
        return queried
    fragment = named_in(parameters_behind(landing.fragment))
    return Campaign(fragment.name or queried.name, fragment.keyword or queried.keyword)


def parameters_behind(fragment: str) -> str:
    """Return `a=1` of `a=1` and of `/route?a=1`: single-page applications put their addresses there."""
    before, mark, behind = fragment.partition("?")
    return behind if mark and "=" not in before else fragment


def named_in(query: str) -> Campaign:
    values = values_of(query)
    return Campaign(first_text(values, CAMPAIGN_NAMES), first_text(values, CAMPAIGN_KEYWORDS))


def first_text(values: Mapping[str, str], names: Sequence[str]) -> str:
    """Return the text of the first of `names` that has one."""
    return next((text for name in names if name in values and (text := text_in(values[name]))), "")


def advertised(found: Campaign, referrer: Address) -> Campaign:
    """Add what an address of Google's advertising network says about the page that showed the advertisement."""
    if not any(name in referrer.host for name in AD_HOSTS):
        return found
    values = values_of(referrer.query)
    page = text_in(values.get("url", ""))
    shown_on = address_of(page) or address_of(f"//{page}")
    if shown_on is None:
        return found
    kind = text_in(values.get("ad_type", ""))
    name = found.name or (f"adwords ({kind})" if kind else "adwords")
    return Campaign(name, found.keyword or f"(adwords) {shown_on.host}")


def stored(campaign: Campaign) -> Campaign:
    """Return a campaign as reports show it: in small letters, cut to what a column holds."""
    return Campaign(campaign.name.lower()[:LONGEST], campaign.keyword.lower()[:LONGEST])
