"""The tracking endpoint over real HTTP: statuses, headers and bodies that sites' trackers rely on."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from ingest.endpoint import GIF
from tests.tracked import FIREFOX, Tracked

ORIGIN = "https://example.org"


def query(site: int, **more: object) -> str:
    return urlencode({"idsite": site, "rec": 1, "url": "https://example.org/", **more})


def test_a_get_is_answered_with_an_image(pegel: Tracked) -> None:
    site = pegel.add_site()
    answer = pegel.get(site, action_name="Home")
    assert (answer.status, answer.body) == (200, GIF)
    assert answer.headers["content-type"] == "image/gif"
    assert answer.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in answer.headers
    assert len(pegel.hits(site)) == 1


@pytest.mark.parametrize(
    ("send_image", "status"),
    [
        pytest.param("0", 204, id="no-image"),
        pytest.param("00", 200, id="zero-twice"),
        pytest.param("false", 200, id="word"),
    ],
)
def test_only_zero_means_no_image(pegel: Tracked, send_image: str, status: int) -> None:
    site = pegel.add_site()
    answer = pegel.get(site, send_image=send_image)
    assert (answer.status, answer.body) == (status, GIF if status == 200 else b"")
    assert len(pegel.hits(site)) == 1


@pytest.mark.parametrize("path", ["/matomo.php", "/piwik.php"])
def test_a_beacon_posts_an_empty_body(pegel: Tracked, path: str) -> None:
    site = pegel.add_site()
    answer = pegel.request("POST", f"{path}?{query(site.id, send_image=0)}", b"", Origin=ORIGIN)
    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "cache-control" not in answer.headers
    assert len(pegel.hits(site)) == 1


FORM = "application/x-www-form-urlencoded; charset=UTF-8"
MULTIPART = 'multipart/form-data; boundary="b"'
PARTS = b'--b\r\nContent-Disposition: form-data; name="action_name"\r\n\r\nFrom a form\r\n--b--\r\n'


@pytest.mark.parametrize(
    ("content_type", "body", "title"),
    [
        pytest.param(FORM, b"action_name=From+a+form", "From a form", id="urlencoded"),
        pytest.param(MULTIPART, PARTS, "From a form", id="multipart"),
        pytest.param(MULTIPART, b"--b\r\nbroken", "", id="broken-multipart-says-nothing"),
        pytest.param("multipart/form-data", PARTS, "", id="multipart-without-boundary"),
        pytest.param("text/plain", b"action_name=Plain", "", id="plain-text-says-nothing"),
        pytest.param(FORM, b"url=https://example.org/other&action_name=Query+wins", "Query wins", id="query-wins"),
    ],
)
def test_form_bodies(pegel: Tracked, content_type: str, body: bytes, title: str) -> None:
    site = pegel.add_site()
    answer = pegel.request("POST", f"/matomo.php?{query(site.id)}", body, Content_Type=content_type)
    assert answer.status == 200
    (hit,) = pegel.hits(site)
    assert (hit["title"], hit["page"]) == (title, "example.org/")


@pytest.mark.parametrize(
    ("method", "path", "status", "headers"),
    [
        pytest.param("GET", "/matomo.php", 200, {"content-type": "text/html; charset=UTF-8"}, id="get-nothing"),
        pytest.param("POST", "/matomo.php", 400, {"access-control-allow-origin": "*"}, id="post-nothing"),
        pytest.param("GET", "/matomo.php?rec=1", 400, {"cache-control": "no-store"}, id="no-site"),
        pytest.param("GET", "/matomo.php?idsite=999999&rec=1", 400, {"content-type": "image/gif"}, id="unknown-site"),
        pytest.param("GET", "/matomo.php?idsite=1abc&rec=1", 400, {}, id="site-is-no-number"),
    ],
)
def test_what_cannot_be_counted(pegel: Tracked, method: str, path: str, status: int, headers: dict[str, str]) -> None:
    answer = pegel.request(method, path)
    assert answer.status == status
    assert headers.items() <= dict(answer.headers).items()


def test_a_request_without_parameters_may_be_cached(pegel: Tracked) -> None:
    assert "cache-control" not in pegel.request("GET", "/matomo.php").headers


def test_a_preflight_counts_nothing(pegel: Tracked) -> None:
    site = pegel.add_site()
    path = f"/matomo.php?{query(site.id)}"
    answer = pegel.request("OPTIONS", path, Access_Control_Request_Method="POST", Origin=ORIGIN)
    assert answer.status == 204
    assert answer.headers["access-control-allow-methods"] == "GET, POST"
    assert answer.headers["access-control-allow-headers"] == "*"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert pegel.hits(site) == []


@pytest.mark.parametrize("method", ["OPTIONS", "HEAD", "PUT", "PATCH", "DELETE"])
def test_every_other_method_counts(pegel: Tracked, method: str) -> None:
    site = pegel.add_site()
    answer = pegel.request(method, f"/matomo.php?{query(site.id)}")
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "*")
    assert len(pegel.hits(site)) == 1


def test_a_body_may_not_be_endless(pegel: Tracked) -> None:
    site = pegel.add_site()
    answer = pegel.request("POST", f"/matomo.php?{query(site.id)}", b"x" * 5_000_000)
    assert answer.status == 413
    assert pegel.hits(site) == []


@pytest.mark.parametrize(
    ("parameters", "headers", "reason"),
    [
        pytest.param({"rec": 0}, {}, "no-rec", id="not-to-be-recorded"),
        pytest.param({}, {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, "bot", id="bot"),
        pytest.param({}, {"Cookie": "a=b; matomo_ignore=ignore%3DKg%3D%3D"}, "opt-out", id="opted-out"),
        pytest.param({}, {"Cookie": "piwik_ignore=anything"}, "opt-out", id="opted-out-long-ago"),
        pytest.param({}, {"X-Moz": "prefetch"}, "prefetch", id="prefetch"),
        pytest.param({}, {"X-Purpose": "preview"}, "prefetch", id="preview"),
        pytest.param({"tracker_install_check": "abc"}, {}, "install-check", id="install-check"),
    ],
)
def test_what_is_ignored_is_answered_politely_and_counted(
    pegel: Tracked, parameters: dict[str, Any], headers: dict[str, Any], reason: str
) -> None:
    site = pegel.add_site()
    answer = pegel.request("GET", f"/matomo.php?{query(site.id, **parameters)}", **headers)
    assert (answer.status, answer.body) == (200, GIF)
    assert answer.headers["x-pegel"] == f"ignored: {reason}"
    assert pegel.hits(site) == []
    assert pegel.visits(site) == []
    assert pegel.counters(site) == {reason: 1}


def test_a_welcome_bot_is_counted(pegel: Tracked) -> None:
    site = pegel.add_site()
    assert "x-pegel" not in pegel.get(site, ua="Googlebot/2.1", bots=1).headers
    assert len(pegel.hits(site)) == 1


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        pytest.param({"cip": "198.51.100.7"}, "cip", id="address"),
        pytest.param({"country": "de", "rec": 0}, "country", id="place-even-when-not-recorded"),
        pytest.param({"cdt": "2026-05-12 11:00:00"}, "cdt", id="over-a-day-ago"),
        pytest.param({"cid": "abc"}, "cid", id="short-visitor-id"),
        pytest.param({"e_c": " ", "e_a": "play"}, "e_c", id="blank-event"),
        pytest.param({"c_n": " "}, "c_n", id="blank-content"),
        pytest.param({"ca": 1}, "ca", id="custom-action-that-is-none"),
    ],
)
def test_what_is_refused(pegel: Tracked, parameters: dict[str, Any], name: str) -> None:
    site = pegel.add_site()
    answer = pegel.get(site, **parameters)
    assert answer.status == 400
    assert name in answer.headers["x-pegel"]
    assert pegel.get(site, **parameters, token_auth="0" * 32).status == 400
    assert pegel.hits(site) == []


def test_a_bot_is_not_told_what_is_wrong(pegel: Tracked) -> None:
    site = pegel.add_site()
    assert pegel.get(site, cid="abc", ua="Googlebot/2.1").status == 200


@pytest.mark.parametrize("way", ["query", "body", "header"])
def test_a_token_may_set_time_and_address(pegel: Tracked, way: str) -> None:
    site = pegel.add_site()
    token = pegel.token("write", site.id)
    more = query(site.id, cdt="2026-05-01 08:00:00", cip="198.51.100.77")
    path = f"/matomo.php?{more}" + (f"&token_auth={token}" if way == "query" else "")
    body = f"token_auth={token}".encode() if way == "body" else b""
    headers = {"Authorization": f"Bearer {token}"} if way == "header" else {}
    assert pegel.request("POST", path, body, Content_Type=FORM, **headers).status == 200
    (visit,) = pegel.visits(site)
    assert (str(visit["started"])[:19], visit["ip"]) == ("2026-05-01 08:00:00", "198.51.0.0")


def test_a_token_of_another_site_allows_nothing(pegel: Tracked) -> None:
    site, other = pegel.add_site(), pegel.add_site()
    assert pegel.get(site, cip="198.51.100.7", token_auth=pegel.token("write", other.id)).status == 400
    assert pegel.get(site, cip="198.51.100.7", token_auth=pegel.token("view", site.id)).status == 400


def bulk(pegel: Tracked, content: object, path: str = "/matomo.php") -> tuple[int, object]:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    answer = pegel.request("POST", path, body, User_Agent=FIREFOX)
    assert answer.headers["content-type"] == "application/json"
    return answer.status, json.loads(answer.body) if answer.body else None


def test_bulk_keeps_the_valid_and_counts_the_invalid(pegel: Tracked) -> None:
    site = pegel.add_site()
    good = f"?{query(site.id)}"
    requests = [
        good,
        "?idsite=999999&rec=1",
        "idsite=1&rec=1",
        {"idsite": site.id, "rec": 1, "url": "https://example.org/b"},
    ]
    assert bulk(pegel, {"requests": requests}) == (200, {"status": "success", "tracked": 2, "invalid": 1})
    told = {"status": "success", "tracked": 2, "invalid": 1, "invalid_indices": [1]}
    assert bulk(pegel, {"requests": requests, "token_auth": pegel.token()}) == (200, told)
    assert bulk(pegel, {"requests": requests, "send_image": 0}) == (204, None)
    assert [hit["page"] for hit in pegel.hits(site)].count("example.org/b") == 3


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"{\"x\":'requests'", id="not-json"),
        pytest.param(b'{"requests":null}', id="null"),
        pytest.param(b'{"requests":"?idsite=1"}', id="a-text"),
        pytest.param(b'{"requests":[]}', id="empty"),
    ],
)
def test_bulk_without_requests(pegel: Tracked, content: bytes) -> None:
    assert bulk(pegel, content) == (200, {"status": "success", "tracked": 0, "invalid": 0})


def test_bulk_ignores_bots_and_empty_entries_politely(pegel: Tracked) -> None:
    site = pegel.add_site()
    entries = [{}, {"idsite": site.id, "rec": 1, "url": "https://example.org/", "ua": "Googlebot/2.1"}]
    status, told = bulk(pegel, {"requests": entries})
    assert (status, told) == (200, {"status": "success", "tracked": 2, "invalid": 0})
    assert pegel.hits(site) == []
    assert pegel.counters(site) == {"bot": 1}


def test_a_broken_character_loses_no_neighbour(pegel: Tracked) -> None:
    site = pegel.add_site()
    body = f'{{"requests":["?{query(site.id)}","?{query(site.id)}&action_name=\\ud800"]}}'.encode()
    assert bulk(pegel, body)[1] == {"status": "success", "tracked": 2, "invalid": 0}


def test_health_tells_that_hits_are_kept(pegel: Tracked) -> None:
    answer = pegel.request("GET", "/healthz")
    assert answer.status == 200
    assert json.loads(answer.body)["ok"] is True
