"""The administrative API: who may call what, how somebody says who they are, and from when on a change holds."""

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from dashboard.api_reports import REPORTS
from dashboard.app import create_app
from dashboard.matomo_api import METHODS
from dashboard.settings import Settings
from dashboard.surroundings import Surroundings
from sql.annotations import NewAnnotation
from sql.clickhouse import Database
from sql.registry import Registry
from tests import running
from tests.administered import BOSS, PASSWORD, Api, Given
from tests.cases import FOLDER
from tests.conftest import fixed_clock

# Who may call what

Level = Literal["anybody", "view", "write", "admin", "superuser", "viewer", "administrator", "account"]
EVERYBODY = {"", "view", "write", "stranger", "admin", "superuser"}
# Who is let in; `viewer` and `administrator` are those who are it somewhere, whatever the site.
MAY: dict[Level, set[str]] = {
    "anybody": EVERYBODY,
    "view": {"view", "write", "admin", "superuser"},
    "write": {"write", "admin", "superuser"},
    "admin": {"admin", "superuser"},
    "superuser": {"superuser"},
    "viewer": EVERYBODY - {""},
    "administrator": {"stranger", "admin", "superuser"},
    "account": EVERYBODY | {"wrong"},
}
OF_SITE: Given = {"idSite": 1}
OF_DAY: Given = {**OF_SITE, "period": "day", "date": "2026-05-13"}
OF_NOTE: Given = {**OF_SITE, "idNote": 1}
OF_VISITOR: Given = {**OF_SITE, "visitorId": "0123456789abcdef"}
EVE = "eve@example.org"
GOAL: Given = {"name": "Bought", "matchAttribute": "url", "pattern": "/thanks", "patternType": "contains"}
CALLS: dict[str, tuple[Level, Given]] = {
    "API.getMatomoVersion": ("viewer", {}),
    "API.getPiwikVersion": ("viewer", {}),
    "API.getPegelVersion": ("viewer", {}),
    "API.getSegmentsMetadata": ("viewer", {}),
    "API.getSuggestedValuesForSegment": ("view", {**OF_SITE, "segmentName": "city"}),
    "Referrers.getKeywordNotDefinedString": ("viewer", {}),
    "SitesManager.addSite": ("superuser", {"siteName": "New", "urls": "https://new.example"}),
    "SitesManager.updateSite": ("admin", {**OF_SITE, "siteName": "Other"}),
    "SitesManager.deleteSite": ("superuser", OF_SITE),
    "SitesManager.addSiteAliasUrls": ("admin", {**OF_SITE, "urls": "https://alias.example"}),
    "SitesManager.setSiteAliasUrls": ("admin", {**OF_SITE, "urls": "https://alias.example"}),
    "SitesManager.getSiteFromId": ("view", OF_SITE),
    "SitesManager.getSiteUrlsFromId": ("view", OF_SITE),
    "SitesManager.getAllSites": ("superuser", {}),
    "SitesManager.getAllSitesId": ("superuser", {}),
    "SitesManager.getSitesIdFromSiteUrl": ("anybody", {"url": "https://1.example"}),
    "SitesManager.getSitesWithAdminAccess": ("anybody", {}),
    "SitesManager.getSitesWithViewAccess": ("anybody", {}),
    "SitesManager.getSitesWithAtLeastViewAccess": ("anybody", {}),
    "SitesManager.getPatternMatchSites": ("anybody", {"pattern": "Site"}),
    "SitesManager.getSitesIdWithAdminAccess": ("anybody", {}),
    "SitesManager.getSitesIdWithWriteAccess": ("anybody", {}),
    "SitesManager.getSitesIdWithViewAccess": ("anybody", {}),
    "SitesManager.getSitesIdWithAtLeastViewAccess": ("anybody", {}),
    "SitesManager.setGlobalExcludedIps": ("superuser", {"excludedIps": "203.0.113.9"}),
    "SitesManager.setGlobalExcludedQueryParameters": ("superuser", {"excludedQueryParameters": "sid"}),
    "SitesManager.setGlobalExcludedUserAgents": ("superuser", {"excludedUserAgents": "Probe"}),
    "SitesManager.setGlobalExcludedReferrers": ("superuser", {"excludedReferrers": "pay.example"}),
    "SitesManager.setGlobalSearchParameters": (
        "superuser",
        {"searchKeywordParameters": "word", "searchCategoryParameters": "kind"},
    ),
    "SitesManager.setKeepURLFragmentsGlobal": ("superuser", {"enabled": 1}),
    "SitesManager.setDefaultTimezone": ("superuser", {"defaultTimezone": "Asia/Tokyo"}),
    "SitesManager.setDefaultCurrency": ("superuser", {"defaultCurrency": "JPY"}),
    "SitesManager.setGlobalQueryParamExclusion": ("superuser", {"exclusionType": "matomo_recommended_pii"}),
    "SitesManager.getExclusionTypeForQueryParams": ("viewer", {}),
    "SitesManager.getExcludedIpsGlobal": ("administrator", {}),
    "SitesManager.getExcludedQueryParametersGlobal": ("viewer", {}),
    "SitesManager.getExcludedUserAgentsGlobal": ("administrator", {}),
    "SitesManager.getExcludedReferrersGlobal": ("viewer", {}),
    "SitesManager.getSearchKeywordParametersGlobal": ("administrator", {}),
    "SitesManager.getSearchCategoryParametersGlobal": ("administrator", {}),
    "SitesManager.getKeepURLFragmentsGlobal": ("viewer", {}),
    "SitesManager.getDefaultTimezone": ("administrator", {}),
    "SitesManager.getDefaultCurrency": ("administrator", {}),
    "Goals.addGoal": ("write", {**OF_SITE, **GOAL}),
    "Goals.updateGoal": ("write", {**OF_SITE, **GOAL, "idGoal": 1}),
    "Goals.deleteGoal": ("write", {**OF_SITE, "idGoal": 1}),
    "Goals.getGoal": ("view", {**OF_SITE, "idGoal": 1}),
    "Goals.getGoals": ("view", OF_SITE),
    "CustomDimensions.configureNewCustomDimension": ("admin", {**OF_SITE, "name": "Plan", "scope": "visit"}),
    "CustomDimensions.configureNewDimension": ("admin", {**OF_SITE, "name": "Plan", "scope": "visit"}),
    "CustomDimensions.configureExistingCustomDimension": ("admin", {**OF_SITE, "idDimension": 1, "name": "Writer"}),
    "CustomDimensions.configureExistingDimension": ("admin", {**OF_SITE, "idDimension": 1, "name": "Writer"}),
    "CustomDimensions.getConfiguredCustomDimensions": ("view", OF_SITE),
    "CustomDimensions.getConfiguredCustomDimensionsHavingScope": ("view", {**OF_SITE, "scope": "action"}),
    "CustomDimensions.getAvailableScopes": ("view", OF_SITE),
    "CustomDimensions.getAvailableExtractionDimensions": ("viewer", {}),
    "UsersManager.addUser": (
        "superuser",
        {"userLogin": "a@example.org", "email": "a@example.org", "password": PASSWORD, "initialIdSite": 1},
    ),
    "UsersManager.getUsers": ("administrator", {}),
    "UsersManager.getUser": ("superuser", {"userLogin": BOSS}),
    "UsersManager.createAppSpecificTokenAuth": (
        "account",
        {"userLogin": BOSS, "passwordConfirmation": PASSWORD, "description": "phone"},
    ),
    "UsersManager.getUserByEmail": ("superuser", {"userEmail": BOSS}),
    "UsersManager.userExists": ("administrator", {"userLogin": BOSS}),
    "UsersManager.userEmailExists": ("administrator", {"userEmail": BOSS}),
    "UsersManager.updateUser": ("superuser", {"userLogin": EVE, "password": PASSWORD}),
    "UsersManager.deleteUser": ("superuser", {"userLogin": EVE}),
    "UsersManager.hasSuperUserAccess": ("anybody", {}),
    "UsersManager.setUserAccess": ("admin", {"userLogin": EVE, "access": "view", "idSites": 1}),
    "UsersManager.setSuperUserAccess": ("superuser", {"userLogin": EVE, "hasSuperUserAccess": 1}),
    "UsersManager.getUsersAccessFromSite": ("admin", OF_SITE),
    "UsersManager.getUsersWithSiteAccess": ("admin", {**OF_SITE, "access": "view"}),
    "UsersManager.getSitesAccessFromUser": ("superuser", {"userLogin": EVE}),
    "UsersManager.getUsersSitesFromAccess": ("superuser", {"access": "view"}),
    "UsersManager.getUsersHavingSuperUserAccess": ("administrator", {}),
    "UsersManager.getUsersLogin": ("administrator", {}),
    "SitesManager.getCurrencyList": ("anybody", {}),
    "SitesManager.getCurrencySymbols": ("anybody", {}),
    "SitesManager.getTimezonesList": ("anybody", {}),
    "SitesManager.getTimezoneName": ("anybody", {"timezone": "UTC"}),
    "SitesManager.isTimezoneSupportEnabled": ("viewer", {}),
    "SitesManager.getUniqueSiteTimezones": ("superuser", {}),
    "SitesManager.getSitesIdFromTimezones": ("superuser", {"timezones": "UTC"}),
    "SitesManager.getSitesFromTimezones": ("superuser", {"timezones": "UTC"}),
    "SitesManager.getNumWebsitesToDisplayPerPage": ("viewer", {}),
    "SitesManager.getSitesGroups": ("superuser", {}),
    "SitesManager.getSitesFromGroup": ("superuser", {"group": "Shops"}),
    "SitesManager.renameGroup": ("superuser", {"oldGroupName": "Shops", "newGroupName": "Stores"}),
    "SitesManager.getSitesWithMinimumAccess": ("anybody", {"permission": "view"}),
    "SitesManager.getJavascriptTag": ("view", OF_SITE),
    "SitesManager.getImageTrackingCode": ("view", OF_SITE),
    "CoreAdminHome.getOptOutJSEmbedCode": ("viewer", {}),
    "CoreAdminHome.getOptOutSelfContainedEmbedCode": ("viewer", {}),
    "Live.getLastVisitsDetails": ("view", OF_DAY),
    "Live.getLastVisits": ("view", OF_DAY),
    "Live.getCounters": ("view", {**OF_SITE, "lastMinutes": 30}),
    "Live.getLastVisitsForVisitor": ("view", OF_VISITOR),
    "Live.getFirstVisitForVisitorId": ("view", OF_VISITOR),
    "Live.getVisitorProfile": ("view", OF_SITE),
    "Live.getMostRecentVisitorId": ("view", OF_SITE),
    "Live.getMostRecentVisitsDateTime": ("view", OF_SITE),
    "Live.isVisitorProfileEnabled": ("view", OF_SITE),
    "Annotations.add": ("view", {**OF_SITE, "date": "2026-05-13", "note": "Campaign began"}),
    "Annotations.save": ("admin", {**OF_NOTE, "note": "Campaign ended"}),  # And whoever wrote it.
    "Annotations.delete": ("admin", OF_NOTE),
    "Annotations.deleteAll": ("superuser", OF_SITE),
    "Annotations.get": ("view", OF_NOTE),
    "Annotations.getAll": ("view", OF_SITE),
    "Annotations.getAnnotationCountForDates": ("view", OF_DAY),
    "LanguagesManager.getAvailableLanguages": ("anybody", {}),
    "LanguagesManager.getAvailableLanguageNames": ("anybody", {}),
    "LanguagesManager.getAvailableLanguagesInfo": ("anybody", {}),
    "LanguagesManager.isLanguageAvailable": ("anybody", {"languageCode": "en"}),
    "API.isPluginActivated": ("viewer", {"pluginName": "Goals"}),
    "API.getBulkRequest": ("anybody", {"urls[0]": "method=API.getMatomoVersion"}),
    "API.get": ("view", OF_DAY),
    "API.getReportMetadata": ("view", OF_SITE),
    "API.getProcessedReport": ("view", {**OF_DAY, "apiModule": "VisitsSummary", "apiAction": "get"}),
    "API.getRowEvolution": (
        "view",
        {**OF_DAY, "date": "last2", "apiModule": "UserCountry", "apiAction": "getCountry", "label": "France"},
    ),
    "MultiSites.getAll": ("viewer", {"period": "day", "date": "2026-05-13"}),
    "MultiSites.getAllWithGroups": ("viewer", {"period": "day", "date": "2026-05-13"}),
}


