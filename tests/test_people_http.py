"""People by page and by API: who may look, what is shown and exported, and that no identity gets where it stays."""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from sql.clickhouse import Database
from tests.administered import BOSS, PASSWORD, Api
from tests.conftest import NOW, conversion_row, emptied, hit_row, insert_rows, item_row, timing_row, visit_row

COOKIE = "7d3f5a9177c2e481"
VISITOR = int(COOKIE, 16)
USER = "anna <b>&'\"4711"
ORDER = "R-2026-0815"
ORIGIN = {"Origin": "http://testserver"}
PAGE = "/sites/1/people"
A_DAY = {"from": "2026-01-01", "to": "2026-01-01"}
WHO = {"kind": "visitor", "id": COOKIE}


@pytest.fixture(scope="module")
def filled(database: Database) -> Iterator[Database]:
    """Anna's visit of site 1, with an order; the same visitor id on site 2; somebody else."""
    emptied(database)
    hers = {"visit": 501, "visitor": VISITOR}
    visits = [
        visit_row(id=501, visitor=VISITOR, user_id=USER, entry_page="example.org/secret", city="Zürich"),
        visit_row(site=2, id=502, visitor=VISITOR, entry_page="example.org/elsewhere"),
        visit_row(id=503, user_id="berta", entry_page="example.org/other"),
    ]
    insert_rows(database, "visits", visits)
    insert_rows(database, "hits", [hit_row(**hers, page="example.org/secret"), hit_row(visit=503)])
    insert_rows(database, "conversions", [conversion_row(**hers, order_id=ORDER)])
    insert_rows(database, "order_items", [item_row(**hers, order_id=ORDER)])
    insert_rows(database, "timings", [timing_row(visit=501)])
    yield database
    emptied(database)


@pytest.fixture
def people(filled: Database, api: Api) -> Api:
    return api


def post(people: Api, what: str, token: str = "superuser", **body: Any) -> Response:
    headers = {"Authorization": f"Bearer {people.tokens[token]}"} if token else {}
    return people.client.post(f"/api/person/{what}", json=body, headers=headers)


def signed_in(people: Api, role: Any = None, sites: tuple[int, ...] = ()) -> TestClient:
    """Sign the superuser in, or somebody new with a role."""
    email = BOSS
    if role:
        email = f"{role}@example.org"
        people.registry.add_user(email, PASSWORD, role, sites)
    entered = people.client.post("/login", data={"email": email, "password": PASSWORD}, headers=ORIGIN)
    assert entered.status_code == 303
    return people.client


@pytest.mark.parametrize(
    ("kind", "id"),
    [
        pytest.param("visitor", COOKIE, id="visitor"),
        pytest.param("visitor", COOKIE.upper(), id="capitals"),
        pytest.param("user", USER, id="user"),
        pytest.param("order", ORDER, id="order"),
    ],
)
def test_finds_by_every_id(people: Api, kind: str, id: str) -> None:
    found = post(people, "find", "admin", kind=kind, id=id, site=1).json()
    assert found["counts"] == {"visits": 1, "hits": 1, "conversions": 1, "order_items": 1, "timings": 1}
    assert (found["visitors"], found["users"]) == ([COOKIE], [USER])
    assert [visit["entry_page"] for visit in found["visits"]] == ["example.org/secret"]


def test_finds_on_every_site(people: Api) -> None:
    found = post(people, "find", **WHO).json()
    assert {visit["site"] for visit in found["visits"]} == {1, 2}


def test_exports_everything_as_one_document(people: Api, filled: Database) -> None:
    answer = post(people, "export", "admin", **WHO, site=1)
    document = json.loads(answer.content)
    assert (document["asked_for"], document["user_ids"]) == ({**WHO, "site": 1}, [USER])
    assert {table: len(document[table]) for table in ("visits", "hits", "conversions", "order_items", "timings")} == {
        **{"visits": 1, "hits": 1, "conversions": 1},
        **{"order_items": 1, "timings": 1},
    }
    (visit,) = document["visits"]
    described = filled.client.query("describe table visits").named_results()
    assert visit.keys() == {column["name"] for column in described if column["default_type"] != "MATERIALIZED"}
    assert (visit["visitor"], visit["city"], visit["user_id"], visit["ip"]) == (COOKIE, "Zürich", USER, "203.0.0.0")
    assert visit["started"] == NOW.isoformat().replace("+00:00", "Z")
    assert document["conversions"][0]["order_id"] == document["order_items"][0]["order_id"] == ORDER
    assert "example.org/other" not in answer.text


