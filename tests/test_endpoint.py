"""The tracking endpoint over real HTTP: statuses, headers and bodies that sites' trackers rely on."""

import json
import logging
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from ingest.endpoint import GIF
from ingest.settings import Settings
from sql.clickhouse import Database
from sql.registry import NewSite, Registry
from tests.tracked import FIREFOX, Tracked, tracked

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
    assert (answer.status, answer.headers["x-pegel"]) == (400, f"refused: {name}")
    assert pegel.get(site, **parameters, token_auth="0" * 32).status == 400
    assert pegel.hits(site) == []
    assert refusals(pegel, site.id) == {name: 2}


def refusals(pegel: Tracked, site: int) -> dict[str, int]:
    """Return how many requests of a site were refused for the sake of which parameter."""
    pegel.load()
    query = f"select reason, sum(hits) as n from counters where site = {site} and outcome = 'refused' group by reason"
    return {row["reason"]: row["n"] for row in pegel.rows(query)}


@pytest.mark.parametrize(
    ("asked", "counted"),
    [
        pytest.param(9_000_001, 9_000_001, id="the-site-that-was-asked"),
        pytest.param(10_000_000, 0, id="beyond-any-site"),
        pytest.param(-3, 0, id="below-any-site"),
        pytest.param("none", 0, id="no-number"),
        pytest.param("9" * 30, 0, id="endless"),
    ],
)
def test_who_asks_for_a_site_that_is_none_is_counted_too(pegel: Tracked, asked: object, counted: int) -> None:
    before = refusals(pegel, counted).get("idsite", 0)
    assert pegel.request("GET", f"/matomo.php?idsite={asked}&rec=1").headers["x-pegel"] == "refused: idsite"
    assert refusals(pegel, counted)["idsite"] == before + 1


def test_a_full_spool_does_not_make_a_wrong_request_wait(tmp_path: Path, clean_database: Database) -> None:
    with tracked(tmp_path, clean_database, Settings(spool_max_bytes=1_000_000)) as pegel:
        site = pegel.add_site()
        (tmp_path / "spool" / "0.segment").write_bytes(bytes(1_000_000))
        assert pegel.get(site, cip="198.51.100.7").status == 400
        answer = pegel.get(site)
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        requests = [f"?{query(site.id)}", f"?{query(site.id)}&cip=198.51.100.7"]
        assert pegel.request("POST", "/matomo.php", json.dumps({"requests": requests}).encode()).status == 503


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


def test_any_of_two_tokens_will_do(pegel: Tracked) -> None:
    """An Authorization header may be meant for a proxy on the way."""
    site = pegel.add_site()
    path = f"/matomo.php?{query(site.id, cip='198.51.100.77', token_auth=pegel.token())}"
    assert pegel.request("GET", path, Authorization="Bearer of-the-proxy").status == 200