@pytest.fixture
def peopled(api: Api) -> Api:
    """The API, with somebody who sees the first site, a group, and a note that nobody here has written."""
    api.registry.add_user(EVE, PASSWORD, "view", [1])
    api.registry.update_site(replace(api.registry.site(2), group="Shops"))
    note = NewAnnotation(site=1, day=date(2026, 5, 13), note="Launch", author="somebody", token=0)
    api.registry.add_annotation(note)
    return api


def test_every_method_is_in_the_matrix() -> None:
    assert CALLS.keys() | REPORTS.keys() == METHODS.keys()


def test_reports_are_for_those_who_see_the_site(peopled: Api) -> None:
    """They all ask the same of their callers, so each is called once by somebody who may, and by some who may not."""
    statuses = {
        caller: {name: peopled.call(name, caller, **OF_DAY).status_code for name in REPORTS}
        for caller in ("", "stranger", "view")
    }
    assert {caller: set(found.values()) for caller, found in statuses.items() if caller != "view"} == {
        "": {401},
        "stranger": {401},
    }
    assert [name for name, status in statuses["view"].items() if status in (401, 500, 503)] == []


@pytest.mark.parametrize("method", CALLS)
def test_who_may_call(peopled: Api, method: str) -> None:
    level, given = CALLS[method]
    callers = ["wrong", *sorted(EVERYBODY - MAY[level]), *sorted(EVERYBODY & MAY[level])]
    for caller in callers:
        before = peopled.registry.version()
        answer = peopled.call(method, caller, **given)
        if caller in MAY[level]:
            assert answer.status_code != 401, caller
        else:
            assert (answer.status_code, answer.json()["result"]) == (401, "error"), caller
            assert peopled.registry.version() == before, caller


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.parametrize("written", ["json", "xml"])
def test_every_method_answers(peopled: Api, method: str, written: str) -> None:
    answer = peopled.call(method, **CALLS[method][1], **({"format": written}))
    assert answer.status_code == 200, answer.text
    assert "error" not in answer.text.replace("console.error", "")  # Of a script.
    found = json.loads(answer.text) if written == "json" else ET.fromstring(answer.text).tag
    assert written == "json" or found == "result"