def test_an_export_of_nobody_is_empty(people: Api) -> None:
    document = json.loads(post(people, "export", kind="user", id="nobody").content)
    assert [document[name] for name in ("visitor_ids", "visits", "hits", "timings")] == [[], [], [], []]


def test_asks_to_erase_and_keeps_nobody_in_the_records(people: Api) -> None:
    answer = post(people, "erase", "admin", **WHO, site=1)
    assert answer.status_code == 202
    case = answer.json()["case"]
    assert (case["action"], case["site"], case["what"], case["author"]) == ("erase", 1, "visitor", "admin")
    assert (case["stage"], case["finished"]) == ("asked", None)
    (waiting,) = people.registry.open_cases()
    assert (waiting.identity, waiting.id) == (COOKIE, case["id"])
    shown = post(people, "cases", "admin", site=1).text + post(people, "case", "admin", id=case["id"]).text
    assert COOKIE not in shown


@pytest.mark.parametrize("what", ["find", "export", "erase", "cases", "anonymise"])
@pytest.mark.parametrize(
    ("token", "status"),
    [
        pytest.param("", 401, id="nobody"),
        pytest.param("wrong", 401, id="wrong"),
        pytest.param("view", 403, id="view"),
        pytest.param("write", 403, id="write"),
        pytest.param("stranger", 404, id="administrator-of-another-site"),
    ],
)
def test_who_may_not(people: Api, what: str, token: str, status: int) -> None:
    masked = {"from": "2026-01-01", "to": "2026-01-02", "masks": ["users"]}
    assert post(people, what, token, **WHO, **masked, site=1).status_code == status
    assert people.registry.cases() == []


@pytest.mark.parametrize(
    ("what", "token", "body", "status"),
    [
        pytest.param("find", "admin", WHO, 403, id="every-site-by-administrator-of-one"),
        pytest.param("cases", "admin", {}, 403, id="records-of-every-site"),
        pytest.param("find", "superuser", {**WHO, "site": 77}, 404, id="no-such-site"),
        pytest.param("find", "superuser", {**WHO, "site": True}, 400, id="site-no-number"),
        pytest.param("find", "superuser", {"kind": "visitor", "id": "xyz"}, 400, id="no-visitor-id"),
        pytest.param("find", "superuser", {"kind": "address", "id": "203.0.113.9"}, 400, id="no-such-kind"),
        pytest.param("find", "superuser", {}, 400, id="nothing"),
        pytest.param("case", "superuser", {"id": 99}, 404, id="no-such-case"),
        pytest.param("case", "superuser", {"id": "1"}, 404, id="case-no-number"),
        pytest.param("anonymise", "superuser", {"masks": ["users"]}, 400, id="mask-no-site"),
        pytest.param("anonymise", "superuser", {"site": 1, "from": "x"}, 400, id="mask-no-day"),
        pytest.param("anonymise", "superuser", {"site": 1, **A_DAY}, 400, id="mask-nothing"),
    ],
)
def test_what_is_refused(people: Api, what: str, token: str, body: dict[str, Any], status: int) -> None:
    answer = post(people, what, token, **body)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_a_token_with_scopes_administers_nothing(people: Api) -> None:
    people.tokens["scoped"] = people.registry.add_token("scoped", "view", 1, ["export:raw"])
    assert post(people, "find", "scoped", **WHO, site=1).status_code == 403


def test_a_token_is_not_taken_from_an_address(people: Api) -> None:
    answer = people.client.post(f"/api/person/find?token_auth={people.tokens['superuser']}", json=WHO)
    assert answer.status_code == 400


def test_nothing_is_answered_to_a_get(people: Api) -> None:
    for what in ("find", "export", "erase", "anonymise", "cases", "case"):
        assert people.client.get(f"/api/person/{what}").status_code == 405


def test_asks_to_take_things_out(people: Api) -> None:
    body = {"site": 1, "from": "2026-01-01", "to": "2026-01-31", "masks": ["places", "users"]}
    case = post(people, "anonymise", "admin", **body).json()["case"]
    assert (case["action"], case["what"], case["site"]) == ("anonymise", "users, visitors, places", 1)


