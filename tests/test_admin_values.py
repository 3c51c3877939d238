"""The administrative API: what arrives, what is told, and what is refused in which words."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple
from urllib.parse import urlencode

import pytest

from dashboard.api_globals import PERSONAL
from sql.dimensions import Extraction
from sql.registry import NewSite
from tests.administered import BOSS, PASSWORD, Api, Given
from tests.conftest import NOW, a_site

EVIL = """'"><img src=x onerror=alert(1)>{{7*7}}&amp;'; drop table sites; --"""
GOAL: Given = {"name": "Bought", "matchAttribute": "url", "pattern": "/thanks", "patternType": "contains"}
AUTHOR: Given = {"idSite": 1, "name": "Author", "scope": "action"}

ADD_SITE, UPDATE_SITE = "SitesManager.addSite", "SitesManager.updateSite"
GET_SITE = "SitesManager.getSiteFromId"
SET_SEARCH, SET_EXCLUSION = "SitesManager.setGlobalSearchParameters", "SitesManager.setGlobalQueryParamExclusion"
ADD_GOAL = "Goals.addGoal"
NEW_DIMENSION = "CustomDimensions.configureNewCustomDimension"
CHANGE_DIMENSION = "CustomDimensions.configureExistingCustomDimension"
ADD_USER = "UsersManager.addUser"


# What arrives: sites

EVERYTHING_ABOUT_A_SITE: Given = {
    "siteName": "Shop",
    "urls[0]": "https://shop.example/",
    "urls[1]": "http://old.example/a,b",
    "ecommerce": 1,
    "siteSearch": "false",
    "searchKeywordParameters": "q, word",
    "searchCategoryParameters": "kind",
    "excludedIps": "203.0.113.9,198.51.100.0/24",
    "excludedQueryParameters": "sid,/^x_.*/",
    "timezone": "Asia/Kolkata",
    "currency": "INR",
    "group": "Shops",
    "startDate": "2023-12-01",
    "excludedUserAgents[]": "Probe/1.0, internal",
    "keepURLFragments": 2,
    "type": "intranet",
    "excludeUnknownUrls": "1",
    "excludedReferrers": "pay.example",
}


def test_a_site_arrives_as_it_was_given(api: Api) -> None:
    assert api.done(ADD_SITE, **EVERYTHING_ABOUT_A_SITE) == 3
    site = api.registry.site(3)
    assert site.urls == ("https://shop.example", "http://old.example/a,b")
    assert (site.name, site.group, site.type, site.timezone, site.currency) == (
        "Shop", "Shops", "intranet", "Asia/Kolkata", "INR",
    )  # fmt: skip
    assert (site.ecommerce, site.search, site.keep_fragment, site.exclude_unknown_urls) == (True, False, False, True)
    assert (site.search_keywords, site.search_categories) == (("q", "word"), ("kind",))
    assert site.excluded_addresses == ("203.0.113.9", "198.51.100.0/24")
    assert site.excluded_parameters == ("sid", "/^x_.*/")
    assert site.excluded_user_agents == ("Probe/1.0, internal",)
    assert site.excluded_referrers == ("pay.example",)
    assert site.created == datetime(2023, 12, 1, tzinfo=UTC)


def test_a_site_is_told_as_clients_know_it(api: Api) -> None:
    api.done(ADD_SITE, **EVERYTHING_ABOUT_A_SITE)
    assert api.done(GET_SITE, idSite=3) == {
        "idsite": 3,
        "name": "Shop",
        "main_url": "https://shop.example",
        "ts_created": "2023-12-01 00:00:00",
        "ecommerce": 1,
        "sitesearch": 0,
        "sitesearch_keyword_parameters": "q,word",
        "sitesearch_category_parameters": "kind",
        "timezone": "Asia/Kolkata",
        "currency": "INR",
        "exclude_unknown_urls": 1,
        "excluded_ips": "203.0.113.9,198.51.100.0/24",
        "excluded_parameters": "sid,/^x_.*/",
        "excluded_user_agents": "Probe/1.0, internal",
        "excluded_referrers": "pay.example",
        "group": "Shops",
        "type": "intranet",
        "keep_url_fragment": 2,
        "timezone_name": "Asia/Kolkata",
        "currency_name": "Indian Rupee",
    }
    assert api.done("SitesManager.getSiteUrlsFromId", idSite=3) == ["https://shop.example", "http://old.example/a,b"]


@pytest.mark.parametrize(
    "urls",
    [
        pytest.param({"urls": "https://a.example,https://b.example"}, id="commas"),
        pytest.param({"urls[]": ["https://a.example", "https://b.example"]}, id="brackets"),
        pytest.param({"urls[0]": "https://a.example", "urls[1]": "https://b.example"}, id="numbers"),
        pytest.param({"urls": ["https://a.example", "https://b.example"]}, id="repeated"),
        pytest.param({"urls": '["https://a.example", "https://b.example"]'}, id="json"),
    ],
)
def test_ways_to_write_a_list(api: Api, urls: Given) -> None:
    number = api.done(ADD_SITE, siteName="Two addresses", **urls)
    assert api.registry.site(number).urls == ("https://a.example", "https://b.example")


def test_a_new_site_begins_with_what_is_usual(api: Api) -> None:
    api.done("SitesManager.setDefaultTimezone", defaultTimezone="America/Barbados")
    api.done("SitesManager.setDefaultCurrency", defaultCurrency="BBD")
    plain = {"siteName": "Plain", "urls": "https://plain.example"}
    site = api.registry.site(api.done(ADD_SITE, **plain, timezone="", currency="", idSite=77))
    assert (site.id, site.timezone, site.currency, site.created) == (3, "America/Barbados", "BBD", NOW)
    assert (site.search, site.ecommerce, site.keep_fragment, site.type) == (True, False, None, "website")
    other = api.registry.site(api.done(ADD_SITE, **plain, timezone="UTC"))
    assert (other.timezone, other.currency) == ("UTC", "BBD")


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        pytest.param({"siteName": "Other"}, {"name": "Other"}, id="name"),
        pytest.param({"urls": "https://other.example"}, {"urls": ("https://other.example",)}, id="urls"),
        pytest.param({"siteSearch": 0}, {"search": False}, id="flag"),
        pytest.param({"excludedIps": ""}, {"excluded_addresses": ()}, id="emptied-list"),
        pytest.param({"group": ""}, {"group": ""}, id="emptied-text"),
        pytest.param({"timezone": "", "ecommerce": "", "keepURLFragments": ""}, {}, id="empty-means-unchanged"),
        pytest.param({"keepURLFragments": 0}, {"keep_fragment": None}, id="as-globally"),
        pytest.param(
            {"startDate": "2020-02-03 04:05:06"}, {"created": datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)}, id="start"
        ),
        pytest.param({"token_auth_of_mine": "x"}, {}, id="unknown-parameter"),
    ],
)  # fmt: skip
def test_what_is_not_given_stays(api: Api, given: Given, changed: Mapping[str, object]) -> None:
    site = api.registry.add_site(
        NewSite(
            name="Shop", urls=("https://shop.example",), group="Shops", ecommerce=True, timezone="Asia/Tokyo",
            excluded_addresses=("203.0.113.9",), keep_fragment=True, excluded_parameters=("sid",),
        )
    )  # fmt: skip
    answer = api.done(UPDATE_SITE, idSite=site.id, **given)
    assert answer == {"result": "success", "message": "ok"}
    after = api.registry.site(site.id)
    fields = {name for name in NewSite.__dataclass_fields__ if getattr(after, name) != getattr(site, name)}
    assert {name: getattr(after, name) for name in fields} == changed


def test_aliases(api: Api) -> None:
    add, put = "SitesManager.addSiteAliasUrls", "SitesManager.setSiteAliasUrls"
    assert api.done(add, idSite=1, urls="https://1.example/,https://a.example,https://b.example") == 2
    assert api.registry.site(1).urls == ("https://1.example", "https://a.example", "https://b.example")
    assert api.done(put, idSite=1, urls="https://c.example") == 1
    assert api.registry.site(1).urls == ("https://1.example", "https://c.example")
    assert api.done(put, idSite=1) == 0
    assert api.registry.site(1).urls == ("https://1.example",)


def test_changes_at_the_same_time_all_arrive(api: Api) -> None:
    urls = [f"https://{number}.alias.example" for number in range(12)]
    with ThreadPoolExecutor(len(urls)) as threads:
        added = threads.map(lambda url: api.done("SitesManager.addSiteAliasUrls", idSite=1, urls=url), urls)
        assert list(added) == [1] * len(urls)
    assert set(api.registry.site(1).urls) == {"https://1.example", *urls}


@pytest.mark.parametrize("url", ["https://1.example", "http://www.1.example/", "HTTPS://1.EXAMPLE"])
def test_a_site_is_found_by_its_address(api: Api, url: str) -> None:
    assert api.done("SitesManager.getSitesIdFromSiteUrl", url=url) == [{"idsite": 1}]
    assert api.call("SitesManager.getSitesIdFromSiteUrl", "stranger", url=url).json() == []


def test_a_deleted_site_is_gone_and_its_number_too(api: Api) -> None:
    api.done("SitesManager.deleteSite", idSite=2)
    assert api.done("SitesManager.getAllSitesId") == [1]
    assert "site 2 is unknown" in api.refused(GET_SITE, idSite=2)
    assert api.done(ADD_SITE, siteName="Next", urls="https://next.example") == 3
    assert api.call("SitesManager.getSitesIdWithAtLeastViewAccess", "stranger").status_code == 401


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({}, list(range(1, 133)), id="all"),
        pytest.param({"limit": 2}, [1, 2], id="limit"),
        pytest.param({"filter_limit": 2, "filter_offset": 3}, [4, 5], id="filter"),
        pytest.param({"filter_limit": -1}, list(range(1, 133)), id="no-limit"),
        pytest.param({"pattern": "SITE 2"}, [2], id="pattern"),
    ],
)
def test_long_lists_are_whole_unless_asked_otherwise(api: Api, given: Given, expected: list[int]) -> None:
    for number in range(130):
        a_site(api.registry, name=f"No {number}")
    assert [row["idsite"] for row in api.done("SitesManager.getSitesWithAdminAccess", **given)] == expected


def test_aliases_in_lists(api: Api) -> None:
    api.done("SitesManager.addSiteAliasUrls", idSite=1, urls="https://a.example")
    rows = api.done("SitesManager.getSitesWithAdminAccess", fetchAliasUrls=1)
    assert [row["alias_urls"] for row in rows] == [["https://a.example"], []]


# What arrives: for all sites


class Kept(NamedTuple):
    """Where a setting of all sites is told and kept."""

    getter: str
    told: object
    field: str
    value: object


@pytest.mark.parametrize(
    ("setter", "given", "expected"),
    [
        pytest.param(
            "setGlobalExcludedIps", {"excludedIps": "203.0.113.9, 10.0.0.*"},
            Kept("getExcludedIpsGlobal", "203.0.113.9,10.0.0.*", "excluded_addresses", ("203.0.113.9", "10.0.0.*")),
            id="ips",
        ),
        pytest.param(
            "setGlobalExcludedQueryParameters", {"excludedQueryParameters": "a,b"},
            Kept("getExcludedQueryParametersGlobal", "a,b", "excluded_parameters", ("a", "b")), id="parameters",
        ),
        pytest.param(
            "setGlobalQueryParamExclusion", {"exclusionType": "custom", "queryParamsToExclude": "a,b"},
            Kept("getExclusionTypeForQueryParams", "custom", "excluded_parameters", ("a", "b")), id="custom-exclusion",
        ),
        pytest.param(
            "setGlobalQueryParamExclusion", {"exclusionType": "matomo_recommended_pii"},
            Kept("getExclusionTypeForQueryParams", "matomo_recommended_pii", "excluded_parameters", PERSONAL),
            id="personal",
        ),
        pytest.param(
            "setGlobalQueryParamExclusion", {"exclusionType": "common_session_parameters"},
            Kept("getExclusionTypeForQueryParams", "common_session_parameters", "excluded_parameters", ()),
            id="sessions",
        ),
        pytest.param(
            "setGlobalExcludedUserAgents", {"excludedUserAgents": "Probe,Check"},
            Kept("getExcludedUserAgentsGlobal", "Probe,Check", "excluded_user_agents", ("Probe", "Check")),
            id="user-agents",
        ),
        pytest.param(
            "setGlobalExcludedReferrers", {"excludedReferrers": "pay.example"},
            Kept("getExcludedReferrersGlobal", "pay.example", "excluded_referrers", ("pay.example",)), id="referrers",
        ),
        pytest.param(
            "setGlobalSearchParameters", {"searchKeywordParameters": "gkwd", "searchCategoryParameters": "gcat"},
            Kept("getSearchKeywordParametersGlobal", "gkwd", "search_keywords", ("gkwd",)), id="search-keywords",
        ),
        pytest.param(
            "setGlobalSearchParameters", {"searchKeywordParameters": "gkwd", "searchCategoryParameters": "gcat"},
            Kept("getSearchCategoryParametersGlobal", "gcat", "search_categories", ("gcat",)), id="search-categories",
        ),
        pytest.param(
            "setKeepURLFragmentsGlobal", {"enabled": "true"},
            Kept("getKeepURLFragmentsGlobal", True, "keep_fragment", True), id="fragments",
        ),
        pytest.param(
            "setDefaultTimezone", {"defaultTimezone": "Asia/Tokyo"},
            Kept("getDefaultTimezone", "Asia/Tokyo", "timezone", "Asia/Tokyo"), id="timezone",
        ),
        pytest.param(
            "setDefaultCurrency", {"defaultCurrency": "JPY"},
            Kept("getDefaultCurrency", "JPY", "currency", "JPY"), id="currency",
        ),
    ],
)  # fmt: skip
def test_what_holds_for_all_sites(api: Api, setter: str, given: Given, expected: Kept) -> None:
    assert api.done(f"SitesManager.{setter}", **given) == {"result": "success", "message": "ok"}
    assert getattr(api.registry.global_settings(), expected.field) == expected.value
    assert api.done(f"SitesManager.{expected.getter}") == expected.told


def test_lists_of_all_sites_can_be_emptied(api: Api) -> None:
    for given in ("203.0.113.9", ""):
        api.done("SitesManager.setGlobalExcludedIps", excludedIps=given)
    assert api.registry.global_settings().excluded_addresses == ()


# What arrives: goals


def test_goals_arrive_as_they_were_given(api: Api) -> None:
    given = {
        "idSite": 1, "name": "Bought", "matchAttribute": "event_action", "pattern": "buy", "patternType": "exact",
        "caseSensitive": 1, "revenue": "9,5", "allowMultipleConversionsPerVisit": "true", "description": "Once more",
        "useEventValueAsRevenue": 1,
    }  # fmt: skip
    assert api.done(ADD_GOAL, **given) == 2
    row = {
        "idsite": 1,
        "idgoal": 2,
        "name": "Bought",
        "description": "Once more",
        "match_attribute": "event_action",
        "pattern": "buy",
        "pattern_type": "exact",
        "case_sensitive": 1,
        "allow_multiple": 1,
        "revenue": 9.5,
        "deleted": 0,
        "event_value_as_revenue": 1,
    }
    assert api.done("Goals.getGoal", idSite=1, idGoal=2) == row
    assert [goal["name"] for goal in api.done("Goals.getGoals", idSite=1)] == ["Signed up", "Bought"]
    assert [goal["name"] for goal in api.done("Goals.getGoals", idSite=1, orderByName=1)] == ["Bought", "Signed up"]
    assert api.done("Goals.getGoals", idSite=2) == []
    goal = api.registry.goals(1)[1]
    assert (goal.pattern_type, goal.case_sensitive, goal.allow_multiple, goal.revenue) == ("exact", True, True, 9.5)


def test_a_goal_that_only_its_number_reaches(api: Api) -> None:
    manual = {"matchAttribute": "manually", "pattern": "", "patternType": "", "caseSensitive": "false"}
    assert api.done(ADD_GOAL, idSite=1, name="By hand", revenue="false", **manual) == 2
    assert "pattern" not in api.done("Goals.getGoal", idSite=1, idGoal=2)


def test_goals_change_and_go(api: Api) -> None:
    api.done("Goals.updateGoal", idSite=1, idGoal=1, revenue=4, **GOAL)
    api.done("Goals.updateGoal", idSite=1, idGoal=1, name="Bought much")
    goal = api.registry.goals(1)[0]
    assert (goal.name, goal.match_attribute, goal.pattern, goal.revenue) == ("Bought much", "url", "/thanks", 4)
    api.done("Goals.deleteGoal", idSite=1, idGoal=1)
    assert api.registry.goals(1) == []
    assert "goal 1 is unknown" in api.refused("Goals.getGoal", idSite=1, idGoal=1)
    assert api.done(ADD_GOAL, idSite=1, **GOAL) == 2  # No number twice: conversions outlive their goal.


# What arrives: custom dimensions


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({}, (), id="none"),
        pytest.param({"extractions": ""}, (), id="empty"),
        pytest.param({"extractions[0][dimension]": "", "extractions[0][pattern]": ""}, (), id="empty-row"),
        pytest.param(
            {
                "extractions[0][dimension]": "url", "extractions[0][pattern]": "/by/([^/]+)",
                "extractions[1][dimension]": "urlparam", "extractions[1][pattern]": "author",
            },
            (Extraction("url", "/by/([^/]+)"), Extraction("urlparam", "author")),
            id="table",
        ),
        pytest.param(
            {
                "extractions[][dimension]": ["action_name", "urlparam"],
                "extractions[][pattern]": ["by (.*)", "author"],
            },
            (Extraction("action_name", "by (.*)"), Extraction("urlparam", "author")),
            id="table-without-numbers",
        ),
        pytest.param(
            {"extractions": '[{"dimension": "urlparam", "pattern": "author"}]'},
            (Extraction("urlparam", "author"),),
            id="json",
        ),
    ],
)  # fmt: skip
def test_where_a_dimension_comes_from(api: Api, given: Given, expected: tuple[Extraction, ...]) -> None:
    new = partial(api.done, NEW_DIMENSION, idSite=1, name="Author", active=1)
    number = new(scope="action", **given) if not isinstance(given.get("extractions[][dimension]"), list) else None
    if number is None:  # These fields must come in the order of their rows.
        pairs = [
            pair
            for source, pattern in zip(given["extractions[][dimension]"], given["extractions[][pattern]"], strict=True)
            for pair in (("extractions[][dimension]", source), ("extractions[][pattern]", pattern))
        ]
        query = urlencode([("name", "Author"), ("scope", "action"), ("idSite", "1"), ("active", "1"), *pairs])
        form = {"token_auth": api.tokens["admin"]}
        call = f"/index.php?module=API&format=json&method=CustomDimensions.configureNewCustomDimension&{query}"
        number = api.client.post(call, data=form).json()["value"]
    assert number == 2
    assert api.registry.dimensions(1)[1].extractions == expected


def test_dimensions_are_told_and_changed(api: Api) -> None:
    source = {"extractions[0][dimension]": "urlparam", "extractions[0][pattern]": "author"}
    api.done(CHANGE_DIMENSION, idSite=1, idDimension=1, name="Writer", active=1, caseSensitive=0, **source)
    api.done(CHANGE_DIMENSION, idSite=1, idDimension=1, active=0)
    row = {
        "idcustomdimension": 1,
        "idsite": 1,
        "name": "Writer",
        "index": 1,
        "scope": "action",
        "active": False,
        "extractions": [{"dimension": "urlparam", "pattern": "author"}],
        "case_sensitive": False,
    }
    assert api.done("CustomDimensions.getConfiguredCustomDimensions", idSite=1) == [row]
    of_scope = "CustomDimensions.getConfiguredCustomDimensionsHavingScope"
    assert api.done(of_scope, idSite=1, scope="action") == [row]
    assert api.done(of_scope, idSite=1, scope="visit") == []
    assert api.done("CustomDimensions.configureNewDimension", idSite=1, name="Plan", scope="visit", index=4) == 2
    scopes = {row["value"]: row for row in api.done("CustomDimensions.getAvailableScopes", idSite=1)}
    assert [scopes[name]["numSlotsUsed"] for name in ("visit", "action")] == [1, 1]
    assert [scopes[name]["numSlotsLeft"] for name in ("visit", "action")] == [997, 997]


# What is refused


@pytest.mark.parametrize(
    ("method", "given", "words"),
    [
        pytest.param(ADD_SITE, {"urls": "https://a.example"}, ["'siteName'"], id="no-name"),
        pytest.param(ADD_SITE, {"siteName": "A"}, ["'urls'"], id="no-address"),
        pytest.param(ADD_SITE, {"siteName": "A", "urls": "a.example"}, ["https://a.example?"], id="no-protocol"),
        pytest.param(ADD_SITE, {"siteName": "A", "urls": "javascript:alert(1)"}, ["address"], id="script"),
        pytest.param(UPDATE_SITE, {"idSite": 1, "siteName": ""}, ["name ''"], id="emptied-name"),
        pytest.param(UPDATE_SITE, {"idSite": 1, "timezone": "Berlin"}, ["Europe/Berlin?"], id="timezone"),
        pytest.param(UPDATE_SITE, {"idSite": 1, "currency": "Euro"}, ["currency 'Euro'"], id="currency"),
        pytest.param(UPDATE_SITE, {"idSite": 1, "type": "shop"}, ["type 'shop'"], id="type"),
        pytest.param(UPDATE_SITE, {"idSite": 1, "excludedIps": "1.2.3"}, ["address '1.2.3'"], id="address"),
        pytest.param(UPDATE_SITE, {"idSite": 1, "ecommerce": "yes"}, ["ecommerce='yes'", "1 or 0"], id="flag"),
        pytest.param(UPDATE_SITE, {"idSite": 1, "keepURLFragments": 3}, ["keepURLFragments='3'"], id="fragment"),
        pytest.param(UPDATE_SITE, {"idSite": 1, "startDate": "soon"}, ["startDate='soon'"], id="date"),
        pytest.param(UPDATE_SITE, {"idSite": 1, "settingValues[x][0][name]": "y"}, ["settingValues"], id="settings"),
        pytest.param(GET_SITE, {"idSite": "1 or 1=1"}, ["idSite='1 or 1=1'"], id="id-is-sql"),
        pytest.param(GET_SITE, {"idSite": 0}, ["idSite='0'"], id="id-zero"),
        pytest.param(GET_SITE, {"idSite": "٣"}, ["idSite='٣'"], id="id-arabic"),
        pytest.param(GET_SITE, {"idSite": "9" * 30}, ["idSite="], id="id-huge"),
        pytest.param(GET_SITE, {"idSite[]": 1}, ["idSite[]"], id="id-list"),
        pytest.param(GET_SITE, {"idSite": 99}, ["site 99 is unknown"], id="no-such-site"),
        pytest.param("SitesManager.setGlobalExcludedIps", {}, ["'excludedIps'"], id="nothing-to-set"),
        pytest.param(SET_SEARCH, {"searchKeywordParameters": "q"}, ["'searchCategoryParameters'"], id="half"),
        pytest.param(SET_EXCLUSION, {"exclusionType": "all"}, ["exclusionType='all'"], id="exclusion"),
        pytest.param(SET_EXCLUSION, {"exclusionType": "custom"}, ["'queryParamsToExclude'"], id="no-list"),
        pytest.param("SitesManager.setDefaultTimezone", {"defaultTimezone": "Mars"}, ["'Mars'"], id="global-timezone"),
        pytest.param("SitesManager.getAllSites", {"filter_limit": "ten"}, ["filter_limit='ten'"], id="limit"),
        pytest.param(ADD_GOAL, {"idSite": 1, "name": "A"}, ["'matchAttribute'"], id="goal-of-what"),
        pytest.param(ADD_GOAL, {"idSite": 1, **GOAL, "pattern": ""}, ["'pattern'"], id="no-pattern"),
        pytest.param(ADD_GOAL, {"idSite": 1, **GOAL, "patternType": "like"}, ["'like'"], id="pattern-type"),
        pytest.param(ADD_GOAL, {"idSite": 1, **GOAL, "matchAttribute": "mood"}, ["'mood'"], id="attribute"),
        pytest.param(ADD_GOAL, {"idSite": 1, **GOAL, "revenue": "much"}, ["revenue='much'"], id="revenue"),
        pytest.param(ADD_GOAL, {"idSite": 1, **GOAL, "revenue": "nan"}, ["revenue='nan'"], id="no-number"),
        pytest.param(ADD_GOAL, {"idSite": 1, **GOAL, "patternType": "regex", "pattern": "("}, ["'('"], id="broken"),
        pytest.param(ADD_GOAL, {"idSite": 99, **GOAL}, ["site 99 is unknown"], id="goal-of-no-site"),
        pytest.param("Goals.updateGoal", {"idSite": 1, "idGoal": 9, **GOAL}, ["goal 9 is unknown"], id="no-such-goal"),
        pytest.param("Goals.deleteGoal", {"idSite": 2, "idGoal": 1}, ["goal 1 is unknown"], id="goal-of-another-site"),
        pytest.param(NEW_DIMENSION, {"idSite": 1, "name": "A"}, ["'scope'"], id="no-scope"),
        pytest.param(NEW_DIMENSION, {"idSite": 1, "name": "A", "scope": "page"}, ["scope 'page'"], id="scope"),
        pytest.param(
            NEW_DIMENSION,
            {**AUTHOR, "extractions[0][dimension]": "cookie", "extractions[0][pattern]": "x"},
            ["extractions[dimension]='cookie'"],
            id="extraction",
        ),
        pytest.param(
            NEW_DIMENSION,
            {**AUTHOR, "extractions": "[{"}, ["extractions"], id="broken-json",
        ),
        pytest.param(
            CHANGE_DIMENSION, {"idSite": 1, "idDimension": 9}, ["dimension 9 is unknown"],
            id="no-such-dimension",
        ),
        pytest.param(
            ADD_USER,
            {"userLogin": "anna", "email": "anna@example.org", "password": PASSWORD, "initialIdSite": 1},
            ["userLogin='anna'"],
            id="login-is-no-address",
        ),
        pytest.param(
            ADD_USER, {"userLogin": BOSS, "email": BOSS, "password": PASSWORD}, ["'initialIdSite'"], id="of-no-site"
        ),
        pytest.param(
            ADD_USER,
            {"userLogin": BOSS, "email": BOSS, "password": PASSWORD, "initialIdSite": 1},
            ["already there"],
            id="user-twice",
        ),
        pytest.param("UsersManager.getUser", {"userLogin": EVIL}, ["doesn't exist"], id="no-such-user"),
        pytest.param("Goals.getEverything", {}, ["'getEverything'", "'Goals'"], id="no-such-method"),
        pytest.param("", {}, ["'method'"], id="no-method"),
    ],
)  # fmt: skip
def test_what_is_refused_and_why(api: Api, method: str, given: Given, words: list[str]) -> None:
    before = api.registry.version()
    message = api.refused(method, **given)
    assert [word for word in words if word not in message] == [], message
    assert api.registry.version() == before


def test_a_huge_form_is_refused(api: Api) -> None:
    assert api.call(ADD_SITE, siteName="x" * 100_000, urls="https://a.example").status_code == 413
    form = (b"siteName=" + b"x" * 1000 for _ in range(100))  # Nobody knows how long it will be.
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = api.client.post("/index.php", content=form, headers=headers)
    assert (answer.status_code, ET.fromstring(answer.text)[0].tag) == (413, "error")


def test_a_broken_form_is_refused(api: Api) -> None:
    answer = api.client.post(
        "/index.php?module=API&format=json", content=b"--x\r\nnonsense", headers={"Content-Type": "multipart/form-data"}
    )
    assert answer.status_code == 400


def test_a_registry_that_is_gone(api: Api) -> None:
    api.registry.close()
    answer = api.call("API.getMatomoVersion")
    assert (answer.status_code, answer.json()["result"]) == (503, "error")
    assert "sqlite" not in answer.text


# Formats


@pytest.mark.parametrize(
    ("method", "given", "text"),
    [
        pytest.param(ADD_SITE, {"siteName": "New", "urls": "https://new.example"}, "<result>3</result>", id="value"),
        pytest.param(
            UPDATE_SITE, {"idSite": 1}, '<result>\n\t<success message="ok" />\n</result>', id="done"
        ),
        pytest.param("Goals.getGoals", {"idSite": 2}, "<result />", id="empty"),
        pytest.param(
            "SitesManager.getAllSitesId", {}, "<result>\n\t<row>1</row>\n\t<row>2</row>\n</result>", id="list"
        ),
        pytest.param("SitesManager.getKeepURLFragmentsGlobal", {}, "<result>0</result>", id="flag"),
        pytest.param(
            "SitesManager.getSitesIdFromSiteUrl", {"url": "https://2.example"},
            "<result>\n\t<row>\n\t\t<idsite>2</idsite>\n\t</row>\n</result>", id="table",
        ),
    ],
)  # fmt: skip
def test_xml_is_what_comes_unasked(api: Api, method: str, given: Given, text: str) -> None:
    answer = api.post({"module": "API", "method": method, "token_auth": api.tokens["superuser"], **given})
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert answer.text == f'<?xml version="1.0" encoding="utf-8" ?>\n{text}'


def test_an_error_in_xml(api: Api) -> None:
    answer = api.post({"module": "API", "method": "Goals.getGoals", "idSite": EVIL, "token_auth": api.tokens["view"]})
    (error,) = ET.fromstring(answer.text)
    assert answer.status_code == 400
    assert "<img src=x" in error.attrib["message"]
    assert "<img" not in answer.text


@pytest.mark.parametrize("written", ["morse", "php", EVIL])
def test_a_format_that_is_none(api: Api, written: str) -> None:
    answer = api.call("API.getMatomoVersion", format=written)
    assert answer.status_code == 400
    assert "xml, json" in ET.fromstring(answer.text)[0].attrib["message"]
    assert "<img" not in answer.text


@pytest.mark.parametrize("written", ["json", "xml"])
def test_hostile_texts_are_texts(api: Api, written: str) -> None:
    given = {"siteName": EVIL, "group": EVIL, "excludedUserAgents[]": EVIL}
    api.done(ADD_SITE, urls="https://a.example", **given)
    api.done(ADD_GOAL, idSite=3, **{**GOAL, "name": EVIL[:50], "pattern": EVIL, "description": EVIL})
    site = api.registry.site(3)
    assert (site.name, site.group, site.excluded_user_agents) == (EVIL, EVIL, (EVIL,))
    told = api.call(GET_SITE, idSite=3, format=written)
    goal = api.call("Goals.getGoal", idSite=3, idGoal=1, format=written)
    for answer, names in ((told, ("name", "group")), (goal, ("pattern", "description"))):
        assert answer.status_code == 200
        if written == "json":
            assert [answer.json()[name] for name in names] == [EVIL, EVIL]
        else:
            assert [ET.fromstring(answer.text).findtext(name) for name in names] == [EVIL, EVIL]
            assert "<img" not in answer.text


def test_characters_that_no_xml_may_hold(api: Api) -> None:
    api.done(ADD_GOAL, idSite=1, **{**GOAL, "description": "a\x01b\ufffe"})
    answer = api.call("Goals.getGoal", idSite=1, idGoal=2, format="xml")
    assert ET.fromstring(answer.text).findtext("description") == "ab"


@pytest.mark.parametrize("path", ["/index.php", "/"])
def test_people_are_sent_to_the_pages(api: Api, path: str) -> None:
    answer = api.client.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"] in ("/", "/login")
    assert api.client.get(f"{path}?module=CoreHome").status_code == 400
