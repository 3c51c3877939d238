"""SitesManager: which sites there are, and what is known about each."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial

from dashboard.api_access import OPEN, SUPERUSER, at_site
from dashboard.api_calls import Call, Method
from dashboard.api_formats import Answer
from sql.registry import Role, Site

Row = dict[str, object]

KEEP_FRAGMENT = {None: 0, True: 1, False: 2}
WEB = re.compile(r"^https?://(www\.)?", re.IGNORECASE)


def one(call: Call) -> Row:
    return row(call.registry.site(call.site))


def addresses(call: Call) -> list[str]:
    return list(call.registry.site(call.site).urls)


def rows(call: Call, sites: Iterable[Site]) -> list[Row]:
    """Return as many sites as were asked for; without a word about it, all of them."""
    found = [row(site) for site in sites if matches(site, call.parameters.text("pattern"))]
    if call.parameters.flag("fetchAliasUrls"):
        aliases = {site.id: list(site.urls[1:]) for site in sites}
        found = [{**site, "alias_urls": aliases[int(str(site["idsite"]))]} for site in found]
    return found[slice_of(call)]


def ids(call: Call, sites: Iterable[Site]) -> list[int]:
    return [site.id for site in sites][slice_of(call)]


def slice_of(call: Call) -> slice:
    start = call.parameters.count("filter_offset") or 0
    limits = (call.parameters.count(name) for name in ("limit", "filter_limit"))
    limit = min((limit for limit in limits if limit is not None), default=None)
    return slice(start, None if limit is None else start + limit)


def matches(site: Site, pattern: str) -> bool:
    looked_at = (site.name, site.group, *site.urls)
    return any(pattern.strip().lower() in text.lower() for text in looked_at)


def every(call: Call) -> list[Site]:
    return call.registry.sites()


def at_least(call: Call, role: Role) -> list[Site]:
    return call.caller.sites(role, call.registry.sites())


def exactly(call: Call, role: Role) -> list[Site]:
    return at_least(call, role) if call.caller.role == role else []


def with_address(call: Call) -> list[Row]:
    """Return the sites with an address, however its protocol, `www.` and slash are written."""
    wanted = plain(call.parameters.required("url"))
    return [{"idsite": site.id} for site in at_least(call, "view") if wanted in map(plain, site.urls)]


def plain(url: str) -> str:
    return WEB.sub("", url.strip()).rstrip("/").lower()


def row(site: Site) -> Row:
    return {
        "idsite": site.id,
        "name": site.name,
        "main_url": site.urls[0],
        "ts_created": written(site.created),
        "ecommerce": int(site.ecommerce),
        "sitesearch": int(site.search),
        "sitesearch_keyword_parameters": ",".join(site.search_keywords),
        "sitesearch_category_parameters": ",".join(site.search_categories),
        "timezone": site.timezone,
        "currency": site.currency,
        "exclude_unknown_urls": int(site.exclude_unknown_urls),
        "excluded_ips": ",".join(site.excluded_addresses),
        "excluded_parameters": ",".join(site.excluded_parameters),
        "excluded_user_agents": ",".join(site.excluded_user_agents),
        "excluded_referrers": ",".join(site.excluded_referrers),
        "group": site.group,
        "type": site.type,
        "keep_url_fragment": KEEP_FRAGMENT[site.keep_fragment],
        "timezone_name": site.timezone,
        "currency_name": CURRENCIES.get(site.currency, site.currency),
    }


def written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


CURRENCIES = {
    "AED": "United Arab Emirates Dirham",
    "ARS": "Argentine Peso",
    "AUD": "Australian Dollar",
    "BGN": "Bulgarian Lev",
    "BRL": "Brazilian Real",
    "CAD": "Canadian Dollar",
    "CHF": "Swiss Franc",
    "CLP": "Chilean Peso",
    "CNY": "Chinese Yuan",
    "COP": "Colombian Peso",
    "CZK": "Czech Koruna",
    "DKK": "Danish Krone",
    "EGP": "Egyptian Pound",
    "EUR": "Euro",
    "GBP": "British Pound",
    "HKD": "Hong Kong Dollar",
    "HUF": "Hungarian Forint",
    "IDR": "Indonesian Rupiah",
    "ILS": "Israeli New Shekel",
    "INR": "Indian Rupee",
    "ISK": "Icelandic Króna",
    "JPY": "Japanese Yen",
    "KES": "Kenyan Shilling",
    "KRW": "South Korean Won",
    "MAD": "Moroccan Dirham",
    "MXN": "Mexican Peso",
    "MYR": "Malaysian Ringgit",
    "NGN": "Nigerian Naira",
    "NOK": "Norwegian Krone",
    "NZD": "New Zealand Dollar",
    "PEN": "Peruvian Sol",
    "PHP": "Philippine Peso",
    "PKR": "Pakistani Rupee",
    "PLN": "Polish Zloty",
    "RON": "Romanian Leu",
    "RSD": "Serbian Dinar",
    "RUB": "Russian Ruble",
    "SAR": "Saudi Riyal",
    "SEK": "Swedish Krona",
    "SGD": "Singapore Dollar",
    "THB": "Thai Baht",
    "TRY": "Turkish Lira",
    "TWD": "New Taiwan Dollar",
    "UAH": "Ukrainian Hryvnia",
    "USD": "US Dollar",
    "VND": "Vietnamese Dong",
    "ZAR": "South African Rand",
}

Sites = Callable[[Call], list[Site]]


def listing(name: str, sites: Sites) -> Method:
    return Method(f"SitesManager.{name}", OPEN, lambda call: rows(call, sites(call)))


def numbers(name: str, sites: Sites) -> Method:
    return Method(f"SitesManager.{name}", OPEN, lambda call: ids(call, sites(call)))


def all_rows(call: Call) -> Answer:
    return rows(call, every(call))


def all_ids(call: Call) -> Answer:
    return ids(call, every(call))


METHODS = (
    Method("SitesManager.getSiteFromId", at_site("view"), one),
    Method("SitesManager.getSiteUrlsFromId", at_site("view"), addresses),
    Method("SitesManager.getAllSites", SUPERUSER, all_rows),
    Method("SitesManager.getAllSitesId", SUPERUSER, all_ids),
    Method("SitesManager.getSitesIdFromSiteUrl", OPEN, with_address),
    listing("getSitesWithAdminAccess", partial(at_least, role="admin")),
    listing("getSitesWithViewAccess", partial(exactly, role="view")),
    listing("getSitesWithAtLeastViewAccess", partial(at_least, role="view")),
    listing("getPatternMatchSites", partial(at_least, role="view")),
    numbers("getSitesIdWithAdminAccess", partial(at_least, role="admin")),
    numbers("getSitesIdWithWriteAccess", partial(exactly, role="write")),
    numbers("getSitesIdWithViewAccess", partial(exactly, role="view")),
    numbers("getSitesIdWithAtLeastViewAccess", partial(at_least, role="view")),
)