def test_hits_that_wait_are_found(people: Api, filled: Database) -> None:
    waiting = visit_row(visitor=99, entry_page="example.org/late")
    people.settled.append(lambda: insert_rows(filled, "visits", [waiting]))
    found = post(people, "find", kind="visitor", id=f"{99:016x}", site=1).json()
    assert [visit["entry_page"] for visit in found["visits"]] == ["example.org/late"]


class TestPage:
    """The page in the dashboard."""

    def test_shows_what_is_found_and_nothing_in_its_address(self, people: Api) -> None:
        page = signed_in(people).post(PAGE, data={"kind": "user", "id": USER}, headers=ORIGIN)
        assert page.status_code == 200
        assert "example.org/secret" in page.text
        assert COOKIE in page.text
        assert "anna &lt;b&gt;&amp;&#39;&#34;4711" in page.text
        assert "anna <b>" not in page.text
        assert "example.org/other" not in page.text
        assert "anna" not in str(page.url)

    def test_says_that_nothing_is_kept(self, people: Api) -> None:
        page = signed_in(people).post(PAGE, data={"kind": "user", "id": "nobody"}, headers=ORIGIN)
        assert "Nothing is kept under this id." in page.text
        assert 'value="yes"' not in page.text

    def test_says_what_is_no_id(self, people: Api) -> None:
        page = signed_in(people).post(PAGE, data={"kind": "visitor", "id": "12"}, headers=ORIGIN)
        assert page.status_code == 400
        assert "expected 16 hex digits" in page.text

    def test_gives_a_file(self, people: Api) -> None:
        answer = signed_in(people).post(f"{PAGE}/export", data=WHO, headers=ORIGIN)
        assert re.fullmatch(
            r'attachment; filename="pegel-person-1-[\d-]+\.json"', answer.headers["content-disposition"]
        )
        assert [visit["visitor"] for visit in json.loads(answer.content)["visits"]] == [COOKIE]
        (case,) = people.registry.cases(1)
        assert (case.action, case.author, case.visits, case.hits, case.identity) == ("export", BOSS, 1, 1, "")
        assert case.finished

    def test_erases_after_a_yes(self, people: Api) -> None:
        client = signed_in(people)
        assert client.post(f"{PAGE}/erase", data=WHO, headers=ORIGIN).status_code == 400
        assert people.registry.open_cases() == []
        answer = client.post(f"{PAGE}/erase", data={**WHO, "sure": "yes"}, headers=ORIGIN)
        (case,) = people.registry.open_cases()
        assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?erased={case.id}#done")
        assert (case.site, case.author, case.identity) == (1, BOSS, COOKIE)
        page = client.get(answer.headers["location"])
        assert "They are being erased." in page.text
        assert COOKIE not in page.text

    @pytest.mark.parametrize("path", ["", "/export", "/erase"])
    def test_no_other_website_can_ask(self, people: Api, path: str) -> None:
        form = {**WHO, "sure": "yes"}
        answer = signed_in(people).post(PAGE + path, data=form, headers={"Origin": "https://evil.example"})
        assert answer.status_code == 403
        assert people.registry.cases() == []

    @pytest.mark.parametrize(
        ("role", "sites", "status"),
        [
            pytest.param("view", (1,), 403, id="view"),
            pytest.param("write", (1,), 403, id="write"),
            pytest.param("admin", (2,), 404, id="administrator-of-another-site"),
            pytest.param("admin", (1,), 200, id="administrator"),
        ],
    )
    def test_is_for_administrators(self, people: Api, role: str, sites: tuple[int, ...], status: int) -> None:
        client = signed_in(people, role, sites)
        assert client.get(PAGE).status_code == status
        assert client.post(PAGE, data=WHO, headers=ORIGIN).status_code == status
        overview = client.get(f"/sites/{sites[0]}").text
        assert ("view-people" in overview) == (role == "admin")

    def test_nobody_sees_it_without_signing_in(self, people: Api) -> None:
        assert people.client.get(PAGE).headers["location"].startswith("/login")
        assert people.client.post(PAGE, data=WHO, headers=ORIGIN).status_code == 303


def test_no_identity_is_logged(people: Api, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for what in ("find", "export", "erase"):
            for kind, id in (("visitor", COOKIE), ("user", USER), ("order", ORDER)):
                post(people, what, kind=kind, id=id)
            post(people, what, kind="visitor", id="anna-no-id")
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx2", "httpcore"))]
    assert "case opened" in " ".join(ours)
    for identity in (COOKIE, str(VISITOR), "anna", ORDER):
        assert identity not in " ".join(ours)
