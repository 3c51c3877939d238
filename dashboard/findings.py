"""Whether a site's configuration meets a condition: the value that shows it, and what would change it."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from dashboard.configuration import Configuration
from sql.policies import presets_with

State = Literal["met", "not met", "yours"]


class Finding(NamedTuple):
    """The answer for one condition and one site."""

    state: State
    shown: str  # The live value.
    change: str = ""  # What to do, in words; '' if there is nothing to do.
    command: str = ""  # The same in a terminal.
    field: str = ""  # The same in the form of the page "Privacy".


Check = Callable[[Configuration], Finding]


def judged(met: bool, shown: str, change: str, command: str = "", field: str = "") -> Finding:
    return Finding("met", shown) if met else Finding("not met", shown, change, command, field)


def site_change(configuration: Configuration, options: str) -> str:
    return f"pegel site change {configuration.site.id} {options}"


def yours(shown: str, change: str) -> Check:
    """Return the check of a condition that no program can know about."""
    return lambda _: Finding("yours", shown, change)


def left_out(names: tuple[str, ...], kept: str, gone: str) -> Check:
    """Return the check that the policy keeps none of some things."""

    def check(configuration: Configuration) -> Finding:
        found = [name for name in names if getattr(configuration.policy, name)]
        without = ", ".join(preset_without(names))
        change = f"Choose a privacy preset that leaves it out: {without}."
        command = site_change(configuration, f"--preset {preset_without(names)[0]}")
        return judged(not found, kept if found else gone, change, command, "preset")

    return check


def preset_without(names: tuple[str, ...]) -> list[str]:
    """Return the presets that keep none of some things."""
    keeping = {preset for name in names for preset in presets_with(name).split(", ")}
    return [preset for preset in ("cnil", "tdddg", "uk") if preset not in keeping]


def one_website(configuration: Configuration) -> Finding:
    others = ", ".join(configuration.hosts)
    own = "Each site has visitor ids and daily random keys of its own; no cookie is shared between domains."
    change = "Measure every domain as a site of its own."
    shown = f"Measured together with {others}" if others else own
    return judged(not others, shown, change, "pegel site add NAME URL")


def no_single_visits(configuration: Configuration) -> Finding:
    """Reports count; a log of visits would show them one by one."""
    site, policy = configuration.site, configuration.policy
    shown = "Visits can be looked at one by one."
    if not policy.visitor_log:
        shown = "Reports hold numbers only; the preset turns the log of visits off."
    elif site.fewest_visitors > 1:
        shown = f"Reports hold numbers only, in rows of {site.fewest_visitors} visitors or more; there is no log."
    change = "Choose a preset without a log of visits, or fold rows with few visitors."
    met = not policy.visitor_log or site.fewest_visitors > 1
    return judged(met, shown, change, site_change(configuration, "--fewest-visitors 5"), "fewest-visitors")


def addresses_masked(configuration: Configuration) -> Finding:
    gone = configuration.masked_bytes
    shown = f"{gone} of 4 bytes of an IPv4 address are set to zero before anything is written, and as much of IPv6."
    change = "Mask two bytes for the whole server, or choose a preset other than matomo."
    return judged(gone >= 2, shown, change, "PEGEL_MASK_BYTES=2", "preset")


def city_at_most(configuration: Configuration) -> Finding:
    change = "Look places up from the masked address."
    command = site_change(configuration, "--no-exact-places")
    if configuration.exact_places and configuration.places == "city":
        return judged(False, "City and coordinates, from the whole address.", change, command, "exact-places")
    fine = {"none": "No place.", "country": "The country.", "city": "The city, from the masked address."}
    return Finding("met", fine[configuration.places])


def place_from_masked(configuration: Configuration) -> Finding:
    change = "Look places up from the masked address."
    exact = configuration.exact_places and configuration.places != "none"
    shown = "Places are looked up from the whole address." if exact else "Places are looked up from the masked address."
    return judged(not exact, shown, change, site_change(configuration, "--no-exact-places"), "exact-places")


def kept_months(most: int) -> Check:
    """Return the check that visits are deleted after so many months at the latest; 0: at any time at all."""

    def check(configuration: Configuration) -> Finding:
        months, day = configuration.policy.months, configuration.next_deletion
        if day is None:
            shown = "Visits are kept for ever."
        else:
            shown = f"Visits are deleted after {months} months by themselves, next on {day}."
        met = day is not None and (not most or months <= most)
        change = f"Delete visits after {most or 25} months or earlier."
        command = site_change(configuration, f"--retention-months {most or 25}")
        return judged(met, shown, change, command, "retention-months")

    return check


def cookies_end(configuration: Configuration) -> Finding:
    if configuration.policy.consent == "without-identifiers" and configuration.own_tracker:
        return Finding("met", "The tracker sets no cookie.")
    if configuration.own_tracker:
        shown = "The visitor cookie ends 13 months after the first visit, and no later visit prolongs it."
        return Finding("met", shown)
    change = "Serve Pegel's tracker, or see to it that no page calls setVisitorCookieTimeout."
    return Finding("yours", "The collectors serve a tracker of yours; Pegel does not know its cookies.", change)


def objection_on_device(configuration: Configuration) -> Finding:
    if configuration.own_tracker:
        return Finding("met", "After an opt-out the tracker reads and writes nothing but the opt-out itself.")
    change = "Serve Pegel's tracker, or look at what yours does after an opt-out."
    return Finding("yours", "The collectors serve a tracker of yours.", change)


def signals_heard(configuration: Configuration) -> Finding:
    dnt, gpc = configuration.policy.dnt, configuration.policy.gpc
    shown = f"Do Not Track: {dnt}. Global Privacy Control: {gpc}."
    change = "Count without identifiers, or not at all, whoever's browser signals an objection."
    command = site_change(configuration, "--dnt anonymous --gpc anonymous")
    return judged("ignore" not in (dnt, gpc), shown, change, command, "dnt")


def gpc_heard(configuration: Configuration) -> Finding:
    gpc = configuration.policy.gpc
    change = "Count without identifiers, or not at all, whoever's browser sends the signal."
    command = site_change(configuration, "--gpc anonymous")
    return judged(gpc != "ignore", f"Global Privacy Control: {gpc}.", change, command, "gpc")


def referrers_short(configuration: Configuration) -> Finding:
    kept = configuration.policy.referrers
    change = "Keep the host of the address that a visit came from, or nothing."
    return judged(
        kept in ("host", "none"), f"Kept of referrers: {kept}.", change,
        site_change(configuration, "--referrers host"), "referrers",
    )  # fmt: skip


def no_own_dimensions(configuration: Configuration) -> Finding:
    if not configuration.dimensions:
        return Finding("met", "No custom dimension.")
    change = "Make sure that none of them says anything of a person, and that none links to other data."
    return Finding("yours", f"Custom dimensions: {', '.join(configuration.dimensions)}.", change)


def nobody_takes_visits(configuration: Configuration) -> Finding:
    """Pegel sends nothing to anybody; tokens are how somebody could fetch."""
    if not configuration.exporters:
        return Finding("met", "Pegel sends nothing anywhere, and no token may take single visits away.")
    change = "Make sure that whoever has these tokens works for you, and for this purpose only."
    return Finding("yours", f"Tokens that may take every visit away: {', '.join(configuration.exporters)}.", change)


def consent_first(configuration: Configuration) -> Finding:
    """Whether anything is stored on a device before its owner said yes."""
    consent = configuration.policy.consent
    if consent != "tracker" and not configuration.own_tracker:
        change = "Serve Pegel's tracker, or call disableCookies or requireCookieConsent in every page."
        return Finding("yours", f"{SHOWN_CONSENT[consent]} But the collectors serve a tracker of yours.", change)
    change = "Let the tracker set cookies only with consent, or never."
    command = site_change(configuration, "--consent cookie-consent")
    return judged(consent != "tracker", SHOWN_CONSENT[consent], change, command, "consent")


SHOWN_CONSENT = {
    "tracker": "The tracker sets cookies unless the page tells it not to.",
    "cookie-consent": "Cookies are set after consent to cookies only; visits without it are counted without them.",
    "without-identifiers": "The tracker never sets a cookie.",
    "consent-required": "Nothing is stored, read or sent before consent.",
}


def device_unread(configuration: Configuration) -> Finding:
    if configuration.policy.devices:
        return left_out(("devices",), "Screen size, plugins, clock and client hints are read.", "")(configuration)
    if configuration.own_tracker:
        return Finding("met", "Nothing is read from the device: no screen size, plugins, clock or client hints.")
    change = "Serve Pegel's tracker, or call disableBrowserFeatureDetection in every page."
    return Finding("yours", "Nothing of it is kept, but the collectors serve a tracker of yours.", change)
