"""The page that tells what became of a site's requests: counted, left out on purpose, refused, and what bots did."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.app import create_app
from dashboard.settings import Settings
from dashboard.surroundings import Surroundings
from dashboard.tracking_reasons import DROPPED, REFUSED, reason_of
from sql.clickhouse import Database
from sql.registry import Registry
from tests.conftest import NOW, a_site, bot_row, counter_row, fixed_clock, insert_rows
from tests.tracked import Tracked

BOSS, GUEST, PASSWORD = "boss@example.org", "guest@example.org", "correct horse"
ORIGIN = "http://testserver"
PAGE = "/sites/1/tracking?period=day&date=2026-05-13"
EVERYWHERE = "/tracking?period=day&date=2026-05-13"


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    registry = Registry(tmp_path / "registry.sqlite", fixed_clock)
    a_site(registry, name="One", keep_bots=True)
    a_site(registry, name="Two")
    registry.add_user(BOSS, PASSWORD, "superuser")
    registry.add_user(GUEST, PASSWORD, "view", [1])
    yield registry
    registry.close()


def signed_in(database: Database, registry: Registry, email: str) -> TestClient:
    app = create_app(Settings(), database, registry, fixed_clock, Surroundings(lambda: {"ok": True}))
    client = TestClient(app, headers={"Origin": ORIGIN})
    client.post("/login", data={"email": email, "password": PASSWORD})
    return client


def page(database: Database, registry: Registry, email: str, path: str = PAGE) -> str:
    answer = signed_in(database, registry, email).get(path)
    assert answer.status_code == 200
    return answer.text


def text_of(html: str) -> str:
    """Return what a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


@pytest.fixture
def filled(clean_database: Database) -> Database:
    counters = [
        counter_row(hits=1234),
        counter_row(outcome="dropped", reason="opt-out", hits=7),
        counter_row(outcome="refused", reason="idgoal", hits=3),
        counter_row(outcome="refused", reason="<script>alert(1)</script>", hits=2),
        counter_row(site=77, outcome="refused", reason="idsite", hits=5),
        counter_row(site=2, outcome="refused", reason="cip", hits=11),
    ]
    insert_rows(clean_database, "counters", counters)
    insert_rows(clean_database, "bots", [bot_row(name="GPTBot", **{"class": "ai-training"}), bot_row(page="x/")])
    return clean_database


def test_what_became_of_requests(filled: Database, registry: Registry) -> None:
    text = page(filled, registry, GUEST)
    for expected in ("1,234", "Opted out", "Unknown goal", "pegel goal add", '<code class="kind">idgoal</code>'):
        assert expected in text
    assert "2026-05-13 14:00" in text_of(text)
    assert "Address without a token" not in text, "that was another site's"
    assert "<script>alert" not in text


def test_over_time(filled: Database, registry: Registry) -> None:
    hours = text_of(page(filled, registry, GUEST))
    assert "14:00 – 15:00 so far 1,234 7 5 " in hours
    assert "13:00 – 14:00 0 0 0 " in hours
    days = text_of(page(filled, registry, GUEST, "/sites/1/tracking?period=week&date=2026-05-13"))
    assert "Wednesday, 13 May 2026 so far 1,234 7 5 " in days
    months = text_of(page(filled, registry, GUEST, "/sites/1/tracking?period=year&date=2026-05-13"))
    assert "May 2026 so far 1,234 7 5 " in months


def test_the_last_refused(filled: Database, registry: Registry) -> None:
    earlier = counter_row(minute=NOW - timedelta(minutes=5), outcome="refused", reason="cdt", hits=4)
    insert_rows(filled, "counters", [earlier])
    last = text_of(page(filled, registry, GUEST).partition('id="last-refused"')[2])
    assert "2026-05-13 14:00 Unknown goal idgoal 3 2026-05-13 13:55 Old time without a token cdt 4 " in last


