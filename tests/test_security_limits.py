"""What takes a server's memory or time for little: depth, numbers, sizes. It is refused, and the next is served."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from dashboard.assets import Assets
from ingest.settings import Settings
from tests.administered import Api
from tests.tracked import FIREFOX, Tracked

ORIGIN = {"Origin": "http://testserver"}
DEEP = 9000  # As much as fits into a form, and far more than a parser follows.
LISTS, OBJECTS = "[" * DEEP, '{"a":' * 3000
BOUNDARY = b"--b"
MULTIPART = "multipart/form-data; boundary=b"
PART = BOUNDARY + b'\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'


@pytest.mark.parametrize("body", [LISTS, OBJECTS, LISTS + "]" * DEEP, f'{{"site":1,"filters":{LISTS}'])
@pytest.mark.parametrize("path", ["/api/v1/query", "/api/person/find"])
def test_deep_json_of_programs(api: Api, path: str, body: str) -> None:
    headers = {"Authorization": f"Bearer {api.tokens['superuser']}", "Content-Type": "application/json"}
    answer = api.client.post(path, content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_parameter")


@pytest.mark.parametrize("value", [LISTS, LISTS + "]" * DEEP, OBJECTS, "(" * DEEP])
@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("SitesManager.addSite", "urls"),
        ("CustomDimensions.configureNewCustomDimension", "extractions"),
        ("API.getBulkRequest", "urls"),
        ("VisitsSummary.get", "segment"),
        ("VisitsSummary.get", "idSite"),
    ],
)
def test_deep_json_of_the_reporting_api(api: Api, method: str, name: str, value: str) -> None:
    given: dict[str, Any] = {
        "idSite": 1,
        "siteName": "x",
        "name": "x",
        "scope": "visit",
        "period": "day",
        "date": "today",
    }
    assert api.call(method, **{**given, name: value}).status_code in (200, 400)


@pytest.mark.parametrize("value", [LISTS, OBJECTS, LISTS + "]" * DEEP])
@pytest.mark.parametrize("name", ["cvar", "_cvar", "ec_items", "uadata", "_pkc"])
def test_deep_json_of_trackers(pegel: Tracked, name: str, value: str) -> None:
    """The field is left out; the rest of the hit is kept."""
    site = pegel.add_site()
    body = f"idsite={site.id}&rec=1&url=https://example.org/&{name}={value}".encode()
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    assert pegel.request("POST", "/matomo.php", body, **form).status == 200
    assert len(pegel.hits(site)) == 1


@pytest.mark.parametrize("body", [LISTS, OBJECTS, f'{{"requests":{LISTS}', f'{{"requests":{LISTS}{"]" * DEEP}}}'])
def test_deep_bulk_bodies(pegel: Tracked, body: str) -> None:
    assert pegel.request("POST", "/matomo.php", body.encode(), User_Agent=FIREFOX).status in (200, 400)
    assert pegel.request("GET", "/healthz").status == 200


def test_many_requests_in_one_body(pegel: Tracked) -> None:
    site = pegel.add_site()
    entry = f"?idsite={site.id}&rec=1"
    body = json.dumps({"requests": [entry] * (Settings().bulk_max_requests + 1)}).encode()
    assert pegel.request("POST", "/matomo.php", body, User_Agent=FIREFOX).status == 413
    assert pegel.hits(site) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(PART * 100_000 + BOUNDARY + b"--", 413, id="many-parts"),
        pytest.param(BOUNDARY + b"\r\n" + b"X: 1\r\n" * 20_000, 413, id="many-headers"),
        pytest.param(BOUNDARY + b"\r\nX: " + b"1" * 60_000, 400, id="long-header"),
        pytest.param(PART.replace(b'"a"', b'"a"; filename="a"') + BOUNDARY + b"--", 400, id="file"),
        pytest.param(PART * 500 + BOUNDARY + b"--", 400, id="more-parts-than-fields"),
        pytest.param(b"\r\n" * 30_000, 403, id="nothing"),
    ],
)
@pytest.mark.parametrize("path", ["/login", "/sites/1/people"])
def test_forms_of_people(api: Api, path: str, body: bytes, status: int) -> None:
    answer = api.client.post(path, content=body, headers={**ORIGIN, "Content-Type": MULTIPART})
    wanted = status if path == "/login" or status == 413 else 303  # Nobody is signed in; nothing of it is read.
    assert answer.status_code == wanted
    assert api.client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(PART * 40_000 + BOUNDARY + b"--", id="many-parts"),
        pytest.param(BOUNDARY + b"\r\n" + b"X: 1\r\n" * 100_000, id="many-headers"),
        pytest.param(BOUNDARY + b"\r\nX: " + b"1" * 2_000_000, id="long-header"),
        pytest.param(b"\r\n" * 1_000_000, id="nothing"),
        pytest.param(PART.replace(b'"a"', b'"a"; filename="a"') + BOUNDARY + b"--", id="file"),
    ],
)
def test_forms_of_trackers(pegel: Tracked, body: bytes) -> None:
    """What is broken in a form is left out; what stands in the address counts."""
    site = pegel.add_site()
    target = f"/matomo.php?idsite={site.id}&rec=1&url=https://example.org/"
    assert pegel.request("POST", target, body, Content_Type=MULTIPART).status == 200
    assert len(pegel.hits(site)) == 1


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_nothing_is_unpacked(pegel: Tracked, api: Api, encoding: str) -> None:
    """A body that says that it is packed is taken as it is: nobody's megabyte becomes a gigabyte."""
    body = b"\x1f\x8b\x08\x00" + b"\x00" * 1000
    assert pegel.request("POST", "/matomo.php", body, Content_Encoding=encoding).status == 400
    packed = {"Authorization": f"Bearer {api.tokens['view']}", "Content-Encoding": encoding}
    assert api.client.post("/api/v1/query", content=body, headers=packed).status_code == 400


@pytest.mark.skipif(not Assets().names, reason="browser files not built: npm ci && npm run build")
def test_a_file_asked_for_in_many_pieces(api: Api) -> None:
    pieces = ",".join(f"{number}-{number}" for number in range(0, 20_000, 2))
    answer = api.client.get(Assets().url("app.js"), headers={"Range": f"bytes={pieces}"})
    assert answer.status_code in (200, 206, 400, 416)
    assert len(answer.content) < 2 * len(Assets().text("app.js").encode())


@pytest.mark.parametrize(
    "path", ["/../pegel.toml", "/..%2f..%2fpegel.py", "/%2e%2e/settings.py", "/a%00.js", "//etc/passwd"]
)
def test_no_file_but_built_ones(api: Api, path: str) -> None:
    answer = api.client.get(f"/static{path}")
    assert answer.status_code in (400, 404)
    assert "root:" not in answer.text
    assert '"""' not in answer.text


def test_no_question_is_longer_than_a_form(api: Api) -> None:
    """Whatever program asks, and however it says how long it is."""
    headers: Mapping[str, str] = {"Authorization": f"Bearer {api.tokens['superuser']}"}
    for path in ("/api/v1/query", "/api/person/find", "/index.php", "/login"):
        for body in (b"x" * 100_000, (b"x" * 10_000 for _ in range(10))):
            answer = api.client.post(
                path, content=body, headers={**headers, **ORIGIN, "Content-Type": "application/x-www-form-urlencoded"}
            )
            assert answer.status_code == 413, path