@pytest.mark.parametrize(
    ("caller", "method", "given", "message"),
    [
        pytest.param(
            "", "Goals.getGoals", OF_SITE,
            "You can't access this resource as it requires 'view' access for the website id = 1.", id="no-token",
        ),
        pytest.param(
            "view", "SitesManager.updateSite", {"idSite": 99},
            "You can't access this resource as it requires 'admin' access for the website id = 99.", id="no-such-site",
        ),
        pytest.param(
            "admin", "SitesManager.getAllSites", {},
            "You can't access this resource as it requires 'superuser' access.", id="superuser",
        ),
        pytest.param(
            "wrong", "Goals.getGoals", OF_SITE,
            "Unable to authenticate with the provided token. It is either invalid or expired.", id="wrong-token",
        ),
        pytest.param("view", "Goals.getGoals", {}, "Please specify a value for 'idSite'.", id="no-site"),
    ],
)  # fmt: skip
def test_the_words_that_clients_know(api: Api, caller: str, method: str, given: Given, message: str) -> None:
    assert api.call(method, caller, **given).json() == {"result": "error", "message": message}


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        pytest.param("", {}, id="nobody"),
        pytest.param("view", {"AtLeastView": [1], "View": [1]}, id="view"),
        pytest.param("write", {"AtLeastView": [1], "Write": [1]}, id="write"),
        pytest.param("admin", {"AtLeastView": [1], "Admin": [1]}, id="admin"),
        pytest.param("stranger", {"AtLeastView": [2], "Admin": [2]}, id="admin-of-another"),
        pytest.param("superuser", {"AtLeastView": [1, 2], "Admin": [1, 2]}, id="superuser"),
    ],
)
def test_everybody_sees_their_sites(api: Api, caller: str, expected: dict[str, list[int]]) -> None:
    kinds = ("AtLeastView", "View", "Write", "Admin")
    found = {kind: api.call(f"SitesManager.getSitesIdWith{kind}Access", caller).json() for kind in kinds}
    assert {kind: ids for kind, ids in found.items() if ids} == expected
    rows = api.call("SitesManager.getSitesWithAtLeastViewAccess", caller).json()
    assert [row["idsite"] for row in rows] == expected.get("AtLeastView", [])


