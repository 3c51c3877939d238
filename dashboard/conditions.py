"""What regulators ask of audience measurement without consent, and how far a site's configuration is from it.

A table of facts with their sources, and no legal advice. Each row is judged from what holds at this moment; what no
program can know is left to whoever runs the website.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from dashboard.configuration import Configuration
from dashboard.findings import (
    Check,
    Finding,
    State,
    addresses_masked,
    city_at_most,
    consent_first,
    cookies_end,
    device_unread,
    gpc_heard,
    kept_months,
    left_out,
    no_own_dimensions,
    no_single_visits,
    nobody_takes_visits,
    objection_on_device,
    one_website,
    place_from_masked,
    referrers_short,
    signals_heard,
    yours,
)
from dashboard.regimes import (
    ABOUT,
    CNIL_DURATIONS,
    CNIL_LIMITS,
    CNIL_MARKETING,
    CNIL_MASK,
    CNIL_SHORT,
    CNIL_TOOL,
    DSK,
    EDPB,
    EINWV,
    GDPR,
    GPC,
    JORF_2013,
    JORF_2019,
    PECR,
    PECR_SHORT,
    About,
    Regime,
    Source,
)


@dataclass(frozen=True, slots=True)
class Condition:
    """A row of the table; its name is unique among those of its regime."""

    regime: Regime
    name: str
    title: str
    source: Source
    check: Check


NO_MARKETING = left_out(
    ("campaigns", "click_ids"), "Campaigns, or the ads that were clicked, are kept.", "No campaign and no ad is kept."
)
NO_ADS = left_out(("click_ids",), "The network of a clicked ad is kept.", "Nothing of clicked ads is kept.")
NO_USER_IDS = left_out(("user_ids",), "Ids of users who are logged in are kept.", "User ids are thrown away.")
NO_ORDERS = left_out(("orders",), "Numbers and articles of orders are kept.", "Of an order, only its value is kept.")
PURPOSE = yours(
    "What you use reports for, only you know.",
    "Make sure that they serve nothing else, and write the purpose down.",
)
INFORM = yours(
    "Pegel cannot see your privacy notice.",
    'Tell visitors: the page "Opt-out" has a text that follows this configuration.',
)
OBJECT = yours(
    "Pegel counts nobody who opted out; whether your pages offer it, Pegel cannot see.",
    'Put the opt-out on a page that is easy to find: the page "Opt-out" has its code.',
)
REVIEW = yours(
    "Pegel applies durations and reviews none.",
    "Print this assessment once a year, and look whether less would do.",
)
SEPARATE = yours(
    "Pegel keeps ids, keys and reports of each site apart.",
    "Give people access to their own websites only, and sign a contract with whoever runs the server for you.",
)
ASK = yours(
    "Pegel hears consent, and does not ask for it.",
    "Ask with a tool of yours that calls rememberCookieConsentGiven or rememberConsentGiven; "
    "or choose a policy that needs no consent.",
)
RECORDS = yours(
    "That is paper, not software.",
    "Name the legal basis, keep a record of processing, and sign a contract with whoever runs the server for you.",
)

CONDITIONS = (
    Condition("cnil", "purpose", "The only purpose is to measure the own website.", CNIL_LIMITS, PURPOSE),
    Condition("cnil", "one-website", "Nobody is followed from one website to another.", CNIL_LIMITS, one_website),
    Condition("cnil", "third-parties", "Nothing goes to third parties.", CNIL_LIMITS, nobody_takes_visits),
    Condition("cnil", "statistics", "Only anonymous statistics are made.", CNIL_SHORT, no_single_visits),
    Condition("cnil", "crossing", "Nothing is combined with other data.", CNIL_SHORT, no_own_dimensions),
    Condition("cnil", "user-ids", "No id of a customer or user is taken in.", CNIL_MARKETING, NO_USER_IDS),
    Condition("cnil", "marketing", "Campaigns and advertising are not measured.", CNIL_MARKETING, NO_MARKETING),
    Condition("cnil", "orders", "Sales are not measured order by order.", CNIL_MARKETING, NO_ORDERS),
    Condition("cnil", "origins", "Channels of acquisition are not measured.", CNIL_MARKETING, referrers_short),
    Condition("cnil", "addresses", "Two octets of addresses are masked.", CNIL_MASK, addresses_masked),
    Condition("cnil", "places", "Places are no finer than the city.", JORF_2013, city_at_most),
    Condition("cnil", "cookies", "Cookies end after 13 months; visits do not prolong them.", CNIL_LIMITS, cookies_end),
    Condition("cnil", "retention", "Data ends after 25 months.", CNIL_DURATIONS, kept_months(25)),
    Condition("cnil", "review", "Both durations are reviewed from time to time.", CNIL_LIMITS, REVIEW),
    Condition("cnil", "objection", "Objecting is easy on every device and browser.", JORF_2019, OBJECT),
    Condition("cnil", "untouched", "After an objection a device is left alone.", JORF_2013, objection_on_device),
    Condition("cnil", "information", "Visitors are told.", CNIL_LIMITS, INFORM),
    Condition("cnil", "separate", "A processor keeps the data of several publishers apart.", CNIL_TOOL, SEPARATE),
    Condition("tdddg", "storage", "Nothing is stored on a device without consent.", EDPB, consent_first),
    Condition("tdddg", "reading", "Nothing is read from a device that it does not send by itself.", DSK, device_unread),
    Condition("tdddg", "consent", "Where consent is asked for, it is asked for properly.", EINWV, ASK),
    Condition("tdddg", "statistics", "Visits are counted; none is looked at alone.", DSK, no_single_visits),
    Condition("tdddg", "user-ids", "No id of a user is taken in.", DSK, NO_USER_IDS),
    Condition("tdddg", "ads", "Ids of clicked ads are not used.", EDPB, NO_ADS),
    Condition("tdddg", "addresses", "Addresses are masked before they are kept.", DSK, addresses_masked),
    Condition("tdddg", "places", "Places come from the masked address.", DSK, place_from_masked),
    Condition("tdddg", "signals", "Signals of objection are honoured, though no law asks for it.", GPC, signals_heard),
    Condition("tdddg", "retention", "Data is deleted when it is not needed any more.", GDPR, kept_months(0)),
    Condition("tdddg", "objection", "Visitors may object, and it works.", GDPR, OBJECT),
    Condition("tdddg", "information", "Visitors are told.", GDPR, INFORM),
    Condition("tdddg", "records", "Purpose, legal basis and processors are written down.", GDPR, RECORDS),
    Condition("uk", "purpose", "The sole purpose is statistics that improve the service.", PECR, PURPOSE),
    Condition("uk", "statistics", "Statistics are made, not profiles.", PECR_SHORT, no_single_visits),
    Condition("uk", "ads", "Nothing serves advertising.", PECR_SHORT, NO_ADS),
    Condition("uk", "user-ids", "Nobody is recognised by name.", PECR_SHORT, NO_USER_IDS),
    Condition("uk", "sharing", "Data goes to nobody but those who help with it.", PECR, nobody_takes_visits),
    Condition("uk", "addresses", "No more of an address is kept than statistics need.", GDPR, addresses_masked),
    Condition("uk", "retention", "Data is deleted when it is not needed any more.", GDPR, kept_months(0)),
    Condition("uk", "gpc", "Global Privacy Control is honoured, though no law there asks for it.", GPC, gpc_heard),
    Condition("uk", "information", "Visitors get clear and full information.", PECR, INFORM),
    Condition("uk", "objection", "Objecting is easy and free.", PECR, OBJECT),
)  # fmt: skip


class Judged(NamedTuple):
    """A condition, and what was found."""

    condition: Condition
    finding: Finding


@dataclass(frozen=True, slots=True)
class Assessment:
    """All conditions of a regime for one site, as they are now."""

    regime: Regime
    about: About
    rows: tuple[Judged, ...]

    def count(self, state: State) -> int:
        return sum(row.finding.state == state for row in self.rows)


def assessment(regime: Regime, configuration: Configuration) -> Assessment:
    rows = tuple(Judged(row, row.check(configuration)) for row in conditions_of(regime))
    return Assessment(regime, ABOUT[regime], rows)


def conditions_of(regime: Regime) -> Iterable[Condition]:
    return (condition for condition in CONDITIONS if condition.regime == regime)
