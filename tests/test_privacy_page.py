"""The page "Privacy": what holds, who may change it, what is asked twice, and the assessment to sign."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.app import create_app
from dashboard.conditions import CONDITIONS
from dashboard.privacy_changes import consequences
from dashboard.privacy_words import KEEPS, PRESET_WORDS, QUESTIONS, preset_lines
from dashboard.settings import Settings
from dashboard.surroundings import Surroundings
from sql.clickhouse import Database
from sql.policies import POLICIES, Policy
from sql.registry import PRESETS, Registry, Site
from tests.conftest import NOW, a_site, fixed_clock

ORIGIN, PASSWORD = "http://testserver", "correct horse"
PEOPLE: dict[str, tuple[Any, list[int]]] = {
    "boss": ("superuser", []),
    "admin": ("admin", [1]),
    "everywhere": ("admin", []),
    "writer": ("write", [1]),
    "viewer": ("view", [1]),
    "stranger": ("admin", [2]),
}
PAGE = "/sites/1/privacy"
FORM = {
    **{"preset": "matomo", "consent": "tracker", "dnt": "ignore", "gpc": "ignore", "referrers": "all"},
    **{"retention-months": "25", "fewest-visitors": "0", "scrubbed-patterns": ""},
}

Client = Callable[[str], TestClient]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with sites and people, which every test copies: passwords take long."""
    file = tmp_path_factory.mktemp("people") / "registry.sqlite"
    registry = Registry(file, fixed_clock)
    a_site(registry, name="One <b>", created=datetime(2020, 1, 1, tzinfo=UTC))
    a_site(registry, name="Two", preset="tdddg", consent="without-identifiers", retention_months=0)
    for name, (role, sites) in PEOPLE.items():
        registry.add_user(f"{name}@example.org", PASSWORD, role, sites)
    registry.close()
    return file


@pytest.fixture
def registry(prepared: Path, tmp_path: Path) -> Iterator[Registry]:
    registry = Registry(Path(shutil.copy(prepared, tmp_path)), fixed_clock)
    yield registry
    registry.close()


@pytest.fixture
def settled() -> list[str]:
    return []


@pytest.fixture
def client(clean_database: Database, registry: Registry, settled: list[str]) -> Client:
    """Return a browser in which somebody signed in; '' for nobody."""
    surroundings = Surroundings(lambda: {"ok": True}, lambda: settled.append(registry.site(1).consent))
    app = create_app(Settings(), clean_database, registry, fixed_clock, surroundings)

    def signed_in(name: str) -> TestClient:
        client = TestClient(app, headers={"Origin": ORIGIN}, follow_redirects=False)
        if name:
            client.post("/login", data={"email": f"{name}@example.org", "password": PASSWORD})
        return client

    return signed_in