# How somebody says who they are


@pytest.mark.parametrize("path", ["/index.php", "/"])
@pytest.mark.parametrize("how", ["query", "form", "multipart", "header", "form-wins"])
def test_where_a_token_may_stand(api: Api, path: str, how: str) -> None:
    asked = {"module": "API", "method": "API.getMatomoVersion", "format": "JSON"}
    token = {"token_auth": api.tokens["view"]}
    query, query_with_wrong = urlencode(asked), urlencode({**asked, "token_auth": api.tokens["wrong"]})
    answers = {
        "query": lambda: api.client.get(f"{path}?{query}&{urlencode(token)}"),
        "form": lambda: api.client.post(path, data={**asked, **token}),
        "multipart": lambda: api.client.post(path, files={n: (None, v) for n, v in {**asked, **token}.items()}),
        "header": lambda: api.client.get(f"{path}?{query}", headers={"Authorization": f"Bearer {token['token_auth']}"}),
        "form-wins": lambda: api.client.post(f"{path}?{query_with_wrong}", data=token),
    }
    answer = answers[how]()
    assert (answer.status_code, answer.json()) == (200, {"value": "5.2.0"})


def test_a_session_is_no_token(api: Api) -> None:
    signed_in = api.client.post(
        "/login", data={"email": BOSS, "password": PASSWORD}, headers={"Origin": "http://testserver"}
    )
    assert signed_in.status_code == 303
    assert "pegel_session" in api.client.cookies
    assert api.call("SitesManager.getAllSites", "").status_code == 401
    assert api.client.get("/index.php?module=API&method=SitesManager.getAllSites").status_code == 401


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_programs_need_no_origin_and_get_no_leave_to_share(api: Api, origin: str) -> None:
    form = {"module": "API", "method": "API.getMatomoVersion", "token_auth": api.tokens["view"]}
    for headers in ({}, {"Origin": origin, "Sec-Fetch-Site": "cross-site"}):
        answer = api.post(form, **headers)
        assert answer.status_code == 200
        assert [name for name in answer.headers if name.lower().startswith("access-control")] == []
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert api.client.post("/logout", headers={"Origin": origin}).status_code == 403


