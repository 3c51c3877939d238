"""No value becomes a statement: whatever is asked for, the answer is about one's own site, or says what is wrong."""

from collections.abc import Iterator, Mapping, Sequence

import pytest
from httpx2 import Response

from sql.clickhouse import Database
from sql.refusals import BadSite
from sql.registry import Registry
from tests.administered import Api
from tests.conftest import NOW, a_site, emptied, hit_row, insert_rows, visit_row

SECRET = "of the other site"
STATEMENTS = (
    "' or 1=1 --",
    "1) or (1=1); drop table hits",
    "\\' or site=2 --",
    "{site:UInt32}",
    "nb_visits desc, (select title from hits where site = 2)",
    "\x00' union all select title from hits --",
)
REPORT: Mapping[str, str] = {"method": "Actions.getPageTitles", "idSite": "1", "period": "day", "date": "2026-05-13"}
QUERY: Mapping[str, str] = {
    **{"site": "1", "metrics": "nb_hits", "dimensions": "pageTitle", "period": "day", "date": "2026-05-13"},
    "order": "-nb_hits",
}
NAMES = (
    *(
        "idSite",
        "period",
        "date",
        "segment",
        "label",
        "idGoal",
        "idDimension",
        "columns",
        "filter_limit",
        "filter_offset",
    ),
    *("filter_sort_column", "filter_sort_order", "filter_column", "filter_pattern", "filter_truncate", "expanded"),
)
# What the database says when a statement is wrong, or a part of a statement.
OF_DATABASES = ("DB::Exception", "Syntax error", "UNKNOWN_IDENTIFIER", "sqlite3")


@pytest.fixture
def filled(database: Database) -> Iterator[Database]:
    emptied(database)
    insert_rows(database, "hits", [hit_row(at=NOW, title="Ours"), hit_row(site=2, at=NOW, title=SECRET)])
    insert_rows(database, "visits", [visit_row(started=NOW), visit_row(site=2, started=NOW, entry_title=SECRET)])
    yield database
    emptied(database)


def check(answer: Response, payload: str, statuses: Sequence[int]) -> None:
    assert answer.status_code in statuses, answer.text
    said = answer.text.replace(payload, "")
    assert SECRET not in said
    assert [words for words in OF_DATABASES if words in said] == []


@pytest.mark.parametrize("payload", STATEMENTS)
def test_the_reporting_api(filled: Database, api: Api, payload: str) -> None:
    assert "Ours" in api.call(token="view", **REPORT).text
    for name in NAMES:
        for value in (payload, f"pageTitle=={payload}") if name == "segment" else (payload,):
            check(api.call(token="view", **{**REPORT, name: value}), payload, (200, 400))
    assert filled.client.query("select count() from hits").first_row == (2,)


@pytest.mark.parametrize("payload", STATEMENTS)
def test_our_own_interface(filled: Database, api: Api, payload: str) -> None:
    headers = {"Authorization": f"Bearer {api.tokens['view']}"}
    assert "Ours" in api.client.get("/api/v1/query", params=QUERY, headers=headers).text
    for name in (*QUERY, "filters", "from", "limit", "offset", "compare"):
        for path in ("/api/v1/query", "/api/v1/export"):
            answer = api.client.get(path, params={**QUERY, name: payload}, headers=headers)
            check(answer, payload, (200, 400))
        check(api.client.post("/api/v1/query", json={**QUERY, name: payload}, headers=headers), payload, (200, 400))
        check(api.client.post("/api/v1/query", json={**QUERY, name: [payload]}, headers=headers), payload, (400,))
    raw = {"site": "1", "period": "day", "date": "2026-05-13", "cursor": payload}
    admin = {"Authorization": f"Bearer {api.tokens['admin']}"}
    check(api.client.get("/api/v1/raw/hits", params=raw, headers=admin), payload, (400,))


@pytest.mark.parametrize("payload", STATEMENTS)
def test_who_somebody_is(filled: Database, api: Api, payload: str) -> None:
    """Ids of people, and what tells who asks: a token, an e-mail address, a password."""
    admin = {"Authorization": f"Bearer {api.tokens['admin']}"}
    for kind in ("visitor", "user", "order", payload):
        body = {"kind": kind, "id": payload, "site": 1}
        check(api.client.post("/api/person/find", json=body, headers=admin), payload, (200, 400))
    check(api.call(token="", **{**REPORT, "token_auth": payload}), payload, (401,))
    form = {"email": payload, "password": payload}
    check(api.client.post("/login", data=form, headers={"Origin": "http://testserver"}), payload, (403,))
    assert filled.client.query("select count() from hits").first_row == (2,)


@pytest.mark.parametrize(
    "zone", ["UTC' or 1=1 --", "Europe/Berlin')", "../../etc/passwd", "/etc/localtime", "UTC\nx", ""]
)
def test_a_time_zone_is_one_of_a_list(registry: Registry, zone: str) -> None:
    with pytest.raises(BadSite):
        a_site(registry, timezone=zone)