@pytest.mark.parametrize("way", ["query", "body", "header", "bulk", "bulk-entry"])
def test_a_token_stands_in_no_log_and_on_no_disk(
    pegel: Tracked, way: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    site, token = pegel.add_site(), pegel.token("view")
    more = query(site.id, cip="198.51.100.77")  # Refused: the token does not allow that.
    path = f"/matomo.php?{more}" + (f"&token_auth={token}" if way == "query" else "")
    entry = f"?{more}" + (f"&token_auth={token}" if way == "bulk-entry" else "")
    in_bulk = {"requests": [entry], **({"token_auth": token} if way == "bulk" else {})}
    bodies = {"body": f"token_auth={token}".encode()} | dict.fromkeys(
        ("bulk", "bulk-entry"), json.dumps(in_bulk).encode()
    )
    headers = {"Authorization": f"Bearer {token}"} if way == "header" else {}
    answer = pegel.request("POST", path, bodies.get(way, b""), Content_Type=FORM, **headers)
    assert "refused" in answer.headers["x-pegel"]
    pegel.load()
    said = "".join([caplog.text, *capfd.readouterr(), str(answer)])
    assert token not in said
    assert not [file for file in pegel.directory.rglob("*") if file.is_file() and token.encode() in file.read_bytes()]


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


@pytest.mark.parametrize("way", ["body", "url", "header"])
def test_a_superuser_learns_what_was_invalid(pegel: Tracked, way: str) -> None:
    site, token = pegel.add_site(), pegel.token()
    content = {"requests": [f"?{query(site.id)}", "?rec=1"], **({"token_auth": token} if way == "body" else {})}
    path = "/matomo.php" + (f"?token_auth={token}" if way == "url" else "")
    headers = {"Authorization": f"Bearer {token}"} if way == "header" else {}
    answer = pegel.request("POST", path, json.dumps(content).encode(), **headers)
    assert json.loads(answer.body)["invalid_indices"] == [1]


@pytest.mark.parametrize(
    ("way", "tracked"),
    [
        pytest.param("body", 1, id="in-the-body"),
        pytest.param("entry", 1, id="in-the-entry"),
        pytest.param("header", 1, id="in-a-header"),
        pytest.param("url", 0, id="not-in-the-url"),
    ],
)
def test_where_the_token_of_a_bulk_may_stand(pegel: Tracked, way: str, tracked: int) -> None:
    site = pegel.add_site()
    token = pegel.token("write", site.id)
    entry = f"?{query(site.id, cdt='2026-05-01 08:00:00')}" + (f"&token_auth={token}" if way == "entry" else "")
    content = {"requests": [entry], **({"token_auth": token} if way == "body" else {})}
    path = "/matomo.php" + (f"?token_auth={token}" if way == "url" else "")
    headers = {"Authorization": f"Bearer {token}"} if way == "header" else {}
    answer = pegel.request("POST", path, json.dumps(content).encode(), **headers)
    assert json.loads(answer.body) == {"status": "success", "tracked": tracked, "invalid": 1 - tracked}


def test_bulk_says_what_was_not_kept_and_why(pegel: Tracked) -> None:
    site = pegel.add_site()
    good, bot = f"?{query(site.id)}", f"?{query(site.id, ua='Googlebot/2.1')}"
    entries = [
        good,
        bot,
        bot,
        f"?{query(site.id, rec=0)}",
        "?rec=1",
        f"?{query(site.id, cip='1.2.3.4')}",
        "a=b",
        None,
        7,
    ]
    answer = pegel.request("POST", "/matomo.php", json.dumps({"requests": entries}).encode())
    assert json.loads(answer.body) == {"status": "success", "tracked": 4, "invalid": 2}
    told = "ignored: 2 bot, 1 no-rec; refused: 1 idsite, 1 cip; skipped: 3 without ?"
    assert answer.headers["x-pegel"] == told
    assert pegel.counters(site) == {"": 1, "bot": 2, "no-rec": 1, "cip": 1}
    answer = pegel.request("POST", "/matomo.php", json.dumps({"requests": entries, "send_image": 0}).encode())
    assert (answer.status, answer.headers["x-pegel"]) == (204, told)
    assert "x-pegel" not in pegel.request("POST", "/matomo.php", json.dumps({"requests": [good]}).encode()).headers


def test_a_bulk_that_is_none_says_so(pegel: Tracked) -> None:
    answer = pegel.request("POST", "/matomo.php", b"{\"x\":'requests'")
    assert answer.headers["x-pegel"] == "skipped: the body is no JSON object with a list of requests"


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


@pytest.mark.parametrize(
    ("method", "path", "counted"),
    [
        pytest.param("GET", "/js/?", True, id="script-path-with-a-query"),
        pytest.param("GET", "/js?", True, id="without-slash"),
        pytest.param("GET", "/js/index.php?", True, id="script-path-with-name"),
        pytest.param("POST", "/js/tracker.php?", True, id="post"),
        pytest.param("GET", "//matomo.php?", True, id="slash-twice"),
        pytest.param("POST", "/js//tracker.php?", True, id="slash-twice-further-on"),
        pytest.param("GET", "/Matomo.php?", False, id="capitals"),
        pytest.param("GET", "/matomo.php/?", False, id="folder"),
        pytest.param("GET", "/other/matomo.php?", False, id="in-a-folder"),
        pytest.param("GET", "/index.php?", False, id="another-file"),
        pytest.param("GET", "/js/matomo.js?", False, id="script"),
    ],
)
def test_where_the_tracker_is(pegel: Tracked, method: str, path: str, counted: bool) -> None:
    site = pegel.add_site()
    answer = pegel.request(method, path + query(site.id))
    assert answer.status == (200 if counted else 404)
    assert len(pegel.hits(site)) == (1 if counted else 0)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", "/", 404, id="nothing"),
        pytest.param("HEAD", "/nothing", 404, id="head"),
        pytest.param("GET", "/js/other.js", 404, id="another-script"),
        pytest.param("GET", "/healthz/", 404, id="no-redirect"),
        pytest.param("POST", "/nothing", 405, id="post-to-nothing"),
        pytest.param("OPTIONS", "/matomo.js", 405, id="options-of-a-file"),
        pytest.param("DELETE", "/healthz", 405, id="health-is-to-be-read"),
    ],
)
def test_what_is_not_there_is_answered_as_by_a_web_server(pegel: Tracked, method: str, path: str, status: int) -> None:
    answer = pegel.request(method, path)
    assert (answer.status, answer.headers["content-type"]) == (status, "text/html")
    if method != "HEAD":
        assert f"<h1>{status} Not ".encode() in answer.body


def test_the_script_path_takes_posts_without_a_query(pegel: Tracked) -> None:
    site = pegel.add_site()
    assert pegel.request("POST", "/js/", query(site.id).encode(), Content_Type=FORM).status == 200
    preflight = pegel.request("OPTIONS", "/js/tracker.php", Access_Control_Request_Method="POST", Origin=ORIGIN)
    assert preflight.headers["access-control-allow-methods"] == "GET, POST"
    assert len(pegel.hits(site)) == 1


def test_a_change_of_the_registry_counts_from_the_next_request(pegel: Tracked) -> None:
    """Made by another process, and many times in a row."""
    with closing(Registry(pegel.registry.file, lambda: pegel.now)) as other:
        for _ in range(20):
            number = next(pegel.numbers)
            assert pegel.request("GET", f"/matomo.php?idsite={number}&rec=1").status == 400
            site = other.add_site(NewSite(name="New", urls=("https://example.org",), id=number))
            assert pegel.get(site).status == 200
            assert (
                pegel.get(site, cip="198.51.100.7", token_auth=other.add_token("new", "write", site.id)).status == 200
            )