def test_guessing_tokens_ends(api: Api) -> None:
    guesses = {api.post({"module": "API", "method": "x", "token_auth": f"{n:032x}"}).status_code for n in range(5)}
    assert guesses == {400}  # A method that is none is refused before anybody looks at the token.
    statuses = [api.call("API.getMatomoVersion", "wrong").status_code for _ in range(51)]
    assert (set(statuses[:50]), statuses[50]) == ({401}, 429)
    answer = api.call("API.getMatomoVersion", "superuser")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "900")
    elsewhere = TestClient(api.client.app, client=("192.0.2.7", 4000))
    form = {"module": "API", "method": "API.getMatomoVersion", "token_auth": api.tokens["view"]}
    assert elsewhere.post("/index.php", data=form).status_code == 200


def test_right_tokens_are_no_guesses(api: Api) -> None:
    assert {api.call("API.getMatomoVersion", "view").status_code for _ in range(60)} == {200}


def test_tokens_and_passwords_are_guessed_on_one_account(api: Api) -> None:
    for _ in range(50):
        api.call("API.getMatomoVersion", "wrong")
    answer = api.client.post(
        "/login", data={"email": BOSS, "password": PASSWORD}, headers={"Origin": "http://testserver"}
    )
    assert answer.status_code == 429


# What arrives: people


