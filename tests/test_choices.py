"""SitesManager's lists to choose from, its tracking codes, and what clients ask about the server."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import pytest

from dashboard.tracking_code import tracking_code
from tests.administered import Api, Given


def test_currencies(api: Api) -> None:
    names, symbols = api.done("SitesManager.getCurrencyList"), api.done("SitesManager.getCurrencySymbols")
    assert (names["EUR"], symbols["EUR"]) == ("Euro (€)", "€")
    assert (names["CZK"], symbols["CZK"]) == ("Czech Koruna (CZK)", "CZK")
    assert names.keys() == symbols.keys()


def test_time_zones(api: Api) -> None:
    zones = api.done("SitesManager.getTimezonesList")
    assert zones["Europe"]["Europe/Berlin"] == "Berlin"
    assert zones["America"]["America/Argentina/Buenos_Aires"] == "Argentina, Buenos Aires"
    assert list(zones["UTC"])[:2] == ["UTC-12", "UTC-11"]
    assert "Etc" not in zones
    names = ("Asia/Kolkata", "UTC+2", "Mars/Base")
    found = [api.done("SitesManager.getTimezoneName", timezone=name) for name in names]
    assert found == ["Kolkata", "UTC+2", "Mars/Base"]


def test_every_time_zone_of_the_list_may_be_a_sites(api: Api) -> None:
    zones = api.done("SitesManager.getTimezonesList")
    for name in (*zones["UTC"], *list(zones["Pacific"])[:3]):
        api.done("SitesManager.updateSite", idSite=1, timezone=name)


def test_sites_by_time_zone(api: Api) -> None:
    api.registry.update_site(replace(api.registry.site(2), timezone="Asia/Tokyo"))
    assert api.done("SitesManager.getUniqueSiteTimezones") == ["Asia/Tokyo", "Europe/Berlin"]
    for method in ("getSitesIdFromTimezones", "getSitesFromTimezones"):
        assert api.done(f"SitesManager.{method}", timezones="Asia/Tokyo") == [2]
        assert api.done(f"SitesManager.{method}", **{"timezones[]": "Asia/Tokyo", "timezones[1]": "UTC"}) == [2]


def test_groups(api: Api) -> None:
    api.registry.update_site(replace(api.registry.site(2), group="Shops"))
    assert api.done("SitesManager.getSitesGroups") == ["", "Shops"]
    assert [row["idsite"] for row in api.done("SitesManager.getSitesFromGroup", group="Shops")] == [2]
    assert [row["idsite"] for row in api.done("SitesManager.getSitesFromGroup", group="")] == [1]
    api.done("SitesManager.renameGroup", oldGroupName="Shops", newGroupName="Stores")
    assert api.registry.site(2).group == "Stores"
    api.done("SitesManager.renameGroup", oldGroupName="Stores", newGroupName="")
    assert api.registry.site(2).group == ""
    assert "'oldGroupName'" in api.refused("SitesManager.renameGroup", newGroupName="Everything")
    assert api.registry.site(1).group == ""


@pytest.mark.parametrize(
    ("caller", "permission", "expected"),
    [
        pytest.param("write", "view", [1], id="less"),
        pytest.param("write", "write", [1], id="the-same"),
        pytest.param("write", "admin", [], id="more"),
        pytest.param("superuser", "admin", [1, 2], id="superuser"),
        pytest.param("", "view", [], id="nobody"),
    ],
)
def test_sites_with_access(api: Api, caller: str, permission: str, expected: list[int]) -> None:
    rows = api.call("SitesManager.getSitesWithMinimumAccess", caller, permission=permission).json()
    assert [row["idsite"] for row in rows] == expected


def test_tracking_code_leads_to_the_collector(api: Api) -> None:
    tag = api.done("SitesManager.getJavascriptTag", idSite=2)
    assert '["setSiteId", "2"]' in tag
    assert 'var u = "http://127.0.0.1:8000/";' in tag
    assert 'src="http://127.0.0.1:8000/matomo.php?idsite=2&amp;rec=1"' in tag
    elsewhere = api.done("SitesManager.getJavascriptTag", idSite=2, piwikUrl="stats.example.org/")
    assert 'var u = "https://stats.example.org/";' in elsewhere


def test_tracking_code_cannot_become_other_code(api: Api) -> None:
    assert "piwikUrl" in api.refused("SitesManager.getJavascriptTag", idSite=1, piwikUrl="javascript:alert(1)")
    code = tracking_code('https://x.example/"</script><script>alert(1)', 1)
    assert code.count("<script>") == code.count("</script>") == 1
    assert '\\"' in code


def test_an_image_that_tracks(api: Api) -> None:
    given = {"actionName": 'News "May" & more', "idGoal": 3, "revenue": "9.5"}
    image = ET.fromstring(api.done("SitesManager.getImageTrackingCode", idSite=1, **given))
    assert image.get("src") == (
        "http://127.0.0.1:8000/matomo.php?idsite=1&rec=1&action_name=News+%22May%22+%26+more&idgoal=3&revenue=9.5"
    )
    plain = ET.fromstring(api.done("SitesManager.getImageTrackingCode", idSite=1))
    assert plain.get("src") == "http://127.0.0.1:8000/matomo.php?idsite=1&rec=1"


@pytest.mark.parametrize(
    ("method", "given", "expected"),
    [
        pytest.param("API.isPluginActivated", {"pluginName": "Goals"}, True, id="plugin"),
        pytest.param("API.isPluginActivated", {"pluginName": "Live"}, True, id="plugin-live"),
        pytest.param("API.isPluginActivated", {"pluginName": "HeatmapSessionRecording"}, False, id="no-plugin"),
        pytest.param("LanguagesManager.getAvailableLanguages", {}, ["en"], id="languages"),
        pytest.param("LanguagesManager.isLanguageAvailable", {"languageCode": "en"}, True, id="english"),
        pytest.param("LanguagesManager.isLanguageAvailable", {"languageCode": "tlh"}, False, id="klingon"),
        pytest.param("SitesManager.isTimezoneSupportEnabled", {}, 1, id="zones"),
        pytest.param("SitesManager.getNumWebsitesToDisplayPerPage", {}, 10, id="page"),
    ],
)
def test_what_the_server_can(api: Api, method: str, given: Given, expected: Any) -> None:
    assert api.done(method, **given) == expected
