"""Reports of devices, systems, browsers, screens and plugins, and of users by their ids."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from dashboard.device_codes import browser_code, browser_family, system_code, system_family
from dashboard.reporting.devices import KINDS, REPORTS
from dashboard.reporting.people import REPORTS as PEOPLE
from dashboard.reporting.table import Table
from sql.clickhouse import Database
from tests.conftest import emptied
from tests.conversion_parts import SITE, conversion, filled_with, part_of, visit
from tests.visit_parts import lines, row_named, table

ANNA: dict[str, Any] = {"visitor": 101, "user_id": "anna b."}
DESKTOP: dict[str, Any] = {"device_model": "generic desktop", "resolution": "1024x768", "plugins": "pdf,cookie"}
PHONE: dict[str, Any] = {
    "device_type": "smartphone",
    "device_brand": "Apple",
    "device_model": "iPhone",
    "os": "iOS",
    "os_version": "17.1",
    "browser": "Mobile Safari",
    "browser_version": "17.1",
    "browser_engine": "WebKit",
    "resolution": "390x844",
    "plugins": "cookie",
}
NOTHING: dict[str, Any] = dict.fromkeys(
    ("device_type", "device_model", "os", "os_version", "browser", "browser_version", "browser_engine", "resolution"),
    "",
)
FIRST = visit(1, "13T08:00", **DESKTOP, **ANNA)
VISITS = [
    FIRST,
    visit(2, "13T09:00", **{**DESKTOP, "os": "Ubuntu", "os_version": ""}, **ANNA),
    visit(3, "13T10:00", **{**DESKTOP, "os": "GNU/Linux", "os_version": "", "browser": "Waterfox"}, visitor=101),
    visit(4, "13T11:00", **PHONE, user_id="0"),
    visit(5, "13T12:00", **NOTHING, plugins=""),
    visit(6, "14T12:00", **DESKTOP, visitor=999, user_id="anna b."),
]


@pytest.fixture(scope="module")
def filled(database: Database) -> Iterator[Database]:
    yield filled_with(emptied(database), visits=VISITS, conversions=[conversion(FIRST, 1, "13T08:01", 2.0)])
    emptied(database)


def report(database: Database, method: str, *columns: str) -> list[tuple[Any, ...]]:
    return sorted(lines(table(REPORTS, method, part_of(database)), *columns))


def test_kinds_that_nobody_has_are_listed_too(filled: Database) -> None:
    rows = table(REPORTS, "DevicesDetection.getType", part_of(filled))
    assert {line for line in lines(rows, "nb_visits", "nb_conversions", "segment") if line[1]} == {
        ("Desktop", 3, 1, "deviceType==desktop"),
        ("Smartphone", 1, None, "deviceType==smartphone"),
        ("Unknown", 1, None, "deviceType==unknown"),
    }
    assert len(rows) == len(KINDS) + 1
    assert row_named(rows, "Car browser").columns == {"label": "Car browser", "nb_visits": 0}
    assert row_named(rows, "Car browser").metadata == {"segment": "deviceType==car+browser"}
    assert table(REPORTS, "DevicesDetection.getType", part_of(filled, day="2026-05-20")).rows == []


EXPECTED = {
    "DevicesDetection.getBrand": [
        ("Apple", 1, "deviceBrand==Apple"),
        ("Unknown", 4, "deviceBrand==Unknown"),
    ],
    "DevicesDetection.getModel": [
        ("Apple - iPhone", 1, "deviceBrand==Apple;deviceModel==iPhone"),
        ("Generic Desktop", 3, "deviceBrand==Unknown;deviceModel==generic+desktop"),
        ("Unknown", 1, "deviceBrand==Unknown;deviceModel==Unknown"),
    ],
    "DevicesDetection.getOsFamilies": [
        ("GNU/Linux", 2, None),
        ("Unknown", 1, None),
        ("Windows", 1, None),
        ("iOS", 1, None),
    ],
    "DevicesDetection.getOsVersions": [
        ("GNU/Linux", 1, "operatingSystemCode==LIN;operatingSystemVersion=="),
        ("Ubuntu", 1, "operatingSystemCode==UBT;operatingSystemVersion=="),
        ("Unknown", 1, "operatingSystemCode==UNK;operatingSystemVersion=="),
        ("Windows 11", 1, "operatingSystemCode==WIN;operatingSystemVersion==11"),
        ("iOS 17.1", 1, "operatingSystemCode==IOS;operatingSystemVersion==17.1"),
    ],
    "DevicesDetection.getBrowsers": [
        ("Firefox", 2, "browserCode==FF"),
        ("Mobile Safari", 1, "browserCode==MF"),
        ("Unknown", 1, "browserCode==UNK"),
        ("Waterfox", 1, "browserCode==WF"),
    ],
    "DevicesDetection.getBrowserVersions": [
        ("Firefox 150.0", 2, "browserCode==FF;browserVersion==150.0"),
        ("Mobile Safari 17.1", 1, "browserCode==MF;browserVersion==17.1"),
        ("Unknown", 1, "browserCode==UNK;browserVersion=="),
        ("Waterfox 150.0", 1, "browserCode==WF;browserVersion==150.0"),
    ],
    "DevicesDetection.getBrowserFamilies": [
        ("Firefox", 3, None),
        ("Safari", 1, None),
        ("Unknown", 1, None),
    ],
    "DevicesDetection.getBrowserEngines": [
        ("Gecko (Firefox)", 3, "browserEngine==Gecko"),
        ("Unknown", 1, "browserEngine==Unknown"),
        ("WebKit (Safari)", 1, "browserEngine==WebKit"),
    ],
    "Resolution.getResolution": [
        ("1024x768", 3, "resolution==1024x768"),
        ("390x844", 1, "resolution==390x844"),
        ("Unknown", 1, "resolution=="),
    ],
    "Resolution.getConfiguration": [
        ("GNU/Linux / Waterfox / 1024x768", 1, None),
        ("Ubuntu / Firefox / 1024x768", 1, None),
        ("Unknown / Unknown / Unknown", 1, None),
        ("Windows / Firefox / 1024x768", 1, None),
        ("iOS / Mobile Safari / 390x844", 1, None),
    ],
}


@pytest.mark.parametrize("method", EXPECTED)
def test_what_visits_were_made_with(filled: Database, method: str) -> None:
    assert report(filled, method, "nb_visits", "segment") == EXPECTED[method]


def test_who_has_two_systems_of_a_family_is_one_person_in_it(filled: Database) -> None:
    assert ("GNU/Linux", 1) in report(filled, "DevicesDetection.getOsFamilies", "nb_uniq_visitors")
    assert ("Firefox", 1) in report(filled, "DevicesDetection.getBrowserFamilies", "nb_uniq_visitors")


@pytest.mark.parametrize(
    "method", ["DevicesDetection.getBrand", "DevicesDetection.getModel", "DevicesDetection.getBrowsers"]
)
def test_conversions_beside_devices(filled: Database, method: str) -> None:
    assert sum(line[1] or 0 for line in report(filled, method, "revenue")) == 2


def test_plugins(filled: Database) -> None:
    assert report(filled, "DevicePlugins.getPlugin", "nb_visits", "nb_visits_percentage") == [
        ("Cookie", 4, 0.8),
        ("Pdf", 3, 0.6),
    ]


def users(database: Database, kind: str) -> Table:
    return table(PEOPLE, "UserId.getUsers", part_of(database, kind=kind))


def test_users_have_the_visitor_id_of_their_first_visit(filled: Database) -> None:
    rows = users(filled, "week")
    assert sorted(lines(rows, "nb_visits", "nb_uniq_visitors", "nb_users", "idvisitor", "segment")) == [
        ("0", 1, 1, 1, f"{104:016x}", "userId==0"),
        ("anna b.", 3, 2, 1, f"{101:016x}", "userId==anna+b."),
    ]
    assert row_named(rows, "anna b.").columns["sum_daily_nb_users"] == 2


def test_visits_without_a_user_are_nobodys(filled: Database) -> None:
    assert sorted(lines(users(filled, "day"), "nb_visits")) == [("0", 1), ("anna b.", 2)]


@pytest.mark.parametrize("preset", ["cnil", "tdddg", "uk"])
def test_a_preset_may_keep_users_back(filled: Database, preset: str) -> None:
    part = part_of(filled, kind="week", site=replace(SITE, preset=preset))
    assert table(PEOPLE, "UserId.getUsers", part).rows == []


def test_codes_of_browsers_and_systems() -> None:
    assert browser_code("Firefox") == "FF"
    assert system_code("Windows") == "WIN"
    assert (browser_code("My App"), system_code("My System")) == ("My App", "My System")
    assert (browser_family("My App"), system_family("Ubuntu")) == ("My App", "GNU/Linux")