def text_of(html: str) -> str:
    """Return what a page says, without its tags."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)))


# Who may


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/assessment", "/sites/1/opt-out", "/sites/1/opt-out/preview"])
@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("boss", 200),
        ("admin", 200),
        ("everywhere", 200),
        ("writer", 200),
        ("viewer", 200),
        ("stranger", 404),
        ("", 303),
    ],
)
def test_who_may_look(client: Client, path: str, name: str, status: int) -> None:
    assert client(name).get(path).status_code == status


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("boss", 303),
        ("admin", 303),
        ("everywhere", 303),
        ("writer", 403),
        ("viewer", 403),
        ("stranger", 404),
        ("", 303),
    ],
)
def test_who_may_change(client: Client, registry: Registry, name: str, status: int) -> None:
    before = registry.version()
    answer = client(name).post(PAGE, data={**FORM, "consent": "without-identifiers"})
    assert answer.status_code == status
    changed = status == 303 and bool(name)
    assert answer.headers.get("location", "").startswith("/login") == (not name)
    assert registry.site(1).consent == ("without-identifiers" if changed else "tracker")
    assert (registry.version() > before) == changed


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Origin": "https://evil.example"}, id="another-origin"),
        pytest.param({"Origin": "null"}, id="hidden-origin"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, id="browser-says-so"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, id="neighbour"),
    ],
)
def test_other_websites_change_nothing(client: Client, registry: Registry, headers: dict[str, str]) -> None:
    answer = client("boss").post(PAGE, data={**FORM, "consent": "consent-required"}, headers=headers)
    assert answer.status_code == 403
    assert registry.site(1).consent == "tracker"


def test_the_form_is_for_those_who_may_use_it(client: Client) -> None:
    assert 'method="post" action="/sites/1/privacy' in client("admin").get(PAGE).text
    page = client("viewer").get(PAGE).text
    assert 'action="/sites/1/privacy' not in page
    assert "Whoever administers this website can change" in page


# What it says


def test_what_holds(client: Client) -> None:
    page = text_of(client("boss").get("/sites/2/privacy").text)
    assert "Preset Germany, strict" in page
    assert "Consent Without identifiers" in page
    assert "Do Not Track Count without identifiers" in page
    assert "The site chose “Ignore”; its preset asks for more." in page
    assert "Visits and hits kept for 14 months" in page
    assert "The site chose to keep them for ever; its preset asks for less." in page
    assert "The site chose “Without identifiers”" not in page, "it is stricter than its preset, and holds"


def test_when_visits_are_deleted_next(client: Client, registry: Registry) -> None:
    page = client("viewer").get(PAGE).text
    assert "Visits are there from May 2024 on." in text_of(page)
    assert "Next deletion: Monday, 1 June 2026 ; May 2024 goes then." in text_of(page)
    states = re.findall(r'<rect class="(\w+)"', page)
    assert (states[0], set(states[1:]), len(states)) == ("next", {"kept"}, 25)
    registry.update_site(replace(registry.site(1), created=datetime(2026, 3, 9, tzinfo=UTC)))
    page = client("viewer").get(PAGE).text
    assert re.findall(r'<rect class="(\w+)"', page) == ["before"] * 22 + ["next", "kept", "kept"]
    assert "Next deletion: Saturday, 1 April 2028" in text_of(page)
    registry.update_site(replace(registry.site(1), retention_months=0))
    assert "Visits are never deleted" in client("viewer").get(PAGE).text


def test_presets_are_told_as_they_are() -> None:
    assert PRESET_WORDS.keys() == POLICIES.keys() == set(PRESETS)
    told = {*KEEPS, *(question.name for question in QUESTIONS), "masked_bytes", "months"}
    assert told == {field.name for field in fields(Policy)}
    lines = {line.words.title: [cell.text for cell in line.cells] for line in preset_lines()}
    assert lines["Campaigns"] == ["kept", "left out", "kept", "kept"]
    assert lines["Masked of an address"] == ["as set", "2 bytes", "2 bytes", "2 bytes"]
    assert lines["Consent"] == ["your choice", "your choice", "at least: cookie consent", "your choice"]
    assert lines["Visits are deleted"][:2] == ["your choice", "after 25 months at most"]


def test_every_choice_has_words() -> None:
    for question in QUESTIONS:
        assert tuple(question.words) == question.choices


def test_a_choice_without_effect_is_told_as_one(client: Client) -> None:
    page = text_of(client("boss").get("/sites/2/privacy").text)
    assert "As the tracker says no effect: the preset asks for more" in page
    assert "Cookie consent no effect" not in page
    assert page.count("no effect") == 1 + 1 + 1 + 2, "consent, both signals, and two of the referrers"
    assert "no effect" not in client("boss").get(PAGE).text


def test_conditions_follow_the_configuration(client: Client, registry: Registry) -> None:
    before = text_of(client("admin").get(PAGE).text)
    assert "Ids of users who are logged in are kept." in before
    assert "pegel site change 1 --preset cnil" in before
    registry.update_site(replace(registry.site(1), preset="cnil"))
    after = client("admin").get(PAGE).text
    assert "User ids are thrown away." in after
    for condition in CONDITIONS:
        assert condition.title in unescape(after)
        assert f'href="{condition.source.url}"' in after
    assert "no legal advice" in after
    assert after.count('<details class="regime" open>') == 1


def test_everything_is_escaped(client: Client, registry: Registry) -> None:
    evil = "'\"><script>alert(1)</script>"
    registry.update_site(replace(registry.site(1), name=evil, scrubbed_patterns=("<i>",)))
    for path in (PAGE, f"{PAGE}/assessment", "/sites/1/opt-out", f"{PAGE}/assessment?regime={evil}"):
        page = client("boss").get(path).text
        assert "<script>alert" not in page
        assert "<i>" not in page


# Changing


def test_a_change(client: Client, registry: Registry, settled: list[str]) -> None:
    form = {**FORM, "preset": "uk", "consent": "cookie-consent", "dnt": "drop", "referrers": "host"}
    form |= {"exact-places": "1", "scrubbed-patterns": "sid\r\n /token=.*/ \r\n", "fewest-visitors": "5"}
    asked = client("admin").post(f"{PAGE}?period=day&date=2026-05-13", data=form)
    assert asked.status_code == 303
    assert asked.headers["location"] == f"{PAGE}?period=day&date=2026-05-13&saved=1"
    site = registry.site(1)
    assert (site.preset, site.consent, site.dnt, site.referrers) == ("uk", "cookie-consent", "drop", "host")
    assert (site.exact_places, site.scrubbed_patterns, site.fewest_visitors) == (True, ("sid", "/token=.*/"), 5)
    assert settled == ["tracker"], "hits that came before are read as things were then"
    assert "Saved." in client("admin").get(asked.headers["location"]).text


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        pytest.param({"preset": "none"}, "preset 'none': expected one of matomo", id="preset"),
        pytest.param({"consent": ""}, "consent '': expected one of tracker", id="consent"),
        pytest.param({"dnt": "<b>"}, "dnt '<b>': expected one of ignore", id="signal"),
        pytest.param({"retention-months": "-1"}, "retention months '-1': expected a number", id="negative"),
        pytest.param({"retention-months": "25²"}, "expected a number, such as 25", id="odd-digits"),
        pytest.param({"retention-months": "999"}, "retention of 999 months: expected 1 to 240", id="too-long"),
        pytest.param({"fewest-visitors": "9999"}, "expected a number from 0 to 1000", id="floor"),
        pytest.param({"scrubbed-patterns": "/(/"}, "scrubbed pattern '/(/'", id="pattern"),
    ],
)
def test_what_cannot_be_is_told(client: Client, registry: Registry, wrong: dict[str, str], expected: str) -> None:
    before = registry.site(1)
    answer = client("admin").post(PAGE, data={**FORM, "gpc": "drop", **wrong})
    assert answer.status_code == 400
    assert expected in text_of(answer.text)
    assert 'name="gpc" value="drop" checked' in answer.text, "what was chosen is still chosen"
    assert registry.site(1) == before


def test_what_gets_laxer_is_asked_about(client: Client, registry: Registry) -> None:
    registry.update_site(replace(registry.site(1), preset="tdddg", scrubbed_patterns=("sid",)))
    form = {**FORM, "retention-months": "0"}
    asked = client("admin").post(PAGE, data=form)
    assert (asked.status_code, registry.site(1).preset) == (200, "tdddg")
    page = text_of(asked.text)
    for doubt in (
        "Log of visits will be kept.",
        "Consent: “As the tracker says” instead of “Cookie consent”.",
        "Global Privacy Control: “Ignore” instead of “Count without identifiers”.",
        "Visits will be kept for ever instead of for 14 months.",
        "No longer cut out of addresses: sid.",
    ):
        assert doubt in page
    fields = [
        (name, unescape(value)) for name, value in re.findall(r'type="hidden" name="(\S+)" value="([^"]*)"', asked.text)
    ]
    sure = {name: [value for given, value in fields if given == name] for name, _ in fields}
    assert client("admin").post(PAGE, data={**sure, "agreed": sure["agreed"][1:]}).status_code == 200
    assert registry.site(1).preset == "tdddg", "not all of it was agreed to"
    assert client("admin").post(PAGE, data=sure).status_code == 303
    assert (registry.site(1).preset, registry.site(1).retention_months) == ("matomo", 0)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param({}, {"preset": "cnil"}, [], id="stricter"),
        pytest.param({"preset": "tdddg"}, {"consent": "tracker"}, [], id="below-the-floor"),
        pytest.param(
            {}, {"retention_months": 3}, ["Visits before 2026-03-01 will be deleted for good; totals of days stay."],
            id="shorter",
        ),
        pytest.param(
            {"retention_months": 0}, {"preset": "cnil"},
            ["Visits before 2024-05-01 will be deleted for good; totals of days stay."], id="shorter-by-preset",
        ),
        pytest.param(
            {}, {"retention_months": 26}, ["Visits will be kept for 26 months instead of for 25 months."], id="longer"
        ),
        pytest.param({"preset": "uk"}, {"retention_months": 26}, [], id="longer-than-the-floor"),
        pytest.param(
            {}, {"exact_places": True}, ["Places will be looked up from the whole address, in memory."],
            id="exact-places",
        ),
        pytest.param({"preset": "cnil"}, {"exact_places": True}, [], id="exact-places-without-effect"),
        pytest.param(
            {"fewest_visitors": 5}, {"fewest_visitors": 1}, ["Reports will show every row, also of one visitor."],
            id="floor",
        ),
        pytest.param({"scrubbed_patterns": ("a",)}, {"scrubbed_patterns": ("a", "b")}, [], id="more-is-cut-out"),
    ],
)  # fmt: skip
def test_consequences(registry: Registry, before: dict[str, Any], after: dict[str, Any], expected: list[str]) -> None:
    site: Site = a_site(registry, **before)
    assert consequences(site, replace(site, **after), NOW.date()) == expected


def test_a_site_that_went_meanwhile(client: Client, registry: Registry) -> None:
    signed_in = client("boss")
    registry.delete_site(1)
    assert signed_in.post(PAGE, data=FORM).status_code == 404


# The self-assessment


def test_the_assessment_to_sign(client: Client, registry: Registry) -> None:
    page = text_of(client("viewer").get(f"{PAGE}/assessment?regime=uk").text)
    assert "United Kingdom: statistics about the own service" in page
    assert "Wednesday, 13 May 2026, 12:00 UTC" in page
    assert re.search(r"Pegel \d+\.\d+\S*, site 1, preset matomo", page)
    assert "Place, date Name, role Signature" in page
    for condition in (condition for condition in CONDITIONS if condition.regime == "uk"):
        assert condition.title in page
    own = text_of(client("boss").get("/sites/2/privacy/assessment").text)
    assert "Germany: without storing or reading anything" in own
    assert "Met. The tracker never sets a cookie." in own
