"""SitesManager: what there is to choose from for sites: currencies, time zones, groups; and how pages are tracked."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from html import escape
from urllib.parse import urlencode

from dashboard.api_access import OPEN, SUPERUSER, at_site, somewhere
from dashboard.api_calls import Call, Method
from dashboard.api_formats import Answer
from dashboard.api_parameters import BadParameter, MissingParameter
from dashboard.api_site_lists import CURRENCIES, Row, at_least, rows
from dashboard.reporting.metrics import SYMBOLS
from dashboard.tracking_code import tracking_code
from sql.entries import ROLES, is_web_address
from sql.registry import Role, Site
from sql.timezones import timezones

SITES_PER_PAGE = 10
OFFSETS = range(-12, 15)  # Whole hours ahead of UTC for which there is a zone.
PLACES = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)


def currencies(_: Call) -> dict[str, str]:
    return {code: f"{name} ({symbol(code)})" for code, name in CURRENCIES.items()}


def symbols(_: Call) -> dict[str, str]:
    return {code: symbol(code) for code in CURRENCIES}


def symbol(currency: str) -> str:
    return SYMBOLS.get(currency, currency)


def zones(_: Call) -> dict[str, dict[str, str]]:
    return {group: dict(names) for group, names in grouped_zones().items()}


@cache
def grouped_zones() -> dict[str, dict[str, str]]:
    """Return the names of time zones by continent or ocean, and those that are whole hours from UTC."""
    found: dict[str, dict[str, str]] = {}
    for name in sorted(timezones()):
        group, slash, place = name.partition("/")
        if slash and group in PLACES:
            found.setdefault(group, {})[name] = place.replace("_", " ").replace("/", ", ")
    return {**found, "UTC": {offset_name(hours): offset_name(hours) for hours in OFFSETS}}


def offset_name(hours: int) -> str:
    return f"UTC{hours:+d}" if hours else "UTC"


def zone_name(call: Call) -> str:
    """Return what people call a time zone; one that nobody knows stands for itself."""
    zone = call.parameters.required("timezone").strip()
    return next((names[zone] for names in grouped_zones().values() if zone in names), zone)


def used_zones(call: Call) -> list[str]:
    return sorted({site.timezone for site in call.registry.sites()})


def in_zones(call: Call) -> list[int]:
    wanted = call.parameters.texts("timezones")
    if not wanted:
        raise MissingParameter("timezones")
    return [site.id for site in call.registry.sites() if site.timezone in wanted]


def groups(call: Call) -> list[str]:
    return sorted({site.group for site in call.registry.sites()})


def of_group(call: Call) -> list[Row]:
    return rows(call, sites_of_group(call, "group"))


def sites_of_group(call: Call, parameter: str) -> list[Site]:
    wanted = call.parameters.text(parameter).strip()
    return [site for site in call.registry.sites() if site.group == wanted]


def rename_group(call: Call) -> None:
    """Give another name to a group; without a name, its sites are in none."""
    call.parameters.required("oldGroupName")
    for site in sites_of_group(call, "oldGroupName"):
        call.registry.update_site(replace(site, group=call.parameters.text("newGroupName").strip()))


def with_access(call: Call) -> list[Row]:
    """Return the sites where the caller has a role, or more than that."""
    return rows(call, at_least(call, role_asked(call)))


def role_asked(call: Call) -> Role:
    text = call.parameters.required("permission").strip()
    for role in ROLES:
        if text == role:
            return role
    raise BadParameter("permission", text, f"one of {', '.join(ROLES)}")


def tag(call: Call) -> str:
    """Return the tracking code for the pages of a site."""
    return tracking_code(collector(call), call.registry.site(call.site).id)


def image(call: Call) -> str:
    """Return an image that tracks where no script runs, such as in a newsletter."""
    sent: dict[str, object] = {"idsite": call.registry.site(call.site).id, "rec": 1}
    names = {"actionName": "action_name", "idGoal": "idgoal", "revenue": "revenue"}
    sent |= {name: call.parameters.text(given) for given, name in names.items() if call.parameters.given(given)}
    url = f"{collector(call)}/matomo.php?{urlencode(sent)}"
    return f'<img referrerpolicy="no-referrer-when-downgrade" src="{escape(url)}" style="border:0" alt="" />'


def collector(call: Call) -> str:
    """Return where hits are sent to: what the call says, else what the operator has set. Raises BadParameter."""
    url = call.parameters.text("piwikUrl").strip() or call.parameters.text("matomoUrl").strip()
    if not url:
        return call.surroundings.collector_url.rstrip("/")
    url = url if "://" in url else f"https://{url}"
    if not is_web_address(url):
        raise BadParameter("piwikUrl", url, "an address such as https://stats.example.org")
    return url.rstrip("/")


def always(answer: Answer) -> Callable[[Call], Answer]:
    return lambda _: answer


METHODS = (
    Method("SitesManager.getCurrencyList", OPEN, currencies),
    Method("SitesManager.getCurrencySymbols", OPEN, symbols),
    Method("SitesManager.getTimezonesList", OPEN, zones),
    Method("SitesManager.getTimezoneName", OPEN, zone_name),
    Method("SitesManager.isTimezoneSupportEnabled", somewhere("view"), always(1)),
    Method("SitesManager.getUniqueSiteTimezones", SUPERUSER, used_zones),
    Method("SitesManager.getSitesIdFromTimezones", SUPERUSER, in_zones),
    Method("SitesManager.getSitesFromTimezones", SUPERUSER, in_zones),
    Method("SitesManager.getNumWebsitesToDisplayPerPage", somewhere("view"), always(SITES_PER_PAGE)),
    Method("SitesManager.getSitesGroups", SUPERUSER, groups),
    Method("SitesManager.getSitesFromGroup", SUPERUSER, of_group),
    Method("SitesManager.renameGroup", SUPERUSER, rename_group, changes=True),
    Method("SitesManager.getSitesWithMinimumAccess", OPEN, with_access),
    Method("SitesManager.getJavascriptTag", at_site("view"), tag),
    Method("SitesManager.getImageTrackingCode", at_site("view"), image),
)
