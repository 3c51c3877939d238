"""SitesManager: what holds for all sites, and what new sites begin with."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from dashboard.api_access import SUPERUSER, Access, somewhere
from dashboard.api_calls import Call, Method
from dashboard.api_formats import Answer
from dashboard.api_parameters import BadParameter, Field, MissingParameter, Parameters

# Names under which websites carry what tells who somebody is.
PERSONAL = (
    "address", "birthday", "birthdate", "city", "dateofbirth", "dob", "e-mail", "email", "emailaddress",
    "firstname", "first_name", "fullname", "iban", "lastname", "last_name", "login", "mail", "mobile", "name",
    "nickname", "passport", "password", "passwd", "phone", "phonenumber", "postcode", "pwd", "ssn", "street",
    "surname", "tel", "telephone", "token", "user", "userid", "user_id", "username", "zip", "zipcode",
)  # fmt: skip
EXCLUSIONS: Mapping[str, tuple[str, ...]] = {"common_session_parameters": (), "matomo_recommended_pii": PERSONAL}
CUSTOM = "custom"


def setter(**fields: Field) -> Callable[[Call], None]:
    """Return what changes global settings: parameters, all of which must be sent, and what they become."""

    def answer(call: Call) -> None:
        missing = next((name for name in fields if name not in call.parameters), None)
        if missing:
            raise MissingParameter(missing)
        change(call, **{field.name: field.read(call.parameters, name) for name, field in fields.items()})

    return answer


def change(call: Call, **fields: Any) -> None:
    call.registry.set_global_settings(replace(call.registry.global_settings(), **fields))


def getter(field: str) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        value = getattr(call.registry.global_settings(), field)
        return ",".join(value) if isinstance(value, tuple) else value

    return answer


def set_exclusion(call: Call) -> None:
    """Say which parameters no page address keeps: none more than always, those about people, or a list."""
    kind = call.parameters.required("exclusionType")
    if kind != CUSTOM and kind not in EXCLUSIONS:
        raise BadParameter("exclusionType", kind, f"one of {', '.join((*EXCLUSIONS, CUSTOM))}")
    if kind == CUSTOM and not call.parameters.given("queryParamsToExclude"):
        raise MissingParameter("queryParamsToExclude")
    listed = call.parameters.texts("queryParamsToExclude")
    change(call, excluded_parameters=listed if kind == CUSTOM else EXCLUSIONS[kind])


def exclusion(call: Call) -> str:
    excluded = call.registry.global_settings().excluded_parameters
    return next((kind for kind, names in EXCLUSIONS.items() if names == excluded), CUSTOM)


def list_of(field: str) -> Field:
    return Field(field, Parameters.texts)


def text_of(field: str) -> Field:
    return Field(field, Parameters.text)


def changing(name: str, **fields: Field) -> Method:
    return Method(f"SitesManager.{name}", SUPERUSER, setter(**fields), changes=True)


def telling(name: str, field: str, access: Access) -> Method:
    return Method(f"SitesManager.{name}", access, getter(field))


VIEWER, ADMINISTRATOR = somewhere("view"), somewhere("admin")

METHODS = (
    changing("setGlobalExcludedIps", excludedIps=list_of("excluded_addresses")),
    changing("setGlobalExcludedQueryParameters", excludedQueryParameters=list_of("excluded_parameters")),
    changing("setGlobalExcludedUserAgents", excludedUserAgents=list_of("excluded_user_agents")),
    changing("setGlobalExcludedReferrers", excludedReferrers=list_of("excluded_referrers")),
    changing(
        "setGlobalSearchParameters",
        searchKeywordParameters=list_of("search_keywords"),
        searchCategoryParameters=list_of("search_categories"),
    ),
    changing("setKeepURLFragmentsGlobal", enabled=Field("keep_fragment", Parameters.flag)),
    changing("setDefaultTimezone", defaultTimezone=text_of("timezone")),
    changing("setDefaultCurrency", defaultCurrency=text_of("currency")),
    Method("SitesManager.setGlobalQueryParamExclusion", SUPERUSER, set_exclusion, changes=True),
    Method("SitesManager.getExclusionTypeForQueryParams", VIEWER, exclusion),
    telling("getExcludedIpsGlobal", "excluded_addresses", ADMINISTRATOR),
    telling("getExcludedQueryParametersGlobal", "excluded_parameters", VIEWER),
    telling("getExcludedUserAgentsGlobal", "excluded_user_agents", ADMINISTRATOR),
    telling("getExcludedReferrersGlobal", "excluded_referrers", VIEWER),
    telling("getSearchKeywordParametersGlobal", "search_keywords", ADMINISTRATOR),
    telling("getSearchCategoryParametersGlobal", "search_categories", ADMINISTRATOR),
    telling("getKeepURLFragmentsGlobal", "keep_fragment", VIEWER),
    telling("getDefaultTimezone", "timezone", ADMINISTRATOR),
    telling("getDefaultCurrency", "currency", ADMINISTRATOR),
)