def test_somebody_new_can_sign_in_and_sees_one_site(api: Api) -> None:
    email = "anna@example.org"
    given = {"userLogin": email, "email": email, "password": PASSWORD, "initialIdSite": 2}
    assert api.done("UsersManager.addUser", **given) == {"result": "success", "message": "ok"}
    user = api.registry.user_with_password(email, PASSWORD)
    assert user is not None
    assert (user.role, user.sites) == ("view", (2,))
    assert [row["login"] for row in api.call("UsersManager.getUsers", "stranger").json()] == [BOSS, email]
    assert [row["login"] for row in api.call("UsersManager.getUsers", "admin").json()] == [BOSS]
    assert api.done("UsersManager.getUsers", userLogins=BOSS) == [api.done("UsersManager.getUser", userLogin=BOSS)]
    assert PASSWORD not in api.call("UsersManager.getUsers").text
    assert "argon2" not in api.call("UsersManager.getUsers").text


def test_a_token_has_the_access_of_its_account(api: Api) -> None:
    api.registry.add_user("anna@example.org", PASSWORD, "write", [2])
    make = "UsersManager.createAppSpecificTokenAuth"
    asked = {"userLogin": "anna@example.org", "passwordConfirmation": PASSWORD, "description": "phone"}
    made = api.call(make, "", **asked).json()["value"]
    api.tokens["made"] = made
    assert api.call("SitesManager.getSitesIdWithWriteAccess", "made").json() == [2]
    assert api.call("Goals.addGoal", "made", idSite=2, **GOAL).status_code == 200
    assert api.call("Goals.addGoal", "made", idSite=1, **GOAL).status_code == 401
    assert api.registry.tokens()[-1].name == "phone"


@pytest.mark.parametrize(
    ("changes", "status", "word"),
    [
        pytest.param({"passwordConfirmation": "wrong"}, 401, "do not belong together", id="wrong-password"),
        pytest.param({"userLogin": "nobody@example.org"}, 401, "do not belong together", id="nobody"),
        pytest.param({"passwordConfirmation": ""}, 400, "'passwordConfirmation'", id="no-password"),
        pytest.param({"description": ""}, 400, "'description'", id="no-description"),
        pytest.param({"expireHours": 24}, 400, "expireHours", id="expiring"),
        pytest.param({"expireDate": "2030-01-01"}, 400, "expireDate", id="expiring-on-a-date"),
        pytest.param({"secureOnly": 1}, 400, "secureOnly", id="secure-only"),
        pytest.param({"userLogin": "many@example.org"}, 400, "sees 2 websites", id="two-sites"),
    ],
)
def test_tokens_that_are_not_made(api: Api, changes: Given, status: int, word: str) -> None:
    api.registry.add_user("many@example.org", PASSWORD, "view", [1, 2])
    before = api.registry.tokens()
    asked = {"userLogin": BOSS, "passwordConfirmation": PASSWORD, "description": "phone", **changes}
    answer = api.call("UsersManager.createAppSpecificTokenAuth", "", **asked)
    assert (answer.status_code, word in answer.json()["message"]) == (status, True), answer.text
    assert api.registry.tokens() == before


def test_guessing_passwords_ends(api: Api) -> None:
    make = "UsersManager.createAppSpecificTokenAuth"
    asked = {"userLogin": BOSS, "description": "phone"}
    guesses = [api.call(make, "", passwordConfirmation=f"guess {n}", **asked).status_code for n in range(10)]
    assert set(guesses) == {401}
    assert api.call(make, "", passwordConfirmation=PASSWORD, **asked).status_code == 429