def test_only_superusers_learn_of_all_sites(filled: Database, registry: Registry) -> None:
    text = text_of(page(filled, registry, BOSS, EVERYWHERE))
    assert "Two 2 0 0 11 cip 2026-05-13 12:00" in text
    assert "Unknown site 77 0 0 5 idsite 2026-05-13 12:00" in text
    assert "1–3 of 3" in text
    assert "the list is shorter" in page(filled, registry, BOSS, f"{EVERYWHERE}&page=2")
    assert 'href="/tracking?' in page(filled, registry, BOSS)
    assert 'href="/tracking?' not in page(filled, registry, GUEST)
    assert signed_in(filled, registry, GUEST).get(EVERYWHERE).status_code == 404


@pytest.mark.parametrize("path", [PAGE, "/tracking"])
def test_strangers_are_asked_to_sign_in(clean_database: Database, registry: Registry, path: str) -> None:
    assert "Sign in" in page(clean_database, registry, "nobody@example.org", path)


def test_another_site_is_not_theirs_to_see(filled: Database, registry: Registry) -> None:
    assert signed_in(filled, registry, GUEST).get("/sites/2/tracking").status_code == 404


def test_the_page_can_be_reached(filled: Database, registry: Registry) -> None:
    """Also while nothing was kept yet: then it is needed most."""
    assert 'href="/sites/1/tracking?' in page(filled, registry, GUEST, "/sites/1")


def test_bots_of_a_site_that_keeps_them(filled: Database, registry: Registry) -> None:
    text = page(filled, registry, BOSS)
    assert "GPTBot" in text
    assert "AI training" in text
    assert "--keep-bots" in page(filled, registry, BOSS, "/sites/2/tracking?period=day&date=2026-05-13")


def test_when_all_is_well(clean_database: Database, registry: Registry) -> None:
    insert_rows(clean_database, "counters", [counter_row(minute=NOW, hits=5)])
    assert "All is well" in page(clean_database, registry, GUEST)
    assert "No request came in this period" in page(clean_database, registry, BOSS, "/sites/2/tracking")
    assert "No request came in this period" in page(
        clean_database, registry, BOSS, "/tracking?period=year&date=2020-01-01"
    )


def test_reasons_in_words() -> None:
    assert reason_of("refused", "country, region, city, lat, long") is REFUSED["country"]
    assert reason_of("dropped", "bot") is DROPPED["bot"]
    assert reason_of("refused", "something").title == "something"


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        pytest.param({"rec": 0}, "no-rec", id="no-rec"),
        pytest.param({"tracker_install_check": "x"}, "install-check", id="install-check"),
        pytest.param({"ua": "Googlebot/2.1"}, "bot", id="bot"),
        pytest.param({"ca": 1, "ma_id": "x"}, "unknown-action", id="unknown-action"),
        *(pytest.param({name: "x"}, name, id=name) for name in ("cip", "country", "region", "city", "lat", "long")),
        pytest.param({"cdt": "1700000000"}, "cdt", id="cdt"),
        pytest.param({"cid": "abc"}, "cid", id="cid"),
        pytest.param({"idgoal": 99}, "idgoal", id="idgoal"),
        pytest.param({"e_c": " ", "e_a": "x"}, "e_c", id="e_c"),
        pytest.param({"e_c": "x", "e_a": " "}, "e_a", id="e_a"),
        pytest.param({"c_n": " "}, "c_n", id="c_n"),
        pytest.param({"ca": 1}, "ca", id="ca"),
        pytest.param({"pf_srv": -5}, "pf_srv", id="pf_srv"),
        pytest.param({"idsite": 9_999_999}, "idsite", id="idsite"),
    ],
)
def test_what_the_collector_says_is_explained(pegel: Tracked, sent: dict[str, Any], reason: str) -> None:
    kind, said = pegel.get(pegel.add_site(), **sent).headers["x-pegel"].split(": ")
    assert said == reason
    assert reason_of(kind, said).meaning
