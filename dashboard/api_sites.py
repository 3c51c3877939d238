"""SitesManager: adding, changing and removing sites."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dashboard.api_access import SUPERUSER, at_site
from dashboard.api_calls import Call, Method
from dashboard.api_parameters import BadParameter, Field, MissingParameter, Parameters, fields_in
from sql.registry import NewSite, Site

KEEP_FRAGMENT = {"0": None, "1": True, "2": False}


def keep_fragment(parameters: Parameters, name: str) -> bool | None:
    text = parameters.text(name).strip()
    if text not in KEEP_FRAGMENT:
        raise BadParameter(name, text, "0 as globally set, 1 yes, 2 no")
    return KEEP_FRAGMENT[text]


def word(parameters: Parameters, name: str) -> str:
    return parameters.text(name).strip()


SITE = {
    "siteName": Field("name", Parameters.text, may_be_empty=True),
    "urls": Field("urls", Parameters.texts),
    "ecommerce": Field("ecommerce", Parameters.flag),
    "siteSearch": Field("search", Parameters.flag),
    "searchKeywordParameters": Field("search_keywords", Parameters.texts, may_be_empty=True),
    "searchCategoryParameters": Field("search_categories", Parameters.texts, may_be_empty=True),
    "excludedIps": Field("excluded_addresses", Parameters.texts, may_be_empty=True),
    "excludedQueryParameters": Field("excluded_parameters", Parameters.texts, may_be_empty=True),
    "timezone": Field("timezone", word),
    "currency": Field("currency", word),
    "group": Field("group", word, may_be_empty=True),
    "startDate": Field("created", Parameters.moment),
    "excludedUserAgents": Field("excluded_user_agents", Parameters.texts, may_be_empty=True),
    "keepURLFragments": Field("keep_fragment", keep_fragment),
    "type": Field("type", word),
    "excludeUnknownUrls": Field("exclude_unknown_urls", Parameters.flag),
    "excludedReferrers": Field("excluded_referrers", Parameters.texts, may_be_empty=True),
}


def add(call: Call) -> int:
    given = fields_of(call.parameters)
    missing = next((name for name in ("siteName", "urls") if not call.parameters.given(name)), None)
    if missing:
        raise MissingParameter(missing)
    usual = call.registry.global_settings()
    values = {"timezone": usual.timezone, "currency": usual.currency, "preset": call.surroundings.preset, **given}
    return call.registry.add_site(NewSite(**values)).id


def update(call: Call) -> None:
    """Change what was given, and nothing else."""
    call.registry.update_site(replace(call.registry.site(call.site), **fields_of(call.parameters)))


def fields_of(parameters: Parameters) -> dict[str, Any]:
    if "settingValues" in parameters:
        raise BadParameter("settingValues", "", "each setting as a parameter of its own, such as excludedIps=…")
    return fields_in(parameters, SITE)


def delete(call: Call) -> None:
    call.registry.delete_site(call.site)


def add_aliases(call: Call) -> int:
    """Add addresses to those that are there, and return how many are new."""
    site = call.registry.site(call.site)
    if not call.parameters.given("urls"):
        raise MissingParameter("urls")
    return len(with_urls(call, site, [*site.urls, *call.parameters.texts("urls")]).urls) - len(site.urls)


def set_aliases(call: Call) -> int:
    """Put other addresses beside the main one, and return how many there are now."""
    site = call.registry.site(call.site)
    return len(with_urls(call, site, [site.urls[0], *call.parameters.texts("urls")]).urls) - 1


def with_urls(call: Call, site: Site, urls: Sequence[str]) -> Site:
    return call.registry.update_site(replace(site, urls=tuple(urls)))


METHODS = (
    Method("SitesManager.addSite", SUPERUSER, add),
    Method("SitesManager.updateSite", at_site("admin"), update, changes=True),
    Method("SitesManager.deleteSite", at_site("superuser"), delete, changes=True),
    Method("SitesManager.addSiteAliasUrls", at_site("admin"), add_aliases, changes=True),
    Method("SitesManager.setSiteAliasUrls", at_site("admin"), set_aliases, changes=True),
)