# A change holds from the next hit on


@pytest.mark.parametrize("method", CALLS)
def test_hits_that_wait_are_read_as_things_were(peopled: Api, method: str) -> None:
    """Whatever changes how hits are read lets those be loaded first that came before; nothing else waits."""
    state = partial(changeable, peopled.registry)
    before, seen = state(), list[object]()
    peopled.settled.append(lambda: seen.append(state()))
    peopled.call(method, "wrong", **CALLS[method][1])
    assert seen == []
    peopled.call(method, **CALLS[method][1])
    new_site = method == "SitesManager.addSite"  # No hit was kept for it.
    assert seen == ([before] if state() != before and not new_site else [])


def changeable(registry: Registry) -> tuple[object, ...]:
    return registry.sites(), registry.goals(), registry.dimensions(), registry.global_settings()


@pytest.mark.skipif(not FOLDER.is_dir(), reason="no recorded cases here")
@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.json")))
def test_recorded_set_ups_get_their_numbers(registry: Registry, database: Database, name: str) -> None:
    """Every call that once set a server up is understood, and gives the number that it gave then."""
    token = registry.add_token("boss", "superuser", None)
    client = TestClient(create_app(Settings(), database, registry, fixed_clock, Surroundings(dict)))
    for call in json.loads((FOLDER / f"{name}.json").read_text("utf-8"))["setup_log"]:
        given = named(call["args"])
        form = {"module": "API", "method": call["call"], "format": "json", "token_auth": token, **flat(given)}
        answer = client.post("/index.php", data=form)
        wanted = next((given[key] for key in ("idGoal", "idDimension", "idSite") if key in given), None)
        assert answer.status_code == 200, answer.text
        assert answer.json() in ({"value": wanted}, {"result": "success", "message": "ok"})


def named(args: Given | list[str]) -> Given:
    """Return arguments under their names; only the search parameters of all sites come without."""
    names = ("searchKeywordParameters", "searchCategoryParameters")
    return args if isinstance(args, dict) else dict(zip(names, args, strict=True))


def flat(value: Any, name: str = "") -> dict[str, str]:
    """Return the fields of a form, with lists and tables as PHP writes them."""
    if not isinstance(value, dict | list):
        return {name: str(int(value)) if isinstance(value, bool) else str(value)}
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    return {
        key: text for sub, entry in entries for key, text in flat(entry, f"{name}[{sub}]" if name else str(sub)).items()
    }


def test_the_next_hit_is_read_with_what_was_just_set(tmp_path: Path) -> None:
    """Against a whole server: a site that was added is tracked at once, a goal counts from the next hit on."""
    with running.server(tmp_path) as server:
        token = server.add_token("superuser")
        server.start()
        call = partial(api_call, server, token)
        site = call("SitesManager.addSite", siteName="Shop", urls="https://shop.example")["value"]
        hit = f"/matomo.php?idsite={site}&rec=1&url=https%3A%2F%2Fshop.example%2Fthanks"
        assert server.get(f"{hit}&_id={10**15}").status == 200
        assert call("Goals.addGoal", idSite=site, **GOAL)["value"] == 1
        assert server.get(f"{hit}&_id={10**15 + 1}").status == 200
        call("SitesManager.updateSite", idSite=site, excludedQueryParameters="ref", siteName="Shop")
        call("Goals.deleteGoal", idSite=site, idGoal=1)
        assert server.get(f"{hit}&_id={10**15 + 2}").status == 200
        server.flush()
        server.stop()
        with server.tables() as database:
            converted = running.rows(database, "select goal, count() as n from conversions final group by goal")
            assert converted == [{"goal": 1, "n": 1}]
            assert running.rows(database, "select count() as n from hits where action = 'pageview'") == [{"n": 3}]


def api_call(server: running.Server, token: str, method: str, **given: object) -> Any:
    form = urlencode({"module": "API", "method": method, "format": "json", "token_auth": token, **given}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = running.ask(server.private_port, "POST", "/index.php", form, headers)
    assert answer.status == 200, answer.body
    return answer.json()
